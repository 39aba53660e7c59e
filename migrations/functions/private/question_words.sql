-- The words of a question that tell one message from another, as many as are wanted: the longest, which are the rarest as a rule. Who asks in
-- Cyrillic letters may mix in common words of English.
create or replace function private.question_words(question text, most integer) returns table (word text, query text)
language sql immutable strict parallel safe set search_path = '' as $$
    select said.lexeme, private.any_form(said.lexeme)
    from private.telling_words(question) told, pg_catalog.unnest(told.words) said
    where pg_catalog.ts_lexize('private.english_words', said.lexeme) <> '{}' or told.is_german
    order by pg_catalog.length(said.lexeme) desc, said.lexeme
    limit most
$$;
