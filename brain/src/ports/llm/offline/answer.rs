//! The answer in words: to questions from what the prompt holds, to statements that they will be remembered.

use super::claim::{Claim, Slot};
use super::clause::{Clause, clauses, sentences};
use super::knowledge::{Knowledge, Statement, stated};
use super::language::Language;
use super::meanings::Meaning;
use super::person::{addressed, capitalized, second_person};
use super::phrases::{Phrases, fill};
use super::prompt::{Prompt, Source};
use super::question::{Question, Term, asks};
use super::retrieve::find;
use super::worth::worth;
use crate::ports::llm::render::PromptMessage;

/// So many questions of one message are answered.
const QUESTIONS: usize = 3;
/// So many statements make one answer.
const STATEMENTS: usize = 5;
/// Sentences up to this many characters are told whole.
const WHOLE_SENTENCE: usize = 200;

/// The answer to a prompt's last message, never empty.
pub(super) fn answer(messages: &[PromptMessage]) -> String {
    let prompt = Prompt::read(messages);
    let language = Language::of(prompt.current.lines().last().unwrap_or_default());
    if !prompt.current.chars().any(char::is_alphanumeric) {
        return Phrases::of(language).empty.to_owned();
    }
    let knowledge = Knowledge::of(&prompt);
    let questions = questions(&prompt);
    if questions.is_empty() {
        return acknowledge(&prompt.current, &knowledge, language);
    }
    let mut lines: Vec<String> = Vec::new();
    for question in questions.iter().take(QUESTIONS) {
        let line = reply(question, &knowledge);
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// The questions of the current message; one that only points back borrows what the message before it was about.
fn questions(prompt: &Prompt<'_>) -> Vec<Question> {
    let mut questions: Vec<_> = sentences(&prompt.current)
        .map(|(sentence, language)| Clause::new(sentence, language))
        .filter(asks)
        .flat_map(clauses)
        .map(|clause| Question::read(&clause))
        .collect();
    if questions.iter().any(|question| !question.terms.is_empty()) {
        questions.retain(|question| !question.terms.is_empty());
    } else {
        questions.truncate(1);
    }
    let before = prompt.said.iter().rev().find(|said| {
        said.source == Source::Recent && said.speaker.is_none_or(|name| Some(name) == prompt.asker)
    });
    for question in questions.iter_mut().filter(|question| {
        question.refers_back
            || (question.terms.is_empty() && !question.claim.first_person && !question.of_bot)
    }) {
        let Some(before) = before else { break };
        let earlier = Question::read(&Clause::new(&before.text, Language::of(&before.text)));
        let about = earlier.terms.into_iter().filter(|term| !term.hint);
        question.terms.extend(about.map(|term| Term { hint: true, required: false, ..term }));
        question.claim.first_person |= earlier.claim.first_person;
    }
    questions
}

fn reply(question: &Question, knowledge: &Knowledge<'_>) -> String {
    let phrases = Phrases::of(question.language);
    let claim = &question.claim;
    let own_name = claim.slot == Some(Slot::Name) && claim.is_of_oneself();
    if own_name {
        let name = knowledge.asker.as_deref();
        return name
            .map_or_else(|| phrases.unknown.to_owned(), |name| fill(phrases.your_name, &[("name", name)]));
    }
    let found = find(question, &knowledge.statements, STATEMENTS);
    if found.statements.is_empty() || (found.unsure && question.of_bot) {
        return if question.of_bot { phrases.introduction } else { phrases.unknown }.to_owned();
    }
    let opening = found.unsure.then(|| phrases.unsure.to_owned());
    let told = found.statements.into_iter().map(|statement| told(statement, question.language));
    opening.into_iter().chain(told).collect::<Vec<_>>().join("\n")
}

/// A statement as its asker is told of it.
fn told(statement: &Statement<'_>, language: Language) -> String {
    let phrases = Phrases::of(language);
    let date = phrases.day(statement.date);
    let by_asker = statement.speaker.is_none();
    // The whole sentence says more; a long one would bury the answer.
    let whole = statement.sentence.chars().count() <= WHOLE_SENTENCE;
    let quoted = if whole {
        Clause::new(statement.sentence, statement.clause.language)
    } else {
        statement.clause.clone()
    };
    if statement.source != Source::Fact
        && by_asker
        && date.is_empty()
        && language == Language::English
        && let Some(told) = second_person(&quoted)
    {
        return format!("{}.", capitalized(&told));
    }
    let phrase = match (statement.source, by_asker, date.is_empty()) {
        (Source::Fact, _, true) => phrases.fact,
        (Source::Fact, _, false) => phrases.fact_since,
        (_, true, true) => phrases.you_said,
        (_, true, false) => phrases.you_said_on,
        (_, false, true) => phrases.other_said,
        (_, false, false) => phrases.other_said_on,
    };
    let name = statement.speaker.unwrap_or_default();
    fill(phrase, &[("name", name), ("date", &date), ("text", quoted.gist())])
}

/// What is said to a message that asks nothing.
fn acknowledge(current: &str, knowledge: &Knowledge<'_>, language: Language) -> String {
    let phrases = Phrases::of(language);
    let clauses: Vec<_> = stated(current).map(|(_, clause)| clause).collect();
    let own_name = |clause: &Clause| {
        let claim = Claim::told(clause);
        if claim.is_of_oneself() { claim.name } else { None }
    };
    let name = clauses.iter().find_map(own_name).or_else(|| knowledge.asker.clone());
    let name = name.map(|name| addressed(&name, language));
    let telling: Vec<_> = clauses.iter().filter(|clause| tells(clause)).map(told_back).collect();
    let named = |plain: &str, with_name: &str, text: &str| match &name {
        Some(name) => fill(with_name, &[("name", name), ("text", text)]),
        None => fill(plain, &[("text", text)]),
    };
    let says = |meaning| clauses.iter().any(|clause| clause.has(meaning));
    let lasts = |clause: &Clause| worth(clause, &Claim::told(clause)).is_some();
    if clauses.iter().any(lasts) {
        named(phrases.noted, phrases.noted_named, &telling.join(", "))
    } else if !telling.is_empty() {
        fill(phrases.heard, &[("text", &telling.join(", "))])
    } else if says(Meaning::Greeting) {
        named(phrases.hello, phrases.hello_named, "")
    } else if says(Meaning::Thanks) {
        phrases.welcome.to_owned()
    } else if says(Meaning::Farewell) {
        phrases.farewell.to_owned()
    } else {
        phrases.understood.to_owned()
    }
}

/// Whether a clause says something, beyond a greeting or an "okay".
fn tells(clause: &Clause) -> bool {
    let small_talk = clause.has_any(&[Meaning::Greeting, Meaning::Thanks, Meaning::Farewell]);
    let content = clause.words.iter().filter(|word| word.has_content()).count();
    let subject = clause.has_any(&[Meaning::I, Meaning::Me, Meaning::My, Meaning::We, Meaning::Our]);
    Claim::told(clause).slot.is_some() || content + usize::from(subject) > if small_talk { 2 } else { 1 }
}

fn told_back(clause: &Clause) -> String {
    second_person(clause).unwrap_or_else(|| clause.gist().to_owned())
}
