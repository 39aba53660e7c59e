-- A link that is to be sent, with the job that does it. Null: it is on its way; else when the address may be written to again. Three mails
-- to one address in an hour.
create or replace function private.ask_for_link(p_id uuid, p_purpose text, p_email text, p_token_hash bytea, p_registration uuid, p_chat bigint,
                                     p_person bigint, p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_free timestamptz;
begin
    v_free := private.take_place('mail:' || p_email, 3, interval '1 hour', p_now);
    if v_free is not null then
        return v_free;
    end if;
    insert into public.sign_in_links (id, purpose, email, token_hash, registration_id, telegram_chat_id, person_id, created_at, expires_at)
    values (p_id, p_purpose, p_email, p_token_hash, p_registration, p_chat, p_person, p_now, p_now + interval '15 minutes');
    perform private.enqueue_job('send_link', jsonb_build_object('link_id', p_id), 12);
    return null;
end;
$$;
