-- The facts that are true now, as one chat may see them: its own, those of the whole account, and of those no longer the ones that
-- were corrected in this chat.
create or replace function private.facts_of_chat(p_account_id bigint, p_chat_id bigint)
returns setof public.history_context
language sql
stable
set search_path = ''
as $$
    select f.* from public.history_context f
    where f.account_id = p_account_id and f.valid_to is null
      and (f.scope = 'account' or f.telegram_chat_id = p_chat_id)
      and not exists (
          select from public.history_context o
          where o.overrides = f.id and o.telegram_chat_id = p_chat_id
      );
$$;
