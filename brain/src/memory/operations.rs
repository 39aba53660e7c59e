//! What the model wants to change about the facts, and what of it may be believed.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::{Author, FactKind, Remembered};
use crate::ids::HistoryId;

/// The longest fact, in characters; what is longer is a story and no fact.
const LONGEST: usize = 400;
/// The most words of a narrative.
const NARRATIVE_WORDS: usize = 300;

/// One change, with the people's messages that say so. Never without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is to change.
    pub what: What,
    /// Ids of the messages, all of them in the transcript and none of them the bot's own.
    pub sources: Vec<HistoryId>,
}

/// What is to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Something new.
    Add(Wording),
    /// The fact of that number is now like this.
    Update(i32, Wording),
    /// The fact of that number is no longer true.
    Retire(i32),
}

/// A fact's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// The fact, in a sentence.
    pub text: String,
    /// What sort of fact.
    pub kind: FactKind,
    /// Whom or what it is about.
    pub about: Option<String>,
}

/// What came of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// What may be believed.
    pub changes: Vec<Change>,
    /// How many operations were refused: no source in the transcript, a fact that does not exist, nothing said.
    pub refused: usize,
    /// The conversation so far in at most 300 words, where the answer had one.
    pub narrative: Option<String>,
}

/// An answer that is not the JSON document that was asked for. The words are for the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(String);

#[derive(Deserialize)]
struct Document {
    facts: Vec<Value>,
    #[serde(default)]
    narrative: Option<String>,
}

/// Reads an answer. `transcript` is what the model was shown, `known` the numbers of the facts that it was shown.
///
/// One operation that cannot be believed is refused and counted, and the others stand.
///
/// # Errors
/// When the answer as a whole cannot be read; the model should be asked again with these words.
pub fn read_answer(answer: &str, transcript: &[Remembered], known: &[i32]) -> Result<Reading, Unusable> {
    let document: Document = serde_json::from_str(document(answer))
        .map_err(|error| Unusable(format!("it is not the JSON document {{\"facts\":[...]}}: {error}")))?;
    let said: BTreeSet<HistoryId> = transcript
        .iter()
        .filter(|message| message.author == Author::User)
        .map(|message| message.id)
        .collect();
    let asked = document.facts.len();
    let changes: Vec<Change> =
        document.facts.iter().filter_map(|operation| change(operation, &said, known)).collect();
    Ok(Reading {
        refused: asked - changes.len(),
        changes,
        narrative: document.narrative.map(|text| at_most_words(&text)).filter(|text| !text.is_empty()),
    })
}

/// The JSON in an answer that may be wrapped in a code block or in words.
fn document(answer: &str) -> &str {
    match (answer.find('{'), answer.rfind('}')) {
        (Some(start), Some(end)) if start < end => &answer[start..=end],
        _ => answer,
    }
}

fn change(operation: &Value, said: &BTreeSet<HistoryId>, known: &[i32]) -> Option<Change> {
    let mut sources: Vec<HistoryId> = operation["sources"]
        .as_array()?
        .iter()
        .filter_map(|source| number(source).map(HistoryId))
        .filter(|id| said.contains(id))
        .collect();
    sources.sort_unstable();
    sources.dedup();
    if sources.is_empty() {
        return None;
    }
    let target =
        || number(&operation["id"]).and_then(|id| i32::try_from(id).ok()).filter(|id| known.contains(id));
    let what = match operation["op"].as_str()? {
        "add" => What::Add(wording(operation)?),
        "update" => What::Update(target()?, wording(operation)?),
        "retire" => What::Retire(target()?),
        _ => return None,
    };
    Some(Change { what, sources })
}

fn wording(operation: &Value) -> Option<Wording> {
    let text = one_line(operation["text"].as_str()?);
    let about = operation["about"].as_str().map(one_line).filter(|about| !about.is_empty());
    (!text.is_empty() && text.chars().count() <= LONGEST).then(|| Wording {
        text,
        kind: FactKind::parse(operation["kind"].as_str().unwrap_or_default()),
        about: about.map(|about| about.chars().take(100).collect()),
    })
}

/// `12`, `"12"`, `"#12"` and `"f12"` all mean 12: models are not exact about it.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok())
}

/// Without line breaks, which would let a fact look like a part of the prompt, and without what PostgreSQL does not take.
fn one_line(text: &str) -> String {
    text.replace('\0', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The first 300 words, to the end of a sentence where there is one.
fn at_most_words(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let kept = words[..words.len().min(NARRATIVE_WORDS)].join(" ").replace('\0', "");
    if words.len() <= NARRATIVE_WORDS {
        return kept;
    }
    match kept.rfind(['.', '!', '?', '…']) {
        Some(end) => kept[..end + kept[end..].chars().next().map_or(1, char::len_utf8)].to_owned(),
        None => kept,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn transcript() -> Vec<Remembered> {
        [(1, Author::User), (2, Author::Assistant), (3, Author::User)]
            .map(|(id, author)| Remembered {
                id: HistoryId(id),
                author,
                speaker: None,
                text: "words".into(),
                said_at: DateTime::<Utc>::UNIX_EPOCH,
            })
            .to_vec()
    }

    fn read(answer: &str) -> Reading {
        read_answer(answer, &transcript(), &[12]).unwrap()
    }

    #[test]
    fn operations_with_a_source_are_taken_whatever_is_around_them() {
        let reading = read(
            "Here you are:\n```json\n{\"facts\":[{\"op\":\"add\",\"id\":null,\"text\":\"Olena\\nlives in Lviv\",\"kind\":\"person\",\"about\":\"Olena\",\"sources\":[\"#3\",1,3]},
             {\"op\":\"retire\",\"id\":\"f12\",\"sources\":[1]}]}\n```",
        );
        assert_eq!(reading.refused, 0);
        assert_eq!(reading.changes[0].sources, [HistoryId(1), HistoryId(3)]);
        assert!(
            matches!(&reading.changes[0].what, What::Add(fact) if fact.text == "Olena lives in Lviv" && fact.kind == FactKind::Person)
        );
        assert_eq!(reading.changes[1].what, What::Retire(12));
    }

    #[test]
    fn what_nobody_said_is_refused_and_counted() {
        let refused = [
            r#"{"op":"add","text":"no source","sources":[]}"#,
            r#"{"op":"add","text":"not in the transcript","sources":[99]}"#,
            r#"{"op":"add","text":"the bot's own words","sources":[2]}"#,
            r#"{"op":"update","id":13,"text":"a fact that was not shown","sources":[1]}"#,
            r#"{"op":"add","text":"  ","sources":[1]}"#,
            r#"{"op":"invent","text":"what is this","sources":[1]}"#,
            "17",
        ];
        let reading = read(&format!(
            r#"{{"facts":[{},{{"op":"add","text":"good","sources":[1]}}]}}"#,
            refused.join(",")
        ));
        assert_eq!((reading.changes.len(), reading.refused), (1, refused.len()));
    }

    #[test]
    fn another_document_is_unusable_with_words_that_help() {
        for answer in ["I found no facts.", "{\"facts\":", "[]", "{\"fact\":[]}"] {
            let unusable = read_answer(answer, &transcript(), &[]).unwrap_err();
            assert!(unusable.to_string().contains("{\"facts\":[...]}"), "{answer}: {unusable}");
        }
    }

    #[test]
    fn a_narrative_ends_with_a_sentence_within_three_hundred_words() {
        let long = "One two three four. ".repeat(80);
        let narrative = at_most_words(&long);
        assert!(narrative.split_whitespace().count() <= NARRATIVE_WORDS && narrative.ends_with('.'));
        assert_eq!(at_most_words("Short and good"), "Short and good");
    }
}
