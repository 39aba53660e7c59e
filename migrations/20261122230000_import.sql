-- Why: old memory files become rows; what was begun is continued by whoever comes next, or taken back without a trace.

create table public.migration_mapping (
    old_chat_id bigint primary key,
    old_account_id bigint,
    new_account_id bigint references public.accounts (id) on delete set null,
    migration_status varchar(50) not null default 'pending' check (migration_status in ('pending', 'running', 'done', 'failed')),
    migrated_at timestamptz,
    checksums jsonb,
    import_id bigint,
    made_account boolean not null default false,
    told_at timestamptz
);
create index migration_mapping_account on public.migration_mapping (new_account_id);
comment on table public.migration_mapping is 'Chats of the old memory files and what became of them. Outlives the account, so that what was deleted does not come back by itself.';
comment on column public.migration_mapping.old_account_id is 'The number in account_<id>. Other installations count from 1 too, so it says nothing about accounts here.';
comment on column public.migration_mapping.checksums is 'SHA-256 of each file as it was brought over: the same files again bring nothing.';
comment on column public.migration_mapping.import_id is 'The import that runs, ran or failed last; a killed one is continued under its number.';
comment on column public.migration_mapping.made_account is 'The account was made for this import and goes with it if it fails.';
comment on column public.migration_mapping.told_at is 'When the chat was told that its import failed; told once.';
alter table public.migration_mapping enable row level security;
create policy nobody on public.migration_mapping using (false);

-- A chat that joins another account takes the note of its import along.
create function private.follow_import() returns trigger
language plpgsql
set search_path = ''
as $$
begin
    update public.migration_mapping m set new_account_id = new.account_id where m.old_chat_id = new.telegram_chat_id;
    return null;
end;
$$;
revoke execute on function private.follow_import() from public;
create trigger follow_import after update of account_id on public.account_chats
    for each row when (new.account_id <> old.account_id) execute function private.follow_import();

create sequence private.import_ids as bigint;

alter table public.chat_history add column import_id bigint;
comment on column public.chat_history.import_id is 'The import that brought the message from an old file.';

-- Rows on their way, of the one import that runs at a time. Not logged: they are read again from the files after a crash.
create unlogged table private.import_rows (
    file smallint not null,
    place bigint not null,
    chat bigint,
    at timestamptz not null,
    role text not null,
    content text not null,
    digest bytea not null,
    primary key (file, place)
);
-- Which stored message each row is: one that is there already, or a new one. Never the same for two rows of one file.
create unlogged table private.import_matches (
    file smallint not null,
    place bigint not null,
    chat bigint not null,
    history_id bigint not null,
    batch bigint,
    unique (file, history_id)
);
comment on column private.import_matches.batch is 'New messages in the order of their times; those of one moment are in one batch.';
create index import_matches_batch on private.import_matches (batch) where batch is not null;
alter table private.import_rows enable row level security;
alter table private.import_matches enable row level security;
