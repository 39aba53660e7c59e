-- The session's sealed tokens: {access, access_expires_at, refresh}, bytes in hex.
create or replace function private.web_tokens(p_secret_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object('access', encode(s.access_token, 'hex'), 'access_expires_at', s.access_expires_at,
                              'refresh', encode(s.refresh_token, 'hex'))
    from public.web_sessions s where s.secret_hash = p_secret_hash;
$$;
