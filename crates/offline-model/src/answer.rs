//! The answer in words: to questions, what was said; to what is told, that it will be remembered.

use crate::{
    facts::{quotation, quoted},
    language::{Phrases, phrases},
    reservations::asks,
    retrieve::{Note, Question, Sentence, find, told},
    statements::statements,
    words::sentences,
};

/// So many questions of one message are answered.
const QUESTIONS: usize = 3;
/// What is longer is quoted up to here, in characters.
const LONGEST: usize = 300;

/// A message to answer, and what bears on it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The message; its note says who asks, and when.
    pub message: Note<'a>,
    /// What people said, and facts; not the bot's own words.
    pub notes: Vec<Note<'a>>,
}

/// The answer, never empty. The same question always gets the same one.
#[must_use]
pub fn answer(asked: &Asked<'_>) -> String {
    let Note { speaker, text, .. } = asked.message;
    let by = speaker.unwrap_or_default();
    let own = phrases(text);
    let questions: Vec<&str> = sentences(text).filter(|sentence| asks(sentence)).collect();
    if questions.is_empty() {
        let told: Vec<String> =
            statements(text).iter().map(|statement| format!("“{}”", statement.text)).collect();
        return if told.is_empty() {
            own.understood.to_owned()
        } else {
            format!("{} {}", own.noted, told.join(", "))
        };
    }
    let notes: Vec<Note<'_>> =
        asked.notes.iter().chain([&asked.message]).map(|note| by_its_speaker(note)).collect();
    let told = told(&notes);
    let mut lines: Vec<String> = Vec::new();
    for sentence in questions.into_iter().take(QUESTIONS) {
        let reply = reply(&Question::read(sentence), by, &told, phrases(sentence));
        if !lines.contains(&reply) {
            lines.push(reply);
        }
    }
    lines.join("\n")
}

/// A fact in somebody's own words is theirs.
fn by_its_speaker<'a>(note: &Note<'a>) -> Note<'a> {
    match quoted(note.text).filter(|_| note.speaker.is_none()) {
        Some((speaker, text)) => Note { speaker: Some(speaker), text, ..*note },
        None => *note,
    }
}

fn reply(question: &Question, asker: &str, told: &[Sentence<'_>], own: &Phrases) -> String {
    let found = find(question, asker, told);
    if found.sentences.is_empty() {
        return if question.of_bot { own.introduction } else { own.unknown }.to_owned();
    }
    let opening = found.unsure.then(|| own.nearest.to_owned());
    let quotes = found.sentences.iter().map(|sentence| with_name_and_date(sentence, own));
    opening.into_iter().chain(quotes).collect::<Vec<_>>().join("\n")
}

fn with_name_and_date(sentence: &Sentence<'_>, own: &Phrases) -> String {
    let day = sentence.at.format("%Y-%m-%d");
    let text = match sentence.text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &sentence.text[..end]),
        None => sentence.text.to_owned(),
    };
    match sentence.speaker {
        Some(speaker) => quotation(&format!("{speaker}, {day}"), &text),
        None => format!("{} {day}: {text}", own.known_since),
    }
}
