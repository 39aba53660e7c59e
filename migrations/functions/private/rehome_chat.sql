-- Moves everything of a chat from one account to another. The caller holds both accounts' rows.
-- A fact that the new account knows already is known once: the older words stay, with the sources of both.
-- Numbers are not given again.
create or replace function private.rehome_chat(p_chat bigint, p_from bigint, p_to bigint, out messages bigint, out facts bigint, out known bigint)
language plpgsql
set search_path = ''
as $$
begin
    update public.account_chats c set account_id = p_to where c.telegram_chat_id = p_chat;
    update public.conversations v set account_id = p_to where v.telegram_chat_id = p_chat;
    update public.chat_history h set account_id = p_to where h.telegram_chat_id = p_chat;
    get diagnostics messages = row_count;
    update public.llm_usage u set account_id = p_to where u.account_id = p_from and u.telegram_chat_id = p_chat;
    update public.forgotten_facts f set account_id = p_to, hashed_for = coalesce(f.hashed_for, p_from)
    where f.account_id = p_from and f.telegram_chat_id = p_chat;
    update public.analysis_requests r set account_id = p_to where r.telegram_chat_id = p_chat;
    update public.link_codes l set account_id = p_to where l.telegram_chat_id = p_chat;

    -- Nothing of one account points into another.
    delete from public.fact_sources s using public.history_context f, public.chat_history h
    where f.id = s.fact_id and h.id = s.history_id and f.account_id = p_from and f.telegram_chat_id <> p_chat
      and h.telegram_chat_id = p_chat;
    delete from public.fact_sources s using public.history_context f, public.chat_history h
    where f.id = s.fact_id and h.id = s.history_id and f.account_id = p_from and f.telegram_chat_id = p_chat
      and h.telegram_chat_id <> p_chat;
    update public.history_context f set superseded_by = null
    from public.history_context n
    where n.id = f.superseded_by and f.account_id = p_from and (f.telegram_chat_id = p_chat) <> (n.telegram_chat_id = p_chat);
    update public.history_context f set overrides = null
    from public.history_context n
    where n.id = f.overrides and f.account_id = p_from and (f.telegram_chat_id = p_chat) <> (n.telegram_chat_id = p_chat);

    -- Numbers count up within the account.
    update public.history_context f
    set account_id = p_to, number = n.number
    from (
        select m.id, row_number() over (order by m.number)
                   + greatest((select max(o.number) from public.history_context o where o.account_id = p_to),
                              (select a.fact_numbers from public.accounts a where a.id = p_to)) as number
        from public.history_context m where m.account_id = p_from and m.telegram_chat_id = p_chat
    ) n
    where f.id = n.id;
    get diagnostics facts = row_count;
    known := private.join_equal_facts(p_to, p_chat);

    -- Keys under older messages name facts by their old numbers.
    update public.outgoing_messages o set keyboard = null where o.telegram_chat_id = p_chat and o.keyboard is not null;
end;
$$;
