-- Of the facts that are true now and say the same, and are seen in one chat, one stays: one of the whole account before one that is known in
-- its chat only, then the older one. As if all had been learned in one account: what is known is not learned again. Says how many went.
create or replace function private.join_equal_facts(p_account bigint, p_chat bigint)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_twin record;
    v_count bigint := 0;
begin
    for v_twin in
        select k.id as kept, g.id as gone
        from public.history_context g
        cross join lateral (
            select o.id from public.history_context o
            where o.account_id = p_account and o.valid_to is null and o.fingerprint = g.fingerprint and o.scope = 'account'
              and (g.scope = 'chat' or o.number < g.number)
            order by o.number limit 1
        ) k
        where g.account_id = p_account and g.valid_to is null
          and exists (
              select from public.history_context m
              where m.account_id = p_account and m.telegram_chat_id = p_chat and m.valid_to is null and m.fingerprint = g.fingerprint
          )
    loop
        insert into public.fact_sources (fact_id, history_id)
        select v_twin.kept, s.history_id from public.fact_sources s where s.fact_id = v_twin.gone
        on conflict do nothing;
        update public.history_context k
        set confirmed = k.confirmed or g.confirmed,
            -- When it was said in private is nobody else's business.
            valid_from = case when g.scope = 'account' then least(k.valid_from, g.valid_from) else k.valid_from end
        from public.history_context g where k.id = v_twin.kept and g.id = v_twin.gone;
        update public.history_context f set superseded_by = v_twin.kept
        where f.superseded_by = v_twin.gone and f.id <> v_twin.kept;
        update public.history_context f set overrides = v_twin.kept
        where f.overrides = v_twin.gone and f.id <> v_twin.kept;
        delete from public.history_context f where f.id = v_twin.gone;
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;
