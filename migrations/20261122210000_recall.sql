-- Why: recall finds old messages by word stems in the message's own language, in one chat of many, however long it is.

create extension if not exists btree_gin with schema extensions;
create extension if not exists pg_trgm with schema extensions;

-- Every word as it stands, without the words that are in every sentence of the language.
create text search dictionary private.english_words (template = pg_catalog.simple, stopwords = english);
create text search dictionary private.german_words (template = pg_catalog.simple, stopwords = german);
create text search dictionary private.russian_words (template = pg_catalog.simple, stopwords = russian);
create text search configuration private.english_words (copy = pg_catalog.simple);
create text search configuration private.german_words (copy = pg_catalog.simple);
create text search configuration private.russian_words (copy = pg_catalog.simple);
alter text search configuration private.english_words alter mapping replace pg_catalog.simple with private.english_words;
alter text search configuration private.german_words alter mapping replace pg_catalog.simple with private.german_words;
alter text search configuration private.russian_words alter mapping replace pg_catalog.simple with private.russian_words;

-- PostgreSQL has no stemmer for Ukrainian. By rules instead: the longest ending that leaves three letters goes, then a last `ов`; then
-- what inflection changes at a word's end is made the same (ніч and ночі, Київ and Києві, подруга and подрузі, дочка and дочці).
create function private.ukrainian_stem(word text) returns text
language plpgsql immutable strict parallel safe as $$
begin
    word := pg_catalog.regexp_replace(word, '(?<=...)с[яь]$', '');
    word := pg_catalog.regexp_replace(word, '(?<=...)('
        'уватиму|юватиму|увати|ювати|ували|ювали|увала|ювала|ував|ював|уємо|юємо|уєте|юєте|уєш|юєш|ують|юють|ує|ює|'
        'ати|яти|ити|іти|ала|яла|ила|іла|али|яли|или|іли|ало|яло|ило|іло|ав|яв|ив|ають|яють|аємо|яємо|аєш|яєш|ає|яє|ать|лять|ять|ить|'
        'имо|ите|иш|лю|нням|ннями|ннях|ння|нні|нню|'
        'ами|ями|еві|єві|ові|ього|його|ого|ьому|йому|ому|ими|іми|їми|ах|ях|ам|ям|ом|ем|єм|ою|ею|єю|ій|ої|ую|юю|аю|яю|их|іх|їх|'
        'им|ім|їм|ий|[аеєиіїоуюяьй])$', '');
    word := pg_catalog.regexp_replace(word, '(?<=...)[оеєії]в$', '');
    word := pg_catalog.regexp_replace(word, '[іїеє]([бвгґджзклмнпрстфхцчшщ])$', 'о\1');
    return pg_catalog.left(word, -1) || pg_catalog.translate(pg_catalog.right(word, 1), 'ґжзцч', 'гггкк');
end $$;

-- A text's words as they stand, with their places, without those that are in every sentence, and what language it is in: by its letters, and
-- between English and German by whose common words take more out of it. A Cyrillic text without a letter that only Ukrainian or only
-- Russian has is taken for both.
create function private.telling_words(inout content text, out words tsvector, out is_german boolean, out is_ukrainian boolean,
                                      out is_russian boolean)
language plpgsql immutable strict parallel safe as $$
declare
    german tsvector;
begin
    is_german := false;
    is_ukrainian := content ~ '[іїєґІЇЄҐ]';
    is_russian := content ~ '[ыэъёЫЭЪЁ]';
    if not is_ukrainian and not is_russian and content ~ '[а-яА-Я]' then
        is_ukrainian := true;
        is_russian := true;
    end if;
    if is_ukrainian then
        -- It writes an apostrophe within words, of many shapes.
        content := pg_catalog.translate(content, '''’ʼ`', '');
        words := pg_catalog.ts_delete(
            case when is_russian then pg_catalog.to_tsvector('private.russian_words', content)
                 else pg_catalog.to_tsvector('pg_catalog.simple', content) end,
            '{а,аби,або,адже,але,б,без,би,був,буде,буду,будуть,була,були,було,бути,в,вам,вас,ваш,ваша,ваше,ваші,вже,ви,від,він,вона,вони,воно,
              все,всі,всіх,вся,до,з,за,зі,із,й,його,йому,коли,кого,кому,ким,куди,лише,мав,має,мати,мене,мені,ми,мій,моє,мої,моя,мого,моєї,
              моїй,моєму,може,можна,на,над,навіть,нам,нас,наш,наша,наше,наші,не,нею,неї,нема,немає,ні,ним,них,ну,о,от,по,при,про,під,після,
              саме,свій,своє,свої,своя,себе,собі,та,так,така,таке,такий,такі,там,те,тебе,тепер,ти,тим,тих,то,тобі,того,той,тому,тут,ту,у,
              хоч,хто,це,цей,цього,цьому,ця,цю,ці,чи,чим,чого,чому,ще,що,щоб,щось,як,яка,яке,який,які,якого,якій,якщо,яку,є,і,ї,її,їй,їм,
              їх,де,твій,твоя,твоє,твої,дуже,теж,також,бо}'::text[]);
    elsif is_russian then
        words := pg_catalog.to_tsvector('private.russian_words', content);
    else
        words := pg_catalog.to_tsvector('private.english_words', content);
        german := pg_catalog.to_tsvector('private.german_words', content);
        is_german := pg_catalog.length(german) < pg_catalog.length(words)
            or pg_catalog.length(german) = pg_catalog.length(words) and content ~ '[äöüßÄÖÜ]';
        if is_german then
            words := german;
        end if;
    end if;
end $$;

-- What a message is found by: each of its telling words as it stands, and each one's stem. Places are left out: messages are short, and it is
-- words that tell them apart.
create function private.search_words(content text) returns tsvector
language plpgsql immutable strict parallel safe as $$
declare
    said record;
begin
    said := private.telling_words(content);
    if said.is_ukrainian then
        said.words := said.words || pg_catalog.array_to_tsvector(array(
            select private.ukrainian_stem(lexeme) from pg_catalog.unnest(pg_catalog.tsvector_to_array(said.words)) lexeme
            where lexeme ~ '[а-яіїєґ]'));
    end if;
    return pg_catalog.strip(said.words || case
        when said.is_russian then pg_catalog.to_tsvector('pg_catalog.russian', said.content)
        when said.is_ukrainian then ''
        when said.is_german then pg_catalog.to_tsvector('pg_catalog.german', said.content)
        else pg_catalog.to_tsvector('pg_catalog.english', said.content) end);
end $$;

-- Every form that a question's word may have been kept in, whatever language the message was in, as a query.
create function private.any_form(word text) returns text
language sql immutable strict parallel safe as $$
    select pg_catalog.string_agg(distinct
        '''' || pg_catalog.replace(pg_catalog.replace(form, '\', '\\'), '''', '''''') || '''', ' | ')
    from pg_catalog.unnest(
        word || case when word ~ '[а-яіїєґё]'
            then private.ukrainian_stem(word) || pg_catalog.ts_lexize('pg_catalog.russian_stem', word)
            else pg_catalog.ts_lexize('pg_catalog.english_stem', word) || pg_catalog.ts_lexize('pg_catalog.german_stem', word)
            end) form
    where form <> ''
$$;

-- The words of a question that tell one message from another, as many as are wanted: the longest, which are the rarest as a rule. Who asks in
-- Cyrillic letters may mix in common words of English.
create function private.question_words(question text, most integer) returns table (word text, query text)
language sql immutable strict parallel safe as $$
    select said.lexeme, private.any_form(said.lexeme)
    from private.telling_words(question) told, pg_catalog.unnest(told.words) said
    where pg_catalog.ts_lexize('private.english_words', said.lexeme) <> '{}' or told.is_german
    order by pg_catalog.length(said.lexeme) desc, said.lexeme
    limit most
$$;

alter table public.chat_history drop column search;
alter table public.chat_history add column search tsvector not null
    generated always as (private.search_words(left(content, 100000))) stored;
-- Every search reads all of the index's list of pending entries: at the usual 4 MB a recall takes ten times as long.
create index chat_history_words on public.chat_history using gin (telegram_chat_id, search) with (gin_pending_list_limit = 256);

-- For a word that a chat does not have: the words it has that look most like it, as a query; null where there are none. They are looked for
-- among the words of the newest messages, and further back among those that begin alike, which the index finds: typing mistakes in the
-- first letter are rare. No table of each chat's words is kept, which every message would have to be entered in.
create function private.similar_words(chat bigint, word text) returns text
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
