-- A chat that joins another account takes the note of its import along.
create or replace function private.follow_import() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    update public.migration_mapping m set new_account_id = new.account_id where m.old_chat_id = new.telegram_chat_id;
    return null;
end;
$$;
