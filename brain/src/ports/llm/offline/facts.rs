//! The fact operations that a transcript calls for: what is new is added, what has changed is updated, what is known
//! already changes nothing.

use serde::Serialize;

use super::claim::{Claim, Slot};
use super::clause::Clause;
use super::knowledge::{name_key, stated};
use super::language::Language;
use super::meanings::Meaning;
use super::person::{capitalized, third_person};
use super::phrases::{Phrases, fill, reported};
use super::prompt::forwarded;
use super::subject::Subject;
use super::transcript::{KnownFact, Line, read};
use super::words::{Key, Word};
use super::worth::{FactKind, is_relative, worth};
use crate::ports::llm::render::PromptMessage;

/// The document that the answer is.
#[derive(Debug, Serialize)]
struct Document {
    facts: Vec<Operation>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Op {
    Add,
    Update,
    Retire,
}

#[derive(Debug, Serialize)]
struct Operation {
    op: Op,
    id: Option<i64>,
    text: String,
    kind: FactKind,
    about: Option<String>,
    sources: Vec<i64>,
}

/// A fact as far as it can be compared with another.
struct Content {
    holder: Option<Key>,
    claim: Claim,
    keys: Vec<Key>,
    /// The operation that made it, or else the known fact that it is.
    place: Place,
}

#[derive(Clone, Copy)]
enum Place {
    Known(i64),
    Made(usize),
}

/// The JSON document of the operations, at most `most` bytes long: later ones are left out first.
pub(super) fn operations(messages: &[PromptMessage], most: usize) -> String {
    let (facts, lines) = read(messages);
    let mut known: Vec<_> = facts.iter().filter_map(known_content).collect();
    let mut made = Vec::new();
    // What somebody passes on says nothing of who passes it on.
    for line in lines.iter().filter(|line| forwarded(&line.text).is_none()) {
        for (_, clause) in stated(&line.text) {
            take_up(&clause, line, &facts, &mut known, &mut made);
        }
    }
    let mut document = Document { facts: made };
    loop {
        let json = serde_json::to_string(&document).unwrap_or_else(|_| r#"{"facts":[]}"#.to_owned());
        if json.len() <= most || document.facts.is_empty() {
            return json;
        }
        document.facts.truncate(document.facts.len() * most / json.len());
    }
}

fn known_content(fact: &KnownFact<'_>) -> Option<Content> {
    let (speaker, text) =
        reported(fact.text).map_or((None, fact.text), |(speaker, text)| (Some(speaker), text));
    let clause = Clause::new(text, Language::of(text));
    (!clause.words.is_empty()).then(|| Content::of(&clause, speaker, Place::Known(fact.id)))
}

fn take_up(
    clause: &Clause,
    line: &Line<'_>,
    facts: &[KnownFact<'_>],
    known: &mut Vec<Content>,
    made: &mut Vec<Operation>,
) {
    let place = Place::Made(made.len());
    let mut new = Content::of(clause, Some(line.speaker), place);
    let forgets = clause.words.first().is_some_and(|word| word.is(Meaning::Forget));
    if forgets {
        return retire(&new, line, facts, known, made);
    }
    let Some(kind) = worth(clause, &new.claim) else {
        return;
    };
    if let Some(same) = known.iter().find(|old| new.repeats(old)) {
        if let Place::Made(index) = same.place
            && !made[index].sources.contains(&line.id)
        {
            made[index].sources.push(line.id);
        }
        return;
    }
    let mut operation = Operation {
        op: Op::Add,
        id: None,
        text: text(clause, &new.claim, line),
        kind,
        about: about(clause, &new, line.speaker),
        sources: vec![line.id],
    };
    let Some(index) = known.iter().rposition(|old| new.replaces(old)) else {
        made.push(operation);
        known.push(new);
        return;
    };
    match known[index].place {
        Place::Known(id) => {
            operation.op = Op::Update;
            operation.id = Some(id);
            made.push(operation);
        }
        // Said and changed within one transcript: only the last word is a fact.
        Place::Made(earlier) => {
            new.place = Place::Made(earlier);
            operation.op = made[earlier].op;
            operation.id = made[earlier].id;
            made[earlier] = operation;
        }
    }
    known[index] = new;
}

/// `Forget that I like jazz`; what is known of another person is not the speaker's to forget.
fn retire(
    asked: &Content,
    line: &Line<'_>,
    facts: &[KnownFact<'_>],
    known: &mut Vec<Content>,
    made: &mut Vec<Operation>,
) {
    let of_another =
        matches!(&asked.claim.subject, Subject::Person(person) if !person.alike(&name_key(line.speaker)));
    let named = |old: &Content| {
        !of_another
            && asked.same_holder(old)
            && !asked.keys.is_empty()
            && asked.shared(old) == asked.keys.len()
    };
    let Some(index) = known.iter().position(|old| matches!(old.place, Place::Known(_)) && named(old)) else {
        return;
    };
    let Place::Known(id) = known.remove(index).place else {
        return;
    };
    let text = facts.iter().find(|fact| fact.id == id).map_or("", |fact| fact.text);
    made.push(Operation {
        op: Op::Retire,
        id: Some(id),
        text: text.to_owned(),
        kind: FactKind::Other,
        about: None,
        sources: vec![line.id],
    });
}

/// Whom a fact is about: the name that it opens with, or its speaker; nobody, where it is about a thing.
fn about(clause: &Clause, content: &Content, speaker: &str) -> Option<String> {
    match &content.claim.subject {
        Subject::Speaker => Some(speaker.to_owned()),
        Subject::Thing(_) | Subject::Unknown => None,
        Subject::Person(person) => {
            let named = |word: &&Word| word.is_name() && word.keys().any(|key| key == *person);
            clause.words.iter().find(named).map(|word| clause.written(word).to_owned())
        }
    }
}

fn text(clause: &Clause, claim: &Claim, line: &Line<'_>) -> String {
    let phrases = Phrases::of(clause.language);
    let own_name = claim.name.as_deref().filter(|_| claim.is_of_oneself());
    let text = match own_name {
        Some(name) => fill(phrases.named, &[("speaker", line.speaker), ("name", name)]),
        None => capitalized(&third_person(clause, line.speaker)),
    };
    // `tomorrow` means nothing without the day on which it was said.
    if is_relative(clause) && !line.date.is_empty() {
        fill(phrases.said_on, &[("text", &text), ("date", line.date)])
    } else {
        text
    }
}

impl Content {
    fn of(clause: &Clause, speaker: Option<&str>, place: Place) -> Self {
        let claim = Claim::told(clause);
        let holder = claim.subject.key().cloned().or_else(|| speaker.map(name_key));
        let own_name = |key: &Key| holder.as_ref().is_some_and(|holder| holder.alike(key));
        let mut keys: Vec<_> =
            clause.words.iter().filter(|word| !word.is(Meaning::Forget)).flat_map(Word::keys).collect();
        if claim.slot != Some(Slot::Name) {
            keys.retain(|key| !own_name(key));
        }
        keys.sort_unstable();
        keys.dedup();
        Self { holder, claim, keys, place }
    }

    fn same_holder(&self, other: &Self) -> bool {
        match (&self.holder, &other.holder) {
            (Some(one), Some(other)) => one.alike(other),
            (one, other) => one == other,
        }
    }

    fn shared(&self, other: &Self) -> usize {
        self.keys.iter().filter(|key| other.keys.contains(key)).count()
    }

    /// The same fact again, or a part of it.
    fn repeats(&self, old: &Self) -> bool {
        let same_name = self.claim.slot == Some(Slot::Name) && self.claim.name == old.claim.name;
        let same_words = self.shared(old) == self.keys.len() && !self.keys.is_empty();
        self.same_holder(old)
            && self.claim.negated == old.claim.negated
            && ((same_name && self.claim.same_thing(&old.claim))
                || (same_words && self.claim.slot != Some(Slot::Name)))
    }

    /// The fact as it is now.
    fn replaces(&self, old: &Self) -> bool {
        let one_of_a_kind =
            self.claim.is_single() && self.claim.same_thing(&old.claim) && self.same_holder(old);
        let least = self.keys.len().min(old.keys.len());
        let mostly_shared = 2 * self.shared(old) >= least.max(2);
        let turned = self.claim.negated != old.claim.negated
            && self.same_holder(old)
            && self.claim.slot == old.claim.slot;
        let of_thing = |content: &Self| matches!(content.claim.subject, Subject::Thing(_));
        // `The exam is postponed` changes what Olena told of her exam; that Taras now likes tea does not change Olena.
        let of_same = self.same_holder(old) || of_thing(self) || of_thing(old);
        one_of_a_kind || turned && mostly_shared || self.claim.changes && mostly_shared && of_same
    }
}
