-- {"account"}: takes the account's own model away, with the key. Says whether there was one.
create or replace function api.remove_model(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_person bigint := private.model_changer(v_account);
begin
    delete from public.account_models m where m.account_id = v_account;
    if not found then
        return to_jsonb(false);
    end if;
    insert into public.audit_log (account_id, action, details)
    values (v_account, 'model_removed', jsonb_build_object('person', v_person));
    return to_jsonb(true);
end;
$$;
