-- The accounts that the person is in.
create or replace function api.my_accounts(args jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(a) order by a.id), '[]') from api.accounts a;
$$;
