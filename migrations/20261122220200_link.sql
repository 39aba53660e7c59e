-- Why: a permanent account has several chats: one more joins by a code from one that is in it, with everything that it has.

create table public.link_codes (
    telegram_chat_id bigint primary key,
    account_id bigint not null references public.accounts (id) on delete cascade,
    code_hash bytea not null unique,
    expires_at timestamptz not null,
    used_by bigint
);
create index link_codes_account on public.link_codes (account_id);
comment on table public.link_codes is 'The code that was last given out in a chat; only its hash, and for ten minutes.';
comment on column public.link_codes.used_by is 'The chat that it has let in. A code lets in one.';
alter table public.link_codes enable row level security;

alter table public.forgotten_facts add column hashed_for bigint;
comment on column public.forgotten_facts.hashed_for is 'The account that the hashes are keyed with, where the chat came from another.';

-- Moves everything of a chat from one account to another. The caller holds both accounts' rows.
-- A fact that the new account knows already is known once: the older words stay, with the sources of both.
-- Numbers are not given again.
create function private.rehome_chat(p_chat bigint, p_from bigint, p_to bigint, out messages bigint, out facts bigint, out known bigint)
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

-- Of the facts that are true now and say the same, and are seen in one chat, one stays: one of the whole account before one that is known in
-- its chat only, then the older one. As if all had been learned in one account: what is known is not learned again. Says how many went.
create function private.join_equal_facts(p_account bigint, p_chat bigint)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_twin record;
    v_count bigint := 0;
begin
    for v_twin in
        select k.id as kept, g.id as gone
        from public.history_context g
        cross join lateral (
            select o.id from public.history_context o
            where o.account_id = p_account and o.valid_to is null and o.fingerprint = g.fingerprint and o.scope = 'account'
              and (g.scope = 'chat' or o.number < g.number)
            order by o.number limit 1
        ) k
        where g.account_id = p_account and g.valid_to is null
          and exists (
              select from public.history_context m
              where m.account_id = p_account and m.telegram_chat_id = p_chat and m.valid_to is null and m.fingerprint = g.fingerprint
          )
    loop
        insert into public.fact_sources (fact_id, history_id)
        select v_twin.kept, s.history_id from public.fact_sources s where s.fact_id = v_twin.gone
        on conflict do nothing;
        update public.history_context k
        set confirmed = k.confirmed or g.confirmed,
            -- When it was said in private is nobody else's business.
            valid_from = case when g.scope = 'account' then least(k.valid_from, g.valid_from) else k.valid_from end
        from public.history_context g where k.id = v_twin.kept and g.id = v_twin.gone;
        update public.history_context f set superseded_by = v_twin.kept
        where f.superseded_by = v_twin.gone and f.id <> v_twin.kept;
        update public.history_context f set overrides = v_twin.kept
        where f.overrides = v_twin.gone and f.id <> v_twin.kept;
        delete from public.history_context f where f.id = v_twin.gone;
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;

-- A chat with a temporary account joins another account, with everything. Says 'joined'; 'joined_already'; 'elsewhere': it is in another
-- permanent account; 'gone': one of the two has no account, or the other one is temporary.
-- The account that is joined is held so that its chats can write on; only the one that goes is held against new rows.
create function private.join_account(p_chat bigint, p_to bigint, p_now timestamptz)
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
    insert into public.usage_days as d (account_id, day, messages, tokens)
    select p_to, u.day, u.messages, u.tokens from public.usage_days u where u.account_id = v_from
    on conflict (account_id, day) do update set messages = d.messages + excluded.messages, tokens = d.tokens + excluded.tokens;
    delete from public.accounts a where a.id = v_from;
    insert into public.audit_log (account_id, telegram_chat_id, action, details, created_at) values
        (v_from, p_chat, 'joined', jsonb_build_object('account', p_to), p_now),
        (p_to, p_chat, 'chat_joined', jsonb_build_object(
            'account', v_from, 'messages', v_moved.messages, 'facts', v_moved.facts, 'known', v_moved.known), p_now);
    return 'joined';
end;
$$;
