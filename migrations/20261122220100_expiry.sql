-- Why: temporary accounts end: people are reminded, and then everything is deleted, in steps that can be broken off at any point.

alter table public.temporary_accounts
    add column reminded_days smallint check (reminded_days in (7, 1)),
    add column deleted_messages bigint not null default 0;
comment on column public.temporary_accounts.reminded_days is 'The last reminder that was given: 7 days before the end, or 1.';
comment on column public.temporary_accounts.deleted_messages is 'How much the deletion has deleted so far, for its audit row.';

-- What is kept of one chat in the inbox and the outbox is found without reading everybody's.
create index telegram_updates_chat on public.telegram_updates (telegram_chat_id) where outcome is not null and body <> '';
drop index public.outgoing_messages_message;
create index outgoing_messages_message on public.outgoing_messages (telegram_chat_id, telegram_message_id);
