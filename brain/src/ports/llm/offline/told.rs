//! Which of the things that people have one of a statement tells.

use super::claim::{Claim, Slot};
use super::clause::Clause;
use super::language::Language;
use super::meanings::Meaning;
use super::subject::Subject;
use super::words::{Key, Word};

/// Forms of "to live" and "to move" that do not tell where somebody lives now.
const NOT_NOW: &str = "lived moving move жив жила жили переїжджаю переїжджаємо переїду переїдемо переїзд жил переезжаю \
    переезжаем перееду переедем переезд wohnte gewohnt lebte gelebt ziehe ziehen umzug";

/// What a statement that tells no name tells.
pub(super) fn told_slot(clause: &Clause, claim: &Claim) -> Option<Slot> {
    let number = clause.words.iter().any(Word::is_number);
    let dated = number || clause.has(Meaning::Moment);
    if dated && clause.has_any(&[Meaning::Birthday, Meaning::Born]) {
        Some(Slot::Birthday)
    } else if number && says_age(clause) {
        Some(Slot::Age)
    } else if tells_home(clause) {
        Some(Slot::Home)
    } else if tells_origin(clause) {
        Some(Slot::Origin)
    } else if let Some(slot) = told_work(clause, claim) {
        Some(slot)
    } else if clause.has(Meaning::Favourite) {
        Some(Slot::Described)
    } else if clause.has(Meaning::Like) {
        Some(Slot::Liking)
    } else {
        // `Мій улюблений колір синій`: no word for "is".
        let predicate_only = clause.language.drops_pronouns() && clause.words.len() > claim.nouns.len() + 1;
        let described = !claim.nouns.is_empty() && (clause.says_is() || number || predicate_only);
        described.then_some(Slot::Described)
    }
}

/// The name that a statement gives to somebody or something.
pub(super) fn told_name(clause: &Clause, claim: &Claim) -> Option<String> {
    let words = &clause.words;
    if let Some(at) = clause.find(Meaning::Name) {
        let after = words.iter().skip(at + 1);
        let value: Vec<_> = after
            .clone()
            .skip_while(|word| {
                !word.is_name() && !word.has_content() || word.is_hint() || same_noun(claim, word)
            })
            .take_while(|word| word.is_name())
            .take(3)
            .map(|word| clause.written(word))
            .collect();
        if !value.is_empty() {
            return Some(value.join(" "));
        }
        // A name typed in small letters, where nothing else can follow: `my name is olena`, `мене звати олена`.
        let own = claim.subject == Subject::Speaker
            && claim.nouns.iter().all(|noun| *noun == Key::Meaning(Meaning::Name));
        let mut rest = after.filter(|word| word.has_content() && !word.is_hint());
        return match (own, rest.next(), rest.next()) {
            (true, Some(word), None) if word.senses.is_empty() => Some(clause.written(word).to_owned()),
            _ => None,
        };
    }
    // `I'm Anna`, `Я — Олена`.
    let at = clause.find(Meaning::I)?;
    let rest: Vec<_> =
        words[at + 1..].iter().filter(|word| !word.is_any(&[Meaning::Copula, Meaning::Filler])).collect();
    let said_to_be = words.get(at + 1).is_some_and(|word| word.is(Meaning::Copula) || word.is_name());
    let alone =
        at == 0 && said_to_be && matches!(rest.len(), 1 | 2) && rest.iter().all(|word| word.is_name());
    let profession =
        clause.language == Language::German && rest.iter().any(|word| is_german_noun(clause, word));
    (alone && !profession).then(|| rest.iter().map(|word| clause.written(word)).collect::<Vec<_>>().join(" "))
}

/// In German every noun has a capital: `Ich bin Bäcker` is no name. By the endings of words for people.
fn is_german_noun(clause: &Clause, word: &Word) -> bool {
    const ENDINGS: [&str; 14] = [
        "er", "in", "ist", "ent", "ant", "eur", "loge", "arzt", "mann", "frau", "wirt", "ung", "heit",
        "single",
    ];
    let written = clause.written(word).to_lowercase();
    ENDINGS.iter().any(|ending| written.ends_with(ending))
}

/// The dog of `I have a dog called Rex`.
pub(super) fn named_thing(clause: &Clause) -> Option<Key> {
    let at = clause.find(Meaning::Name)?;
    let calls_me = clause.words.get(at + 1).is_some_and(|word| word.is(Meaning::Me));
    let thing =
        clause.words[..at].iter().rfind(|word| word.has_content() && !word.is_name() && !word.is_number());
    thing.filter(|_| !calls_me)?.keys().next()
}

fn same_noun(claim: &Claim, word: &Word) -> bool {
    word.keys().any(|key| claim.nouns.contains(&key))
}

/// Whether an age is told, or asked for.
pub(super) fn says_age(clause: &Clause) -> bool {
    let own_number = |index: usize, word: &Word| {
        let person = index == 2 && (clause.words[0].is(Meaning::I) || clause.words[0].is_name());
        word.is_number() && index + 1 == clause.words.len() && person && clause.words[1].is(Meaning::Copula)
    };
    let number = clause.words.iter().any(Word::is_number);
    // `мені 34 роки`, `мне 34`, `скільки мені років`
    let of_me = clause.language.drops_pronouns() && clause.has(Meaning::Me) && clause.words.len() <= 5;
    let bare_number = number && clause.words.len() == 2;
    clause.words.iter().any(|word| word.is_itself(Meaning::Age))
        || clause.words.iter().enumerate().any(|(index, word)| own_number(index, word))
        || (of_me && ((number || clause.has(Meaning::HowMany)) && is_years(clause) || bare_number))
}

fn is_years(clause: &Clause) -> bool {
    clause
        .words
        .iter()
        .any(|word| ["рок", "рік", "год", "лет"].iter().any(|year| word.stem.starts_with(year)))
}

/// `I live in Lviv`, `I moved to Lviv`; not `I used to live in Kyiv`, `we moved the meeting to Monday`.
fn tells_home(clause: &Clause) -> bool {
    let place_at = |index: usize| {
        clause.words.get(index).is_some_and(|word| word.is_any(&[Meaning::PlaceTo, Meaning::This]))
    };
    let lives = |index: usize| (1..=3).any(|further| place_at(index + further));
    let moves = |index: usize| place_at(index + 1) || clause.language == Language::German;
    let now =
        |meaning| clause.words.iter().position(|word| word.is_itself(meaning) && !is_not_now(clause, word));
    let used_to = clause.words.iter().any(|word| clause.written(word) == "used");
    !used_to && (now(Meaning::Live).is_some_and(lives) || now(Meaning::Move).is_some_and(moves))
}

/// Whether a word speaks of living somewhere before or later.
pub(super) fn is_not_now(clause: &Clause, word: &Word) -> bool {
    let written = clause.written(word).to_lowercase();
    NOT_NOW.split(' ').any(|form| form == written)
}

/// `I'm from Cork`, `я из Одессы`, `Ich komme aus Hamburg`; not `I flew from Cork`.
fn tells_origin(clause: &Clause) -> bool {
    let from_name = clause.words.windows(2).any(|pair| pair[0].is(Meaning::From) && pair[1].is_name());
    from_name
        && clause.words.len() <= 6
        && !clause.has_any(&[Meaning::Event, Meaning::Work, Meaning::Have, Meaning::Buy])
        || clause.has(Meaning::Born)
}

fn told_work(clause: &Clause, claim: &Claim) -> Option<Slot> {
    if let Some(at) = clause.words.iter().position(|word| word.is_itself(Meaning::Work)) {
        let after = clause.words.get(at + 1)?;
        let there = after.is(Meaning::PlaceTo)
            || (after.is(Meaning::ByWay) && clause.words.get(at + 2).is_some_and(Word::is_name));
        return Some(if there && !after.is(Meaning::This) { Slot::Workplace } else { Slot::Profession });
    }
    let says_is = clause.has(Meaning::Copula) || clause.language != Language::English;
    let of_person = clause.has(Meaning::I) || matches!(claim.subject, Subject::Person(_));
    (clause.has(Meaning::Profession)
        && of_person
        && says_is
        && claim.nouns.is_empty()
        && clause.words.len() <= 6)
        .then_some(Slot::Profession)
}
