-- Who may call what. Applied after every change of a function, because a function that was dropped and made again has lost its grants.
revoke execute on all functions in schema private, api from public, authenticated, pykhbrain_web;

-- Row level security's policies ask these in the name of whoever reads.
grant execute on function private.my_account_ids(), private.my_private_chat_ids(), private.administers(bigint) to authenticated;

-- The dashboard's own. Each says itself to whom it answers.
grant execute on all functions in schema api to authenticated;

-- All that the web process can do with a login of its own.
grant execute on function
    private.accept_update(bigint, bigint, bigint, bytea, text),
    private.try_code(uuid, bytea, timestamptz),
    private.web_ask_for_link(uuid, text, bytea, text, timestamptz),
    private.web_backlog(),
    private.web_count_try(text, timestamptz),
    private.web_end_session(bytea),
    private.web_hold_tokens(bytea),
    private.web_keep_tokens(bytea, bytea, timestamptz, bytea),
    private.web_peek_link(bytea, uuid, timestamptz),
    private.web_readiness(),
    private.web_session(bytea, timestamptz),
    private.web_set_webhook(text),
    private.web_sign_in(jsonb, timestamptz),
    private.web_tokens(bytea)
    to pykhbrain_web;
