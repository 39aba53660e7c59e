-- Why: an account may have a model server of its own, with its own key, so that what it uses is its own to choose and to pay.

create table public.account_models (
    account_id bigint primary key references public.accounts (id) on delete cascade,
    -- The first byte is the version of the sealing: a key that was not sealed does not get in.
    api_key bytea not null check (substring(api_key from 1 for 1) = '\x01' and octet_length(api_key) between 34 and 2048),
    key_hint text not null check (char_length(key_hint) <= 4),
    base_url text not null check (base_url ~ '^https?://[^\s?#]+$' and char_length(base_url) <= 500),
    model text not null check (model ~ '^[^\s[:cntrl:]]+$' and char_length(model) <= 200),
    changed_at timestamptz not null default current_timestamp,
    refused_at timestamptz
);
comment on table public.account_models is 'An account''s own model: server, name and key.';
comment on column public.account_models.api_key is 'Sealed by the program, for this account and this server: the database never has the key.';
comment on column public.account_models.key_hint is 'The key''s last four characters.';
comment on column public.account_models.refused_at is 'Since when the server refuses the key, and the chats know it.';
alter table public.account_models enable row level security;
create policy nobody on public.account_models using (false);

-- {"account"}: {"model", "base_url", "key_hint", "changed_at", "refused_at"}, or null where the account has none; for the people of the account.
create function api.model_of(args jsonb)
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

-- Who changes the account's model, by number; an error for who may not. The account stays as it is until the end of the transaction.
create function private.model_changer(p_account bigint)
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

-- {"account", "api_key", "key_hint", "base_url", "model"}: sets the account's own model. "api_key" is the sealed key in base64; without one
-- the key stays, which it does at its own server only: who may change the account is not to learn another's key by sending it elsewhere.
create function api.set_model(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_person bigint := private.model_changer(v_account);
    v_key bytea := decode(args ->> 'api_key', 'base64');
begin
    if v_key is null then
        update public.account_models m
        set model = args ->> 'model', changed_at = clock_timestamp(), refused_at = null
        where m.account_id = v_account and m.base_url = args ->> 'base_url';
        if not found then
            raise invalid_parameter_value using message = 'this server needs a key';
        end if;
    else
        insert into public.account_models as m (account_id, api_key, key_hint, base_url, model, changed_at)
        values (v_account, v_key, args ->> 'key_hint', args ->> 'base_url', args ->> 'model', clock_timestamp())
        on conflict (account_id) do update
        set api_key = excluded.api_key, key_hint = excluded.key_hint, base_url = excluded.base_url, model = excluded.model,
            changed_at = excluded.changed_at, refused_at = null;
    end if;
    insert into public.audit_log (account_id, action, details)
    values (v_account, 'model_set', jsonb_build_object('person', v_person, 'new_key', v_key is not null));
    return to_jsonb(true);
exception
    -- Their own words would tell the row, with the key's last characters.
    when check_violation or not_null_violation then
        raise invalid_parameter_value using message = 'the model, its server or its key is not as it should be';
end;
$$;

-- {"account"}: takes the account's own model away, with the key. Says whether there was one.
create function api.remove_model(args jsonb)
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

revoke execute on function private.model_changer(bigint), api.model_of(jsonb), api.set_model(jsonb), api.remove_model(jsonb) from public;
grant execute on function api.model_of(jsonb), api.set_model(jsonb), api.remove_model(jsonb) to authenticated;
