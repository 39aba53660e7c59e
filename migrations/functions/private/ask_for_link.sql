-- A link that is to be sent, with the job that does it. Null: it is on its way; else when it may be asked for again. Who may ask how often is the
-- caller's to count for what is typed on a page (private.web_ask_for_link). From a chat (p_chat) three mails go to an address in the
-- fifteen minutes of a link, whatever others have sent there: so whoever is refused has a link that is still good.
create or replace function private.ask_for_link(p_id uuid, p_purpose text, p_email text, p_token_hash bytea, p_registration uuid, p_chat bigint,
                                     p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_free timestamptz;
begin
    if p_chat is not null then
        v_free := private.take_place('mail_chat:' || p_chat || ' ' || p_email, 3, interval '15 minutes', p_now);
        if v_free is not null then
            return v_free;
        end if;
    end if;
    insert into public.sign_in_links (id, purpose, email, token_hash, registration_id, telegram_chat_id, created_at, expires_at)
    values (p_id, p_purpose, p_email, p_token_hash, p_registration, p_chat, p_now, p_now + interval '15 minutes');
    perform private.enqueue_job('send_link', jsonb_build_object('link_id', p_id));
    return null;
end;
$$;
