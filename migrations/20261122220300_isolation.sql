-- Why: what a signed-in person reads passes through the database's own rules, so that a filter that the program forgets shows nobody
-- another's rows.

-- Supabase grants everything on new tables to its roles; here nothing is granted but what is said below.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
revoke all on all tables in schema public from public, anon, authenticated, service_role;
revoke all on all sequences in schema public from public, anon, authenticated, service_role;

-- Whose request it is: the identity of the sign-in, and until that is known to us its address. An address in a token is a confirmed
-- one, because it takes a link sent there to sign in.
create function private.my_memberships()
returns setof public.account_users
language sql
stable
security definer
set search_path = ''
as $$
    select u.* from public.account_users u where u.user_id = (select auth.uid())
    union all
    select u.* from public.account_users u
    where u.user_id is null and u.email = lower((select auth.jwt() ->> 'email'));
$$;

create function private.my_account_ids()
returns setof bigint
language sql
stable
security definer
set search_path = ''
as $$
    select m.account_id from private.my_memberships() m;
$$;

-- The chats whose words are not for everybody in the account and that are the person's own: a private chat has the number of its person,
-- and who that is was proved when the person registered from there.
create function private.my_private_chat_ids()
returns setof bigint
language sql
stable
security definer
set search_path = ''
as $$
    select m.telegram_user_id from private.my_memberships() m where m.telegram_user_id is not null;
$$;

create function private.administers(p_account_id bigint)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
    select exists (select from private.my_memberships() m where m.account_id = p_account_id and m.is_admin);
$$;

grant usage on schema public to authenticated, service_role;
-- Policies need no more than this; nobody but us can name what is in the schema.
grant execute on function private.my_account_ids(), private.my_private_chat_ids(), private.administers(bigint) to authenticated;

-- An array is asked for once and looked up in the index; `in (select ...)` reads every row of the table (200,000 messages: 46 ms, and 0.8 ms).
-- What belongs to an account.
create policy own on public.accounts for select to authenticated
    using (id = any (array(select private.my_account_ids())));
create policy own on public.account_users for select to authenticated
    using (account_id = any (array(select private.my_account_ids())));
create policy own on public.account_settings for select to authenticated
    using (account_id = any (array(select private.my_account_ids())));
create policy own on public.bot_rules for select to authenticated
    using (account_id = any (array(select private.my_account_ids())));
create policy own on public.usage_days for select to authenticated
    using (account_id = any (array(select private.my_account_ids())));

-- What belongs to a chat: groups are the account's, a private chat is its person's.
create policy own on public.account_chats for select to authenticated
    using (account_id = any (array(select private.my_account_ids()))
           and (telegram_chat_id < 0 or telegram_chat_id = any (array(select private.my_private_chat_ids()))));
create policy own on public.conversations for select to authenticated
    using (account_id = any (array(select private.my_account_ids()))
           and (telegram_chat_id < 0 or telegram_chat_id = any (array(select private.my_private_chat_ids()))));
create policy own on public.chat_history for select to authenticated
    using (account_id = any (array(select private.my_account_ids()))
           and (telegram_chat_id < 0 or telegram_chat_id = any (array(select private.my_private_chat_ids()))));
create policy own on public.llm_usage for select to authenticated
    using (account_id = any (array(select private.my_account_ids()))
           and (telegram_chat_id < 0 or telegram_chat_id = any (array(select private.my_private_chat_ids()))));
create policy own on public.history_context for select to authenticated
    using (account_id = any (array(select private.my_account_ids()))
           and (scope = 'account' or telegram_chat_id < 0 or telegram_chat_id = any (array(select private.my_private_chat_ids()))));
create policy own on public.fact_sources for select to authenticated
    using (exists (select from public.history_context f where f.id = fact_id)
           and exists (select from public.chat_history h where h.id = history_id));
create policy own on public.audit_log for select to authenticated
    using (account_id = any (array(select private.my_account_ids()))
           and (telegram_chat_id is null or telegram_chat_id < 0 or telegram_chat_id = any (array(select private.my_private_chat_ids()))));

-- What is between the program and Telegram, and the program's own notes: nobody's. Said, so that a table without a policy is one that was
-- forgotten.
create policy nobody on public.temporary_accounts using (false);
create policy nobody on public.telegram_updates using (false);
create policy nobody on public.chat_turns using (false);
create policy nobody on public.outgoing_messages using (false);
create policy nobody on public.rate_buckets using (false);
create policy nobody on public.reading_slots using (false);
create policy nobody on public.analysis_requests using (false);
create policy nobody on public.edited_messages using (false);
create policy nobody on public.forgotten_facts using (false);
create policy nobody on public.link_codes using (false);

grant select on public.accounts, public.account_chats, public.account_settings, public.bot_rules, public.usage_days,
    public.conversations, public.chat_history, public.llm_usage, public.history_context, public.fact_sources, public.audit_log
    to authenticated;
grant select (id, account_id, email, is_admin, created_at) on public.account_users to authenticated;
-- Append-only, for whoever does not own it.
grant select, insert on public.audit_log to service_role;

-- The account page. Views show what the tables' policies let through; what changes something is a function that says who may.
create schema api;
grant usage on schema api to authenticated, service_role;

create view api.accounts with (security_invoker = true) as
    select a.id, a.name, a.created_at, private.administers(a.id) as is_admin from public.accounts a;
create view api.chats with (security_invoker = true) as
    select c.account_id, c.telegram_chat_id, c.chat_name as name, c.kind, c.is_active, c.created_at from public.account_chats c;
create view api.people with (security_invoker = true) as
    select u.id, u.account_id, u.email, u.is_admin, u.created_at from public.account_users u;
grant select on api.accounts, api.chats, api.people to authenticated;

-- The accounts that the person is in.
create function api.my_accounts(args jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(a) order by a.id), '[]') from api.accounts a;
$$;

-- {"account"}: its chats, as far as the person may see them.
create function api.chats_of(args jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(c) order by c.created_at, c.telegram_chat_id), '[]')
    from api.chats c where c.account_id = (args ->> 'account')::bigint;
$$;

-- {"account"}: who is in it.
create function api.people_of(args jsonb)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select coalesce(jsonb_agg(to_jsonb(p) order by p.id), '[]') from api.people p where p.account_id = (args ->> 'account')::bigint;
$$;

-- Before chats part: a fact that both sides have said is each side's own. A copy for each chat that it was said in too, with that chat's
-- sources; where one of the two is the chat that goes.
create function private.part_facts(p_chat bigint, p_account bigint)
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

-- Takes a chat out of an account, with everything that was said in it and learned there; it has a temporary account of its own then. The
-- caller has checked who asks.
-- Who holds the chat's turn thinks that it is in the old account: the turn is taken away.
create function private.unlink_chat(p_chat bigint, p_account bigint, p_now timestamptz)
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

-- {"account", "chat"}: unlinks it. Groups by administrators of the account, a private chat by its person.
create function api.unlink_chat(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_chat bigint := (args ->> 'chat')::bigint;
begin
    if (v_chat < 0 and private.administers(v_account)
        or v_chat in (select private.my_private_chat_ids()) and v_account in (select private.my_account_ids())) is not true then
        raise insufficient_privilege using message = 'this chat is not yours to unlink';
    end if;
    return to_jsonb(private.unlink_chat(v_chat, v_account, now()));
end;
$$;

-- {"account", "email", "is_admin"}: lets the person with this address in. Says the person's number; who is in already stays what they are.
create function api.invite(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_email text := lower(btrim(args ->> 'email'));
    v_person bigint;
begin
    if private.administers(v_account) is not true then
        raise insufficient_privilege using message = 'only an administrator of the account can invite';
    end if;
    if v_email is null or v_email !~ '^[^\s@]+@[^\s@]+$' or length(v_email) > 254 then
        raise invalid_parameter_value using message = 'this is no mail address';
    end if;
    insert into public.account_users (account_id, email, is_admin)
    values (v_account, v_email, coalesce((args ->> 'is_admin')::boolean, false))
    on conflict (account_id, email) do nothing
    returning id into v_person;
    if found then
        insert into public.audit_log (account_id, action, details)
        values (v_account, 'person_invited', jsonb_build_object('person', v_person));
    else
        select u.id into v_person from public.account_users u where u.account_id = v_account and u.email = v_email;
    end if;
    return to_jsonb(v_person);
end;
$$;

-- {"account", "person"}: puts the person out, and their private chats with them. By an administrator, or by themselves; an account
-- keeps one administrator. Says whether they were in.
create function api.remove_person(args jsonb)
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

revoke execute on all functions in schema api from public;
grant execute on all functions in schema api to authenticated;
-- Functions are everybody's until this is said.
revoke execute on all functions in schema private from public;
