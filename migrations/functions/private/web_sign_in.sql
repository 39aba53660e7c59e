-- Signs in. args: {token_hash} of a link of ours, or {email, user} that the caller has proved by other means or by the session that it has;
-- {registration, code_hash, account} where a chat is to be registered; {secret_hash, agent, origin} of the browser, and sealed
-- {access_token, access_expires_at, refresh_token} where another service gave some; bytes in hex. Says {outcome, email, chat, is_group,
-- account, accounts, invitations, session}: the account that the chat has come to, the accounts that the chat may join and the invitations that wait, as private.account_summary and
-- private.pending_invitations have them; outcome is one of
--   signed_in                             nothing to register
--   permanent, joined, already, choose    of private.confirm_registration; signed in
--   elsewhere, gone, late                 of private.confirm_registration; signed in if the address is in any account
--   wrong_code, closed                    nothing was used, nobody is signed in
--   bad_link                              unknown, used or too old
--   nobody                                the address is in no account, and was asked into none
-- Nothing is used unless all is done.
create or replace function private.web_sign_in(args jsonb, p_now timestamptz)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_link public.sign_in_links;
    v_email text := lower(args ->> 'email');
    v_user uuid := (args ->> 'user')::uuid;
    v_registration uuid := (args ->> 'registration')::uuid;
    v_outcome text := 'signed_in';
    v_session bigint;
    v_chat bigint;
begin
    if args ? 'token_hash' then
        select * into v_link from public.sign_in_links l where l.token_hash = decode(args ->> 'token_hash', 'hex') for update;
        if v_link.id is null or v_link.used_at is not null or v_link.expires_at <= p_now then
            return jsonb_build_object('outcome', 'bad_link');
        end if;
        v_email := v_link.email;
        v_registration := v_link.registration_id;
    end if;
    if v_registration is not null then
        v_outcome := private.try_code(v_registration, decode(args ->> 'code_hash', 'hex'), p_now);
        if v_outcome in ('wrong', 'closed') then
            return jsonb_build_object('outcome', case v_outcome when 'wrong' then 'wrong_code' else v_outcome end);
        elsif v_outcome = 'right' then
            v_outcome := private.confirm_registration(v_registration, v_email, v_user, (args ->> 'account')::bigint, args ->> 'origin', p_now);
        end if;
    end if;
    update public.sign_in_links l set used_at = p_now where l.id = v_link.id;
    -- Who has the mails of this address was not kept from them. One after the other, as private.web_ask_for_link takes places in them.
    if v_link.id is not null then
        delete from public.rate_buckets b where b.bucket = 'mail_day:' || v_email;
        delete from public.rate_buckets b where b.bucket = 'mail:' || v_email;
    end if;
    -- Who was asked into an account signs in to answer; it gives them nothing else.
    if not exists (select from private.accounts_of_person(v_email, v_user))
        and not exists (select from public.invitations i where i.email = v_email and i.expires_at > p_now) then
        return jsonb_build_object('outcome', case v_outcome when 'signed_in' then 'nobody' else v_outcome end);
    end if;
    -- From the first sign-in on the identity decides, not the address.
    update public.account_users u set user_id = v_user where v_user is not null and u.email = v_email and u.user_id is null;
    if args ? 'secret_hash' then
        insert into public.web_sessions (secret_hash, email, user_id, agent, address, created_at, seen_at, access_token, access_expires_at,
                                         refresh_token)
        values (decode(args ->> 'secret_hash', 'hex'), v_email, v_user, left(coalesce(args ->> 'agent', ''), 200),
                coalesce(args ->> 'origin', ''), p_now, p_now, decode(args ->> 'access_token', 'hex'),
                (args ->> 'access_expires_at')::timestamptz, decode(args ->> 'refresh_token', 'hex'))
        returning id into v_session;
        insert into public.audit_log (account_id, action, created_at, actor, origin)
        select u.account_id, 'signed_in', p_now, 'person:' || u.id, args ->> 'origin'
        from public.account_users u where u.email = v_email and (u.user_id is null or u.user_id = v_user);
    end if;
    select r.telegram_chat_id into v_chat from public.registrations r where r.id = v_registration;
    return jsonb_build_object(
        'outcome', v_outcome, 'email', v_email, 'session', v_session,
        'chat', (select c.chat_name from public.registrations r join public.account_chats c using (telegram_chat_id)
                 where r.id = v_registration),
        'is_group', v_chat < 0,
        'account', (select r.account_id from public.registrations r where r.id = v_registration),
        'accounts', (select coalesce(jsonb_agg(private.account_summary(m.account_id) order by m.account_id), '[]')
                     from public.account_users m
                     where m.email = v_email and (m.user_id is null or m.user_id = v_user) and (v_chat > 0 or m.is_admin)),
        'invitations', private.pending_invitations(v_email, p_now));
end;
$$;
