-- Why: what a job may try stands beside the job in the program; `pykhbrain migrate` writes it here, for the jobs that functions enqueue.
create table private.job_kinds (
    name text primary key,
    max_attempts integer not null check (max_attempts > 0)
);
comment on table private.job_kinds is 'How often each job is tried before it is left as failed.';
