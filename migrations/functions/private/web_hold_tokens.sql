-- The same, held until the caller's transaction ends, so that of several who would renew them one does.
create or replace function private.web_hold_tokens(p_secret_hash bytea)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from public.web_sessions s where s.secret_hash = p_secret_hash for update;
    return private.web_tokens(p_secret_hash);
end;
$$;
