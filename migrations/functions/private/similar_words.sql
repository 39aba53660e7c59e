-- For a word that a chat does not have: the words it has that look most like it, as a query; null where there are none. They are looked for
-- among the words of the newest messages, and further back among those that begin alike, which the index finds: typing mistakes in the
-- first letter are rare. No table of each chat's words is kept, which every message would have to be entered in.
create or replace function private.similar_words(chat bigint, word text) returns text
language sql stable strict parallel safe set search_path = public, extensions as $$
    select string_agg('''' || lexeme || '''', ' | ')
    from (
        select found.lexeme
        from (
            select distinct lexeme
            from (
                (select search from chat_history where telegram_chat_id = chat order by timestamp desc, id desc limit 1000)
                union all
                (select search from chat_history
                 where telegram_chat_id = chat and search @@ ('''' || left(word, greatest(3, length(word) / 2)) || ''':*')::tsquery
                 limit 300)
            ) near, unnest(tsvector_to_array(search)) lexeme
            where starts_with(lexeme, left(word, 1)) and length(lexeme) between length(word) - 2 and length(word) + 2
            offset 0 -- each word is compared once, not with each message that has it
        ) found
        where found.lexeme !~ '[''\\]' and similarity(found.lexeme, word) >= 0.4
        order by similarity(found.lexeme, word) desc, found.lexeme
        limit 3
    ) best
$$;
