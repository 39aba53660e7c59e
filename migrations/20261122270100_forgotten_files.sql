-- Why: what a chat has forgotten with /forget all must not come back with the next import of the same or longer files.

alter table public.migration_mapping add column forgotten_at timestamptz;
comment on column public.migration_mapping.forgotten_at is 'When the chat last said /forget all: what old files have from before is not brought any more.';
