-- What must stand before any migration runs. Safe to run again, on plain PostgreSQL and on Supabase alike.
-- hstore and pgcrypto are wanted by the queue's tables and must resolve through search_path = public, extensions.
create schema if not exists extensions;
create schema if not exists private;
create extension if not exists hstore with schema extensions;
create extension if not exists pgcrypto with schema extensions;
revoke all on schema private from public;
