//! Both transports give the same: every function, as everybody, with one's own numbers, the neighbour's and made-up ones in every argument.

use std::collections::BTreeMap;

use brain::db::api::{Api, ApiError, Direct, Function, PostgRestError};
use serde_json::{Value, json};
use sqlx::{Executor, PgPool};

use crate::lite::{HERE, Lite};

/// Two tenants. Olena administers the first, with her private chat, Mara's and a group; Taras, who is tied to his sign-in, administers the
/// second. The stranger is nowhere, Taras is asked into the first and Olena into the second, and a place in the first account is tied to somebody else's sign-in.
const PEOPLE: [&str; 5] = [
    "olena@example.com",
    "mara@example.com",
    "taras@example.com",
    "stranger@example.com",
    "tied@example.com",
];

/// The same rows under the same numbers each time.
const RESET: &str = "
    truncate accounts, chat_turns, rate_buckets, audit_log, web_sessions restart identity cascade;
    insert into accounts (name, created_at) values ('Olena', '2026-11-01Z'), ('Taras', '2026-11-02Z');
    insert into account_users (account_id, email, is_admin, telegram_user_id, created_at) values
        (1, 'olena@example.com', true, 1001, '2026-11-01Z'), (1, 'mara@example.com', false, 1003, '2026-11-01Z'),
        (2, 'taras@example.com', true, 1002, '2026-11-01Z'), (1, 'tied@example.com', true, null, '2026-11-01Z');
    update account_users set user_id = (select u.id from auth.users u where u.email = 'taras@example.com') where email = 'taras@example.com';
    update account_users set user_id = '00000000-0000-0000-0000-000000000001' where email = 'tied@example.com';
    insert into invitations (account_id, email, is_admin, invited_by, created_at, expires_at) values
        (1, 'taras@example.com', true, 1, '2026-11-01Z', now() + interval '1 day'), (2, 'olena@example.com', false, 3, '2026-11-01Z', now() + interval '1 day');
    insert into account_chats (account_id, telegram_chat_id, kind, created_at) values
        (1, 1001, 'private', '2026-11-01Z'), (1, 1003, 'private', '2026-11-01Z'), (1, -2001, 'group', '2026-11-01Z'),
        (2, 1002, 'private', '2026-11-01Z'), (2, -2002, 'group', '2026-11-01Z');
    insert into chat_history (account_id, telegram_chat_id, role, content)
        select account_id, telegram_chat_id, 'user', 'words' from account_chats;
    insert into account_models (account_id, api_key, key_hint, base_url, model, changed_at)
        select id, '\\x01' || decode(repeat('00', 40), 'hex'), 'abcd', 'https://models.example/v1', 'some', '2026-11-01Z' from accounts;
    insert into web_sessions (secret_hash, email, user_id, agent, created_at, seen_at)
        select sha256(convert_to(p.email, 'UTF8')), p.email, coalesce(p.user_id, u.id), 'a browser', now(), now()
        from account_users p left join auth.users u on u.email = p.email order by p.id;";

/// What a call came to, in words that both transports have.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done(Value),
    NotAllowed(String),
    Refused(String),
    SignedOut,
    Failed(String),
}

impl Outcome {
    fn of(result: Result<Value, ApiError>) -> Self {
        match result {
            Ok(answer) => Self::Done(without_now(answer)),
            Err(ApiError::NotAllowed(words)) => Self::NotAllowed(words),
            Err(ApiError::Refused(words)) => Self::Refused(words),
            Err(ApiError::SignedOut) => Self::SignedOut,
            Err(ApiError::Database(error)) => {
                let code = error.as_database_error().and_then(|error| Some(error.code()?.into_owned()));
                Self::Failed(code.unwrap_or_else(|| error.to_string()))
            }
            Err(ApiError::PostgRest(PostgRestError::Refused(code))) => Self::Failed(code.to_string()),
            Err(ApiError::PostgRest(error)) => Self::Failed(error.to_string()),
        }
    }

    /// This server has no words for these two (SQLSTATE 23514 and 55006; PostgREST passes every one on), and for errors of its own.
    fn is_as(&self, direct: &Self) -> bool {
        const UNKNOWN_TO_IT: [&str; 1] = ["an account keeps at least one administrator"];
        match (self, direct) {
            (Self::Failed(code), Self::Refused(words)) => {
                code == "SUP" && UNKNOWN_TO_IT.contains(&words.as_str())
            }
            (this, direct) => this == direct,
        }
    }
}

/// Times of the moment differ from call to call.
fn without_now(mut answer: Value) -> Value {
    match &mut answer {
        Value::Array(rows) => *rows = rows.drain(..).map(without_now).collect(),
        Value::Object(fields) => {
            for (_, value) in fields.iter_mut() {
                *value = without_now(value.take());
            }
        }
        Value::String(text) if text.starts_with("20") && !text.starts_with("2026-11-0") => {
            *text = "now".into();
        }
        _ => {}
    }
    answer
}

/// Every combination of what an argument can hold.
fn arguments(function: Function) -> Vec<Value> {
    let accounts = json!([1, 2, 999, null, "abc"]);
    let chats = json!([1001, 1003, -2001, 1002, -2002, 999, null]);
    let people = json!([1, 2, 3, 999, null]);
    let sessions = json!([1, 2, 3, 4, 999, null]);
    let emails = json!(["new@example.com", "Taras@example.com", "no address", null]);
    let (invitations, answers) = (json!([1, 2, 999, null]), json!([true, false, null]));
    let hashes = json!(["00ff", "no hash", null]);
    let keys = json!(["AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAA", null]);
    let urls = json!(["https://models.example/v1", "https://other.example/v1"]);
    let fields: &[(&str, &Value)] = match function {
        Function::MyAccounts | Function::MySessions | Function::MyInvitations => &[],
        Function::ChatsOf
        | Function::PeopleOf
        | Function::InvitationsOf
        | Function::ModelOf
        | Function::RemoveModel => &[("account", &accounts)],
        Function::WithdrawInvitation => &[("account", &accounts), ("invitation", &invitations)],
        Function::AnswerInvitation => &[("invitation", &invitations), ("accept", &answers)],
        Function::UnlinkChat => &[("account", &accounts), ("chat", &chats)],
        Function::Invite => &[("account", &accounts), ("email", &emails)],
        Function::RemovePerson => &[("account", &accounts), ("person", &people)],
        Function::GiveLinkCode => &[("account", &accounts), ("code_hash", &hashes)],
        Function::EndSession => &[("session", &sessions)],
        Function::SetModel => &[("account", &accounts), ("api_key", &keys), ("base_url", &urls)],
    };
    let more = json!({"key_hint": "wxyz", "model": "other"});
    let base = if function == Function::SetModel { more } else { json!({}) };
    fields.iter().fold(vec![base], |made, (field, values)| {
        let values = values.as_array().unwrap();
        let with = |args: &Value, value: &Value| {
            let mut args = args.clone();
            args[*field] = value.clone();
            args
        };
        made.iter().flat_map(|args| values.iter().map(move |value| with(args, value))).collect()
    })
}

/// Who calls what with what, and what came of it.
async fn all_calls(pool: &PgPool, as_person: &[Box<dyn Api>]) -> BTreeMap<String, Outcome> {
    let mut outcomes = BTreeMap::new();
    let mut is_fresh = false;
    for function in Function::ALL {
        for args in arguments(function) {
            for (who, api) in PEOPLE.iter().zip(as_person) {
                if !is_fresh {
                    pool.execute(RESET).await.unwrap();
                }
                let outcome = Outcome::of(api.call(function, args.clone()).await);
                is_fresh = !matches!(outcome, Outcome::Done(_)) || reads_only(function);
                outcomes.insert(format!("{who}: {} {args}", function.name()), outcome);
            }
        }
    }
    outcomes
}

fn reads_only(function: Function) -> bool {
    use Function::{ChatsOf, InvitationsOf, ModelOf, MyAccounts, MyInvitations, MySessions, PeopleOf};
    matches!(function, MyAccounts | ChatsOf | PeopleOf | InvitationsOf | MyInvitations | MySessions | ModelOf)
}

/// What came of somebody's calls of one function.
fn of<'a>(
    outcomes: &'a BTreeMap<String, Outcome>,
    who: &'a str,
    name: &'a str,
) -> impl Iterator<Item = (&'a String, &'a Outcome)> {
    outcomes.iter().filter(move |(call, _)| call.starts_with(who) && call.contains(name))
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn both_transports_give_the_same_and_nothing_of_the_neighbour_s() {
    let lite = Lite::start().await;
    let (mut direct, mut rest) = (Vec::<Box<dyn Api>>::new(), Vec::<Box<dyn Api>>::new());
    for email in PEOPLE {
        let (tokens, identity) = lite.sign_in(email).await;
        direct.push(Box::new(Direct::new(lite.pool.clone(), &identity, HERE)));
        rest.push(Box::new(lite.rest.signed_in(tokens.access, HERE)));
    }
    let direct = all_calls(&lite.pool, &direct).await;
    let rest = all_calls(&lite.pool, &rest).await;
    assert_eq!(direct.len(), rest.len());
    let differ: Vec<_> = direct
        .iter()
        .filter(|(call, outcome)| !rest[*call].is_as(outcome))
        .map(|(call, o)| (call, o, &rest[call]))
        .collect();
    assert!(differ.is_empty(), "{} of {} differ: {differ:#?}", differ.len(), direct.len());

    for function in Function::ALL {
        let name = format!(" {} ", function.name());
        let is_something = |outcome: &Outcome| match outcome {
            Outcome::Done(answer) => *answer != json!([]) && *answer != json!(false) && !answer.is_null(),
            _ => false,
        };
        assert!(
            of(&direct, "olena@", &name).any(|(_, outcome)| is_something(outcome)),
            "{name}gives Olena nothing"
        );
        // Nobody but Taras gets anything with the number of his account, his chats, his place in the account or his session.
        let his = |call: &str| {
            ["\"account\":2", "\"chat\":1002", "\"chat\":-2002", "\"person\":3", "\"session\":3"]
                .iter()
                .any(|his| call.contains(&format!("{his},")) || call.contains(&format!("{his}}}")))
        };
        for (call, outcome) in
            PEOPLE.iter().filter(|who| !who.starts_with("taras")).flat_map(|who| of(&direct, who, &name))
        {
            assert!(!his(call) || !is_something(outcome), "{call}: {outcome:?}");
        }
        for (call, outcome) in of(&direct, "tied@", &name).chain(of(&direct, "stranger@", &name)) {
            assert!(!is_something(outcome), "{call}: {outcome:?}");
        }
    }
}
