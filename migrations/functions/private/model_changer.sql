-- Who changes the account's model, by number; an error for who may not. The account stays as it is until the end of the transaction.
create or replace function private.model_changer(p_account bigint)
returns bigint
language plpgsql
set search_path = ''
as $$
begin
    if private.administers(p_account) is not true then
        raise insufficient_privilege using message = 'only an administrator of the account can change its model';
    end if;
    perform from public.accounts a where a.id = p_account for no key update;
    if exists (select from public.temporary_accounts t where t.account_id = p_account) then
        raise invalid_parameter_value using message = 'a temporary account has no model of its own';
    end if;
    return (select min(m.id) from private.my_memberships() m where m.account_id = p_account and m.is_admin);
end;
$$;
