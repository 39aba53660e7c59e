-- {"account", "email", "is_admin"}: lets the person with this address in, and has them told by mail. Says the person's number; who is in
-- already stays what they are, and is told again.
create or replace function api.invite(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_email text := lower(btrim(args ->> 'email'));
    v_person bigint;
    v_free timestamptz;
begin
    if private.administers(v_account) is not true then
        raise insufficient_privilege using message = 'only an administrator of the account can invite';
    end if;
    if v_email is null or v_email !~ '^[^\s@]+@[^\s@]+$' or length(v_email) > 254 then
        raise invalid_parameter_value using message = 'this is no mail address';
    end if;
    if private.take_place('invite:' || v_account, 20, interval '1 day', now()) is not null then
        raise invalid_parameter_value using message = 'twenty invitations a day are enough for one account; try again tomorrow';
    end if;
    insert into public.account_users (account_id, email, is_admin)
    values (v_account, v_email, coalesce((args ->> 'is_admin')::boolean, false))
    on conflict (account_id, email) do nothing
    returning id into v_person;
    if found then
        insert into public.audit_log (account_id, action, details)
        values (v_account, 'person_invited', jsonb_build_object('person', v_person));
    else
        select u.id into v_person from public.account_users u where u.account_id = v_account and u.email = v_email;
    end if;
    v_free := private.ask_for_link(gen_random_uuid(), 'invite', v_email, null, null, null, v_person, now());
    if v_free is not null then
        raise invalid_parameter_value using message = 'three mails went to this address within an hour; try again later';
    end if;
    return to_jsonb(v_person);
end;
$$;
