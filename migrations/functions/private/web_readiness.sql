-- Whether the schema is the program's and a worker lives: the applied migrations, every text of a function that was ever applied, as
-- "<name> <checksum>", and the seconds since a worker was heard of. An older program stays ready beside a newer one's functions.
create or replace function private.web_readiness(out versions bigint[], out functions text[], out silence double precision)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    versions := (select coalesce(array_agg(m.version), '{}') from private.migrations m where m.success);
    functions := (select coalesce(array_agg(distinct f.name || ' ' || f.checksum), '{}') from private.function_versions f);
    silence := (select extract(epoch from now() - max(w.last_seen))::float8 from apalis.workers w);
end;
$$;
