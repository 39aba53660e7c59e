-- account_users.telegram_user_id names the first of them.
create or replace function private.note_private_chat()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    insert into public.private_chats (telegram_user_id, person_id) values (new.telegram_user_id, new.id) on conflict do nothing;
    return null;
end;
$$;
