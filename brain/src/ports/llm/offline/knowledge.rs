//! All that a prompt's people have stated, clause by clause, oldest first.

use super::claim::Claim;
use super::clause::{Clause, clauses, sentences};
use super::language::Language;
use super::meanings::Meaning;
use super::phrases::reported;
use super::prompt::{Prompt, Said, Source, forwarded};
use super::question::asks;
use super::stem::{bare, stem};
use super::words::Key;

/// One thing that somebody stated.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) clause: Clause,
    /// The sentence that the clause is in.
    pub(super) sentence: &'a str,
    pub(super) claim: Claim,
    /// Whose claim it is: a name's key, or nothing for the asker.
    pub(super) holder: Option<Key>,
    /// What it can answer to, its speaker and date included.
    pub(super) keys: Vec<Key>,
    pub(super) source: Source,
    /// Who said it, where it was not the asker.
    pub(super) speaker: Option<&'a str>,
    pub(super) date: &'a str,
}

/// What is known, and of whom.
#[derive(Debug)]
pub(super) struct Knowledge<'a> {
    pub(super) statements: Vec<Statement<'a>>,
    /// The name that the asker gave, or else the one that the prompt shows.
    pub(super) asker: Option<String>,
}

impl<'a> Knowledge<'a> {
    pub(super) fn of(prompt: &'a Prompt<'a>) -> Self {
        let mut statements = Vec::new();
        for said in &prompt.said {
            read(said, prompt, &mut statements);
        }
        let own = statements.iter().rev().find_map(|statement: &Statement<'_>| {
            let own = statement.claim.nouns.is_empty() && statement.holder.is_none();
            own.then(|| statement.claim.name.clone()).flatten()
        });
        let shown = prompt.asker.or_else(|| (!prompt.group).then(|| most_spoken_of(&statements)).flatten());
        let mut names: Vec<Key> = shown.iter().copied().chain(own.as_deref()).map(name_key).collect();
        names.push(Key::Stem("user".to_owned()));
        let asker = own.or_else(|| shown.map(str::to_owned));
        for statement in &mut statements {
            let held_by_asker =
                statement.holder.as_ref().is_some_and(|holder| names.iter().any(|name| name.alike(holder)));
            // A name that is also a word (`Роман`, `Rose`) is known by the person who has it.
            let opening = statement.clause.words.first().filter(|_| statement.source == Source::Fact);
            let opens_with_asker = opening.is_some_and(|word| {
                word.capital && names.contains(&name_key(statement.clause.written(word)))
            });
            if held_by_asker || opens_with_asker {
                statement.holder = None;
            }
            let said_by_asker = |speaker: &&str| names.iter().any(|name| name.alike(&name_key(speaker)));
            statement.speaker = statement.speaker.filter(|speaker| !said_by_asker(speaker));
        }
        Self { statements, asker }
    }
}

/// What a text states: its clauses, each with its sentence, without questions, commands and quotations.
pub(super) fn stated(text: &str) -> impl Iterator<Item = (&str, Clause)> {
    let text = if text.starts_with('/') { "" } else { without_tag(text) };
    sentences(text)
        .map(|(sentence, language)| (sentence, Clause::new(sentence, language)))
        .filter(|(_, whole)| !asks(whole))
        .flat_map(|(sentence, whole)| clauses(whole).into_iter().map(move |clause| (sentence, clause)))
}

/// `[photo] My dog` without what Telegram said of it.
fn without_tag(text: &str) -> &str {
    let tagged = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    tagged.map_or(text, |(_, rest)| rest)
}

/// The key by which a person's name is compared.
pub(super) fn name_key(name: &str) -> Key {
    let first = name.split_whitespace().next().unwrap_or_default();
    let first = first.trim_matches(|letter: char| !letter.is_alphanumeric());
    Key::Stem(stem(&bare(first), Language::of(first)))
}

fn read<'a>(said: &'a Said<'a>, prompt: &Prompt<'a>, statements: &mut Vec<Statement<'a>>) {
    let (source, speaker, text) = match reported(&said.text).filter(|_| said.source == Source::Fact) {
        // A fact in somebody's own words counts as a message.
        Some((speaker, text)) => (Source::Recalled, Some(speaker), text),
        None => (said.source, said.speaker, said.text.as_str()),
    };
    // Forwarded words are their author's.
    let (speaker, text, passed_on) =
        forwarded(text).map_or((speaker, text, false), |(author, text)| (Some(author), text, true));
    let by_asker = said.source != Source::Fact && !passed_on && (!prompt.group || speaker == prompt.asker);
    let mut before: Vec<Key> = Vec::new();
    for (sentence, clause) in stated(text) {
        let claim = Claim::told(&clause);
        let own: Vec<_> = clause.answers_to().collect();
        let mut keys = own.clone();
        if clause.has(Meaning::They) {
            // `My boat is old. I will sell it.`
            keys.append(&mut before);
        }
        before = own;
        keys.extend(date_keys(said.date));
        if let Some(speaker) = speaker.filter(|_| claim.first_person || claim.subject.key().is_none()) {
            keys.push(name_key(speaker));
        }
        let other_speaker = || speaker.filter(|_| !by_asker).map(name_key);
        let holder = claim.subject.key().cloned().or_else(other_speaker);
        let speaker = speaker.filter(|_| !by_asker);
        statements.push(Statement {
            clause,
            sentence,
            claim,
            holder,
            keys,
            source,
            speaker,
            date: said.date,
        });
    }
}

/// The day and month, so that `what did I say on 2 October?` finds them.
fn date_keys(date: &str) -> impl Iterator<Item = Key> {
    const MONTHS: [Meaning; 12] = [
        Meaning::January,
        Meaning::February,
        Meaning::March,
        Meaning::April,
        Meaning::May,
        Meaning::June,
        Meaning::July,
        Meaning::August,
        Meaning::September,
        Meaning::October,
        Meaning::November,
        Meaning::December,
    ];
    let mut parts = date.split(['-', ' ', 'T']).skip(1).map(str::parse::<usize>);
    let month = parts.next().and_then(Result::ok).and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let day = parts.next().and_then(Result::ok).filter(|_| month.is_some());
    month.map(|month| Key::Meaning(*month)).into_iter().chain(day.map(|day| Key::Stem(day.to_string())))
}

/// In a private chat most facts are about its person.
fn most_spoken_of<'a>(statements: &'a [Statement<'_>]) -> Option<&'a str> {
    let mut counts: Vec<(&Key, usize, &str)> = Vec::new();
    for statement in statements.iter().filter(|statement| statement.source == Source::Fact) {
        let Some(person) = &statement.holder else { continue };
        if let Some((_, count, _)) = counts.iter_mut().find(|(key, ..)| *key == person) {
            *count += 1;
            continue;
        }
        let mut words = statement.clause.words.iter().filter(|word| word.is_name());
        let written = words.find(|word| word.keys().next().as_ref() == Some(person));
        let name = statement.speaker.or(written.map(|word| statement.clause.written(word)));
        counts.extend(name.map(|name| (person, 1, name)));
    }
    // The earliest of equals: what people tell first is who they are.
    let most = counts.iter().map(|(_, count, _)| *count).max()?;
    counts.into_iter().find(|(_, count, _)| *count == most).map(|(_, _, name)| name)
}
