-- What must stand before any migration runs. Safe to run again, on plain PostgreSQL and on Supabase alike.
-- hstore and pgcrypto are wanted by the queue's tables and must resolve through search_path = public, extensions.
create schema if not exists extensions;
create schema if not exists private;
create extension if not exists hstore with schema extensions;
create extension if not exists pgcrypto with schema extensions;
revoke all on schema private from public;

-- What Supabase brings, where there is none: the roles of its API, and who is signed in. Hosted Supabase owns its schema auth; there nothing
-- of this happens.
do $$
declare
    v_role text;
begin
    foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
        if not exists (select from pg_roles where rolname = v_role) then
            begin
                execute format('create role %I nologin', v_role);
            exception
                -- Roles are the whole server's: another of its databases was quicker.
                when duplicate_object or unique_violation then null;
                when insufficient_privilege then
                    raise exception 'the roles anon, authenticated and service_role are missing, and % may not create them', current_user
                        using hint = 'Have somebody who may run: create role anon nologin; create role authenticated nologin; create role service_role nologin; and grant authenticated to this user.';
            end;
        end if;
    end loop;
    -- To act as the person who is signed in.
    if not pg_has_role(current_user, 'authenticated', 'member') then
        execute format('grant authenticated to %I', current_user);
    end if;
    if to_regnamespace('auth') is null then
        create schema auth;
        grant usage on schema auth to anon, authenticated, service_role;
    end if;
    if to_regprocedure('auth.jwt()') is null then
        create function auth.jwt() returns jsonb language sql stable set search_path = '' as $jwt$
            select nullif(current_setting('request.jwt.claims', true), '')::jsonb;
        $jwt$;
    end if;
    if to_regprocedure('auth.uid()') is null then
        create function auth.uid() returns uuid language sql stable set search_path = '' as $uid$
            select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid;
        $uid$;
    end if;
end;
$$;
