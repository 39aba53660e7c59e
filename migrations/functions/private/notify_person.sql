-- Has a person told something about an account: in each private chat that is known to be theirs and can be reached, and where there is none by
-- mail, if p_by_mail. The chat that has joined (p_chat) is told by itself.
create or replace function private.notify_person(p_kind text, p_account bigint, p_email text, p_invitation bigint, p_chat bigint, p_by_mail boolean)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_chats bigint[];
begin
    select coalesce(array_agg(distinct p.telegram_user_id), '{}') into v_chats
    from public.private_chats p
    join public.account_users u on u.id = p.person_id
    join public.account_chats c on c.telegram_chat_id = p.telegram_user_id and c.is_active
    where u.email = p_email;
    if cardinality(v_chats) > 0 then
        perform private.put_notice(p_kind, p_account, null, chat, p_invitation, p_chat)
        from unnest(v_chats) chat where chat is distinct from p_chat;
    elsif p_by_mail then
        perform private.put_notice(p_kind, p_account, p_email, null, p_invitation, p_chat);
    end if;
end;
$$;
