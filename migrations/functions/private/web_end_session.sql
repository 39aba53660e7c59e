-- Ends a session: signing out.
create or replace function private.web_end_session(p_secret_hash bytea)
returns void
language sql
security definer
set search_path = ''
as $$
    delete from public.web_sessions s where s.secret_hash = p_secret_hash;
$$;
