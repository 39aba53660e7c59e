-- The chats whose words are not for everybody in the account and that are the person's own: a private chat has the number of its person,
-- and who that is was proved when the person registered from there.
create or replace function private.my_private_chat_ids()
returns setof bigint
language sql
stable
security definer
set search_path = ''
as $$
    select p.telegram_user_id from private.my_memberships() m join public.private_chats p on p.person_id = m.id;
$$;
