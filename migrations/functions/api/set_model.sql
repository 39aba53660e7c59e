-- {"account", "api_key", "key_hint", "base_url", "model"}: sets the account's own model. "api_key" is the sealed key in base64; without one
-- the key stays, which it does at its own server only: who may change the account is not to learn another's key by sending it elsewhere.
-- Who sets it has agreed to the server for the private chats that are their own; every other private chat is asked, and groups are told.
create or replace function api.set_model(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_person bigint := private.model_changer(v_account);
    v_key bytea := decode(args ->> 'api_key', 'base64');
begin
    if v_key is null then
        update public.account_models m
        set model = args ->> 'model', changed_at = clock_timestamp(), refused_at = null, timeouts = 0, pauses = 0, paused_until = null
        where m.account_id = v_account and m.base_url = args ->> 'base_url';
        if not found then
            raise invalid_parameter_value using message = 'this server needs a key';
        end if;
    else
        insert into public.account_models as m (account_id, api_key, key_hint, base_url, model, changed_at)
        values (v_account, v_key, args ->> 'key_hint', args ->> 'base_url', args ->> 'model', clock_timestamp())
        on conflict (account_id) do update
        set api_key = excluded.api_key, key_hint = excluded.key_hint, base_url = excluded.base_url, model = excluded.model,
            changed_at = excluded.changed_at, refused_at = null, timeouts = 0, pauses = 0, paused_until = null;
    end if;
    insert into public.model_consents as m (telegram_chat_id, account_id, host, asked_at, agreed, decided_at)
    select c.telegram_chat_id, v_account, private.host_of(args ->> 'base_url'), now(), true, now()
    from public.account_chats c
    where c.account_id = v_account and c.kind = 'private' and c.telegram_chat_id in (select private.my_private_chat_ids())
    on conflict (telegram_chat_id) do update
    set id = default, account_id = excluded.account_id, host = excluded.host, asked_at = excluded.asked_at, agreed = true,
        decided_at = excluded.decided_at, told_pause = null
    -- Who has said no to this very server has said so.
    where m.account_id <> excluded.account_id or m.host <> excluded.host or m.agreed is null;
    perform private.enqueue_job('tell_model', jsonb_build_object('account_id', v_account));
    insert into public.audit_log (account_id, action, details)
    values (v_account, 'model_set', jsonb_build_object('person', v_person, 'new_key', v_key is not null));
    return to_jsonb(true);
exception
    -- Their own words would tell the row, with the key's last characters.
    when check_violation or not_null_violation then
        raise invalid_parameter_value using message = 'the model, its server or its key is not as it should be';
end;
$$;
