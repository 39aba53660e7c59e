-- Three rules to begin with, for new accounts and for those that are here already.
create or replace function private.default_rules(out category text, out content text, out priority integer)
returns setof record
language sql
immutable
set search_path = ''
as $$
    values ('Language', 'Answer in the language of the message that you answer.', 30),
           ('Personalization', 'When you learn somebody''s name, use it from then on.', 20),
           ('Memory', 'Keep track of what was shared in the conversation, and use it.', 10);
$$;
