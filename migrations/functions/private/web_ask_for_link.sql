-- Somebody types an address on the sign-in page. The same is done for an address that nobody knows: what is sent to it is decided later, so
-- that neither the answer nor its time tells. Null: done; else when the browser's address may try again.
--
-- Anybody can ask for anybody's address, so what they ask must not keep its owner without a link. Every limit's window is a link's
-- life: where no mail goes out, one that went out within it has a link that is still good, and it is the owner's whoever has asked. One that
-- was used gives the places back (private.web_sign_in).
create or replace function private.web_ask_for_link(p_id uuid, p_email text, p_token_hash bytea, p_origin_key text, p_now timestamptz)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_life interval := interval '15 minutes';
    v_free timestamptz;
    v_most integer;
    v_again uuid;
begin
    v_free := private.take_place('sign_in:' || p_origin_key, 20, interval '10 minutes', p_now);
    if v_free is not null then
        return v_free;
    end if;
    -- Too many mails to an address are not told to whoever types it.
    if private.take_place('mail_net:' || p_origin_key || ' ' || p_email, 3, v_life, p_now) is not null then
        return null;
    end if;
    -- From all networks together: four, and after two dozen in a day one.
    v_most := case when private.take_place('mail_day:' || p_email, 24, interval '1 day', p_now) is null then 4 else 1 end;
    if private.take_place('mail:' || p_email, v_most, v_life, p_now) is not null then
        return null;
    end if;
    -- The same link again, so that the mail that comes last and the one that is opened first agree. It does not live on for ever.
    update public.sign_in_links l set sent_at = null
    where l.id = (
        select s.id from public.sign_in_links s
        where s.email = p_email and s.purpose = 'sign_in' and s.used_at is null and s.sent_at is not null and s.expires_at > p_now
          and s.created_at > p_now - v_life
        order by s.created_at desc limit 1
    ) and l.used_at is null
    returning l.id into v_again;
    if v_again is null then
        perform private.ask_for_link(p_id, 'sign_in', p_email, p_token_hash, null, null, p_now);
    else
        perform private.enqueue_job('send_link', jsonb_build_object('link_id', v_again));
    end if;
    return null;
end;
$$;
