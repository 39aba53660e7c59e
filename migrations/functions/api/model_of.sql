-- {"account"}: {"model", "base_url", "key_hint", "changed_at", "refused_at"}, or null where the account has none; for the people of the account.
create or replace function api.model_of(args jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce((
        select jsonb_build_object('model', m.model, 'base_url', m.base_url, 'key_hint', m.key_hint, 'changed_at', m.changed_at,
                                  'refused_at', m.refused_at)
        from public.account_models m
        where m.account_id = (args ->> 'account')::bigint and m.account_id in (select private.my_account_ids())
    ), 'null');
$$;
