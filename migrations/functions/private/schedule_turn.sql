-- Something waits in a chat's outbox that its own turn did not put there: somebody must come and send it. The number grows
-- under the row's lock, so that a holder who is about to release looks again. Says whether a job was added.
create or replace function private.schedule_turn(p_chat_id bigint, p_job_id text)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_scheduled boolean;
begin
    insert into public.chat_turns (telegram_chat_id) values (p_chat_id) on conflict do nothing;
    select t.scheduled into v_scheduled from public.chat_turns t where t.telegram_chat_id = p_chat_id for update;
    update public.chat_turns t
    set seq = t.seq + 1, scheduled = true, job_id = case when v_scheduled then t.job_id else p_job_id end
    where t.telegram_chat_id = p_chat_id;
    if not v_scheduled then
        perform private.push_answer_chat(p_job_id, p_chat_id);
    end if;
    return not v_scheduled;
end;
$$;
