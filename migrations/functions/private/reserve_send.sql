-- A place for one message to this chat. Not reserved: wait and ask again (only the turn's holder sends there, so nobody takes
-- the place meanwhile). Reserved: send after the wait, which is the whole cluster's.
-- In any 3 s three messages to a private chat, in any minute 20 to a group, in any second p_rate to all, each window a little
-- longer than Telegram's because a message takes its time to arrive.
-- https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
create or replace function private.reserve_send(
    p_chat_id bigint, p_is_group boolean, p_rate integer, out reserved boolean, out wait_ms integer
)
language plpgsql
set search_path = ''
as $$
declare
    v_now timestamptz := clock_timestamp();
    v_chat text := 'chat:' || p_chat_id;
    v_chat_limit integer := case when p_is_group then 20 else 3 end;
    v_chat_slots timestamptz[];
    v_slots timestamptz[];
    v_free timestamptz;
begin
    select b.slots into v_chat_slots from public.rate_buckets b where b.bucket = v_chat for update;
    v_free := private.next_slot(v_chat_slots, v_chat_limit, case when p_is_group then interval '61 s' else interval '3.2 s' end);
    if v_free > v_now then
        reserved := false;
        wait_ms := ceil(extract(epoch from v_free - v_now) * 1000);
        return;
    end if;
    insert into public.rate_buckets (bucket) values ('telegram') on conflict do nothing;
    select b.slots into v_slots from public.rate_buckets b where b.bucket = 'telegram' for update;
    v_now := clock_timestamp();
    v_free := greatest(v_now, private.next_slot(v_slots, p_rate, interval '1.1 s'));
    update public.rate_buckets b
    set slots = (b.slots || v_free)[greatest(1, cardinality(b.slots) + 2 - p_rate):], used_at = v_now
    where b.bucket = 'telegram';
    -- The chat's place is the moment when the message will really go out.
    insert into public.rate_buckets as b (bucket, slots, used_at) values (v_chat, array[v_free], v_now)
    on conflict (bucket) do update
    set slots = (b.slots || v_free)[greatest(1, cardinality(b.slots) + 2 - v_chat_limit):], used_at = v_now;
    reserved := true;
    wait_ms := ceil(extract(epoch from v_free - v_now) * 1000);
end;
$$;
