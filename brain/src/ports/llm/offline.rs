//! The built-in offline model (the crate `offline-model`): a prompt as its data, what it finds as an answer.

use offline_model::{Asked, Change, Kind, Known, Line, Note, answer, extract};
use serde_json::json;

use super::{ChatAnswer, ChatRequest, ExtractionPrompt, FORWARDED, Prompt, ReplyPrompt, Said};

/// The model's name, wherever one is shown.
pub const MODEL: &str = "offline (built in)";

/// Stands for the name of a person who has none.
const SOMEBODY: &str = "User";

/// Any prompt gets an answer, the same one always. What it quotes is short: it keeps within any limit that is asked for in
/// earnest. It counts no tokens of the prompt, whose reader it is not.
pub(super) fn complete(request: &ChatRequest) -> ChatAnswer {
    let text = match &request.prompt {
        Prompt::Reply(prompt) => reply(prompt),
        Prompt::Extraction(prompt) => fact_operations(prompt),
    };
    // A quarter of the characters, as it is usual to estimate.
    let tokens_out = u32::try_from(text.chars().count().div_ceil(4)).unwrap_or(u32::MAX);
    ChatAnswer { text, model: MODEL.to_owned(), tokens_in: 0, tokens_cached: 0, tokens_out }
}

fn reply(prompt: &ReplyPrompt) -> String {
    let facts = prompt.facts.iter().map(|fact| Note { speaker: None, at: fact.since, text: &fact.text });
    let said = prompt.recalled.iter().chain(&prompt.recent).filter(|said| !said.by_bot);
    let said = said.map(|said| {
        let (author, text) = own_words(&said.text);
        let speaker = if prompt.is_group { said.speaker.as_deref() } else { Some(prompt.speaker.as_str()) };
        Note { speaker: author.or(speaker).or(Some(SOMEBODY)), at: said.at, text }
    });
    // A forwarded message is somebody else's words, and is left as it is: it says nothing of who passes it on.
    let text = match own_words(&prompt.current) {
        (Some(_), _) => prompt.current.as_str(),
        (None, text) => text,
    };
    let message = Note { speaker: Some(&prompt.speaker), at: prompt.asked_at, text };
    answer(&Asked { message, notes: facts.chain(said).collect() })
}

fn fact_operations(prompt: &ExtractionPrompt) -> String {
    let known: Vec<Known<'_>> =
        prompt.facts.iter().map(|fact| Known { number: fact.number, text: &fact.text }).collect();
    let transcript: Vec<Line<'_>> = prompt.transcript.iter().filter_map(line).collect();
    let facts: Vec<_> = extract(&known, &transcript).iter().map(operation).collect();
    json!({"facts": facts}).to_string()
}

/// What a person says in a message; the bot's words are no evidence, nor are those that somebody passes on.
fn line(said: &Said) -> Option<Line<'_>> {
    let (author, text) = own_words(&said.text);
    let speaker = said.speaker.as_deref().unwrap_or(SOMEBODY);
    (!said.by_bot && author.is_none()).then_some(Line { id: said.id, speaker, text })
}

fn operation(change: &Change) -> serde_json::Value {
    let kind = match change.kind {
        Kind::Person => "person",
        Kind::Preference => "preference",
        Kind::Decision => "decision",
    };
    json!({
        "op": if change.instead_of.is_some() { "update" } else { "add" },
        "id": change.instead_of,
        "text": change.text,
        "kind": kind,
        "about": change.about,
        "sources": change.sources,
    })
}

/// The author of a forwarded message, and a message's text without what it says of itself (`[photo]`).
fn own_words(text: &str) -> (Option<&str>, &str) {
    if let Some((author, text)) = text.strip_prefix(FORWARDED).and_then(|rest| rest.split_once(']')) {
        return (Some(author), text.trim_start());
    }
    let tagged = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    (None, tagged.map_or(text, |(_, rest)| rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::ports::llm::KnownFact;

    fn said(id: i64, speaker: Option<&str>, text: &str) -> Said {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        Said { id, by_bot: speaker.is_none(), speaker: speaker.map(str::to_owned), at, text: text.into() }
    }

    fn asked(prompt: ReplyPrompt, current: &str) -> String {
        let prompt = ReplyPrompt { speaker: "Olena".into(), current: current.into(), ..prompt };
        complete(&ChatRequest { model: "any".into(), prompt: Prompt::Reply(prompt), max_tokens: 100 }).text
    }

    #[test]
    fn facts_and_messages_are_told_with_whose_they_are() {
        let history = [
            said(1, Some("Olena"), "[forwarded, written by Taras] I live in Kyiv"),
            said(2, Some("Olena"), "[photo] My cat is grey"),
            said(3, None, "I live in a server"),
        ];
        let fact =
            KnownFact { number: 1, since: DateTime::UNIX_EPOCH, text: "Olena: “I like tea”".into() };
        let prompt = ReplyPrompt { recent: history.to_vec(), facts: vec![fact], ..ReplyPrompt::default() };
        for (question, answer) in [
            ("Where do I live?", "Nobody has told me that yet. Tell me, and I will remember it."),
            ("Where does Taras live?", "Taras, 1970-01-01: “I live in Kyiv”"),
            ("What colour is my cat?", "Olena, 1970-01-01: “My cat is grey”"),
            ("What do I like?", "Olena, 1970-01-01: “I like tea”"),
            ("[photo] I live in Rome", "I will remember: “I live in Rome”"),
            ("[forwarded, written by Taras] I live in Kyiv", "All right!"),
        ] {
            let answered = asked(prompt.clone(), question);
            assert!(answered.ends_with(answer), "{question} -> {answered}");
        }
    }

    #[test]
    fn fact_operations_have_every_field_and_come_from_people_only() {
        let prompt = ExtractionPrompt {
            facts: vec![KnownFact {
                number: 12,
                since: DateTime::UNIX_EPOCH,
                text: "Olena: “I live in Kyiv”".into(),
            }],
            transcript: vec![
                said(1, None, "I live in Oslo"),
                said(2, Some("Taras"), "[forwarded, written by Felix] I live in Rome"),
                said(3, Some("Olena"), "Hi! I moved to Lviv."),
                said(4, Some("Taras"), "I love jazz"),
            ],
            ..ExtractionPrompt::default()
        };
        let request =
            ChatRequest { model: "any".into(), prompt: Prompt::Extraction(prompt), max_tokens: 100 };
        let document: serde_json::Value = serde_json::from_str(&complete(&request).text).unwrap();
        assert_eq!(
            document,
            json!({"facts": [
                {"op": "update", "id": 12, "text": "Olena: “I moved to Lviv”", "kind": "person", "about": "Olena", "sources": [3]},
                {"op": "add", "id": null, "text": "Taras: “I love jazz”", "kind": "preference", "about": "Taras", "sources": [4]},
            ]})
        );
    }
}
