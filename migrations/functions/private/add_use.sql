-- Adds to the day of an account, of a person (null: nobody in particular) and of the whole program (where it has a limit), always in this
-- order, so that two calls cannot wait for each other. Negative numbers take back.
create or replace function private.add_use(
    p_account bigint, p_person bigint, p_is_permanent boolean, p_counts_for_all boolean, p_day date,
    p_messages integer, p_calls integer, p_tokens bigint, p_reading_tokens bigint,
    out account public.usage_days, out person public.person_days, out program public.program_days
)
language plpgsql
set search_path = ''
as $$
begin
    -- The first call of a day brings what was counted before there was a limit.
    if p_counts_for_all and not exists (select from public.program_days d where d.day = p_day) then
        insert into public.program_days (day, tokens, reading_tokens)
        select p_day, coalesce(sum(u.tokens), 0), coalesce(sum(u.reading_tokens), 0) from public.usage_days u where u.day = p_day
        on conflict do nothing;
    end if;
    insert into public.usage_days as d (account_id, day, messages, calls, tokens, reading_tokens)
    values (p_account, p_day, p_messages, p_calls, p_tokens, p_reading_tokens)
    on conflict (account_id, day) do update
    set messages = d.messages + excluded.messages, calls = d.calls + excluded.calls, tokens = d.tokens + excluded.tokens,
        reading_tokens = d.reading_tokens + excluded.reading_tokens
    returning * into account;
    if p_person is not null then
        insert into public.person_days as d (day, telegram_user_id, is_permanent, messages, calls, tokens, reading_tokens)
        values (p_day, p_person, p_is_permanent, p_messages, p_calls, p_tokens, p_reading_tokens)
        on conflict (day, telegram_user_id, is_permanent) do update
        set messages = d.messages + excluded.messages, calls = d.calls + excluded.calls, tokens = d.tokens + excluded.tokens,
            reading_tokens = d.reading_tokens + excluded.reading_tokens
        returning * into person;
    end if;
    if p_counts_for_all then
        update public.program_days d
        set tokens = d.tokens + p_tokens, reading_tokens = d.reading_tokens + p_reading_tokens
        where d.day = p_day
        returning * into program;
    end if;
end;
$$;
