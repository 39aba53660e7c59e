-- {"account", "email", "is_admin"}: asks the person with this address into the account, and tells them by mail and in the private chats that are
-- known to be theirs. Gives them nothing: they answer within 14 days, or it goes. Asking again begins these anew. Says {"invitation",
-- "mailed"}: not mailed where enough mails went to the address in a day; the invitation waits for them all the same.
create or replace function api.invite(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_email text := lower(btrim(args ->> 'email'));
    v_person bigint;
    v_invitation bigint;
    v_link uuid := gen_random_uuid();
    v_mailed boolean;
begin
    select min(m.id) into v_person from private.my_memberships() m where m.account_id = v_account and m.is_admin;
    if v_person is null then
        raise insufficient_privilege using message = 'only an administrator of the account can invite';
    end if;
    if v_email is null or v_email !~ '^[^\s@]+@[^\s@]+$' or length(v_email) > 254 then
        raise invalid_parameter_value using message = 'this is no mail address';
    end if;
    if exists (select from public.account_users u where u.account_id = v_account and u.email = v_email) then
        raise invalid_parameter_value using message = 'this address is in the account already';
    end if;
    if private.take_place('invite:' || v_account, 20, interval '1 day', now()) is not null then
        raise invalid_parameter_value using message = 'twenty invitations a day are enough for one account; try again tomorrow';
    end if;
    insert into public.invitations as i (account_id, email, is_admin, invited_by, created_at, expires_at)
    values (v_account, v_email, coalesce((args ->> 'is_admin')::boolean, false), v_person, now(), now() + interval '14 days')
    on conflict (account_id, email) do update
    set is_admin = excluded.is_admin, invited_by = excluded.invited_by, expires_at = excluded.expires_at
    returning i.id into v_invitation;
    insert into public.audit_log (account_id, action, details)
    values (v_account, 'person_invited', jsonb_build_object('invitation', v_invitation));
    -- Three times a day is not pressing somebody; and what other accounts send there keeps this one from inviting in no way.
    v_mailed := private.take_place('invite_mail:' || v_account || ' ' || v_email, 3, interval '1 day', now()) is null
        and private.take_place('invite_mail:' || v_email, 10, interval '1 day', now()) is null;
    if v_mailed then
        insert into public.sign_in_links (id, purpose, email, invitation_id, created_at, expires_at)
        values (v_link, 'invite', v_email, v_invitation, now(), now() + interval '15 minutes');
        perform private.enqueue_job('send_link', jsonb_build_object('link_id', v_link));
        perform private.notify_person('invited', v_account, v_email, v_invitation, null, false);
    end if;
    return jsonb_build_object('invitation', v_invitation, 'mailed', v_mailed);
end;
$$;
