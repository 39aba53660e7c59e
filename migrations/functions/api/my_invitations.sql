-- []: what the person was asked into and has not answered: [{id, is_admin, expires_at, account}], the account as private.account_summary has it.
create or replace function api.my_invitations(args jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select private.pending_invitations(lower((select auth.jwt() ->> 'email')), now());
$$;
