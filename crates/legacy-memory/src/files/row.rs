//! A row's fields. One that cannot be read costs itself: what another program wrote as `NaN`, or with bytes that are no text,
//! counts as absent or as a thing of the wrong shape, and its neighbours are read.

use std::{borrow::Cow, fmt::Write as _};

use brain::object::Object;
use serde_json::value::RawValue;

use super::refusal::Refusal;

/// So deep are bad fields looked for; deeper, the whole object is one.
const DEPTH: u8 = 4;
/// What stands for a value that cannot be read: no field wants it.
const WRONG: &str = "[]";
/// Whose a row is, is not guessed: where not even this name can be read, the value is wrong and not absent.
const CHAT: &str = "\"telegram_chat_id\"";

/// Reads a row with what its fields are to be.
///
/// # Errors
/// When it is no object, and as `read` says. Where bytes that are no text may be why, that is the reason.
pub(super) fn read<T>(
    row: &[u8],
    read: impl FnOnce(&Object<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let text = std::str::from_utf8(row);
    if let Some(object) = text.ok().and_then(Object::parse) {
        return read(&object);
    }
    let because = |why| if text.is_ok() { why } else { Refusal::NotUtf8 };
    let mended = object(row, DEPTH).ok_or_else(|| because(Refusal::NotAnObject))?;
    let object = Object::parse(&mended).ok_or_else(|| because(Refusal::NotAnObject))?;
    read(&object).map_err(because)
}

/// The object with [`WRONG`] in place of each value that cannot be read. `None` where it is none, or nothing can be read of it.
fn object(json: &[u8], depth: u8) -> Option<String> {
    let mut rest = json.trim_ascii().strip_prefix(b"{")?.strip_suffix(b"}")?;
    let mut mended = String::from("{");
    let mut is_any_read = false;
    while !rest.is_empty() {
        let field;
        (field, rest) = split(rest, b',');
        let (name, value) = split(field, b':');
        let name = std::str::from_utf8(name.trim_ascii()).ok();
        let (name, value) = match name.filter(|name| name.starts_with('"') && is_json(name)) {
            Some(name) => (name, value.trim_ascii()),
            None if names_chat(field) => (CHAT, &b""[..]),
            None => continue,
        };
        let value = match value {
            b"NaN" | b"Infinity" | b"-Infinity" => Cow::Borrowed("null"),
            value => {
                self::value(value, depth).inspect(|_| is_any_read = true).unwrap_or(Cow::Borrowed(WRONG))
            }
        };
        if mended.len() > 1 {
            mended.push(',');
        }
        mended.push_str(name);
        mended.push(':');
        mended.push_str(&value);
    }
    mended.push('}');
    is_any_read.then_some(mended)
}

/// A value as JSON, mended where it is an object or only not escaped as JSON wants it.
fn value(json: &[u8], depth: u8) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(json).ok();
    if let Some(text) = text.filter(|text| is_json(text)) {
        return Some(Cow::Borrowed(text));
    }
    match json.first()? {
        b'{' if depth > 0 => object(json, depth - 1).map(Cow::Owned),
        b'"' => {
            let mut escaped = String::with_capacity(json.len());
            for char in text?.chars() {
                match char {
                    // A line break within a text, for one.
                    '\0'..' ' => _ = write!(escaped, "\\u{:04x}", u32::from(char)),
                    char => escaped.push(char),
                }
            }
            is_json(&escaped).then_some(Cow::Owned(escaped))
        }
        _ => None,
    }
}

fn names_chat(field: &[u8]) -> bool {
    let name = CHAT.trim_matches('"').as_bytes();
    field.windows(name.len()).any(|some| some == name)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// What stands before the first `separator` that is in no text and no brackets, and what stands after it.
fn split(json: &[u8], separator: u8) -> (&[u8], &[u8]) {
    let (mut depth, mut in_text, mut escaped) = (0_u64, false, false);
    for (index, byte) in json.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            byte if *byte == separator && depth == 0 => return (&json[..index], &json[index + 1..]),
            _ => {}
        }
    }
    (json, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text `t` and the number `n` of a row.
    fn fields(row: &[u8]) -> Result<(Option<String>, Option<i64>), Refusal> {
        read(row, |row| Ok((row.text("t"), row.integer("n"))))
    }

    #[test]
    fn a_field_that_cannot_be_read_costs_itself() {
        for row in [
            r#"{"t": "x", "n": 1, "bad": NaN}"#,
            r#"{"bad": Infinity, "t": "x", "n": 1}"#,
            r#"{"t": "x", "bad": -Infinity, "n": 1}"#,
            r#"{"t": "x", "bad": [0.1, NaN, {"y": NaN}], "n": 1}"#,
            r#"{"t": "x", "bad": {"y": NaN}, "n": 1}"#,
            r#"{"t": "x", "bad": yes, "n": 1}"#,
            r#"{"t": "x", "bad": 01, "n": 1}"#,
            r#"{"t": "x", "bad": , "n": 1}"#,
            r#"{"t": "x", "bad", "n": 1}"#,
            r#"{"t": "x", bad: 2, "n": 1}"#,
            r#"{"t": "x", "bad": "\x", "n": 1}"#,
            r#"{"t": "x", "bad": 'y', "n": 1}"#,
            r#"{"t": "x",, "n": 1,}"#,
            r#"{"t": "x", "bad": datetime.datetime(2025, 1, 2), "n": 1}"#,
            "{\"t\": \"x\", \"bad\": \"a\nb\", \"n\": 1}",
        ] {
            assert_eq!(fields(row.as_bytes()), Ok((Some("x".into()), Some(1))), "{row}");
        }
        let bytes = b"{\"t\": \"x\", \"bad\": \"\xFF\", \"\xFE\": 2, \"n\": 1}";
        assert_eq!(fields(bytes), Ok((Some("x".into()), Some(1))));
    }

    #[test]
    fn a_line_break_that_is_not_escaped_is_one() {
        assert_eq!(fields(b"{\"t\": \"a\nb\\\"\t\"}").unwrap().0.as_deref(), Some("a\nb\"\t"));
    }

    #[test]
    fn a_number_that_is_none_is_absent_and_another_bad_value_is_wrong() {
        let raw = |row: &str| read(row.as_bytes(), |row| Ok(row.raw("n").map(str::to_owned)));
        assert_eq!(raw(r#"{"t": "x", "n": NaN}"#), Ok(None));
        assert_eq!(raw(r#"{"t": "x", "n": 12x}"#), Ok(Some("[]".into())));
    }

    #[test]
    fn a_chat_whose_name_cannot_be_read_is_wrong_and_not_absent() {
        for field in [
            "\"telegram_chat_id\" 7",
            "x\"telegram_chat_id\": 7",
            "telegram_chat_id: 7",
            "'telegram_chat_id': 7",
        ] {
            let row = format!("{{\"t\": \"x\", {field}}}");
            let raw = read(row.as_bytes(), |row| Ok(row.raw("telegram_chat_id").map(str::to_owned)));
            assert_eq!(raw, Ok(Some("[]".into())), "{field}");
        }
    }

    #[test]
    fn an_object_within_is_mended_too() {
        let row = br#"{"inner": {"t": "x", "bad": NaN}, "bad": NaN}"#;
        let text = read(row, |row| Ok(row.object("inner").and_then(|inner| inner.text("t"))));
        assert_eq!(text, Ok(Some("x".into())));
    }

    #[test]
    fn a_row_of_which_nothing_can_be_read_is_no_object() {
        for row in ["", "NaN", "[NaN]", "{NaN}", "{\"t\": NaN}", "{]}", "{,}", "{", "{}}", "\"x"] {
            assert_eq!(fields(row.as_bytes()), Err(Refusal::NotAnObject), "{row}");
        }
        assert_eq!(fields(b"{\"\xFF\"}"), Err(Refusal::NotUtf8));
        let deep = format!("{}NaN{}", r#"{"t": "#.repeat(100_000), "}".repeat(100_000));
        assert_eq!(fields(deep.as_bytes()), Err(Refusal::NotAnObject));
    }

    #[test]
    fn bytes_that_are_no_text_are_the_reason_where_they_cost_the_row() {
        let text = |row: &[u8]| read(row, |row| row.text("t").ok_or(Refusal::NoContent));
        assert_eq!(text(b"{\"t\": \"\xFF\", \"n\": 1}"), Err(Refusal::NotUtf8));
        assert_eq!(text(b"{\"t\": \"x\", \"n\": \"\xFF\"}"), Ok("x".into()));
    }
}
