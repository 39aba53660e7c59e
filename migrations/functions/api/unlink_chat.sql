-- {"account", "chat"}: unlinks it. By administrators of the account, a private chat also by its person.
create or replace function api.unlink_chat(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_chat bigint := (args ->> 'chat')::bigint;
begin
    if (private.administers(v_account)
        or v_chat in (select private.my_private_chat_ids()) and v_account in (select private.my_account_ids())) is not true then
        raise insufficient_privilege using message = 'this chat is not yours to unlink';
    end if;
    return to_jsonb(private.unlink_chat(v_chat, v_account, now()));
end;
$$;
