-- A group that becomes a supergroup takes its facts along.
create or replace function private.move_chat(p_from bigint, p_to bigint)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_account bigint;
    v_other bigint;
begin
    -- One order for both locks, so that two moves cannot wait for each other.
    perform from public.account_chats c where c.telegram_chat_id in (p_from, p_to) order by c.telegram_chat_id for update;
    select c.account_id into v_account from public.account_chats c where c.telegram_chat_id = p_from;
    if not found then
        return;
    end if;
    select c.account_id into v_other from public.account_chats c where c.telegram_chat_id = p_to;
    if v_other is not null then
        update public.chat_history h set account_id = v_account where h.telegram_chat_id = p_to;
        update public.llm_usage u set account_id = v_account where u.telegram_chat_id = p_to;
        -- The new id is seconds old: what was learned there is learned again from its messages.
        delete from public.history_context f where f.telegram_chat_id = p_to;
        delete from public.conversations v where v.telegram_chat_id = p_to;
        delete from public.account_chats c where c.telegram_chat_id = p_to;
        if v_other <> v_account and not exists (select from public.account_chats c where c.account_id = v_other) then
            delete from public.accounts a where a.id = v_other;
        end if;
    end if;
    update public.account_chats c set telegram_chat_id = p_to, kind = 'supergroup' where c.telegram_chat_id = p_from;
    update public.temporary_accounts t set telegram_chat_id = p_to where t.telegram_chat_id = p_from;
    update public.conversations v set telegram_chat_id = p_to where v.telegram_chat_id = p_from;
    update public.chat_history h set telegram_chat_id = p_to where h.telegram_chat_id = p_from;
    update public.llm_usage u set telegram_chat_id = p_to where u.telegram_chat_id = p_from;
    update public.history_context f set telegram_chat_id = p_to where f.telegram_chat_id = p_from;
    update public.forgotten_facts f set telegram_chat_id = p_to where f.telegram_chat_id = p_from;
    update public.edited_messages e set telegram_chat_id = p_to where e.telegram_chat_id = p_from;
    delete from public.reading_slots s where s.telegram_chat_id = p_from;
    update public.analysis_requests r set telegram_chat_id = p_to where r.telegram_chat_id = p_from
      and not exists (select from public.analysis_requests o where o.telegram_chat_id = p_to and o.thread_id = r.thread_id);

    -- What waits to be sent goes to the new id; somebody must come and send it.
    insert into public.chat_turns (telegram_chat_id) values (p_to) on conflict do nothing;
    update public.outgoing_messages o set telegram_chat_id = p_to, state = 'waiting', thread_id = 0, reply_to = null
    where o.telegram_chat_id = p_from and o.state in ('waiting', 'sending');
    if found then
        update public.chat_turns t set seq = t.seq + 1, scheduled = true where t.telegram_chat_id = p_to;
    end if;
end;
$$;
