-- A group that becomes a supergroup gets a new number.
create or replace function private.follow_chat()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    update public.registrations r set telegram_chat_id = new.telegram_chat_id where r.telegram_chat_id = old.telegram_chat_id;
    delete from public.link_codes l where l.telegram_chat_id = new.telegram_chat_id;
    update public.link_codes l set telegram_chat_id = new.telegram_chat_id where l.telegram_chat_id = old.telegram_chat_id;
    update public.notices n set telegram_chat_id = new.telegram_chat_id where n.telegram_chat_id = old.telegram_chat_id;
    update public.notices n set to_chat = new.telegram_chat_id where n.to_chat = old.telegram_chat_id;
    return null;
end;
$$;
