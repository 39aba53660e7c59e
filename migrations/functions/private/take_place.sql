-- A place in a bucket that allows p_limit in any p_window: null where it was taken, else when there is room again.
create or replace function private.take_place(p_bucket text, p_limit integer, p_window interval, p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_free timestamptz;
begin
    insert into public.rate_buckets (bucket) values (p_bucket) on conflict do nothing;
    select private.next_slot(b.slots, p_limit, p_window) into v_free
    from public.rate_buckets b where b.bucket = p_bucket for update;
    if v_free > p_now then
        return v_free;
    end if;
    update public.rate_buckets b
    set slots = (b.slots || p_now)[greatest(1, cardinality(b.slots) + 2 - p_limit):], used_at = greatest(clock_timestamp(), p_now)
    where b.bucket = p_bucket;
    return null;
end;
$$;
