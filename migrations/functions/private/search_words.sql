-- What a message is found by: each of its telling words as it stands, and each one's stem. Places are left out: messages are short, and it is
-- words that tell them apart.
create or replace function private.search_words(content text) returns tsvector
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
    said record;
    word text;
    stems text[];
begin
    said := private.telling_words(content);
    if said.is_ukrainian then
        foreach word in array pg_catalog.tsvector_to_array(said.words) loop
            stems := stems || private.ukrainian_stem(word);
        end loop;
        said.words := said.words || pg_catalog.array_to_tsvector(coalesce(stems, '{}'));
    end if;
    return pg_catalog.strip(said.words || case
        when said.is_russian then pg_catalog.to_tsvector('pg_catalog.russian', said.content)
        when said.is_ukrainian then ''
        when said.is_german then pg_catalog.to_tsvector('pg_catalog.german', said.content)
        else pg_catalog.to_tsvector('pg_catalog.english', said.content) end);
end $$;
