-- Why: nobody is in an account by somebody else's will. An invitation waits and gives nothing until the invited person accepts it, and every
-- joining is told to who is concerned.

create table public.invitations (
    id bigint primary key generated always as identity,
    account_id bigint not null references public.accounts (id) on delete cascade,
    email varchar(255) not null check (email = lower(email) and email ~ '^[^\s@]+@[^\s@]+$'),
    is_admin boolean not null default false,
    invited_by bigint references public.account_users (id) on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    unique (account_id, email)
);
create index invitations_email on public.invitations (email);
create index invitations_invited_by on public.invitations (invited_by) where invited_by is not null;
create index invitations_expiry on public.invitations (expires_at);
comment on table public.invitations is 'Who was asked into an account and has not answered. It gives nothing; accepted it becomes a row of account_users, declined or too old it goes.';
comment on column public.invitations.invited_by is 'The administrator who invited; when they are out, what they have asked goes with them. Null: from before invitations waited.';
alter table public.invitations enable row level security;
create policy nobody on public.invitations using (false);

-- Words to people about accounts, written with what they tell of and deleted with their sending.
create table public.notices (
    id bigint primary key generated always as identity,
    kind text not null check (kind in ('invited', 'removed', 'joined', 'chat_joined', 'left')),
    account_id bigint not null references public.accounts (id) on delete cascade,
    email varchar(255),
    to_chat bigint,
    invitation_id bigint references public.invitations (id) on delete cascade,
    telegram_chat_id bigint,
    created_at timestamptz not null default clock_timestamp(),
    constraint notices_go_somewhere check (num_nonnulls(email, to_chat) >= 1)
);
create index notices_account on public.notices (account_id);
create index notices_invitation on public.notices (invitation_id) where invitation_id is not null;
create index notices_chat on public.notices (telegram_chat_id) where telegram_chat_id is not null;
comment on table public.notices is 'Words to people about an account that are to be said yet: an invitation, their removal, a chat that has joined or left.';
comment on column public.notices.to_chat is 'In which chat it is said; null: by mail to the address.';
comment on column public.notices.telegram_chat_id is 'The chat that has joined or left.';
alter table public.notices enable row level security;
create policy nobody on public.notices using (false);

-- A mail of invitation belongs to the invitation.
delete from public.sign_in_links where purpose = 'invite';
drop index public.sign_in_links_person;
alter table public.sign_in_links
    drop column person_id,
    add column invitation_id bigint references public.invitations (id) on delete cascade;
create index sign_in_links_invitation on public.sign_in_links (invitation_id) where invitation_id is not null;

comment on column public.link_codes.used_by is 'The chat in which it was given first, where it was shown what it joins. It lets in no other one.';

-- Who was put into an account by an invitation and has never done anything with it is invited now. What can be known of that: the invitation is
-- in the audit log; no private chat of theirs was proved there, no sign-in identity was tied, and nothing that they did in this account was
-- written down. That they have signed in says nothing: it was for all accounts that had their address. An account keeps its
-- administrators where there would be none.
with asked as (
    select l.account_id, (l.details ->> 'person')::bigint as person, max(l.actor) as actor
    from public.audit_log l where l.action = 'person_invited' and l.details ? 'person'
    group by 1, 2
), unused as (
    select u.id, u.account_id, u.email, u.is_admin, (
               select p.id from public.account_users p where 'person:' || p.id = asked.actor and p.account_id = u.account_id and p.is_admin
           ) as invited_by
    from asked
    join public.account_users u on u.id = asked.person and u.account_id = asked.account_id
    where u.user_id is null and u.telegram_user_id is null
      and not exists (select from public.private_chats c where c.person_id = u.id)
      and not exists (select from public.audit_log s where s.account_id = u.account_id and s.action <> 'signed_in' and s.actor = 'person:' || u.id)
), kept as (
    select u.* from unused u
    where exists (
        select from public.account_users o
        where o.account_id = u.account_id and o.is_admin and o.id not in (select id from unused)
    )
), invited as (
    insert into public.invitations (account_id, email, is_admin, invited_by, created_at, expires_at)
    select k.account_id, k.email, k.is_admin, case when k.invited_by not in (select id from kept) then k.invited_by end, now(), now() + interval '14 days'
    from kept k
    returning id, account_id, email
), noted as (
    insert into public.audit_log (account_id, action, details)
    select i.account_id, 'invitation_pending', jsonb_build_object('invitation', i.id, 'person', k.id)
    from invited i join kept k using (account_id, email)
)
delete from public.account_users u using kept k where u.id = k.id;
