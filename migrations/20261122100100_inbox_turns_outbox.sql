-- Why: an update is on disk before Telegram hears 200, one worker at a time holds a chat's turn, and what is to be sent is
-- on disk before it is sent.

create table public.telegram_updates (
    id bigint primary key generated always as identity,
    bot_id bigint not null,
    update_id bigint not null,
    telegram_chat_id bigint,
    seq bigint,
    body bytea not null,
    received_at timestamptz not null default clock_timestamp(),
    attempts smallint not null default 0,
    taken_at timestamptz,
    finished_at timestamptz,
    outcome text,
    last_error text,
    unique (bot_id, update_id)
);
comment on table public.telegram_updates is 'The inbox: raw updates, unique by bot and update_id. bytea because jsonb refuses \u0000 and 1e400000.';
comment on column public.telegram_updates.seq is 'Order within the chat. Not update_id: Telegram restarts those at random after a quiet week.';
comment on column public.telegram_updates.outcome is 'Null while the update waits; then answered, remembered, command, ignored, limited, failed or given_up.';
create unique index telegram_updates_waiting on public.telegram_updates (telegram_chat_id, seq) where outcome is null;
create index telegram_updates_received_at on public.telegram_updates (received_at);

create table public.chat_turns (
    telegram_chat_id bigint primary key,
    seq bigint not null default 0,
    scheduled boolean not null default false,
    job_id text,
    fence bigint not null default 0,
    holder text,
    lease_expires_at timestamptz,
    not_before timestamptz
) with (fillfactor = 50);
comment on table public.chat_turns is 'One row per chat: its sequence counter, and the lease of the worker that answers it now.';
comment on column public.chat_turns.scheduled is 'True from the moment work arrives until a release that saw no newer work.';
comment on column public.chat_turns.fence is 'Fencing token: grows with each claim; whoever writes or sends must still hold it.';
create index chat_turns_scheduled on public.chat_turns (telegram_chat_id) where scheduled;

create table public.outgoing_messages (
    id bigint primary key generated always as identity,
    telegram_chat_id bigint not null,
    thread_id bigint not null default 0,
    update_ref bigint,
    history_id bigint references public.chat_history (id) on delete set null,
    html text not null,
    plain text not null,
    reply_to bigint,
    state text not null default 'waiting' check (state in ('waiting', 'sending', 'sent', 'failed')),
    fence bigint,
    telegram_message_id bigint,
    error text,
    created_at timestamptz not null default clock_timestamp(),
    sent_at timestamptz
);
comment on table public.outgoing_messages is 'The outbox: sent by the turn''s holder only, the chat''s lowest unsent row first.';
comment on column public.outgoing_messages.state is 'sending: claimed under a fence and maybe already at Telegram; sent and failed are final.';
create index outgoing_messages_unsent on public.outgoing_messages (telegram_chat_id, id) where state in ('waiting', 'sending');
create index outgoing_messages_message on public.outgoing_messages (telegram_chat_id, telegram_message_id) where telegram_message_id is not null;
create index outgoing_messages_update on public.outgoing_messages (update_ref) where update_ref is not null;
create index outgoing_messages_history on public.outgoing_messages (history_id) where history_id is not null;
create index outgoing_messages_created_at on public.outgoing_messages (created_at);

-- The newest sends of a bucket: so many in any window of so long, counted exactly.
create table public.rate_buckets (
    bucket text primary key,
    slots timestamptz[] not null default '{}',
    used_at timestamptz not null default clock_timestamp()
) with (fillfactor = 50);

alter table public.telegram_updates enable row level security;
alter table public.chat_turns enable row level security;
alter table public.outgoing_messages enable row level security;
alter table public.rate_buckets enable row level security;

-- Rescue of a dead worker's jobs looks only at what runs (a scan of 1M finished rows takes 89 ms, this 0.06 ms).
create index if not exists pykhbrain_jobs_locked on apalis.jobs (lock_by) where status in ('Running', 'Queued');
create index if not exists pykhbrain_jobs_finished on apalis.jobs (done_at) where status in ('Done', 'Failed', 'Killed');

-- The one door for updates. One round trip; every statement of it sees a fresh snapshot, and the chat's row is locked first,
-- so that sequence numbers follow the order of commits and a release (chat_turns.release) cannot miss an arrival.
-- Returns: 'scheduled' (a job was added: wake a worker), 'appended' (a job is under way), 'duplicate', 'ignored' (of no chat).
create function private.accept_update(p_bot_id bigint, p_update_id bigint, p_chat_id bigint, p_body bytea, p_job_id text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_seq bigint;
    v_scheduled boolean;
begin
    if p_chat_id is null then
        insert into public.telegram_updates (bot_id, update_id, body, outcome, finished_at)
        values (p_bot_id, p_update_id, p_body, 'ignored', clock_timestamp())
        on conflict (bot_id, update_id) do nothing;
        return case when found then 'ignored' else 'duplicate' end;
    end if;

    loop
        select t.seq + 1, t.scheduled into v_seq, v_scheduled
        from public.chat_turns t where t.telegram_chat_id = p_chat_id for update;
        exit when found;
        insert into public.chat_turns (telegram_chat_id) values (p_chat_id) on conflict do nothing;
    end loop;

    insert into public.telegram_updates (bot_id, update_id, telegram_chat_id, seq, body)
    values (p_bot_id, p_update_id, p_chat_id, v_seq, p_body)
    on conflict (bot_id, update_id) do nothing;
    if not found then
        return 'duplicate';
    end if;

    if v_scheduled then
        update public.chat_turns set seq = v_seq where telegram_chat_id = p_chat_id;
        return 'appended';
    end if;

    update public.chat_turns set seq = v_seq, scheduled = true, job_id = p_job_id where telegram_chat_id = p_chat_id;
    perform private.push_answer_chat(p_job_id, p_chat_id);
    return 'scheduled';
end;
$$;

-- run_at lies a moment ahead: the queue's own trigger would otherwise NOTIFY inside this transaction, which takes a lock
-- that serializes all commits of the server (3,200/s against 11,000/s on 16 connections). The wake follows the commit.
create function private.push_answer_chat(p_job_id text, p_chat_id bigint)
returns void
language sql
set search_path = ''
as $$
    insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority)
    values (
        p_job_id, 'answer_chat', convert_to(json_build_object('chat_id', p_chat_id)::text, 'UTF8'), 'Pending', 0, 25,
        now() + interval '1 microsecond', 0
    );
$$;

-- A place for one message to this chat. Not reserved: wait and ask again (only the turn's holder sends there, so nobody takes
-- the place meanwhile). Reserved: send after the wait, which is the whole cluster's.
-- In any 3 s three messages to a private chat, in any minute 20 to a group, in any second p_rate to all, each window a little
-- longer than Telegram's because a message takes its time to arrive.
-- https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
create function private.reserve_send(
    p_chat_id bigint, p_is_group boolean, p_rate integer, out reserved boolean, out wait_ms integer
)
language plpgsql
set search_path = ''
as $$
declare
    v_now timestamptz := clock_timestamp();
    v_chat text := 'chat:' || p_chat_id;
    v_chat_limit integer := case when p_is_group then 20 else 3 end;
    v_chat_slots timestamptz[];
    v_slots timestamptz[];
    v_free timestamptz;
begin
    select b.slots into v_chat_slots from public.rate_buckets b where b.bucket = v_chat for update;
    v_free := private.next_slot(v_chat_slots, v_chat_limit, case when p_is_group then interval '61 s' else interval '3.2 s' end);
    if v_free > v_now then
        reserved := false;
        wait_ms := ceil(extract(epoch from v_free - v_now) * 1000);
        return;
    end if;
    insert into public.rate_buckets (bucket) values ('telegram') on conflict do nothing;
    select b.slots into v_slots from public.rate_buckets b where b.bucket = 'telegram' for update;
    v_now := clock_timestamp();
    v_free := greatest(v_now, private.next_slot(v_slots, p_rate, interval '1.1 s'));
    update public.rate_buckets b
    set slots = (b.slots || v_free)[greatest(1, cardinality(b.slots) + 2 - p_rate):], used_at = v_now
    where b.bucket = 'telegram';
    -- The chat's place is the moment when the message will really go out.
    insert into public.rate_buckets as b (bucket, slots, used_at) values (v_chat, array[v_free], v_now)
    on conflict (bucket) do update
    set slots = (b.slots || v_free)[greatest(1, cardinality(b.slots) + 2 - v_chat_limit):], used_at = v_now;
    reserved := true;
    wait_ms := ceil(extract(epoch from v_free - v_now) * 1000);
end;
$$;

-- When a bucket that allows p_limit in any p_window has room again; null: now.
create function private.next_slot(p_slots timestamptz[], p_limit integer, p_window interval)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
    select p_slots[cardinality(p_slots) - p_limit + 1] + p_window;
$$;

-- A group that becomes a supergroup gets a new id; everything of the old one moves there.
create function private.move_chat(p_from bigint, p_to bigint)
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

    -- What waits to be sent goes to the new id; somebody must come and send it.
    insert into public.chat_turns (telegram_chat_id) values (p_to) on conflict do nothing;
    update public.outgoing_messages o set telegram_chat_id = p_to, state = 'waiting', thread_id = 0, reply_to = null
    where o.telegram_chat_id = p_from and o.state in ('waiting', 'sending');
    if found then
        update public.chat_turns t set seq = t.seq + 1, scheduled = true where t.telegram_chat_id = p_to;
    end if;
end;
$$;
