-- Why: a call of the operator's model is counted before it is made, in the day of the account, of the person who asks and of the whole
-- program, so that nothing that a stranger can do costs more than the operator has allowed.

alter table public.usage_days
    add column calls integer not null default 0,
    add column reading_tokens bigint not null default 0,
    add column own_messages integer not null default 0,
    add column own_tokens bigint not null default 0;
comment on column public.usage_days.messages is 'Questions that the operator''s model was asked, each once, whatever came of it.';
comment on column public.usage_days.calls is 'Calls for them that the model''s server took; one question can need several.';
comment on column public.usage_days.tokens is 'All tokens of the operator''s model, with the estimates of calls that are under way.';
comment on column public.usage_days.reading_tokens is 'Of those, the tokens of readings for facts.';
comment on column public.usage_days.own_messages is 'Answers of the account''s own model, which the operator does not pay.';

alter table public.accounts
    add column daily_messages integer check (daily_messages >= 0),
    add column daily_tokens bigint check (daily_tokens >= 0);
comment on column public.accounts.daily_messages is 'What an operator allows this account a day. Null: what all accounts of its kind are allowed.';

-- Not by account: one person is in many chats, and an account that is deleted does not give the day back.
create table public.person_days (
    day date not null,
    telegram_user_id bigint not null,
    is_permanent boolean not null,
    messages integer not null default 0,
    calls integer not null default 0,
    tokens bigint not null default 0,
    reading_tokens bigint not null default 0,
    primary key (day, telegram_user_id, is_permanent)
) with (fillfactor = 50);
comment on table public.person_days is 'What a person has used of the operator''s model: over all chats of temporary accounts, and over all of permanent ones. Kept for a week.';
comment on column public.person_days.telegram_user_id is '0: everybody who writes anonymously.';

create table public.program_days (
    day date primary key,
    tokens bigint not null default 0,
    reading_tokens bigint not null default 0,
    told smallint not null default 0
) with (fillfactor = 50);
comment on table public.program_days is 'What everybody together has used, while DAILY_TOKENS is set. Kept for a week.';
comment on column public.program_days.told is 'The percentage of DAILY_TOKENS that the operators were last told of.';

alter table public.person_days enable row level security;
alter table public.program_days enable row level security;
create policy nobody on public.person_days using (false);
create policy nobody on public.program_days using (false);
