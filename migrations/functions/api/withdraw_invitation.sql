-- {"account", "invitation"}: takes an invitation back. By administrators. Says whether there was one.
create or replace function api.withdraw_invitation(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_invitation bigint := (args ->> 'invitation')::bigint;
begin
    if private.administers(v_account) is not true then
        raise insufficient_privilege using message = 'only an administrator of the account can take an invitation back';
    end if;
    delete from public.invitations i where i.id = v_invitation and i.account_id = v_account;
    if not found then
        return to_jsonb(false);
    end if;
    insert into public.audit_log (account_id, action, details)
    values (v_account, 'invitation_withdrawn', jsonb_build_object('invitation', v_invitation));
    return to_jsonb(true);
end;
$$;
