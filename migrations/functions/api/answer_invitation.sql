-- {"invitation", "accept"}: the invited person's yes or no. Says whether there was something to answer.
create or replace function api.answer_invitation(args jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
    select to_jsonb(private.answer_invitation(
        (args ->> 'invitation')::bigint, lower((select auth.jwt() ->> 'email')), (select auth.uid()), (args ->> 'accept')::boolean, now()));
$$;
