//! Why something did not work elsewhere, in words that may be logged and kept.

use std::{borrow::Cow, collections::HashSet, fmt};

use reqwest::header::{self, HeaderName};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// The most characters of a reason.
const LONGEST: usize = 200;
/// Stands where something was left out.
const LEFT_OUT: &str = "…";
/// Shorter pieces are only taken for what was sent where they are a whole word.
const TELLING: usize = 4;

/// Headers that say in what form something is sent, and nothing of it.
const ABOUT_FORM: [HeaderName; 4] =
    [header::ACCEPT, header::CONTENT_TYPE, header::CONTENT_LENGTH, header::USER_AGENT];

/// Why another server did not do what was asked: at most 200 characters on one line, nothing quoted, and nothing of what was sent
/// there. Errors of ports hold this and no text of their own; a log, a job and a row take nothing else, so that none can be forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(Cow<'static, str>);

impl Reason {
    /// From what somebody else wrote, who was sent this.
    #[must_use]
    pub fn said(text: &str, sent: &Sent) -> Self {
        // What is cut off here could not be in the reason, and nobody searches a megabyte of it.
        let text: String =
            text.chars().take(4 * LONGEST).map(|c| if is_written(c) { c } else { ' ' }).collect();
        Self(cut(&sent.left_out_of(&without_quotes(&text))).into())
    }

    /// A status and nothing else.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self(format!("status {status}").into())
    }

    /// The same with more behind it, which is ours.
    #[must_use]
    pub fn and(self, ours: &'static str) -> Self {
        Self(cut(&format!("{} {ours}", self.0)).into())
    }

    /// What an error says whose every part is a reason, a number or ours.
    pub(crate) fn of(error: &dyn std::error::Error) -> Self {
        Self(cut(&error.to_string()).into())
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Our own words.
impl From<&'static str> for Reason {
    fn from(ours: &'static str) -> Self {
        Self(ours.into())
    }
}

/// The database is told what people say, but as values: its words name tables, columns and constraints, and quote values.
impl From<&sqlx::Error> for Reason {
    fn from(error: &sqlx::Error) -> Self {
        let words = format!("database: {error}");
        Self::said(&words, &Sent::default())
    }
}

/// For what is stored elsewhere as a reason.
impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::said(&text, &Sent::default()))
    }
}

/// What was sent to a server that may repeat it: texts, keys, addresses.
#[derive(Clone, Default)]
pub struct Sent {
    texts: Vec<String>,
}

impl Sent {
    /// With a request: the values of its JSON, its keys, and its address without the name of what is called. A body that is a
    /// stream has to be named with [`and`](Self::and).
    #[must_use]
    pub fn with(request: &reqwest::Request) -> Self {
        let url = request.url();
        let place = url.path().rsplit_once('/').map_or("", |(place, _)| place);
        let mut texts = vec![place.to_owned(), url.query().unwrap_or_default().to_owned()];
        let keys = request.headers().iter().filter(|(name, _)| !ABOUT_FORM.contains(name));
        texts.extend(keys.filter_map(|(_, value)| value.to_str().ok()).map(str::to_owned));
        if let Some(body) = request.body().and_then(reqwest::Body::as_bytes) {
            match serde_json::from_slice(body) {
                Ok(body) => strings(&body, &mut texts),
                Err(_) => texts.push(String::from_utf8_lossy(body).into_owned()),
            }
        }
        Self { texts }
    }

    /// And this.
    #[must_use]
    pub fn and(mut self, text: impl Into<String>) -> Self {
        self.texts.push(text.into());
        self
    }

    /// And all of that.
    #[must_use]
    pub fn and_all(mut self, other: Self) -> Self {
        self.texts.extend(other.texts);
        self
    }

    /// The text without every word that was sent.
    fn left_out_of(&self, text: &str) -> String {
        let lower: Vec<String> = self.texts.iter().map(|text| text.to_lowercase()).collect();
        let words: HashSet<&str> = lower.iter().flat_map(|text| runs(text)).collect();
        let was_sent = |run: &str| {
            let run = run.to_lowercase();
            words.contains(run.as_str())
                || (run.len() >= TELLING && lower.iter().any(|text| text.contains(&run)))
                // Not as short as the `auth` of an address, which is in many a code.
                || words.iter().any(|word| word.len() > TELLING && run.contains(word))
        };
        let kept = text.split_whitespace().map(|word| if runs(word).any(was_sent) { LEFT_OUT } else { word });
        kept.collect::<Vec<_>>().join(" ")
    }
}

/// The letters and digits that stand together; `model_not_found` is one.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|run| !run.is_empty())
}

fn strings(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Number(number) => into.push(number.to_string()),
        Value::Array(values) => values.iter().for_each(|value| strings(value, into)),
        Value::Object(fields) => fields.values().for_each(|value| strings(value, into)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Neither a control character nor one that turns or hides what stands around it.
fn is_written(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Leaves out what stands in quotation marks; from a mark that nothing closes to the end.
fn without_quotes(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, open)) = rest.char_indices().find(|(at, c)| opens(rest, *at, *c)) {
        let close = match open {
            '«' => '»',
            '“' => '”',
            '‘' => '’',
            '„' => '“',
            same => same,
        };
        kept.push_str(&rest[..at]);
        kept.push_str(LEFT_OUT);
        let quoted = &rest[at + open.len_utf8()..];
        let Some(end) = quoted.find(close) else { return kept };
        rest = &quoted[end + close.len_utf8()..];
    }
    kept + rest
}

/// An apostrophe within a word (`can't`) opens nothing.
fn opens(text: &str, at: usize, mark: char) -> bool {
    match mark {
        '"' | '`' | '«' | '“' | '„' | '‘' => true,
        '\'' => !text[..at].ends_with(char::is_alphanumeric),
        _ => false,
    }
}

fn cut(text: &str) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    words.dedup_by(|next, before| *next == LEFT_OUT && *before == LEFT_OUT);
    let text = words.join(" ");
    match text.char_indices().nth(LONGEST) {
        None => text,
        Some(_) => text.chars().take(LONGEST - 1).chain(LEFT_OUT.chars()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, sent: &str) -> String {
        Reason::said(text, &Sent::default().and(sent)).to_string()
    }

    #[test]
    fn what_says_what_is_wrong_stays() {
        for (text, sent) in [
            (
                "Bad Request: can't parse entities: Can't find end of the entity starting at byte offset 3",
                "*hi",
            ),
            ("Forbidden: bot was blocked by the user", "My sister is ill"),
            ("Bad Request: TOPIC_CLOSED", "one"),
            ("", "one"),
        ] {
            assert_eq!(said(text, sent), text);
        }
    }

    #[test]
    fn what_is_quoted_goes() {
        for (text, left) in [
            ("unsupported start tag \"Anna\" at byte offset 3", "unsupported start tag … at byte offset 3"),
            ("near 'my diary' and `Anna` and «Anna» and “Anna”", "near … and … and … and …"),
            ("it's not 'Anna", "it's not …"),
            ("unexpected \"Anna and all that follows", "unexpected …"),
        ] {
            assert_eq!(said(text, ""), left, "{text}");
        }
    }

    #[test]
    fn what_was_sent_goes_however_it_is_repeated() {
        let sent = "My password is hunter2, and Ivan's diary says 我的密码是猫";
        for echo in ["hunter2", "HUNTER2.", "hunter2hunter2", "(hunter2)", "密码是猫", "x=hunter2&y", "diary"]
        {
            let left = said(&format!("cannot read: {echo} there"), sent);
            assert_eq!(left, "cannot read: … there", "{echo}");
        }
        assert_eq!(
            said("Incorrect API key provided: sk-1a2b", "Bearer sk-1a2b"),
            "Incorrect API key provided: …"
        );
        assert_eq!(said(&format!("invalid: {sent}"), sent), "invalid: …");
    }

    #[test]
    fn it_is_one_short_line_whatever_comes() {
        let left = said("one\r\ntwo\u{1b}[31mred\u{0}\u{7}\u{202e}evil\u{200b}", "");
        assert_eq!(left, "one two [31mred evil");
        let left = said(&"long ".repeat(1 << 18), "");
        assert!(left.chars().count() == LONGEST && left.ends_with(LEFT_OUT), "{left}");
        let left = said(&"Ж".repeat(1 << 20), "");
        assert_eq!(left.chars().count(), LONGEST);
    }

    #[test]
    fn a_request_says_what_was_sent_with_it() {
        let request = reqwest::Client::new()
            .post("https://example.com/bot4242:token/sendMessage?email=olena")
            .bearer_auth("sk-1a2b")
            .json(&serde_json::json!({"messages": [{"content": "I live in Lviv"}], "n": 77}))
            .build()
            .unwrap();
        let reason = Reason::said("messages: Lviv sk-1a2b token olena 77", &Sent::with(&request));
        assert_eq!(reason.as_str(), "messages: …");
    }
}
