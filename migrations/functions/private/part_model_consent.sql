-- What a chat has agreed to in one account it has agreed to in no other.
create or replace function private.part_model_consent()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    delete from public.model_consents m where m.telegram_chat_id = new.telegram_chat_id;
    return null;
end;
$$;

create or replace trigger part_model_consent after update of account_id on public.account_chats
    for each row when (old.account_id <> new.account_id) execute function private.part_model_consent();
