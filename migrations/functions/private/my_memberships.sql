-- Whose request it is: the identity of the sign-in, and until that is known to us its address. An address in a token is a confirmed
-- one, because it takes a link sent there to sign in.
create or replace function private.my_memberships()
returns setof public.account_users
language sql
stable
security definer
set search_path = ''
as $$
    select u.* from public.account_users u where u.user_id = (select auth.uid())
    union all
    select u.* from public.account_users u
    where u.user_id is null and u.email = lower((select auth.jwt() ->> 'email'));
$$;
