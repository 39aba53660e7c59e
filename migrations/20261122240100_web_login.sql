-- Why: the web process talks to the whole internet; with a login of its own (WEB_DATABASE_URL) it can reach the functions that it needs
-- and no table, unless it acts as a person who is signed in.

do $$
begin
    create role pykhbrain_web nologin noinherit;
exception
    -- Roles are the whole server's: another of its databases has it already.
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
        raise exception 'the role pykhbrain_web is missing, and % may not create it', current_user
            using hint = 'Have somebody who may run: create role pykhbrain_web nologin noinherit; and grant authenticated to pykhbrain_web;';
end;
$$;

-- noinherit: it can become a signed-in person, and is none before it has.
do $$
begin
    if not pg_has_role('pykhbrain_web', 'authenticated', 'member') then
        grant authenticated to pykhbrain_web;
    end if;
end;
$$;

-- Whether the schema is the program's and a worker lives: the applied migrations, and the seconds since a worker was heard of.
create function private.web_readiness(out versions bigint[], out silence double precision)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
    versions := (select coalesce(array_agg(m.version), '{}') from private.migrations m where m.success);
    silence := (select extract(epoch from now() - max(w.last_seen))::float8 from apalis.workers w);
end;
$$;

-- What waits. Each part reads a partial index, so its cost grows with the backlog and not with the history.
create function private.web_backlog(out updates bigint, out oldest_seconds double precision, out unsent bigint, out jobs bigint,
                                    out failed_jobs bigint)
language sql
stable
security definer
set search_path = ''
as $$
    select u.updates, u.oldest_seconds,
           (select count(*) from public.outgoing_messages o where o.state in ('waiting', 'sending')),
           (select count(*) from apalis.jobs j
            where j.status in ('Running', 'Queued') or j.status = 'Pending' or (j.status = 'Failed' and j.attempts < j.max_attempts)),
           (select count(*) from apalis.jobs j
            where j.status = 'Killed' or (j.status = 'Failed' and j.attempts >= j.max_attempts))
    from (select count(*) as updates,
                 coalesce(extract(epoch from clock_timestamp() - min(t.received_at)), 0)::float8 as oldest_seconds
          from public.telegram_updates t where t.outcome is null) u;
$$;

-- Has a worker tell Telegram where updates go.
create function private.web_set_webhook(p_public_url text, p_attempts integer)
returns void
language sql
security definer
set search_path = ''
as $$
    select private.enqueue_job('set_webhook', jsonb_build_object('public_url', p_public_url), p_attempts);
$$;

revoke execute on all functions in schema private from public;
grant usage on schema private to pykhbrain_web;
grant execute on function
    private.accept_update(bigint, bigint, bigint, bytea, text), private.web_readiness(), private.web_backlog(),
    private.web_set_webhook(text, integer), private.web_ask_for_link(uuid, text, bytea, text, timestamptz),
    private.web_peek_link(bytea, uuid, timestamptz), private.web_sign_in(jsonb, timestamptz),
    private.web_count_try(text, timestamptz), private.web_tokens(bytea), private.web_hold_tokens(bytea),
    private.web_keep_tokens(bytea, bytea, timestamptz, bytea), private.web_session(bytea, timestamptz), private.web_end_session(bytea), private.try_code(uuid, bytea, timestamptz)
    to pykhbrain_web;
