-- Why: people are in an account by their mail address, so that access to the dashboard does not hang on a Telegram chat.

create table public.account_users (
    id bigint primary key generated always as identity,
    account_id bigint not null references public.accounts (id) on delete cascade,
    email varchar(255) not null check (email = lower(email) and email ~ '^[^\s@]+@[^\s@]+$'),
    hashed_password varchar(255),
    is_admin boolean not null default false,
    user_id uuid,
    telegram_user_id bigint,
    created_at timestamptz not null default current_timestamp,
    unique (account_id, email)
);
create index account_users_email on public.account_users (email);
create index account_users_user on public.account_users (user_id) where user_id is not null;
create index account_users_telegram on public.account_users (telegram_user_id) where telegram_user_id is not null;
comment on table public.account_users is 'Who is in an account. A person may be in several.';
comment on column public.account_users.hashed_password is 'Unused: sign-in is by magic link.';
comment on column public.account_users.user_id is 'The sign-in identity (auth.uid()), from the first sign-in on; until then the address decides.';
comment on column public.account_users.telegram_user_id is 'Who the person is on Telegram, where it was proved from their private chat: whose private chat they may see.';

alter table public.account_users enable row level security;
