-- Before chats part: a fact that both sides have said is each side's own. A copy for each chat that it was said in too, with that chat's
-- sources; where one of the two is the chat that goes.
create or replace function private.part_facts(p_chat bigint, p_account bigint)
returns void
language sql
set search_path = ''
as $$
    with parted as (
        insert into public.history_context (account_id, number, telegram_chat_id, scope, content, kind, about, fingerprint, valid_from,
                                            confirmed, imported_from)
        select p_account,
               greatest((select max(o.number) from public.history_context o where o.account_id = p_account),
                        (select a.fact_numbers from public.accounts a where a.id = p_account))
                   + row_number() over (order by f.number, also.chat),
               also.chat, case when also.chat < 0 then 'account' else 'chat' end, f.content, f.kind, f.about, f.fingerprint, f.valid_from,
               f.confirmed, f.imported_from
        from public.history_context f
        cross join lateral (
            select distinct h.telegram_chat_id as chat
            from public.fact_sources s join public.chat_history h on h.id = s.history_id
            where s.fact_id = f.id and h.telegram_chat_id <> f.telegram_chat_id
        ) also
        where f.account_id = p_account and f.valid_to is null and p_chat in (f.telegram_chat_id, also.chat)
        on conflict do nothing
        returning id, telegram_chat_id, fingerprint
    )
    insert into public.fact_sources (fact_id, history_id)
    select parted.id, s.history_id
    from parted
    join public.history_context f on f.account_id = p_account and f.fingerprint = parted.fingerprint and f.valid_to is null
    join public.fact_sources s on s.fact_id = f.id
    join public.chat_history h on h.id = s.history_id and h.telegram_chat_id = parted.telegram_chat_id
    on conflict do nothing;
$$;
