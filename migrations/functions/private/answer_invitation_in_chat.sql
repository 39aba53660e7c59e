-- The same by a key in a private chat that is known to be its person's, by the invited address: nobody answers for an address that this
-- chat has not proved.
create or replace function private.answer_invitation_in_chat(p_invitation bigint, p_telegram_user bigint, p_accept boolean, p_now timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_person public.account_users;
begin
    select u.* into v_person
    from public.invitations i
    join public.account_users u on u.email = i.email
    join public.private_chats p on p.person_id = u.id and p.telegram_user_id = p_telegram_user
    where i.id = p_invitation
    order by u.user_id nulls last limit 1;
    return v_person.id is not null
        and private.answer_invitation(p_invitation, v_person.email, v_person.user_id, p_accept, p_now);
end;
$$;
