-- Why: every chat has an account from its first message on, and every message is one row.

create table public.accounts (
    id bigint primary key generated always as identity,
    name varchar(255),
    created_at timestamptz not null default current_timestamp
);
comment on table public.accounts is 'A tenant. A temporary one has a row in temporary_accounts beside it.';

create table public.account_chats (
    account_id bigint not null references public.accounts (id) on delete cascade,
    telegram_chat_id bigint not null unique,
    chat_name varchar(255),
    kind text not null default 'private' check (kind in ('private', 'group', 'supergroup', 'channel')),
    is_active boolean not null default true,
    session_length text not null default 'medium' check (session_length in ('short', 'medium', 'long')),
    respond_to text not null default 'mention' check (respond_to in ('mention', 'all')),
    created_at timestamptz not null default current_timestamp,
    primary key (account_id, telegram_chat_id)
);
comment on column public.account_chats.is_active is 'False once Telegram refuses to deliver there (blocked, kicked); a new message or membership brings it back.';
comment on column public.account_chats.respond_to is 'In groups: answer only when mentioned, replied to or commanded, or answer everything.';

create table public.temporary_accounts (
    id bigint primary key generated always as identity,
    account_id bigint not null unique references public.accounts (id) on delete cascade,
    telegram_chat_id bigint not null unique,
    created_at timestamptz not null default current_timestamp,
    expires_at timestamptz not null default current_timestamp + interval '30 days'
);
create index temporary_accounts_expires_at on public.temporary_accounts (expires_at);

create table public.account_settings (
    account_id bigint not null references public.accounts (id) on delete cascade,
    setting_key varchar(255) not null,
    setting_value jsonb not null,
    primary key (account_id, setting_key)
);

-- Topics of a chat are conversations of their own; a chat without topics has one, thread 0.
create table public.conversations (
    telegram_chat_id bigint not null,
    thread_id bigint not null default 0,
    account_id bigint not null references public.accounts (id) on delete cascade,
    cleared_through bigint not null default 0,
    primary key (telegram_chat_id, thread_id)
);
create index conversations_account on public.conversations (account_id);
comment on column public.conversations.cleared_through is 'The last chat_history.id before the newest /clear; recall looks no further back.';

create table public.chat_history (
    id bigint primary key generated always as identity,
    account_id bigint not null references public.accounts (id) on delete cascade,
    telegram_chat_id bigint not null,
    thread_id bigint not null default 0,
    role varchar(50) not null check (role in ('user', 'assistant')),
    content text not null,
    memory_type varchar(50) not null default 'short_term' check (memory_type in ('short_term', 'mid_term', 'whole_history')),
    timestamp timestamptz not null default current_timestamp,
    telegram_message_id bigint,
    speaker_id bigint,
    speaker_name text,
    edited_at timestamptz,
    search tsvector not null generated always as (to_tsvector('simple'::regconfig, left(content, 100000))) stored
);
comment on column public.chat_history.memory_type is 'The freshest tier that the message is in. Whole history is every row.';
comment on column public.chat_history.timestamp is 'When it was said. Never before the row that stands before it in the same chat.';
create index chat_history_by_time on public.chat_history (telegram_chat_id, timestamp desc, id desc);
create index chat_history_by_message on public.chat_history (telegram_chat_id, telegram_message_id) where telegram_message_id is not null;
create index chat_history_account on public.chat_history (account_id);

create table public.llm_usage (
    id bigint primary key generated always as identity,
    account_id bigint not null references public.accounts (id) on delete cascade,
    telegram_chat_id bigint not null,
    update_ref bigint,
    purpose text not null,
    model text not null,
    tokens_in integer not null default 0,
    tokens_cached integer not null default 0,
    tokens_out integer not null default 0,
    latency_ms integer not null default 0,
    outcome text not null,
    prompt jsonb,
    created_at timestamptz not null default current_timestamp
);
comment on column public.llm_usage.prompt is 'What went into the prompt and what was dropped: sections with token counts and chat_history ids, never texts.';
create index llm_usage_account on public.llm_usage (account_id, created_at desc);
create index llm_usage_update on public.llm_usage (update_ref) where update_ref is not null;

-- One small row per account and day, so that the daily limits cost one look-up whatever the history's size.
create table public.usage_days (
    account_id bigint not null references public.accounts (id) on delete cascade,
    day date not null,
    messages integer not null default 0,
    tokens bigint not null default 0,
    primary key (account_id, day)
);

alter table public.accounts enable row level security;
alter table public.account_chats enable row level security;
alter table public.temporary_accounts enable row level security;
alter table public.account_settings enable row level security;
alter table public.conversations enable row level security;
alter table public.chat_history enable row level security;
alter table public.llm_usage enable row level security;
alter table public.usage_days enable row level security;
