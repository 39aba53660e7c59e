-- The accounts that the signed-in person is in.
create or replace function private.my_account_ids()
returns setof bigint
language sql
stable
security definer
set search_path = ''
as $$
    select m.account_id from private.my_memberships() m;
$$;
