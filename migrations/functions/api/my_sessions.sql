-- The account page: one's own sessions.
-- []: [{id, agent, address, created_at, seen_at}], the one used last first.
create or replace function api.my_sessions(args jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'id', s.id, 'agent', s.agent, 'address', s.address, 'created_at', s.created_at, 'seen_at', s.seen_at) order by s.seen_at desc), '[]')
    from public.web_sessions s
    where s.email = lower((select auth.jwt() ->> 'email')) and s.user_id is not distinct from (select auth.uid())
      and s.seen_at > now() - interval '30 days';
$$;
