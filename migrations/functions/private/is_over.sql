-- Whether a day holds no more of its kind: p_messages and p_calls with the one that is asked for, the tokens without it. What is null
-- is not limited.
create or replace function private.is_over(
    p_is_reading boolean, p_messages integer, p_calls integer, p_tokens bigint, p_readings bigint, p_limits jsonb
)
returns boolean
language sql
immutable
set search_path = ''
as $$
    select coalesce(p_tokens >= (p_limits ->> 'tokens')::bigint, false)
        or case when p_is_reading then coalesce(p_readings >= (p_limits ->> 'readings')::bigint, false)
                else coalesce(greatest(p_messages, p_calls) > (p_limits ->> 'messages')::integer, false) end;
$$;
