//! Bodies that no Telegram would send, 100,000 in all: nothing panics, no update is lost, and the webhook and
//! the turn agree on the chat.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngCore, SeedableRng};
use serde_json::{Map, Value};

use super::{Envelope, Incoming, Malformed, envelope, parse, samples};

/// What is put in the place of a value. Most of it no `serde_json::Value` can hold.
const ABSURD: [&str; 16] = [
    "1e400000",
    "-1e400000",
    "99999999999999999999999999",
    "-0",
    "0.1e-5",
    "null",
    "true",
    "[]",
    "{}",
    r#""""#,
    r#""\u0000""#,
    r#""\ud800""#,
    r#""\udc00\ud83d\ude00\ud83d""#,
    r"[[[[[[[[1e400000]]]]]]]]",
    r#"{"a":1,"a":{"id":"\u0000"},"\ud800":2}"#,
    r#"[null,{"id":1,"type":"mention","offset":1e9,"length":-1},{"type":"mention","offset":0,"length":9}]"#,
];

/// The chat whose turn the webhook would wake is the one that the turn then answers, and what it reads
/// Postgres can keep.
fn assert_agreement(body: &[u8]) -> Option<i64> {
    let shown = || String::from_utf8_lossy(body).into_owned();
    let parsed = parse(body);
    assert!(!format!("{parsed:?}").contains("\\0"), "NUL read from {}", shown());
    let chat_of_parsed = match &parsed {
        Ok(Incoming::Message(message) | Incoming::Edited(message)) => Some(message.chat.id),
        Ok(Incoming::Membership(membership)) => Some(membership.chat.id),
        Ok(Incoming::Button(button)) => Some(button.chat_id),
        Ok(Incoming::Ignored) | Err(_) => None,
    };
    match envelope(body) {
        Envelope::NotAnUpdate(reason) => {
            assert_eq!(parsed, Err(reason), "{}", shown());
            None
        }
        Envelope::Update { chat_id, .. } => {
            assert_ne!(parsed, Err(Malformed::NotAnObject), "{}", shown());
            assert!(chat_of_parsed.is_none() || chat_of_parsed == chat_id, "{}", shown());
            chat_id
        }
    }
}

#[test]
fn random_bytes_are_refused_without_a_panic() {
    let mut rng = StdRng::seed_from_u64(1);
    for _ in 0..40_000 {
        let mut body = vec![0; rng.random_range(0..200)];
        rng.fill_bytes(&mut body);
        assert_eq!(assert_agreement(&body), None);
    }
}

#[test]
fn random_json_is_read_without_a_panic() {
    let mut rng = StdRng::seed_from_u64(2);
    let mut with_chat = 0;
    for _ in 0..20_000 {
        with_chat += u32::from(assert_agreement(random_object(&mut rng, 2).as_bytes()).is_some());
    }
    assert!(with_chat > 500, "only {with_chat} of the bodies had a chat: the test tests nothing");
}

#[test]
fn updates_with_broken_bytes_are_read_without_a_panic() {
    let mut rng = StdRng::seed_from_u64(3);
    let mut kept = 0;
    for _ in 0..30_000 {
        let mut body = samples::ALL.choose(&mut rng).expect("a sample").as_bytes().to_vec();
        for _ in 0..rng.random_range(1..4) {
            let at = rng.random_range(0..body.len());
            match rng.random_range(0..4) {
                0 => body[at] = rng.random(),
                1 => body.insert(at, rng.random()),
                2 => drop(body.remove(at)),
                _ => drop(body.splice(at..at, ABSURD.choose(&mut rng).expect("absurdity").bytes())),
            }
        }
        kept += u32::from(assert_agreement(&body).is_some());
    }
    assert!(kept > 1_000, "only {kept} of the broken bodies were still updates: the test tests nothing");
}

#[test]
fn an_update_survives_whatever_stands_in_its_other_fields() {
    let mut rng = StdRng::seed_from_u64(4);
    let updates = samples::ALL.map(|sample| {
        let Envelope::Update { chat_id, .. } = envelope(sample.as_bytes()) else {
            panic!("no update: {sample}");
        };
        (chat_id, serde_json::from_str::<Value>(sample).expect("JSON"))
    });
    for _ in 0..10_000 {
        let (chat_id, update) = updates.choose(&mut rng).expect("an update");
        let body = write(&mut rng, update, true);
        assert_eq!(assert_agreement(body.as_bytes()), *chat_id, "{body}");
        assert!(parse(body.as_bytes()).is_ok(), "{body}");
    }
}

/// The value as JSON, with absurd values in place of those that are dispensable and with fields that it did
/// not have.
fn write(rng: &mut StdRng, value: &Value, dispensable: bool) -> String {
    match value {
        Value::Object(fields) => write_fields(rng, fields),
        _ if dispensable && rng.random_ratio(1, 4) => absurd(rng).to_owned(),
        Value::Array(elements) => {
            let elements: Vec<_> = elements.iter().map(|element| write(rng, element, true)).collect();
            format!("[{}]", elements.join(","))
        }
        plain => plain.to_string(),
    }
}

fn write_fields(rng: &mut StdRng, fields: &Map<String, Value>) -> String {
    const INDISPENSABLE: &str = "update_id message edited_message my_chat_member callback_query channel_post \
        message_id chat id data new_chat_member status";
    let mut written = Vec::new();
    for (name, value) in fields {
        let dispensable = INDISPENSABLE.split_whitespace().all(|other| other != name);
        if rng.random_ratio(1, 8) {
            // A repeated field that is unreadable, or one that nobody has heard of.
            written.push(format!("\"{}\":{}", if dispensable { name } else { "n\\u0000w" }, absurd(rng)));
        }
        match rng.random_range(0..8) {
            0 if dispensable => {}
            1 if dispensable => written.push(format!("\"{name}\":{}", absurd(rng))),
            _ => written.push(format!("\"{name}\":{}", write(rng, value, dispensable))),
        }
    }
    format!("{{{}}}", written.join(","))
}

fn absurd(rng: &mut StdRng) -> &'static str {
    ABSURD.choose(rng).expect("absurdity")
}

fn random_json(rng: &mut StdRng, depth: u32) -> String {
    match rng.random_range(0..if depth == 0 { 2 } else { 6 }) {
        0 => rng.random_range(-5..5).to_string(),
        1 => absurd(rng).to_owned(),
        2 => {
            let elements: Vec<_> = (0..rng.random_range(0..4)).map(|_| random_json(rng, depth - 1)).collect();
            format!("[{}]", elements.join(","))
        }
        _ => random_object(rng, depth - 1),
    }
}

/// An object with the numbers that an update, a message and a chat need, so that it gets past the first look.
fn random_object(rng: &mut StdRng, depth: u32) -> String {
    const NAMES: &str = "message edited_message my_chat_member callback_query chat chat from text entities \
        offset reply_to_message forward_origin sticker data new_chat_members new_chat_member status id";
    let names: Vec<_> = NAMES.split_whitespace().collect();
    let mut fields = vec![r#""update_id":1,"message_id":2,"id":3"#.to_owned()];
    for _ in 0..rng.random_range(0..7) {
        let name = names.choose(rng).expect("a name");
        fields.push(format!("\"{name}\":{}", random_json(rng, depth)));
    }
    format!("{{{}}}", fields.join(","))
}
