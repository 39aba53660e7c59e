-- Why: people sign in with a link that went to their mail address, which makes a chat's account permanent or opens the dashboard.

-- Who has asked in Telegram for a permanent account, and for which chat.
create table public.registrations (
    id uuid primary key default gen_random_uuid(),
    telegram_chat_id bigint not null,
    asked_in bigint not null,
    email varchar(255) check (email = lower(email)),
    code_hash bytea,
    wrong_codes integer not null default 0,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    account_id bigint references public.accounts (id) on delete cascade,
    outcome text check (outcome in ('permanent', 'joined', 'already')),
    confirmed_at timestamptz,
    told_at timestamptz
);
create index registrations_chat on public.registrations (telegram_chat_id);
create index registrations_asked_in on public.registrations (asked_in, created_at desc);
create index registrations_account on public.registrations (account_id) where account_id is not null;
comment on table public.registrations is 'A wish to make a chat''s account permanent, until it is confirmed or too old.';
comment on column public.registrations.asked_in is 'The private chat of who asks: the number is its person''s. For a private chat the same as the chat.';
comment on column public.registrations.email is 'Null while the bot waits for the address.';
comment on column public.registrations.code_hash is 'The four digits that were shown in the chat, keyed with the program''s own key: so few could be guessed from a plain hash.';
comment on column public.registrations.account_id is 'The account that it came to, once confirmed.';
comment on column public.registrations.told_at is 'When the chat was told what came of it.';
alter table public.registrations enable row level security;
create policy nobody on public.registrations using (false);

-- A person may have several private chats with the bot, from several Telegram accounts; each was proved by a code that was shown there.
create table public.private_chats (
    telegram_user_id bigint not null,
    person_id bigint not null references public.account_users (id) on delete cascade,
    primary key (telegram_user_id, person_id)
);
create index private_chats_person on public.private_chats (person_id);
comment on table public.private_chats is 'Whose private chat it is: by what address, in which account.';
alter table public.private_chats enable row level security;
create policy nobody on public.private_chats using (false);
insert into public.private_chats (telegram_user_id, person_id)
select u.telegram_user_id, u.id from public.account_users u where u.telegram_user_id is not null;

-- account_users.telegram_user_id names the first of them.
create function private.note_private_chat()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    insert into public.private_chats (telegram_user_id, person_id) values (new.telegram_user_id, new.id) on conflict do nothing;
    return null;
end;
$$;
create trigger note_private_chat after insert or update of telegram_user_id on public.account_users
    for each row when (new.telegram_user_id is not null) execute function private.note_private_chat();

create or replace function private.my_private_chat_ids()
returns setof bigint
language sql
stable
security definer
set search_path = ''
as $$
    select p.telegram_user_id from private.my_memberships() m join public.private_chats p on p.person_id = m.id;
$$;

-- A private chat that leaves an account signs nobody in to it any more.
create function private.part_private_chat()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    delete from public.private_chats p using public.account_users u
    where p.telegram_user_id = old.telegram_chat_id and u.id = p.person_id and u.account_id = old.account_id;
    update public.account_users u set telegram_user_id = null
    where u.telegram_user_id = old.telegram_chat_id and u.account_id = old.account_id;
    return null;
end;
$$;
create trigger part_private_chat after update of account_id on public.account_chats
    for each row when (old.kind = 'private' and old.account_id <> new.account_id) execute function private.part_private_chat();

-- A group that becomes a supergroup gets a new number.
create function private.follow_chat()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    update public.registrations r set telegram_chat_id = new.telegram_chat_id where r.telegram_chat_id = old.telegram_chat_id;
    delete from public.link_codes l where l.telegram_chat_id = new.telegram_chat_id;
    update public.link_codes l set telegram_chat_id = new.telegram_chat_id where l.telegram_chat_id = old.telegram_chat_id;
    return null;
end;
$$;
create trigger follow_chat after update of telegram_chat_id on public.account_chats
    for each row when (old.telegram_chat_id <> new.telegram_chat_id) execute function private.follow_chat();

-- One mail (or message) with a link that signs in, once. The link is made from the id with the program's own key; only its hash is here.
create table public.sign_in_links (
    id uuid primary key,
    purpose text not null check (purpose in ('register', 'sign_in', 'dashboard', 'invite')),
    email varchar(255) not null check (email = lower(email)),
    token_hash bytea unique,
    registration_id uuid references public.registrations (id) on delete cascade,
    telegram_chat_id bigint,
    person_id bigint references public.account_users (id) on delete cascade,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    sent_at timestamptz,
    used_at timestamptz,
    troubled_at timestamptz
);
create index sign_in_links_registration on public.sign_in_links (registration_id) where registration_id is not null;
create index sign_in_links_person on public.sign_in_links (person_id) where person_id is not null;
create index sign_in_links_chat on public.sign_in_links (telegram_chat_id) where telegram_chat_id is not null;
create index sign_in_links_expiry on public.sign_in_links (expires_at);
comment on table public.sign_in_links is 'Links that sign in, by mail or in a private chat, until they are used or too old.';
comment on column public.sign_in_links.troubled_at is 'When the chat was told that the mail cannot be sent yet.';
alter table public.sign_in_links enable row level security;
create policy nobody on public.sign_in_links using (false);

-- A signed-in browser. It holds 32 random bytes in a cookie; here is their hash.
create table public.web_sessions (
    id bigint primary key generated always as identity,
    secret_hash bytea not null unique,
    email varchar(255) not null check (email = lower(email)),
    user_id uuid,
    agent text not null default '',
    address text not null default '',
    created_at timestamptz not null,
    seen_at timestamptz not null,
    access_token bytea,
    access_expires_at timestamptz,
    refresh_token bytea
);
create index web_sessions_email on public.web_sessions (email);
create index web_sessions_seen on public.web_sessions (seen_at);
comment on table public.web_sessions is 'Who is signed in where. Over after thirty days without a request.';
comment on column public.web_sessions.access_token is 'Supabase''s, sealed with the program''s own key; null where the program signs people in by itself.';
alter table public.web_sessions enable row level security;
create policy nobody on public.web_sessions using (false);

-- A code of /link can be had on the dashboard too: there it is a person's, not a chat's.
alter table public.link_codes drop constraint link_codes_pkey;
alter table public.link_codes
    alter column telegram_chat_id drop not null,
    add column id bigint primary key generated always as identity,
    add column person_id bigint unique references public.account_users (id) on delete cascade,
    add constraint link_codes_chat unique (telegram_chat_id),
    add constraint link_codes_of_one check (num_nonnulls(telegram_chat_id, person_id) = 1);

-- Who did it and from where, where that was a person.
alter table public.audit_log add column actor text, add column origin text;
comment on column public.audit_log.actor is 'Who did it: person:<account_users.id>, telegram:<user id>, or null for the program itself.';
comment on column public.audit_log.origin is 'From where: the address of the browser, or null for Telegram and the program.';

-- What somebody does says so by itself: a signed-in person by their token, with the browser's address in a header that the program sets also
-- where it calls directly; a person on Telegram by a setting of the transaction.
create function private.sign_audit_row()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    new.actor := coalesce(new.actor, nullif(current_setting('pykhbrain.actor', true), ''));
    if nullif(current_setting('request.jwt.claims', true), '') is not null then
        new.actor := coalesce(new.actor, (
            select 'person:' || m.id from private.my_memberships() m where m.account_id = new.account_id limit 1));
        new.origin := coalesce(new.origin, nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-pykhbrain-origin');
    end if;
    return new;
end;
$$;
create trigger sign_audit_row before insert on public.audit_log for each row execute function private.sign_audit_row();

-- A place in a bucket that allows p_limit in any p_window: null where it was taken, else when there is room again.
create function private.take_place(p_bucket text, p_limit integer, p_window interval, p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_free timestamptz;
begin
    insert into public.rate_buckets (bucket) values (p_bucket) on conflict do nothing;
    select private.next_slot(b.slots, p_limit, p_window) into v_free
    from public.rate_buckets b where b.bucket = p_bucket for update;
    if v_free > p_now then
        return v_free;
    end if;
    update public.rate_buckets b
    set slots = (b.slots || p_now)[greatest(1, cardinality(b.slots) + 2 - p_limit):], used_at = greatest(clock_timestamp(), p_now)
    where b.bucket = p_bucket;
    return null;
end;
$$;

-- A job for the workers, as part of what the caller does.
create function private.enqueue_job(p_name text, p_payload jsonb, p_attempts integer)
returns void
language sql
set search_path = ''
as $$
    insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority)
    values (apalis.generate_ulid(), p_name, convert_to(p_payload::text, 'utf8'), 'Pending', 0, p_attempts,
            clock_timestamp() + interval '1 microsecond', 0);
$$;

-- A link that is to be sent, with the job that does it. Null: it is on its way; else when the address may be written to again. Three mails
-- to one address in an hour.
create function private.ask_for_link(p_id uuid, p_purpose text, p_email text, p_token_hash bytea, p_registration uuid, p_chat bigint,
                                     p_person bigint, p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_free timestamptz;
begin
    v_free := private.take_place('mail:' || p_email, 3, interval '1 hour', p_now);
    if v_free is not null then
        return v_free;
    end if;
    insert into public.sign_in_links (id, purpose, email, token_hash, registration_id, telegram_chat_id, person_id, created_at, expires_at)
    values (p_id, p_purpose, p_email, p_token_hash, p_registration, p_chat, p_person, p_now, p_now + interval '15 minutes');
    perform private.enqueue_job('send_link', jsonb_build_object('link_id', p_id), 12);
    return null;
end;
$$;

-- Somebody types an address on the sign-in page. The same is done for an address that nobody knows: what is sent to it is decided later, so
-- that neither the answer nor its time tells. Null: done; else when the browser's address may try again.
create function private.web_ask_for_link(p_id uuid, p_email text, p_token_hash bytea, p_origin_key text, p_now timestamptz)
returns timestamptz
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_free timestamptz;
begin
    v_free := private.take_place('sign_in:' || p_origin_key, 20, interval '10 minutes', p_now);
    if v_free is null then
        -- Too many mails to an address are not told to whoever types it.
        perform private.ask_for_link(p_id, 'sign_in', p_email, p_token_hash, null, null, null, p_now);
    end if;
    return v_free;
end;
$$;

-- What the page behind a link shows before anything is used: {link, email, chat, kind, needs_code}. link: good, used, late, unknown.
create function private.web_peek_link(p_token_hash bytea, p_registration uuid, p_now timestamptz)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    with link as (
        select l.email, l.registration_id,
               case when l.used_at is not null then 'used' when l.expires_at <= p_now then 'late' else 'good' end as state
        from public.sign_in_links l where l.token_hash = p_token_hash
    )
    select jsonb_build_object(
        'link', coalesce((select state from link), 'unknown'),
        'email', (select email from link where state = 'good'),
        'needs_code', r.id is not null and r.confirmed_at is null,
        'chat', c.chat_name, 'kind', c.kind)
    -- A link of ours knows what it registers; another service's does not.
    from (select case when exists (select from link) then (select registration_id from link) else p_registration end as id) wanted
    left join public.registrations r on r.id = wanted.id and r.expires_at > p_now
    left join public.account_chats c on c.telegram_chat_id = r.telegram_chat_id;
$$;

-- Whether this is the registration's code: right, wrong, closed (five wrong ones), late.
create function private.try_code(p_registration uuid, p_code_hash bytea, p_now timestamptz)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.registrations;
begin
    select * into v_row from public.registrations r where r.id = p_registration for update;
    if v_row.id is null or v_row.expires_at <= p_now or v_row.code_hash is null then
        return 'late';
    elsif v_row.wrong_codes >= 5 then
        return 'closed';
    elsif v_row.code_hash = p_code_hash then
        return 'right';
    end if;
    update public.registrations r set wrong_codes = r.wrong_codes + 1 where r.id = p_registration;
    return case when v_row.wrong_codes >= 4 then 'closed' else 'wrong' end;
end;
$$;

-- The accounts that an address (and an identity, where there is one) is in.
create function private.accounts_of_person(p_email text, p_user uuid)
returns setof bigint
language sql
stable
set search_path = ''
as $$
    select u.account_id from public.account_users u
    where u.email = p_email and (u.user_id is null or u.user_id = p_user)
    order by u.id;
$$;

-- Makes the account of the registration's chat permanent, or has the chat join one that the person is in: p_account, 0 for one of its own,
-- null where there is no choice to make. The caller has proved the address and the code. Says
-- permanent, joined, already (each with what is done), choose (the person is in several accounts), elsewhere (the chat is in another
-- permanent account), gone (the chat has no account any more: it has expired), late.
create function private.confirm_registration(p_registration uuid, p_email text, p_user uuid, p_account bigint, p_origin text, p_now timestamptz)
returns text
language plpgsql
set search_path = ''
as $$
declare
    v_row public.registrations;
    v_account bigint;
    v_mine bigint[];
    v_target bigint;
    v_person bigint;
    v_outcome text;
begin
    -- One at a time for an address: the second of two chats finds the account that the first has made.
    perform pg_advisory_xact_lock(hashtextextended('register:' || p_email, 0));
    select * into v_row from public.registrations r where r.id = p_registration for update;
    if v_row.id is null or v_row.email is distinct from p_email then
        return 'late';
    elsif v_row.confirmed_at is not null then
        return 'already';
    elsif v_row.expires_at <= p_now then
        return 'late';
    end if;
    -- The turn before the accounts, as in private.join_account.
    perform from public.chat_turns t where t.telegram_chat_id = v_row.telegram_chat_id for update;
    select c.account_id into v_account from public.account_chats c where c.telegram_chat_id = v_row.telegram_chat_id;
    perform from public.accounts a where a.id = v_account for no key update;
    select c.account_id into v_account from public.account_chats c where c.telegram_chat_id = v_row.telegram_chat_id;
    if v_account is null or exists (
        select from public.temporary_accounts t where t.account_id = v_account and t.expires_at <= p_now) then
        return 'gone';
    end if;
    -- What is known in an account is known in all of its groups: a group is for its administrators to let in.
    select coalesce(array_agg(m), '{}') into v_mine from private.accounts_of_person(p_email, p_user) m
    where v_row.telegram_chat_id > 0 or m = v_account or exists (
        select from public.account_users u where u.account_id = m and u.email = p_email and u.is_admin
    );
    if not exists (select from public.temporary_accounts t where t.account_id = v_account) then
        if v_account <> all (v_mine) then
            return 'elsewhere';
        end if;
        v_target := v_account;
        v_outcome := 'already';
    elsif p_account = 0 or cardinality(v_mine) = 0 then
        delete from public.temporary_accounts t where t.account_id = v_account;
        v_target := v_account;
        v_outcome := 'permanent';
    elsif p_account = any (v_mine) or p_account is null and cardinality(v_mine) = 1 then
        v_target := coalesce(p_account, v_mine[1]);
        v_outcome := case private.join_account(v_row.telegram_chat_id, v_target, p_now)
            when 'joined' then 'joined' when 'joined_already' then 'already' when 'elsewhere' then 'elsewhere' else 'gone' end;
        if v_outcome in ('elsewhere', 'gone') then
            return v_outcome;
        end if;
        -- They may have been put out while the join waited: then nothing is moved after all.
        if not exists (select from public.account_users u where u.account_id = v_target and u.email = p_email) then
            raise serialization_failure using message = 'the person is not in the account any more';
        end if;
    else
        return 'choose';
    end if;
    insert into public.account_users as u (account_id, email, is_admin, user_id, telegram_user_id)
    values (v_target, p_email, v_outcome = 'permanent', p_user, v_row.asked_in)
    on conflict (account_id, email) do update
    set telegram_user_id = coalesce(u.telegram_user_id, excluded.telegram_user_id), user_id = coalesce(u.user_id, excluded.user_id)
    returning u.id into v_person;
    insert into public.private_chats (telegram_user_id, person_id) values (v_row.asked_in, v_person) on conflict do nothing;
    update public.registrations r set confirmed_at = p_now, account_id = v_target, outcome = v_outcome where r.id = p_registration;
    insert into public.audit_log (account_id, telegram_chat_id, action, details, created_at, actor, origin)
    values (v_target, v_row.telegram_chat_id, 'registered', jsonb_build_object('outcome', v_outcome), p_now, 'person:' || v_person, p_origin);
    perform private.enqueue_job('tell_registered', jsonb_build_object('registration_id', p_registration), 8);
    return v_outcome;
end;
$$;

-- Counts a try to sign in. Null: it may be made; else when the network may try again.
create function private.web_count_try(p_origin_key text, p_now timestamptz)
returns timestamptz
language sql
security definer
set search_path = ''
as $$
    select private.take_place('sign_in:' || p_origin_key, 20, interval '10 minutes', p_now);
$$;

-- Signs in. args: {token_hash} of a link of ours, or {email, user} that the caller has proved by other means or by the session that it has;
-- {registration, code_hash, account} where a chat is to be registered; {secret_hash, agent, origin} of the browser, and sealed
-- {access_token, access_expires_at, refresh_token} where another service gave some; bytes in hex. Says {outcome, email, chat, accounts, session}; outcome is one of
--   signed_in                             nothing to register
--   permanent, joined, already, choose    of private.confirm_registration; signed in
--   elsewhere, gone, late                 of private.confirm_registration; signed in if the address is in any account
--   wrong_code, closed                    nothing was used, nobody is signed in
--   bad_link                              unknown, used or too old
--   nobody                                the address is in no account
-- Nothing is used unless all is done.
create function private.web_sign_in(args jsonb, p_now timestamptz)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_link public.sign_in_links;
    v_email text := lower(args ->> 'email');
    v_user uuid := (args ->> 'user')::uuid;
    v_registration uuid := (args ->> 'registration')::uuid;
    v_outcome text := 'signed_in';
    v_session bigint;
begin
    if args ? 'token_hash' then
        select * into v_link from public.sign_in_links l where l.token_hash = decode(args ->> 'token_hash', 'hex') for update;
        if v_link.id is null or v_link.used_at is not null or v_link.expires_at <= p_now then
            return jsonb_build_object('outcome', 'bad_link');
        end if;
        v_email := v_link.email;
        v_registration := v_link.registration_id;
    end if;
    if v_registration is not null then
        v_outcome := private.try_code(v_registration, decode(args ->> 'code_hash', 'hex'), p_now);
        if v_outcome in ('wrong', 'closed') then
            return jsonb_build_object('outcome', case v_outcome when 'wrong' then 'wrong_code' else v_outcome end);
        elsif v_outcome = 'right' then
            v_outcome := private.confirm_registration(v_registration, v_email, v_user, (args ->> 'account')::bigint, args ->> 'origin', p_now);
        end if;
    end if;
    update public.sign_in_links l set used_at = p_now where l.id = v_link.id;
    if not exists (select from private.accounts_of_person(v_email, v_user)) then
        return jsonb_build_object('outcome', case v_outcome when 'signed_in' then 'nobody' else v_outcome end);
    end if;
    -- From the first sign-in on the identity decides, not the address.
    update public.account_users u set user_id = v_user where v_user is not null and u.email = v_email and u.user_id is null;
    if args ? 'secret_hash' then
        insert into public.web_sessions (secret_hash, email, user_id, agent, address, created_at, seen_at, access_token, access_expires_at,
                                         refresh_token)
        values (decode(args ->> 'secret_hash', 'hex'), v_email, v_user, left(coalesce(args ->> 'agent', ''), 200),
                coalesce(args ->> 'origin', ''), p_now, p_now, decode(args ->> 'access_token', 'hex'),
                (args ->> 'access_expires_at')::timestamptz, decode(args ->> 'refresh_token', 'hex'))
        returning id into v_session;
        insert into public.audit_log (account_id, action, created_at, actor, origin)
        select u.account_id, 'signed_in', p_now, 'person:' || u.id, args ->> 'origin'
        from public.account_users u where u.email = v_email and (u.user_id is null or u.user_id = v_user);
    end if;
    return jsonb_build_object(
        'outcome', v_outcome, 'email', v_email, 'session', v_session,
        'chat', (select c.chat_name from public.registrations r join public.account_chats c using (telegram_chat_id)
                 where r.id = v_registration),
        'accounts', (select jsonb_agg(jsonb_build_object('id', a.id, 'name', a.name) order by a.id)
                     from public.accounts a where a.id in (select private.accounts_of_person(v_email, v_user))));
end;
$$;

-- The session with this secret: {id, email, user}; null where there is none or it is over. Notes that it was seen, once a minute.
create function private.web_session(p_secret_hash bytea, p_now timestamptz)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_row public.web_sessions;
begin
    select * into v_row from public.web_sessions s where s.secret_hash = p_secret_hash and s.seen_at > p_now - interval '30 days';
    if v_row.id is null then
        return null;
    end if;
    if v_row.seen_at < p_now - interval '1 minute' then
        update public.web_sessions s set seen_at = p_now where s.id = v_row.id;
    end if;
    return jsonb_build_object('id', v_row.id, 'email', v_row.email, 'user', v_row.user_id);
end;
$$;

-- The session's sealed tokens: {access, access_expires_at, refresh}, bytes in hex.
create function private.web_tokens(p_secret_hash bytea)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select jsonb_build_object('access', encode(s.access_token, 'hex'), 'access_expires_at', s.access_expires_at,
                              'refresh', encode(s.refresh_token, 'hex'))
    from public.web_sessions s where s.secret_hash = p_secret_hash;
$$;

-- The same, held until the caller's transaction ends, so that of several who would renew them one does.
create function private.web_hold_tokens(p_secret_hash bytea)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
begin
    perform from public.web_sessions s where s.secret_hash = p_secret_hash for update;
    return private.web_tokens(p_secret_hash);
end;
$$;

-- Keeps a session's renewed tokens, sealed.
create function private.web_keep_tokens(p_secret_hash bytea, p_access bytea, p_access_expires_at timestamptz, p_refresh bytea)
returns void
language sql
security definer
set search_path = ''
as $$
    update public.web_sessions s
    set access_token = p_access, access_expires_at = p_access_expires_at, refresh_token = p_refresh
    where s.secret_hash = p_secret_hash;
$$;

-- Ends a session: signing out.
create function private.web_end_session(p_secret_hash bytea)
returns void
language sql
security definer
set search_path = ''
as $$
    delete from public.web_sessions s where s.secret_hash = p_secret_hash;
$$;

-- The account page: one's own sessions.
-- []: [{id, agent, address, created_at, seen_at}], the one used last first.
create function api.my_sessions(args jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', s.id, 'agent', s.agent, 'address', s.address, 'created_at', s.created_at, 'seen_at', s.seen_at) order by s.seen_at desc), '[]')
    from public.web_sessions s
    where s.email = lower((select auth.jwt() ->> 'email')) and s.user_id is not distinct from (select auth.uid())
      and s.seen_at > now() - interval '30 days';
$$;

-- {"session"}: ends one of one's own. Says whether there was one.
create function api.end_session(args jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
    with ended as (
        delete from public.web_sessions s
        where s.id = (args ->> 'session')::bigint and s.email = lower((select auth.jwt() ->> 'email'))
          and s.user_id is not distinct from (select auth.uid())
        returning 1
    )
    select to_jsonb(exists (select from ended));
$$;

-- {"account", "code_hash" in hex}: a code that lets one more chat in, for ten minutes; the person's last one is good for nothing any more.
-- For administrators.
create function api.give_link_code(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_person bigint;
    v_expires_at timestamptz := now() + interval '10 minutes';
begin
    select m.id into v_person from private.my_memberships() m where m.account_id = v_account and m.is_admin;
    if v_person is null then
        raise insufficient_privilege using message = 'only an administrator of the account can let chats in';
    end if;
    insert into public.link_codes as l (person_id, account_id, code_hash, expires_at)
    values (v_person, v_account, decode(args ->> 'code_hash', 'hex'), v_expires_at)
    on conflict (person_id) do update
    set account_id = excluded.account_id, code_hash = excluded.code_hash, expires_at = excluded.expires_at, used_by = null;
    return to_jsonb(v_expires_at);
end;
$$;

-- {"account", "email", "is_admin"}: lets the person with this address in, and has them told by mail. Says the person's number; who is in
-- already stays what they are, and is told again.
create or replace function api.invite(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_email text := lower(btrim(args ->> 'email'));
    v_person bigint;
    v_free timestamptz;
begin
    if private.administers(v_account) is not true then
        raise insufficient_privilege using message = 'only an administrator of the account can invite';
    end if;
    if v_email is null or v_email !~ '^[^\s@]+@[^\s@]+$' or length(v_email) > 254 then
        raise invalid_parameter_value using message = 'this is no mail address';
    end if;
    if private.take_place('invite:' || v_account, 20, interval '1 day', now()) is not null then
        raise invalid_parameter_value using message = 'twenty invitations a day are enough for one account; try again tomorrow';
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
    v_free := private.ask_for_link(gen_random_uuid(), 'invite', v_email, null, null, null, v_person, now());
    if v_free is not null then
        raise invalid_parameter_value using message = 'three mails went to this address within an hour; try again later';
    end if;
    return to_jsonb(v_person);
end;
$$;

-- {"account"}: its chats. What is said in a private chat is its person's; that it is in the account, and shares what is known there, is
-- its administrators' business too.
create or replace function api.chats_of(args jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'account_id', c.account_id, 'telegram_chat_id', c.telegram_chat_id, 'name', c.chat_name, 'kind', c.kind,
        'is_active', c.is_active, 'created_at', c.created_at) order by c.created_at, c.telegram_chat_id), '[]')
    from public.account_chats c
    where c.account_id = (args ->> 'account')::bigint
      and c.account_id in (select private.my_account_ids())
      and (c.telegram_chat_id < 0 or c.telegram_chat_id in (select private.my_private_chat_ids()) or private.administers(c.account_id));
$$;

-- {"account", "chat"}: unlinks it. By administrators of the account, a private chat also by its person.
create or replace function api.unlink_chat(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_chat bigint := (args ->> 'chat')::bigint;
begin
    if (private.administers(v_account)
        or v_chat in (select private.my_private_chat_ids()) and v_account in (select private.my_account_ids())) is not true then
        raise insufficient_privilege using message = 'this chat is not yours to unlink';
    end if;
    return to_jsonb(private.unlink_chat(v_chat, v_account, now()));
end;
$$;

-- {"account", "person"}: puts the person out, and their private chats with them. By an administrator, or by themselves; an account
-- keeps one administrator. Says whether they were in.
create or replace function api.remove_person(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_person bigint := (args ->> 'person')::bigint;
    v_me bigint;
    v_chats bigint[];
begin
    select m.id into v_me from private.my_memberships() m where m.account_id = v_account;
    if private.administers(v_account) is not true and (v_person = v_me) is not true then
        raise insufficient_privilege using message = 'only an administrator of the account can remove people';
    end if;
    -- Who leaves is in no account when it is noted who did it.
    perform set_config('pykhbrain.actor', 'person:' || v_me, true);
    -- Two administrators who remove each other come one after the other. Their chats' turns come before the account, as everywhere.
    select coalesce(array_agg(p.telegram_user_id order by p.telegram_user_id), '{}') into v_chats
    from public.private_chats p where p.person_id = v_person;
    perform from public.chat_turns t where t.telegram_chat_id = any (v_chats) order by t.telegram_chat_id for update;
    perform from public.accounts a where a.id = v_account for no key update;
    delete from public.account_users u where u.id = v_person and u.account_id = v_account;
    if not found then
        return to_jsonb(false);
    end if;
    if not exists (select from public.account_users u where u.account_id = v_account and u.is_admin) then
        raise check_violation using message = 'an account keeps at least one administrator';
    end if;
    perform private.unlink_chat(c.telegram_chat_id, v_account, now())
    from public.account_chats c where c.account_id = v_account and c.telegram_chat_id = any (v_chats) and c.kind = 'private';
    insert into public.audit_log (account_id, action, details)
    values (v_account, 'person_removed', jsonb_build_object('person', v_person));
    return to_jsonb(true);
end;
$$;

revoke execute on all functions in schema api from public;
grant execute on all functions in schema api to authenticated;
revoke execute on all functions in schema private from public;
