-- What a person is shown of an account before they, or a chat of theirs, come into it: {id, name, administrators, people, chats,
-- model_server}, the last one the host name of the account's own model, or null.
create or replace function private.account_summary(p_account bigint)
returns jsonb
language sql
stable
set search_path = ''
as $$
    select jsonb_build_object(
        'id', a.id,
        -- Anybody can call an account anything: one line of it, and a short one.
        'name', left(btrim(regexp_replace(coalesce(a.name, ''), '[[:cntrl:][:space:]]+', ' ', 'g')), 60),
        'administrators', coalesce((select jsonb_agg(u.email order by u.id) from public.account_users u
                                    where u.account_id = a.id and u.is_admin), '[]'),
        'people', (select count(*) from public.account_users u where u.account_id = a.id),
        'chats', (select count(*) from public.account_chats c where c.account_id = a.id),
        'model_server', (select substring(m.base_url from '^https?://([^/]+)') from public.account_models m where m.account_id = a.id))
    from public.accounts a where a.id = p_account;
$$;
