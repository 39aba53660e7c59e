-- Why: a private chat is its person's, so its words go to a server that the account's administrators have chosen only after that person has
-- agreed there; and a server that lets everybody wait is left alone for a while.

create table public.model_consents (
    id bigint primary key generated always as identity,
    telegram_chat_id bigint not null unique references public.account_chats (telegram_chat_id) on update cascade on delete cascade,
    account_id bigint not null references public.accounts (id) on delete cascade,
    host text not null,
    asked_at timestamptz not null,
    agreed boolean,
    decided_at timestamptz,
    told_pause timestamptz
);
create index model_consents_account on public.model_consents (account_id);
comment on table public.model_consents is 'What a chat was told or asked of its account''s own model, and what its person has said to it.';
comment on column public.model_consents.id is 'Another one with each question, so that the keys under an older one decide nothing.';
comment on column public.model_consents.host is 'The server that was named. For another one nothing is agreed.';
comment on column public.model_consents.agreed is 'Null until somebody decides; of a group, whose words are the account''s, always.';
comment on column public.model_consents.told_pause is 'account_models.paused_until as the chat was last told of it.';
alter table public.model_consents enable row level security;
create policy nobody on public.model_consents using (false);

alter table public.account_models
    add column timeouts integer not null default 0,
    add column pauses integer not null default 0,
    add column paused_until timestamptz;
comment on column public.account_models.timeouts is 'Calls in a row that its server has let run out of time, since its last answer or pause.';
comment on column public.account_models.pauses is 'Pauses since its last answer; each is twice as long as the one before, thirty minutes at most.';
comment on column public.account_models.paused_until is 'Until when the server is left alone.';
