-- The session with this secret: {id, email, user}; null where there is none or it is over. Notes that it was seen, once a minute.
create or replace function private.web_session(p_secret_hash bytea, p_now timestamptz)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.web_sessions;
begin
    select * into v_row from public.web_sessions s where s.secret_hash = p_secret_hash and s.seen_at > p_now - interval '30 days';
    if v_row.id is null then
        return null;
    end if;
    if v_row.seen_at < p_now - interval '1 minute' then
        update public.web_sessions s set seen_at = p_now where s.id = v_row.id;
    end if;
    return jsonb_build_object('id', v_row.id, 'email', v_row.email, 'user', v_row.user_id);
end;
$$;
