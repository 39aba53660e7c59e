-- The invited person says yes or no; the caller has proved the address, and the identity where there is one. Only a yes makes them one of
-- the account's people. Says whether there was something to answer.
create or replace function private.answer_invitation(p_invitation bigint, p_email text, p_user uuid, p_accept boolean, p_now timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_row public.invitations;
    v_person bigint;
begin
    delete from public.invitations i
    where i.id = p_invitation and i.email = p_email and i.expires_at > p_now and p_accept is not null
    returning * into v_row;
    if v_row.id is null then
        return false;
    end if;
    if not p_accept then
        -- Who says no is nobody to the account: neither who nor from where is written down.
        insert into public.audit_log (account_id, action, details, created_at, actor, origin)
        values (v_row.account_id, 'invitation_declined', jsonb_build_object('invitation', v_row.id), p_now, '', '');
        return true;
    end if;
    insert into public.account_users (account_id, email, is_admin, user_id)
    values (v_row.account_id, v_row.email, v_row.is_admin, p_user)
    on conflict (account_id, email) do nothing
    returning id into v_person;
    if v_person is null then
        return true;
    end if;
    -- Who they are on Telegram was proved elsewhere already, by the same address and the same identity.
    insert into public.private_chats (telegram_user_id, person_id)
    select distinct p.telegram_user_id, v_person
    from public.private_chats p join public.account_users u on u.id = p.person_id
    where u.email = v_row.email and u.id <> v_person and (u.user_id is null or u.user_id = p_user)
    on conflict do nothing;
    insert into public.audit_log (account_id, action, details, created_at, actor)
    values (v_row.account_id, 'invitation_accepted', jsonb_build_object('invitation', v_row.id, 'person', v_person), p_now, 'person:' || v_person);
    return true;
end;
$$;
