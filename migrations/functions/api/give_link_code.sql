-- {"account", "code_hash" in hex}: a code that lets one more chat in, for ten minutes; the person's last one is good for nothing any more.
-- For administrators.
create or replace function api.give_link_code(args jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
    v_account bigint := (args ->> 'account')::bigint;
    v_person bigint;
    v_expires_at timestamptz := now() + interval '10 minutes';
begin
    select m.id into v_person from private.my_memberships() m where m.account_id = v_account and m.is_admin;
    if v_person is null then
        raise insufficient_privilege using message = 'only an administrator of the account can let chats in';
    end if;
    insert into public.link_codes as l (person_id, account_id, code_hash, expires_at)
    values (v_person, v_account, decode(args ->> 'code_hash', 'hex'), v_expires_at)
    on conflict (person_id) do update
    set account_id = excluded.account_id, code_hash = excluded.code_hash, expires_at = excluded.expires_at, used_by = null;
    return to_jsonb(v_expires_at);
end;
$$;
