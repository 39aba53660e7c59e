-- What waits. Each part reads a partial index, so its cost grows with the backlog and not with the history.
create or replace function private.web_backlog(out updates bigint, out oldest_seconds double precision, out unsent bigint, out jobs bigint,
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
