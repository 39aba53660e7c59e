-- {"session"}: ends one of one's own. Says whether there was one.
create or replace function api.end_session(args jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
    with ended as (
        delete from public.web_sessions s
        where s.id = (args ->> 'session')::bigint and s.email = lower((select auth.jwt() ->> 'email'))
          and s.user_id is not distinct from (select auth.uid())
        returning 1
    )
    select to_jsonb(exists (select from ended));
$$;
