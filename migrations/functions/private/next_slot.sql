-- When a bucket that allows p_limit in any p_window has room again; null: now.
create or replace function private.next_slot(p_slots timestamptz[], p_limit integer, p_window interval)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
    select p_slots[cardinality(p_slots) - p_limit + 1] + p_window;
$$;
