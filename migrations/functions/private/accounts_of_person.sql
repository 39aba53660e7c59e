-- The accounts that an address (and an identity, where there is one) is in.
create or replace function private.accounts_of_person(p_email text, p_user uuid)
returns setof bigint
language sql
stable
set search_path = ''
as $$
    select u.account_id from public.account_users u
    where u.email = p_email and (u.user_id is null or u.user_id = p_user)
    order by u.id;
$$;
