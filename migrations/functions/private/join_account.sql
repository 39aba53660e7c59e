-- A chat with a temporary account joins another account, with everything. Says 'joined'; 'joined_already'; 'elsewhere': it is in another
-- permanent account; 'gone': one of the two has no account, or the other one is temporary.
-- The account that is joined is held so that its chats can write on; only the one that goes is held against new rows.
create or replace function private.join_account(p_chat bigint, p_to bigint, p_now timestamptz)
returns text
language plpgsql
set search_path = ''
as $$
declare
    v_from bigint;
    v_moved record;
begin
    -- The turn before the accounts, as everybody who holds a turn locks them; then both accounts in one order.
    perform from public.chat_turns t where t.telegram_chat_id = p_chat for update;
    select c.account_id into v_from from public.account_chats c where c.telegram_chat_id = p_chat;
    perform from public.accounts a where a.id in (v_from, p_to) order by a.id for no key update;
    -- Looked at anew: somebody else may have had the locks.
    select c.account_id into v_from from public.account_chats c where c.telegram_chat_id = p_chat;
    if v_from = p_to then
        return 'joined_already';
    end if;
    if v_from is null or not exists (select from public.accounts a where a.id = p_to)
        or exists (select from public.temporary_accounts t where t.account_id = p_to)
        or exists (select from public.temporary_accounts t where t.account_id = v_from and t.expires_at <= p_now) then
        return 'gone';
    end if;
    if not exists (select from public.temporary_accounts t where t.account_id = v_from) then
        return 'elsewhere';
    end if;

    -- Nothing is added to what goes: who is about to waits here, and finds no account. To the other one its chats write on.
    perform from public.accounts a where a.id = v_from for update;
    v_moved := private.rehome_chat(p_chat, v_from, p_to);
    update public.bot_rules r set account_id = p_to
    where r.account_id = v_from and not exists (
        select from public.bot_rules o where o.account_id = p_to and o.category = r.category and o.content = r.content
    );
    -- What the account has set stands.
    insert into public.account_settings (account_id, setting_key, setting_value)
    select p_to, s.setting_key, s.setting_value from public.account_settings s where s.account_id = v_from
    on conflict do nothing;
    insert into public.usage_days as d (account_id, day, messages, calls, tokens, reading_tokens, own_messages, own_tokens)
    select p_to, u.day, u.messages, u.calls, u.tokens, u.reading_tokens, u.own_messages, u.own_tokens
    from public.usage_days u where u.account_id = v_from
    on conflict (account_id, day) do update
    set messages = d.messages + excluded.messages, calls = d.calls + excluded.calls, tokens = d.tokens + excluded.tokens,
        reading_tokens = d.reading_tokens + excluded.reading_tokens, own_messages = d.own_messages + excluded.own_messages,
        own_tokens = d.own_tokens + excluded.own_tokens;
    delete from public.accounts a where a.id = v_from;
    insert into public.audit_log (account_id, telegram_chat_id, action, details, created_at) values
        (v_from, p_chat, 'joined', jsonb_build_object('account', p_to), p_now),
        (p_to, p_chat, 'chat_joined', jsonb_build_object(
            'account', v_from, 'messages', v_moved.messages, 'facts', v_moved.facts, 'known', v_moved.known), p_now);
    -- Nobody comes in unseen: the chat is told where it is now, and the account's administrators who has come.
    perform private.put_notice('joined', p_to, null, p_chat, null, p_chat);
    perform private.notify_person('chat_joined', p_to, u.email, null, p_chat, true)
    from public.account_users u where u.account_id = p_to and u.is_admin;
    return 'joined';
end;
$$;
