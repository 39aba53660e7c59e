-- {"account"}: who is in it.
create or replace function api.people_of(args jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(p) order by p.id), '[]') from api.people p where p.account_id = (args ->> 'account')::bigint;
$$;
