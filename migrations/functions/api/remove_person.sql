-- {"account", "person"}: puts the person out, and their private chats with them. By an administrator, or by themselves; an account
-- keeps one administrator. Says whether they were in.
create or replace function api.remove_person(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_person bigint := (args ->> 'person')::bigint;
    v_me bigint;
    v_chats bigint[];
    v_email text;
begin
    select m.id into v_me from private.my_memberships() m where m.account_id = v_account;
    if private.administers(v_account) is not true and (v_person = v_me) is not true then
        raise insufficient_privilege using message = 'only an administrator of the account can remove people';
    end if;
    -- Who leaves is in no account when it is noted who did it.
    perform set_config('pykhbrain.actor', 'person:' || v_me, true);
    -- Two administrators who remove each other come one after the other. Their chats' turns come before the account, as everywhere.
    select coalesce(array_agg(p.telegram_user_id order by p.telegram_user_id), '{}') into v_chats
    from public.private_chats p join public.account_users u on u.id = p.person_id
    where p.person_id = v_person and u.account_id = v_account;
    perform from public.chat_turns t where t.telegram_chat_id = any (v_chats) order by t.telegram_chat_id for update;
    perform from public.accounts a where a.id = v_account for no key update;
    insert into public.audit_log (account_id, action, details)
    select v_account, 'invitation_withdrawn', jsonb_build_object('invitation', i.id)
    from public.invitations i where i.account_id = v_account and i.invited_by = v_person;
    select u.email into v_email from public.account_users u where u.id = v_person and u.account_id = v_account and u.id <> v_me;
    if v_email is not null then
        perform private.notify_person('removed', v_account, v_email, null, null, false);
    end if;
    delete from public.account_users u where u.id = v_person and u.account_id = v_account;
    if not found then
        return to_jsonb(false);
    end if;
    if not exists (select from public.account_users u where u.account_id = v_account and u.is_admin) then
        raise check_violation using message = 'an account keeps at least one administrator';
    end if;
    -- What they have asked or handed out opens nothing any more. Invitations of theirs went with them.
    delete from public.link_codes l where l.account_id = v_account;
    perform private.unlink_chat(c.telegram_chat_id, v_account, now())
    from public.account_chats c where c.account_id = v_account and c.telegram_chat_id = any (v_chats) and c.kind = 'private';
    insert into public.audit_log (account_id, action, details)
    values (v_account, 'person_removed', jsonb_build_object('person', v_person));
    return to_jsonb(true);
end;
$$;
