-- The one door for updates. One round trip; every statement of it sees a fresh snapshot, and the chat's row is locked first,
-- so that sequence numbers follow the order of commits and a release (chat_turns.release) cannot miss an arrival.
-- What is of no chat is noted and not kept.
-- Returns: 'scheduled' (a job was added: wake a worker), 'appended' (a job is under way), 'duplicate', 'ignored' (of no chat).
create or replace function private.accept_update(p_bot_id bigint, p_update_id bigint, p_chat_id bigint, p_body bytea, p_job_id text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_seq bigint;
    v_scheduled boolean;
begin
    if p_chat_id is null then
        insert into public.telegram_updates (bot_id, update_id, body, outcome, finished_at)
        values (p_bot_id, p_update_id, '', 'ignored', clock_timestamp())
        on conflict (bot_id, update_id) do nothing;
        return case when found then 'ignored' else 'duplicate' end;
    end if;

    loop
        select t.seq + 1, t.scheduled into v_seq, v_scheduled
        from public.chat_turns t where t.telegram_chat_id = p_chat_id for update;
        exit when found;
        insert into public.chat_turns (telegram_chat_id) values (p_chat_id) on conflict do nothing;
    end loop;

    insert into public.telegram_updates (bot_id, update_id, telegram_chat_id, seq, body)
    values (p_bot_id, p_update_id, p_chat_id, v_seq, p_body)
    on conflict (bot_id, update_id) do nothing;
    if not found then
        return 'duplicate';
    end if;

    if v_scheduled then
        update public.chat_turns set seq = v_seq where telegram_chat_id = p_chat_id;
        return 'appended';
    end if;

    update public.chat_turns set seq = v_seq, scheduled = true, job_id = p_job_id where telegram_chat_id = p_chat_id;
    perform private.push_answer_chat(p_job_id, p_chat_id);
    return 'scheduled';
end;
$$;
