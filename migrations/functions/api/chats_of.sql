-- {"account"}: its chats. What is said in a private chat is its person's; that it is in the account, and shares what is known there, is
-- its administrators' business too.
create or replace function api.chats_of(args jsonb)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'account_id', c.account_id, 'telegram_chat_id', c.telegram_chat_id, 'name', c.chat_name, 'kind', c.kind,
        'is_active', c.is_active, 'created_at', c.created_at,
        'joined_at', (select max(l.created_at) from public.audit_log l
                      where l.account_id = c.account_id and l.telegram_chat_id = c.telegram_chat_id and l.action = 'chat_joined')
    ) order by c.created_at, c.telegram_chat_id), '[]')
    from public.account_chats c
    where c.account_id = (args ->> 'account')::bigint
      and c.account_id in (select private.my_account_ids())
      and (c.telegram_chat_id < 0 or c.telegram_chat_id in (select private.my_private_chat_ids()) or private.administers(c.account_id));
$$;
