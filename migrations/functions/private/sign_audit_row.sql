-- What somebody does says so by itself: a signed-in person by their token, with the browser's address in a header that the program sets also
-- where it calls directly; a person on Telegram by a setting of the transaction.
create or replace function private.sign_audit_row()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
    new.actor := coalesce(new.actor, nullif(current_setting('pykhbrain.actor', true), ''));
    if nullif(current_setting('request.jwt.claims', true), '') is not null then
        new.actor := coalesce(new.actor, (
            select 'person:' || m.id from private.my_memberships() m where m.account_id = new.account_id limit 1));
        new.origin := coalesce(new.origin, nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-pykhbrain-origin');
    end if;
    return new;
end;
$$;
