-- Why: functions live one to a file in functions/<schema>/<name>.sql and are applied again when their text has changed, so that a change of
-- one is a readable difference and not a copy of the whole in a new migration.
create table private.function_versions (
    id bigint primary key generated always as identity,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
);
create index function_versions_name on private.function_versions (name, id desc);
comment on table private.function_versions is 'Which text of each function was applied, the newest last. An empty checksum: the function was dropped.';
