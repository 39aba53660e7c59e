-- Keeps a session's renewed tokens, sealed.
create or replace function private.web_keep_tokens(p_secret_hash bytea, p_access bytea, p_access_expires_at timestamptz, p_refresh bytea)
returns void
language sql
security definer
set search_path = ''
as $$
    update public.web_sessions s
    set access_token = p_access, access_expires_at = p_access_expires_at, refresh_token = p_refresh
    where s.secret_hash = p_secret_hash;
$$;
