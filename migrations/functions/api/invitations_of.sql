-- {"account"}: who was asked into it and has not answered: [{id, email, is_admin, created_at, expires_at}]; for administrators.
create or replace function api.invitations_of(args jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', i.id, 'email', i.email, 'is_admin', i.is_admin, 'created_at', i.created_at, 'expires_at', i.expires_at) order by i.id), '[]')
    from public.invitations i
    where i.account_id = (args ->> 'account')::bigint and private.administers(i.account_id) and i.expires_at > now();
$$;
