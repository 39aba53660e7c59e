-- Counts a call of the operator's model before it is made, with all that it can cost: the prompt, and the longest answer. What it did cost,
-- private.end_call puts right; where nobody comes to do that, the estimate stands, because the server may have sent a bill.
-- A day that has room left has room for one more call: so much at most can it be overdrawn. Whoever comes at the same moment waits for the
-- row and sees this call counted.
-- p_limits: {"messages", "tokens", "readings"} of the account and the person, {"program": {"tokens", "readings"}} where there is one.
-- Refused by: 'account', 'person', 'program' (nothing is counted then), or 'gone': there is no such account any more.
create or replace function private.reserve_call(
    p_account bigint, p_chat bigint, p_update bigint, p_purpose text, p_model text, p_tokens_in integer, p_tokens_out integer,
    p_person bigint, p_is_permanent boolean, p_day date, p_limits jsonb,
    out call bigint, out refused text
)
language plpgsql
set search_path = ''
as $$
declare
    v_is_reading boolean := p_purpose <> 'reply';
    v_tokens bigint := p_tokens_in + p_tokens_out;
    v_readings bigint := case when v_is_reading then v_tokens else 0 end;
    v_calls integer := case when v_is_reading then 0 else 1 end;
    v_messages integer := 0;
    v_program bigint := (p_limits #>> '{program,tokens}')::bigint;
    v_percent smallint := 0;
    v_used record;
begin
    perform from public.accounts a where a.id = p_account for key share;
    if not found then
        refused := 'gone';
        return;
    end if;
    -- A question that is asked again is the same question.
    if not v_is_reading
        and not exists (select from public.llm_usage u where u.update_ref = p_update and u.purpose = p_purpose) then
        v_messages := 1;
    end if;
    v_used := private.add_use(
        p_account, p_person, p_is_permanent, v_program is not null, p_day, v_messages, v_calls, v_tokens, v_readings);
    refused := case
        when private.is_over(v_is_reading, (v_used.account).messages, (v_used.account).calls, (v_used.account).tokens - v_tokens,
                             (v_used.account).reading_tokens - v_readings, p_limits) then 'account'
        when private.is_over(v_is_reading, (v_used.person).messages, (v_used.person).calls, (v_used.person).tokens - v_tokens,
                             (v_used.person).reading_tokens - v_readings, p_limits) then 'person'
        when private.is_over(v_is_reading, null, null, (v_used.program).tokens - v_tokens,
                             (v_used.program).reading_tokens - v_readings, p_limits -> 'program') then 'program'
    end;
    if v_program is not null then
        v_percent := case
            when (v_used.program).tokens - v_tokens >= v_program then 100
            when refused is null and (v_used.program).tokens * 100 >= v_program * 80 then 80
            else 0
        end;
        if v_percent > (v_used.program).told then
            update public.program_days d set told = v_percent where d.day = p_day;
            perform private.enqueue_job(
                'tell_operators', jsonb_build_object('day', p_day, 'percent', v_percent, 'tokens', v_program));
        end if;
    end if;
    if refused is not null then
        perform private.add_use(
            p_account, p_person, p_is_permanent, v_program is not null, p_day, -v_messages, -v_calls, -v_tokens, -v_readings);
        return;
    end if;
    insert into public.llm_usage (account_id, telegram_chat_id, update_ref, purpose, model, tokens_in, tokens_out, outcome)
    values (p_account, p_chat, p_update, p_purpose, p_model, p_tokens_in, p_tokens_out, 'asked')
    returning id into call;
end;
$$;
