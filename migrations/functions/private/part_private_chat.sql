-- A private chat that leaves an account signs nobody in any more: neither there, nor anywhere else as the person that it was there. That
-- another account knows the chat may only come from here.
create or replace function private.part_private_chat()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
    v_emails varchar[];
begin
    select coalesce(array_agg(u.email), '{}') into v_emails
    from public.private_chats p join public.account_users u on u.id = p.person_id
    where p.telegram_user_id = old.telegram_chat_id and u.account_id = old.account_id;
    delete from public.private_chats p using public.account_users u
    where p.telegram_user_id = old.telegram_chat_id and u.id = p.person_id and u.email = any (v_emails);
    update public.account_users u set telegram_user_id = null
    where u.telegram_user_id = old.telegram_chat_id and (u.account_id = old.account_id or u.email = any (v_emails));
    delete from public.sign_in_links l
    where l.telegram_chat_id = old.telegram_chat_id and l.purpose = 'dashboard' and l.used_at is null and l.email = any (v_emails);
    return null;
end;
$$;
