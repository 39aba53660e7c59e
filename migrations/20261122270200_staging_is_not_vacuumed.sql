-- Why: rows on their way are truncated, never vacuumed, and a vacuum beside an import takes time from it.

alter table private.import_rows set (autovacuum_enabled = false);
alter table private.import_matches set (autovacuum_enabled = false);
