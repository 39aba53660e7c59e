-- Why: a chat that is unlinked while it is being answered left that answer to its old account, a join held up the account's other chats,
-- and facts that came along could get the number of one that was forgotten.

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
    delete from public.link_codes l where l.telegram_chat_id = p_chat;
    perform private.part_facts(p_chat, p_account);
    v_moved := private.rehome_chat(p_chat, p_account, v_new);
    perform private.join_equal_facts(p_account, c.telegram_chat_id)
    from public.account_chats c where c.account_id = p_account;
    insert into public.audit_log (account_id, telegram_chat_id, action, details, created_at)
    values (p_account, p_chat, 'chat_unlinked',
            jsonb_build_object('account', v_new, 'messages', v_moved.messages, 'facts', v_moved.facts), p_now);
    return true;
end;
$$;

create or replace function api.remove_person(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_person bigint := (args ->> 'person')::bigint;
    v_row public.account_users;
begin
    if private.administers(v_account) is not true
        and (v_person in (select m.id from private.my_memberships() m where m.account_id = v_account)) is not true then
        raise insufficient_privilege using message = 'only an administrator of the account can remove people';
    end if;
    -- Two administrators who remove each other come one after the other. Their chats' turns come before the account, as everywhere.
    perform from public.chat_turns t
    where t.telegram_chat_id = (select u.telegram_user_id from public.account_users u where u.id = v_person) for update;
    perform from public.accounts a where a.id = v_account for no key update;
    delete from public.account_users u where u.id = v_person and u.account_id = v_account returning * into v_row;
    if v_row.id is null then
        return to_jsonb(false);
    end if;
    if not exists (select from public.account_users u where u.account_id = v_account and u.is_admin) then
        raise check_violation using message = 'an account keeps at least one administrator';
    end if;
    perform private.unlink_chat(c.telegram_chat_id, v_account, now())
    from public.account_chats c where c.account_id = v_account and c.telegram_chat_id = v_row.telegram_user_id and c.kind = 'private';
    insert into public.audit_log (account_id, action, details)
    values (v_account, 'person_removed', jsonb_build_object('person', v_person));
    return to_jsonb(true);
end;
$$;

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
