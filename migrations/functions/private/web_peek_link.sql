-- What the page behind a link shows before anything is used: {link, email, chat, kind, needs_code}. link: good, used, late, unknown.
create or replace function private.web_peek_link(p_token_hash bytea, p_registration uuid, p_now timestamptz)
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
    with link as (
        select l.email, l.registration_id,
               case when l.used_at is not null then 'used' when l.expires_at <= p_now then 'late' else 'good' end as state
        from public.sign_in_links l where l.token_hash = p_token_hash
    )
    select jsonb_build_object(
        'link', coalesce((select state from link), 'unknown'),
        'email', (select email from link where state = 'good'),
        'needs_code', r.id is not null and r.confirmed_at is null,
        'chat', c.chat_name, 'kind', c.kind)
    -- A link of ours knows what it registers; another service's does not.
    from (select case when exists (select from link) then (select registration_id from link) else p_registration end as id) wanted
    left join public.registrations r on r.id = wanted.id and r.expires_at > p_now
    left join public.account_chats c on c.telegram_chat_id = r.telegram_chat_id;
$$;
