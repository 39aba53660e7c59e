-- Why: links that sign in and codes stood in the outbox in plain for thirty days. They are put in when the message is sent.

alter table public.outgoing_messages add column secret jsonb;
comment on column public.outgoing_messages.secret is 'What stands in the place of the mark U+FDD0 once it is sent: {"link": sign_in_links.id}, {"digits": registrations.id}, {"link_code": what its code is made from} or {"service_link": address}.';
