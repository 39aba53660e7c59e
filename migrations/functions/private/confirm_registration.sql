-- Makes the account of the registration's chat permanent (p_account 0, or null where there is nothing to choose), or has the chat join p_account,
-- which must be one that the person is in. Nothing is joined that was not named. The caller has proved the address and the code. Says
-- permanent, joined, already (each with what is done), choose (the person is in an account, or was asked into one), elsewhere (the chat is in another
-- permanent account), gone (the chat has no account any more: it has expired), late.
create or replace function private.confirm_registration(p_registration uuid, p_email text, p_user uuid, p_account bigint, p_origin text, p_now timestamptz)
returns text
language plpgsql
set search_path = ''
as $$
declare
    v_row public.registrations;
    v_account bigint;
    v_mine bigint[];
    v_target bigint;
    v_person bigint;
    v_outcome text;
begin
    -- One at a time for an address: the second of two chats finds the account that the first has made.
    perform pg_advisory_xact_lock(hashtextextended('register:' || p_email, 0));
    select * into v_row from public.registrations r where r.id = p_registration for update;
    if v_row.id is null or v_row.email is distinct from p_email then
        return 'late';
    elsif v_row.confirmed_at is not null then
        return 'already';
    elsif v_row.expires_at <= p_now then
        return 'late';
    end if;
    -- The turn before the accounts, as in private.join_account.
    perform from public.chat_turns t where t.telegram_chat_id = v_row.telegram_chat_id for update;
    select c.account_id into v_account from public.account_chats c where c.telegram_chat_id = v_row.telegram_chat_id;
    perform from public.accounts a where a.id = v_account for no key update;
    select c.account_id into v_account from public.account_chats c where c.telegram_chat_id = v_row.telegram_chat_id;
    if v_account is null or exists (
        select from public.temporary_accounts t where t.account_id = v_account and t.expires_at <= p_now) then
        return 'gone';
    end if;
    -- What is known in an account is known in all of its groups: a group is for its administrators to let in.
    select coalesce(array_agg(m), '{}') into v_mine from private.accounts_of_person(p_email, p_user) m
    where v_row.telegram_chat_id > 0 or m = v_account or exists (
        select from public.account_users u where u.account_id = m and u.email = p_email and u.is_admin
    );
    if not exists (select from public.temporary_accounts t where t.account_id = v_account) then
        if v_account <> all (v_mine) then
            return 'elsewhere';
        end if;
        v_target := v_account;
        v_outcome := 'already';
    elsif p_account = 0 or p_account is null and cardinality(v_mine) = 0 and not exists (
        select from public.invitations i where i.email = p_email and i.expires_at > p_now
    ) then
        delete from public.temporary_accounts t where t.account_id = v_account;
        v_target := v_account;
        v_outcome := 'permanent';
    elsif p_account = any (v_mine) then
        v_target := p_account;
        v_outcome := case private.join_account(v_row.telegram_chat_id, v_target, p_now)
            when 'joined' then 'joined' when 'joined_already' then 'already' when 'elsewhere' then 'elsewhere' else 'gone' end;
        if v_outcome in ('elsewhere', 'gone') then
            return v_outcome;
        end if;
        -- They may have been put out while the join waited: then nothing is moved after all.
        if not exists (select from public.account_users u where u.account_id = v_target and u.email = p_email) then
            raise serialization_failure using message = 'the person is not in the account any more';
        end if;
    else
        return 'choose';
    end if;
    insert into public.account_users as u (account_id, email, is_admin, user_id, telegram_user_id)
    values (v_target, p_email, v_outcome = 'permanent', p_user, v_row.asked_in)
    on conflict (account_id, email) do update
    set telegram_user_id = coalesce(u.telegram_user_id, excluded.telegram_user_id), user_id = coalesce(u.user_id, excluded.user_id)
    returning u.id into v_person;
    insert into public.private_chats (telegram_user_id, person_id) values (v_row.asked_in, v_person) on conflict do nothing;
    update public.registrations r set confirmed_at = p_now, account_id = v_target, outcome = v_outcome where r.id = p_registration;
    insert into public.audit_log (account_id, telegram_chat_id, action, details, created_at, actor, origin)
    values (v_target, v_row.telegram_chat_id, 'registered', jsonb_build_object('outcome', v_outcome), p_now, 'person:' || v_person, p_origin);
    perform private.enqueue_job('tell_registered', jsonb_build_object('registration_id', p_registration));
    return v_outcome;
end;
$$;
