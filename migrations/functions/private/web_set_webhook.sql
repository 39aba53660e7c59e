-- Has a worker tell Telegram where updates go.
create or replace function private.web_set_webhook(p_public_url text, p_attempts integer)
returns void
language sql
security definer
set search_path = ''
as $$
    select private.enqueue_job('set_webhook', jsonb_build_object('public_url', p_public_url), p_attempts);
$$;
