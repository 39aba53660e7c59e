-- Somebody types an address on the sign-in page. The same is done for an address that nobody knows: what is sent to it is decided later, so
-- that neither the answer nor its time tells. Null: done; else when the browser's address may try again.
create or replace function private.web_ask_for_link(p_id uuid, p_email text, p_token_hash bytea, p_origin_key text, p_now timestamptz)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_free timestamptz;
begin
    v_free := private.take_place('sign_in:' || p_origin_key, 20, interval '10 minutes', p_now);
    if v_free is null then
        -- Too many mails to an address are not told to whoever types it.
        perform private.ask_for_link(p_id, 'sign_in', p_email, p_token_hash, null, null, null, p_now);
    end if;
    return v_free;
end;
$$;
