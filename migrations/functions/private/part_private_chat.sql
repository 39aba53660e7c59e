-- A private chat that leaves an account signs nobody in to it any more.
create or replace function private.part_private_chat()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    delete from public.private_chats p using public.account_users u
    where p.telegram_user_id = old.telegram_chat_id and u.id = p.person_id and u.account_id = old.account_id;
    update public.account_users u set telegram_user_id = null
    where u.telegram_user_id = old.telegram_chat_id and u.account_id = old.account_id;
    return null;
end;
$$;
