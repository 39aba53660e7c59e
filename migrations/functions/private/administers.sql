-- Whether the signed-in person is an administrator of the account; null for one that they are not in.
create or replace function private.administers(p_account_id bigint)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select exists (select from private.my_memberships() m where m.account_id = p_account_id and m.is_admin);
$$;
