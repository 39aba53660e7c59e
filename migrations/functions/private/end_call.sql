-- Notes a call that has ended among the model's calls, and puts right what was counted when it began. Done twice it is done once.
-- p_usage: what brain::db::llm_usage::Usage says; without "counted" the account's own model was asked.
create or replace function private.end_call(p_account bigint, p_chat bigint, p_update bigint, p_usage jsonb, p_answer bigint)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_counted jsonb := nullif(p_usage -> 'counted', 'null');
    v_is_reply boolean := p_usage ->> 'purpose' = 'reply';
    v_tokens bigint := (p_usage ->> 'tokens_in')::bigint + (p_usage ->> 'tokens_out')::bigint;
    v_account bigint := p_account;
    v_chat bigint := p_chat;
    v_change bigint;
    v_is_there boolean;
begin
    perform from public.accounts a where a.id = p_account for key share;
    v_is_there := found;
    if v_counted is null then
        if not v_is_there then
            return;
        end if;
        insert into public.usage_days as d (account_id, day, own_messages, own_tokens)
        values (p_account, (p_usage ->> 'day')::date, case when v_is_reply and p_usage ->> 'outcome' = 'ok' then 1 else 0 end, v_tokens)
        on conflict (account_id, day) do update
        set own_messages = d.own_messages + excluded.own_messages, own_tokens = d.own_tokens + excluded.own_tokens;
    else
        -- The chat may have another account or another number by now.
        delete from public.llm_usage u where u.id = (v_counted ->> 'call')::bigint and u.outcome = 'asked'
        returning u.account_id, u.telegram_chat_id, v_tokens - u.tokens_in - u.tokens_out into v_account, v_chat, v_change;
        if not found then
            return;
        end if;
        -- A chat that was unlinked meanwhile has left its use behind; one that has joined another account has brought it along.
        perform private.add_use(
            case when v_is_there then p_account else v_account end, (v_counted ->> 'person')::bigint, (v_counted ->> 'is_permanent')::boolean,
            (v_counted ->> 'counts_for_all')::boolean, (p_usage ->> 'day')::date, 0,
            case when v_is_reply and (p_usage ->> 'is_free')::boolean then -1 else 0 end,
            v_change, case when v_is_reply then 0 else v_change end);
    end if;
    insert into public.llm_usage (account_id, telegram_chat_id, update_ref, purpose, model, tokens_in, tokens_cached, tokens_out,
                                  latency_ms, outcome, prompt, answer_id)
    values (v_account, v_chat, p_update, p_usage ->> 'purpose', p_usage ->> 'model', (p_usage ->> 'tokens_in')::integer,
            (p_usage ->> 'tokens_cached')::integer, (p_usage ->> 'tokens_out')::integer, (p_usage ->> 'latency_ms')::integer,
            p_usage ->> 'outcome', p_usage -> 'prompt', p_answer);
end;
$$;
