-- Takes a chat out of an account, with everything that was said in it and learned there; it has a temporary account of its own then. The
-- caller has checked who asks.
-- Who holds the chat's turn thinks that it is in the old account: the turn is taken away.
create or replace function private.unlink_chat(p_chat bigint, p_account bigint, p_now timestamptz)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_new bigint;
    v_moved record;
begin
    -- The turn before the account, as in private.join_account. Who holds it thinks that the chat is in the old account: the turn is taken
    -- away, and what was being answered is answered anew. Not while a message is on its way, which would be sent twice.
    perform from public.chat_turns t where t.telegram_chat_id = p_chat for update;
    perform from public.accounts a where a.id = p_account for no key update;
    if not exists (select from public.account_chats c where c.telegram_chat_id = p_chat and c.account_id = p_account) then
        return false;
    end if;
    if exists (select from public.outgoing_messages o where o.telegram_chat_id = p_chat and o.state = 'sending') then
        raise object_in_use using message = 'a message to this chat is on its way; try again in a moment';
    end if;
    update public.chat_turns t
    set fence = greatest(t.fence + 1, (extract(epoch from clock_timestamp()) * 1e6)::bigint), holder = null, lease_expires_at = null
    where t.telegram_chat_id = p_chat;
    insert into public.accounts (name, created_at)
    select c.chat_name, p_now from public.account_chats c where c.telegram_chat_id = p_chat
    returning id into v_new;
    insert into public.bot_rules (account_id, category, content, priority)
    select v_new, r.category, r.content, r.priority from private.default_rules() r;
    insert into public.temporary_accounts (account_id, telegram_chat_id, created_at, expires_at)
    values (v_new, p_chat, p_now, p_now + interval '30 days');
    -- Neither those that it gave, nor the one that it came in by.
    delete from public.link_codes l where l.telegram_chat_id = p_chat or l.used_by = p_chat;
    perform private.part_facts(p_chat, p_account);
    v_moved := private.rehome_chat(p_chat, p_account, v_new);
    perform private.join_equal_facts(p_account, c.telegram_chat_id)
    from public.account_chats c where c.account_id = p_account;
    insert into public.audit_log (account_id, telegram_chat_id, action, details, created_at)
    values (p_account, p_chat, 'chat_unlinked',
            jsonb_build_object('account', v_new, 'messages', v_moved.messages, 'facts', v_moved.facts), p_now);
    perform private.put_notice('left', p_account, null, p_chat, null, p_chat);
    return true;
end;
$$;
