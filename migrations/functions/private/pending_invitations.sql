-- The invitations of an address that can still be answered, the oldest first: [{id, is_admin, expires_at, account}], the account as
-- private.account_summary has it.
create or replace function private.pending_invitations(p_email text, p_now timestamptz)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', i.id, 'is_admin', i.is_admin, 'expires_at', i.expires_at, 'account', private.account_summary(i.account_id)) order by i.id), '[]')
    from public.invitations i where i.email = p_email and i.expires_at > p_now;
$$;
