-- Who sees what: pgTAP on a migrated database (.ci/pgtap); everything is rolled back.
--
-- Tables and functions are walked from the catalog: one that comes new and forgets its rules fails here, and so does one that nothing is
-- put into below, because nothing would be shown by it.
begin;
create extension if not exists pgtap with schema extensions;
set local search_path = public, extensions;
select no_plan();

-- Two tenants. Olena administers the first, with her private chat, Anna's private chat and a group in it; Mara is a member who
-- registered from nowhere. Taras administers the second.
insert into accounts (id, name) overriding system value values (1, 'Olena'), (2, 'Taras'), (3, 'A passer-by');
insert into temporary_accounts (account_id, telegram_chat_id) values (3, 1009);
insert into account_users (id, account_id, email, is_admin, user_id, telegram_user_id) overriding system value values
    (1, 1, 'olena@example.com', true, '00000000-0000-0000-0000-000000000001', 1001),
    (2, 1, 'anna@example.com', false, null, 1003),
    (3, 1, 'mara@example.com', false, null, null),
    (4, 2, 'taras@example.com', true, null, 1002),
    -- An address that is tied to an identity is not another identity's.
    (5, 2, 'tied@example.com', false, '00000000-0000-0000-0000-000000000005', null);
alter table accounts alter column id restart with 100;
alter table account_users alter column id restart with 100;
insert into account_chats (account_id, telegram_chat_id, kind) values
    (1, 1001, 'private'), (1, 1003, 'private'), (1, -2001, 'group'), (2, 1002, 'private'), (2, -2002, 'group'), (3, 1009, 'private');
insert into bot_rules (account_id, category, content) select id, 'Tone', 'kind' from accounts;
insert into account_settings select id, 'some', '1' from accounts;
insert into account_models (account_id, api_key, key_hint, base_url, model)
values (1, '\x01' || decode(repeat('00', 40), 'hex'), 'wxyz', 'https://example.com', 'some');
insert into model_consents (telegram_chat_id, account_id, host, asked_at) values (1003, 1, 'example.com', now());
insert into usage_days (account_id, day) select id, current_date from accounts;
insert into person_days (day, telegram_user_id, is_permanent) values (current_date, 1001, true);
insert into program_days (day) values (current_date);
insert into conversations (account_id, telegram_chat_id) select account_id, telegram_chat_id from account_chats;
insert into chat_history (account_id, telegram_chat_id, role, content)
select account_id, telegram_chat_id, 'user', 'words' from account_chats;
insert into llm_usage (account_id, telegram_chat_id, purpose, model, outcome)
select account_id, telegram_chat_id, 'reply', 'some', 'ok' from account_chats;
insert into history_context (account_id, number, telegram_chat_id, scope, content, kind, fingerprint, valid_from)
select account_id, row_number() over (), telegram_chat_id, case when telegram_chat_id < 0 then 'account' else 'chat' end, 'a fact', 'other', 'fact', now()
from account_chats;
insert into fact_sources select f.id, h.id from history_context f join chat_history h using (telegram_chat_id);
insert into audit_log (account_id, telegram_chat_id, action) select account_id, telegram_chat_id, 'something' from account_chats;
insert into telegram_updates (bot_id, update_id, telegram_chat_id, seq, body) values (1, 1, 1001, 1, '{}');
insert into chat_turns (telegram_chat_id) values (1001);
insert into outgoing_messages (telegram_chat_id, html, plain) values (1001, 'words', 'words');
insert into rate_buckets (bucket) values ('chat:1001');
insert into reading_slots values (1001, 0, now());
insert into analysis_requests values (1001, 0, 1, 0);
insert into edited_messages select id, telegram_chat_id, 0, now() from chat_history where telegram_chat_id = 1001;
insert into forgotten_facts (account_id, telegram_chat_id, words, forgotten_at) values (1, 1001, '{1}', now());
insert into link_codes (telegram_chat_id, account_id, code_hash, expires_at) values (1001, 1, '\x01', now());
insert into registrations (telegram_chat_id, asked_in, email, code_hash, created_at, expires_at) values (1001, 1001, 'x@example.com', '\x01', now(), now());
insert into sign_in_links (id, purpose, email, created_at, expires_at) values (gen_random_uuid(), 'sign_in', 'x@example.com', now(), now());
insert into web_sessions (secret_hash, email, created_at, seen_at) values
    ('\x01', 'mara@example.com', now(), now()), ('\x02', 'taras@example.com', now(), now()),
    ('\x03', 'mara@example.com', now() - interval '40 days', now() - interval '30 days');
-- Zoe is asked into both accounts, and one of the two is too late.
insert into invitations (id, account_id, email, is_admin, invited_by, created_at, expires_at) overriding system value values
    (1, 1, 'zoe@example.com', false, 1, now(), now() + interval '14 days'),
    (2, 2, 'zoe@example.com', true, 4, now() - interval '14 days', now());
alter table invitations alter column id restart with 100;
insert into notices (kind, account_id, to_chat, telegram_chat_id) values ('joined', 1, 1001, 1001);
insert into migration_mapping (old_chat_id, new_account_id) values (1001, 1);

-- What a query comes to for somebody: 'anon' is nobody, anything else an address that has signed in. An error is its SQLSTATE.
create function pg_temp.as_person(who text, query text, identity uuid default null) returns text
language plpgsql as $$
declare
    answer text;
begin
    perform set_config('request.jwt.claims', case when who = 'anon' then '' else
        jsonb_strip_nulls(jsonb_build_object('role', 'authenticated', 'email', who, 'sub', identity))::text end, true);
    perform set_config('role', case when who = 'anon' then 'anon' else 'authenticated' end, true);
    begin
        execute query into answer;
    exception when others then
        answer := sqlstate;
    end;
    perform set_config('role', 'none', true);
    return answer;
end;
$$;
create function pg_temp.call(who text, function text, args text) returns text
language sql as $$ select pg_temp.as_person(who, format('select api.%I(%L)', function, args)) $$;

create temporary view tables as
select c.oid, n.nspname as schema, c.relname as name,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id') as of_account,
       exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'telegram_chat_id') as of_chat,
       has_any_column_privilege('authenticated', c.oid, 'select') as is_read
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'api') and c.relkind in ('r', 'p', 'v', 'm', 'f');

-- The catalog ------------------------------------------------------------------------------------------------------------------
select is_empty($$ select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                   and not c.relrowsecurity $$, 'every table has row level security');
select is_empty($$ select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                   and not exists (select from pg_policy p where p.polrelid = c.oid) $$, 'every table says in a policy whose it is');
select is_empty($$ select t.name from tables t where not exists (select from pg_class c where c.oid = t.oid and
                   (c.relkind = 'r' and t.schema = 'public' or c.relkind = 'v' and 'security_invoker=true' = any (c.reloptions))) $$,
                'public has tables, api has views, and views look with the eyes of who asks');
select is_empty($$ select t.name, p from tables t, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p
                   where has_table_privilege('anon', t.oid, p)
                      or p in ('select', 'insert', 'update', 'references') and has_any_column_privilege('anon', t.oid, p) $$,
                'who is not signed in may nothing');
select is_empty($$ select t.name, p from tables t, unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) p
                   where has_table_privilege('authenticated', t.oid, p)
                      or p in ('insert', 'update', 'references') and has_any_column_privilege('authenticated', t.oid, p) $$,
                'who is signed in may read, and change nothing but by functions');
select is_empty($$ select c.oid::regclass from pg_class c where c.relkind = 'S' and c.relnamespace = 'public'::regnamespace
                   and (has_sequence_privilege('anon', c.oid, 'usage') or has_sequence_privilege('authenticated', c.oid, 'usage')) $$,
                'numbers are drawn by us only');
select is_empty($$ select n.nspname, r from pg_namespace n, unnest(array['anon', 'authenticated']) r
                   where n.nspname in ('private', 'apalis', 'api') and has_schema_privilege(r, n.oid, 'usage')
                     and (n.nspname, r) <> ('api', 'authenticated') $$, 'the queue and our own functions are out of reach');
select set_eq($$ select p.oid::regprocedure::text from pg_proc p where p.pronamespace = 'private'::regnamespace
                 and (has_function_privilege('anon', p.oid, 'execute') or has_function_privilege('authenticated', p.oid, 'execute')) $$,
              array['private.my_account_ids()', 'private.my_private_chat_ids()', 'private.administers(bigint)'],
              'of our own functions policies need three');
select is_empty($$ select p.oid::regprocedure from pg_proc p where p.pronamespace in ('api'::regnamespace, 'public'::regnamespace)
                   and p.oid not in (select objid from pg_depend where deptype = 'e') and has_function_privilege('anon', p.oid, 'execute') $$,
                'nor does anybody call the api who is not signed in');
select is_empty($$ select p.oid::regprocedure from pg_proc p
                   where p.pronamespace in ('api'::regnamespace, 'private'::regnamespace)
                     and (p.prosecdef or p.pronamespace = 'api'::regnamespace) and 'search_path=""' <> all (coalesce(p.proconfig, '{}')) $$,
                'functions of others'' rights find only what they name in full');
select is_empty($$ select t.name from tables t where t.schema = 'public' and t.is_read and t.of_account and not exists (
                       select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                       where i.indrelid = t.oid and i.indpred is null and a.attname = 'account_id') $$,
                'the column that policies look at is indexed');
-- The web process's own login: functions that it needs, and a person's rights once it says whose.
select set_eq($$ select p.proname::text from pg_proc p where p.pronamespace in ('private'::regnamespace, 'api'::regnamespace)
                 and has_function_privilege('pykhbrain_web', p.oid, 'execute') $$,
              array['accept_update', 'web_readiness', 'web_backlog', 'web_set_webhook', 'web_ask_for_link', 'web_peek_link', 'web_sign_in',
                    'web_session', 'web_end_session', 'web_count_try', 'web_tokens', 'web_hold_tokens', 'web_keep_tokens', 'try_code'], 'the web process reaches the functions that it calls');
select is_empty($$ select c.oid::regclass from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where n.nspname in ('public', 'api', 'private', 'apalis') and c.relkind in ('r', 'p', 'v', 'm', 'f')
                     and has_any_column_privilege('pykhbrain_web', c.oid, 'select, insert, update, references') $$,
                'and no table');
select ok(pg_has_role('pykhbrain_web', 'authenticated', 'member') and not pg_has_role('pykhbrain_web', 'authenticated', 'usage'),
          'it may become a signed-in person, and is none');

set local enable_seqscan = off;
select matches(pg_temp.as_person('mara@example.com', format('explain (format json) select %s from public.%I', column_name, t.name)),
               'Index Cond": "\(' || column_name || ' = ANY', format('and the index of %s is used', t.name))
from tables t, lateral (select case when t.of_account then 'account_id' else 'id' end) c (column_name)
where t.schema = 'public' and t.is_read and t.name <> 'fact_sources';
set local enable_seqscan = on;
select is_empty($$ select p from unnest(array['update', 'delete', 'truncate']) p
                   where has_table_privilege('service_role', 'audit_log', p) or has_table_privilege('authenticated', 'audit_log', p) $$,
                'what was done is written once');
select ok(not has_column_privilege('authenticated', 'account_users', 'hashed_password', 'select'), 'no hash of a password is shown');

-- Two tenants, table by table -------------------------------------------------------------------------------------------------------
select isnt((xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %I.%I', schema, name), true, true, '')))[1]::text, '0',
            format('something is in %s.%s, so that what is seen of it says something', schema, name))
from tables;
select is(pg_temp.as_person('anon', format('select count(*) from %I.%I', schema, name)), '42501', format('nobody sees %s.%s', schema, name))
from tables;
select is(pg_temp.as_person('mara@example.com', format('select count(*) from %I.%I', schema, name)), '42501',
          format('of %s.%s the people of an account see nothing either', schema, name))
from tables where not is_read;
select is(pg_temp.as_person(who, format('select count(account_id) from %I.%I where account_id <> %s', schema, name, account)), '0',
          format('%s sees nothing of another account in %s.%s', who, schema, name))
from tables, (values ('olena@example.com', 1), ('mara@example.com', 1), ('taras@example.com', 2)) p (who, account) where is_read and of_account;
select isnt(pg_temp.as_person(who, format('select count(account_id) from %I.%I where account_id = %s', schema, name, account)), '0',
            format('and %s sees something of the own one in %s.%s', who, schema, name))
from tables, (values ('anna@example.com', 1), ('taras@example.com', 2)) p (who, account) where is_read and of_account;
select is(pg_temp.as_person('mara@example.com', format('select string_agg(distinct telegram_chat_id::text, '' '') from %I.%I', schema, name)), '-2001',
          format('of %s.%s a member sees the groups', schema, name))
from tables where is_read and of_chat;
select is(pg_temp.as_person('anna@example.com', format('select string_agg(distinct telegram_chat_id::text, '' '' order by telegram_chat_id::text) from %I.%I',
                                                       schema, name)), '-2001 1003', format('Anna sees her private chat in %s.%s', schema, name))
from tables where is_read and of_chat;
select is(pg_temp.as_person('olena@example.com', format('select count(*) from %I.%I where telegram_chat_id = 1003', schema, name),
                            '00000000-0000-0000-0000-000000000001'), '0',
          format('an administrator does not see another''s private chat in %s.%s', schema, name))
from tables where is_read and of_chat;
select is(pg_temp.as_person('mara@example.com', 'select count(*) from public.fact_sources'), '1', 'of sources, those of what is seen');

select is(pg_temp.as_person('stranger@example.com', format('select count(*) from %I.%I', schema, name)), '0',
          format('who is in no account sees nothing in %s.%s', schema, name))
from tables where is_read and (of_account or name = 'accounts');

-- Identities --------------------------------------------------------------------------------------------------------------------
select is(pg_temp.as_person('else@example.com', 'select count(*) from public.accounts', '00000000-0000-0000-0000-000000000001'), '1',
          'an identity keeps its account when its address changes');
select is(pg_temp.as_person('tied@example.com', 'select count(*) from public.accounts', '00000000-0000-0000-0000-000000000009'), '0',
          'an address that is tied to an identity opens nothing to another one');
select is(pg_temp.as_person('MARA@example.com', 'select count(*) from public.accounts'), '1', 'addresses know no case');
select is(pg_temp.as_person('', 'select count(*) from public.accounts'), '0', 'no address is nobody''s');
select is(pg_temp.as_person('mara@example.com', 'select count(*) from private.my_memberships()'), '42501', 'who is whose is not to be asked');

-- The api -----------------------------------------------------------------------------------------------------------------------
select is(pg_temp.call('anon', 'my_accounts', '{}'), '42501', 'it is for those who are signed in');
select is(jsonb_array_length(pg_temp.call('mara@example.com', 'my_accounts', '{}')::jsonb), 1, 'a member has her account');
select is(pg_temp.call('taras@example.com', 'chats_of', '{"account": 1}'), '[]', 'another''s account has no chats');
select is(pg_temp.call('taras@example.com', 'people_of', '{"account": 1}'), '[]', 'and no people');
select is(pg_temp.call(who, function, args), '42501', format('%s may not %s %s', who, function, args))
from (values ('mara@example.com', 'invite', '{"account": 1, "email": "x@example.com"}'),
             ('taras@example.com', 'invite', '{"account": 1, "email": "x@example.com"}'),
             ('taras@example.com', 'invite', '{"email": "x@example.com"}'),
             ('zoe@example.com', 'invite', '{"account": 1, "email": "x@example.com"}'),
             ('mara@example.com', 'withdraw_invitation', '{"account": 1, "invitation": 1}'),
             ('taras@example.com', 'withdraw_invitation', '{"account": 1, "invitation": 1}'),
             ('zoe@example.com', 'withdraw_invitation', '{"account": 1, "invitation": 1}'),
             ('mara@example.com', 'withdraw_invitation', '{}'),
             ('mara@example.com', 'remove_person', '{"account": 1, "person": 2}'),
             ('taras@example.com', 'remove_person', '{"account": 1, "person": 3}'),
             ('mara@example.com', 'remove_person', '{"account": 2, "person": 3}'),
             ('mara@example.com', 'unlink_chat', '{"account": 1, "chat": -2001}'),
             ('taras@example.com', 'unlink_chat', '{"account": 1, "chat": -2001}'),
             ('taras@example.com', 'unlink_chat', '{"account": 1, "chat": 1002}'),
             ('mara@example.com', 'unlink_chat', '{"account": 1, "chat": 1003}'),
             ('mara@example.com', 'unlink_chat', '{}'), ('mara@example.com', 'remove_person', '{}'),
             ('mara@example.com', 'set_model', '{"account": 1, "base_url": "https://example.com", "model": "other"}'),
             ('taras@example.com', 'set_model', '{"account": 1, "base_url": "https://example.com", "model": "other"}'),
             ('taras@example.com', 'set_model', '{}'), ('taras@example.com', 'remove_model', '{}'),
             ('mara@example.com', 'remove_model', '{"account": 1}'), ('taras@example.com', 'remove_model', '{"account": 1}')) a (who, function, args);
select is(pg_temp.call('taras@example.com', 'model_of', '{"account": 1}'), 'null', 'another''s account shows no model');
select is(pg_temp.call('mara@example.com', 'model_of', '{"account": 1}')::jsonb - '{changed_at,refused_at}'::text[],
          '{"model": "some", "base_url": "https://example.com", "key_hint": "wxyz"}', 'a member sees which model it is, and no key');
select is(pg_temp.call('taras@example.com', 'unlink_chat', format('{"account": 2, "chat": %s}', chat)), 'false', 'a chat of another account is not in this one')
from unnest(array[-2001, 1001]) chat;
select is(pg_temp.as_person('olena@example.com', 'select count(*) from jsonb_array_elements(api.chats_of(''{"account": 1}''))',
                            '00000000-0000-0000-0000-000000000001'), '3', 'an administrator sees which chats are in the account');
select is(jsonb_array_length(pg_temp.call('mara@example.com', 'chats_of', '{"account": 1}')::jsonb), 1, 'a member sees the groups');
select is(pg_temp.call('taras@example.com', 'remove_person', '{"account": 2, "person": 1}'), 'false', 'nor is a person of another');
select is(pg_temp.call('taras@example.com', 'invite', '{"account": 2, "email": "no address"}'), '22023', 'an address has an @');
select is(pg_temp.call('taras@example.com', 'remove_person', '{"account": 2, "person": 4}'), '23514', 'the last administrator stays');
select is(pg_temp.as_person('mara@example.com', 'update public.account_users set is_admin = true returning 1'), '42501', 'nobody promotes herself');

select is(pg_temp.call(who, 'give_link_code', '{"account": 1, "code_hash": "00ff"}'), '42501', format('%s lets no chats in', who))
from unnest(array['mara@example.com', 'taras@example.com', 'stranger@example.com']) who;
select is(pg_temp.call('mara@example.com', 'end_session', format('{"session": %s}', (select id from web_sessions where secret_hash = '\x02'))), 'false',
          'nobody ends another''s session');
select is(jsonb_array_length(pg_temp.call('mara@example.com', 'my_sessions', '{}')::jsonb), 1, 'one sees one''s own, and none that is over');
select is(pg_temp.call('mara@example.com', 'end_session', format('{"session": %s}', (select id from web_sessions where secret_hash = '\x01'))), 'true',
          'and ends it');
select is((select count(*) from web_sessions), 2::bigint, 'that one only');
-- Invitations: nobody is in an account by somebody else's will.
select is(pg_temp.call('taras@example.com', 'invite', '{"account": 2, "email": " New@Example.com "}')::jsonb, '{"invitation": 100, "mailed": true}',
          'an administrator invites');
select is(pg_temp.call('taras@example.com', 'invite', '{"account": 2, "email": "new@example.com", "is_admin": true}')::jsonb -> 'invitation', '100', 'twice is once');
select is(pg_temp.call('taras@example.com', 'invite', '{"account": 2, "email": "tied@example.com"}'), '22023', 'who is in is not invited');
select is(pg_temp.as_person(who, format('select count(*) from %I.%I', schema, name)), '0', format('who is invited sees nothing in %s.%s', schema, name))
from tables, unnest(array['new@example.com', 'zoe@example.com']) who where is_read and (of_account or name = 'accounts');
select is(pg_temp.call(who, function, format('{"account": %s}', account)), '[]', format('%s gives %s nothing of %s', function, who, account))
from unnest(array['new@example.com', 'zoe@example.com', 'stranger@example.com']) who, unnest(array['chats_of', 'people_of', 'invitations_of']) function,
     unnest(array[1, 2]) account;
select is(pg_temp.call(who, 'give_link_code', '{"account": 2, "code_hash": "00ff"}'), '42501', format('%s lets no chats in', who))
from unnest(array['new@example.com', 'zoe@example.com']) who;
select is(pg_temp.call('taras@example.com', 'withdraw_invitation', '{"account": 2, "invitation": 1}'), 'false', 'an invitation of another account is not in this one');
select is(pg_temp.call('mara@example.com', 'invitations_of', '{"account": 1}'), '[]', 'who is asked is the administrators'' business');
select is(pg_temp.as_person('olena@example.com', $$ select string_agg(i ->> 'email', ' ') from jsonb_array_elements(api.invitations_of('{"account": 1}')) i $$,
                            '00000000-0000-0000-0000-000000000001'), 'zoe@example.com', 'and they see it');
select is(pg_temp.call('taras@example.com', 'invitations_of', '{"account": 1}'), '[]', 'of another''s account nobody does');
select is(jsonb_array_length(pg_temp.call('zoe@example.com', 'my_invitations', '{}')::jsonb), 1, 'one that is too old is none');
select is(pg_temp.call('zoe@example.com', 'my_invitations', '{}')::jsonb -> 0 -> 'account', jsonb_build_object(
              'id', 1, 'name', 'Olena', 'administrators', array['olena@example.com'], 'people', 3, 'chats', 3, 'model_server', 'example.com'),
          'who is asked sees which account it is, whose, and how many are in it');
select is(pg_temp.call(who, 'answer_invitation', format('{"invitation": %s, "accept": %s}', invitation, accept)), 'false',
          format('%s answers no invitation but their own: %s %s', who, invitation, accept))
from unnest(array['olena@example.com', 'mara@example.com', 'taras@example.com', 'stranger@example.com', '']) who, unnest(array['1', '100']) invitation,
     unnest(array['true', 'false', 'null']) accept;
select is(pg_temp.call('zoe@example.com', 'answer_invitation', args), 'false', format('nothing comes of %s', args))
from unnest(array['{"invitation": 2, "accept": true}', '{"invitation": 100, "accept": true}', '{"invitation": 1}', '{"accept": true}', '{}']) args;
select is((select count(*) from account_users where email in ('zoe@example.com', 'new@example.com')), 0::bigint, 'and nobody is in yet');
select is(pg_temp.call('zoe@example.com', 'answer_invitation', '{"invitation": 1, "accept": false}'), 'true', 'who is asked may say no');
select is((select count(*) from invitations where email = 'zoe@example.com' and account_id = 1), 0::bigint, 'and it is gone');
select is((select array_agg(array[action, details::text, actor, origin]) from audit_log where action = 'invitation_declined'),
          array[['invitation_declined', '{"invitation": 1}', '', '']], 'the account learns that it was declined, and no more');
select is(pg_temp.call('new@example.com', 'answer_invitation', '{"invitation": 100, "accept": true}'), 'true', 'or yes');
select is(pg_temp.call('new@example.com', 'answer_invitation', '{"invitation": 100, "accept": true}'), 'false', 'once');
select is(pg_temp.as_person('new@example.com', 'select string_agg(id::text, '' '') from public.accounts'), '2', 'and is in then');
select is((select is_admin from account_users where email = 'new@example.com'), true, 'as what was said last');
select is(pg_temp.call('new@example.com', 'invite', '{"account": 2, "email": "mallory@example.com"}')::jsonb -> 'invitation', '102', 'an administrator by invitation invites too');
select is(pg_temp.call('taras@example.com', 'remove_person', format('{"account": 2, "person": %s}', (select id from account_users where email = 'new@example.com'))),
          'true', 'who is put out');
select is(pg_temp.call('mallory@example.com', 'my_invitations', '{}'), '[]', 'takes along what they have asked');
select is(pg_temp.call('taras@example.com', 'unlink_chat', '{"account": 2, "chat": -2002}'), 'true', 'an administrator unlinks a group');
select is(pg_temp.as_person('taras@example.com', 'select count(*) from public.chat_history where telegram_chat_id = -2002'), '0',
          'and what was said there is out of the account');
select is((select count(*) from account_chats c join temporary_accounts t using (account_id, telegram_chat_id) where c.telegram_chat_id = -2002), 1::bigint,
          'in a temporary one');
select is(pg_temp.call('anna@example.com', 'remove_person', '{"account": 1, "person": 2}'), 'true', 'a member can leave');
select is((select account_id from account_chats where telegram_chat_id = 1003) in (1, 2), false, 'and takes her private chat along');
select is_empty('select from model_consents where telegram_chat_id = 1003', 'what it was asked in that account does not go along');

select is(pg_temp.call('taras@example.com', 'remove_model', '{"account": 2}'), 'false', 'where there is no model none is removed');
select is(pg_temp.as_person('olena@example.com', $$ select api.set_model('{"account": 1, "base_url": "https://example.com", "model": "other"}') $$,
                            '00000000-0000-0000-0000-000000000001'), 'true', 'an administrator changes the model');
select is((select string_agg(telegram_chat_id || ' ' || host, ', ') from model_consents where agreed), '1001 example.com',
          'and has agreed to its server for her own private chat, and no other');
select is(pg_temp.as_person('olena@example.com', $$ select api.set_model('{"account": 1, "base_url": "https://elsewhere.example.com", "model": "other"}') $$,
                            '00000000-0000-0000-0000-000000000001'), '22023', 'but does not take its key elsewhere');
select is(pg_temp.as_person('olena@example.com', $$ select api.remove_model('{"account": 1}') $$, '00000000-0000-0000-0000-000000000001'), 'true',
          'and removes it');
select is(array(select action || ' ' || details::text from audit_log where action like 'model%' order by id),
          array['model_set {"person": 1, "new_key": false}', 'model_removed {"person": 1}'], 'who has done it is written down, and no key');

select * from finish();
rollback;
