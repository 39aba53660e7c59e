-- Every form that a question's word may have been kept in, whatever language the message was in, as a query.
create or replace function private.any_form(word text) returns text
language sql immutable strict parallel safe set search_path = '' as $$
    select pg_catalog.string_agg(distinct
        '''' || pg_catalog.replace(pg_catalog.replace(form, '\', '\\'), '''', '''''') || '''', ' | ')
    from pg_catalog.unnest(
        word || case when word ~ '[а-яіїєґё]'
            then private.ukrainian_stem(word) || pg_catalog.ts_lexize('pg_catalog.russian_stem', word)
            else pg_catalog.ts_lexize('pg_catalog.english_stem', word) || pg_catalog.ts_lexize('pg_catalog.german_stem', word)
            end) form
    where form <> ''
$$;
