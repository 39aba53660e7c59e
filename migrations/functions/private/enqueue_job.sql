-- A job for the workers, as part of what the caller does.
create or replace function private.enqueue_job(p_name text, p_payload jsonb, p_attempts integer)
returns void
language sql
set search_path = ''
as $$
    insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority)
    values (apalis.generate_ulid(), p_name, convert_to(p_payload::text, 'utf8'), 'Pending', 0, p_attempts,
            clock_timestamp() + interval '1 microsecond', 0);
$$;
