-- One word to be said, with the job that says it.
create or replace function private.put_notice(p_kind text, p_account bigint, p_email text, p_to_chat bigint, p_invitation bigint, p_chat bigint)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_id bigint;
begin
    insert into public.notices (kind, account_id, email, to_chat, invitation_id, telegram_chat_id)
    values (p_kind, p_account, p_email, p_to_chat, p_invitation, p_chat)
    returning id into v_id;
    perform private.enqueue_job('send_notice', jsonb_build_object('notice_id', v_id));
end;
$$;
