-- Why: facts with their sources, rules, a narrative and a mark of what was read for each conversation; without them memory is only a log.

create table public.history_context (
    id bigint primary key generated always as identity,
    account_id bigint not null references public.accounts (id) on delete cascade,
    number integer not null,
    telegram_chat_id bigint not null,
    scope text not null check (scope in ('chat', 'account')),
    content text not null check (content <> ''),
    kind text not null check (kind in ('person', 'preference', 'event', 'decision', 'topic', 'other')),
    about text,
    fingerprint text not null,
    valid_from timestamptz not null,
    valid_to timestamptz,
    superseded_by bigint references public.history_context (id) on delete set null,
    overrides bigint references public.history_context (id) on delete set null,
    confirmed boolean not null default false,
    imported_from text,
    created_at timestamptz not null default current_timestamp,
    unique (account_id, number)
);
comment on table public.history_context is 'Facts. A fact that changes keeps its past: the old row ends (valid_to) and names the one that follows it.';
comment on column public.history_context.number is 'What people and the model call it: counts up within the account.';
comment on column public.history_context.scope is 'chat: only where it was learned (private chats, until shared). account: every chat of the account.';
comment on column public.history_context.fingerprint is 'The content without case, marks and order of words: the same fact said again is no new fact.';
comment on column public.history_context.overrides is 'A fact of the whole account that is out of date for this private chat only: what was said here is not for the others.';
comment on column public.history_context.confirmed is 'A person has kept or worded it.';
-- The same fact stands once among those that are true now.
create unique index history_context_current on public.history_context (account_id, telegram_chat_id, scope, fingerprint) where valid_to is null;
create index history_context_chat on public.history_context (telegram_chat_id);
create index history_context_superseded on public.history_context (superseded_by) where superseded_by is not null;
create index history_context_overrides on public.history_context (overrides) where overrides is not null;

create table public.fact_sources (
    fact_id bigint not null references public.history_context (id) on delete cascade,
    history_id bigint not null references public.chat_history (id) on delete cascade,
    primary key (fact_id, history_id)
);
create index fact_sources_history on public.fact_sources (history_id);
comment on table public.fact_sources is 'The messages that a fact came from.';

create table public.forgotten_facts (
    account_id bigint not null references public.accounts (id) on delete cascade,
    telegram_chat_id bigint not null,
    words bigint[] not null,
    messages bigint[] not null default '{}',
    forgotten_at timestamptz not null
);
create index forgotten_facts_account on public.forgotten_facts (account_id);
comment on table public.forgotten_facts is 'What must not be learned again from messages of before. Hashes of words, so that the words themselves are gone.';

create table public.bot_rules (
    id bigint primary key generated always as identity,
    account_id bigint not null references public.accounts (id) on delete cascade,
    category text not null check (category in ('Language', 'Personalization', 'Memory', 'Tone', 'General')),
    content text not null check (content <> '' and char_length(content) <= 1000),
    priority integer not null default 0,
    is_active boolean not null default true,
    created_at timestamptz not null default current_timestamp
);
create index bot_rules_account on public.bot_rules (account_id);
comment on column public.bot_rules.priority is 'Higher comes first in the prompt.';

create table public.audit_log (
    id bigint primary key generated always as identity,
    account_id bigint,
    telegram_chat_id bigint,
    action text not null,
    details jsonb not null default '{}',
    created_at timestamptz not null default current_timestamp
);
create index audit_log_account on public.audit_log (account_id, created_at desc);
comment on table public.audit_log is 'What was done to an account, with counts and never with texts. Outlives the account.';

-- Messages that were edited after they had been read for facts, and are to be read again.
create table public.edited_messages (
    history_id bigint primary key references public.chat_history (id) on delete cascade,
    telegram_chat_id bigint not null,
    thread_id bigint not null,
    edited_at timestamptz not null
);
create index edited_messages_conversation on public.edited_messages (telegram_chat_id, thread_id);

alter table public.conversations
    add column read_through bigint not null default 0,
    add column read_at timestamptz;
comment on column public.conversations.read_through is 'The last chat_history.id that the model has read for facts. Each message is read once, oldest first.';

alter table public.account_chats
    add column notify_facts boolean not null default false,
    add column narrative text,
    add column narrative_at timestamptz;
comment on column public.account_chats.narrative is 'The conversation so far in at most 300 words.';
comment on column public.account_chats.notify_facts is 'Whether new facts are announced in the chat.';

-- One reader of an account at a time: a lease like a chat's turn.
alter table public.accounts
    add column reading_fence bigint not null default 0,
    add column reading_until timestamptz,
    add column fact_numbers integer not null default 0;
comment on column public.accounts.fact_numbers is 'The highest history_context.number ever given: a number is not used again, because keys under old messages name it.';
comment on column public.accounts.reading_until is 'Until when one job reads the account''s messages for facts; facts are written only under its fence.';

-- A place in the cluster's pace of summaries, so that a waiting job is put off once and not asked again and again.
create table public.reading_slots (
    telegram_chat_id bigint not null,
    thread_id bigint not null,
    due_at timestamptz not null,
    primary key (telegram_chat_id, thread_id)
);

-- Who asked for an analysis and is to be told what it came to: told once, because the row goes with the telling.
create table public.analysis_requests (
    telegram_chat_id bigint not null,
    thread_id bigint not null,
    account_id bigint not null references public.accounts (id) on delete cascade,
    after_usage bigint not null,
    primary key (telegram_chat_id, thread_id)
);
create index analysis_requests_account on public.analysis_requests (account_id);
comment on column public.analysis_requests.after_usage is 'The newest llm_usage.id when it was asked for: what came later is its result.';

alter table public.llm_usage add column answer_id bigint;
comment on column public.llm_usage.answer_id is 'The answer in chat_history that the call led to.';
create index llm_usage_answer on public.llm_usage (answer_id) where answer_id is not null;

-- Tiers: what is short-term is a small part of all rows, and so is what is mid-term.
create index chat_history_short_term on public.chat_history (telegram_chat_id, timestamp) where memory_type = 'short_term';
create index chat_history_mid_term on public.chat_history (telegram_chat_id, thread_id, timestamp, id) where memory_type = 'mid_term';
-- Reading for facts goes by number: what is imported later stands before in time and after in number, and is read all the same.
create index chat_history_unread on public.chat_history (telegram_chat_id, thread_id, id);

alter table public.history_context enable row level security;
alter table public.fact_sources enable row level security;
alter table public.forgotten_facts enable row level security;
alter table public.bot_rules enable row level security;
alter table public.audit_log enable row level security;
alter table public.edited_messages enable row level security;
alter table public.analysis_requests enable row level security;
alter table public.reading_slots enable row level security;

-- Three rules to begin with, for new accounts and for those that are here already.
create function private.default_rules(out category text, out content text, out priority integer)
returns setof record
language sql
immutable
set search_path = ''
as $$
    values ('Language', 'Answer in the language of the message that you answer.', 30),
           ('Personalization', 'When you learn somebody''s name, use it from then on.', 20),
           ('Memory', 'Keep track of what was shared in the conversation, and use it.', 10);
$$;
insert into public.bot_rules (account_id, category, content, priority)
select a.id, r.category, r.content, r.priority from public.accounts a, private.default_rules() r;

-- Every conversation has its row, which says up to where it was read.
insert into public.conversations (telegram_chat_id, thread_id, account_id)
select distinct h.telegram_chat_id, h.thread_id, h.account_id from public.chat_history h
on conflict do nothing;

-- When one more reading may begin, in the cluster's pace of p_rate in any minute; the window is a second longer, because a call begins a
-- moment after its place was given. The place is kept for the conversation until
-- it is taken: asked again before that, the answer is the same.
create function private.reserve_reading(p_chat_id bigint, p_thread_id bigint, p_rate integer, p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_due timestamptz;
    v_slots timestamptz[];
begin
    insert into public.rate_buckets (bucket) values ('summaries') on conflict do nothing;
    select b.slots into v_slots from public.rate_buckets b where b.bucket = 'summaries' for update;
    select s.due_at into v_due from public.reading_slots s where s.telegram_chat_id = p_chat_id and s.thread_id = p_thread_id;
    -- Who comes late, after a stop of the workers, finds no place kept: they would all begin at once.
    if v_due < p_now - interval '1 minute' then
        delete from public.reading_slots s where s.telegram_chat_id = p_chat_id and s.thread_id = p_thread_id;
        v_due := null;
    end if;
    if v_due is null then
        v_due := greatest(p_now, private.next_slot(v_slots, p_rate, interval '61 s'));
        update public.rate_buckets b
        set slots = (b.slots || v_due)[greatest(1, cardinality(b.slots) + 2 - p_rate):], used_at = greatest(clock_timestamp(), v_due)
        where b.bucket = 'summaries';
        insert into public.reading_slots (telegram_chat_id, thread_id, due_at) values (p_chat_id, p_thread_id, v_due);
    end if;
    return v_due;
end;
$$;

-- The facts that are true now, as one chat may see them: its own, those of the whole account, and of those no longer the ones that
-- were corrected in this chat.
create function private.facts_of_chat(p_account_id bigint, p_chat_id bigint)
returns setof public.history_context
language sql
stable
set search_path = ''
as $$
    select f.* from public.history_context f
    where f.account_id = p_account_id and f.valid_to is null
      and (f.scope = 'account' or f.telegram_chat_id = p_chat_id)
      and not exists (
          select from public.history_context o
          where o.overrides = f.id and o.telegram_chat_id = p_chat_id
      );
$$;

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
