-- Counts a try to sign in. Null: it may be made; else when the network may try again.
create or replace function private.web_count_try(p_origin_key text, p_now timestamptz)
returns timestamptz
language sql
security definer
set search_path = ''
as $$
    select private.take_place('sign_in:' || p_origin_key, 20, interval '10 minutes', p_now);
$$;
