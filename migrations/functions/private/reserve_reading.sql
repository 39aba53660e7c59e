-- When one more reading may begin, in the cluster's pace of p_rate in any minute; the window is a second longer, because a call begins a
-- moment after its place was given. The place is kept for the conversation until
-- it is taken: asked again before that, the answer is the same. One account keeps a quarter of a minute's pace for later at most; for more of
-- its conversations it has to ask again, so that others come in between.
create or replace function private.reserve_reading(p_chat_id bigint, p_thread_id bigint, p_rate integer, p_now timestamptz)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
    v_due timestamptz;
    v_slots timestamptz[];
begin
    insert into public.rate_buckets (bucket) values ('summaries') on conflict do nothing;
    select b.slots into v_slots from public.rate_buckets b where b.bucket = 'summaries' for update;
    select s.due_at into v_due from public.reading_slots s where s.telegram_chat_id = p_chat_id and s.thread_id = p_thread_id;
    -- Who comes late, after a stop of the workers, finds no place kept: they would all begin at once.
    if v_due < p_now - interval '1 minute' then
        delete from public.reading_slots s where s.telegram_chat_id = p_chat_id and s.thread_id = p_thread_id;
        v_due := null;
    end if;
    if v_due is null then
        v_due := greatest(p_now, private.next_slot(v_slots, p_rate, interval '61 s'));
        if v_due > p_now and greatest(1, p_rate / 4) <= (
            select count(*) from public.account_chats c
            join public.account_chats o using (account_id)
            join public.reading_slots s on s.telegram_chat_id = o.telegram_chat_id
            where c.telegram_chat_id = p_chat_id and s.due_at > p_now
        ) then
            return p_now + interval '15 s';
        end if;
        update public.rate_buckets b
        set slots = (b.slots || v_due)[greatest(1, cardinality(b.slots) + 2 - p_rate):], used_at = greatest(clock_timestamp(), v_due)
        where b.bucket = 'summaries';
        insert into public.reading_slots (telegram_chat_id, thread_id, due_at) values (p_chat_id, p_thread_id, v_due);
    end if;
    return v_due;
end;
$$;
