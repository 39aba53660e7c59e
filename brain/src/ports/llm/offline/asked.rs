//! Which of the things that people have one of a question asks for.

use super::claim::{Claim, Slot};
use super::clause::Clause;
use super::meanings::Meaning;
use super::told::{is_not_now, says_age};

/// What a question asks for.
pub(super) fn asked_slot(clause: &Clause, claim: &Claim) -> Option<Slot> {
    if clause.has(Meaning::Name) || asks_who_one_is(clause) {
        Some(Slot::Name)
    } else if clause.has(Meaning::Birthday) || (clause.has(Meaning::Born) && clause.has(Meaning::When)) {
        Some(Slot::Birthday)
    } else if clause.has(Meaning::Age) || says_age(clause) {
        Some(Slot::Age)
    } else if clause.has(Meaning::Favourite) {
        Some(Slot::Described)
    } else if asks_origin(clause) {
        Some(Slot::Origin)
    } else if asks_home(clause) {
        Some(Slot::Home)
    } else if clause.words.iter().any(|word| word.is_itself(Meaning::Work)) {
        Some(if clause.has(Meaning::Where) { Slot::Workplace } else { Slot::Profession })
    } else if clause.has(Meaning::Like) {
        Some(Slot::Liking)
    } else {
        (!claim.nouns.is_empty()).then_some(Slot::Described)
    }
}

/// `Where do I live?`; not `where did I live?`, but yes `where did I say I live?` and `where did I move?`.
fn asks_home(clause: &Clause) -> bool {
    let written = |form: &str| clause.words.iter().any(|word| clause.written(word) == form);
    let of_past = (written("did") && !clause.has(Meaning::Vague)) || written("used");
    let of_other_time = of_past || clause.words.iter().any(|word| is_not_now(clause, word));
    clause.has(Meaning::Live)
        && clause.has_any(&[Meaning::Where, Meaning::Place])
        && (!of_other_time || written("move"))
}

/// `Where am I from?`, `Звідки я?`, `Woher komme ich?`.
fn asks_origin(clause: &Clause) -> bool {
    let content = clause.words.iter().filter(|word| word.has_content()).count();
    clause.has(Meaning::Born)
        || (content <= 1
            && (clause.has(Meaning::Whence) || (clause.has(Meaning::Where) && clause.has(Meaning::From))))
}

/// `Who am I?`, `Хто я?`.
fn asks_who_one_is(clause: &Clause) -> bool {
    clause.has(Meaning::Who)
        && clause.has(Meaning::I)
        && clause.words.iter().all(|word| word.is_any(&[Meaning::Who, Meaning::I, Meaning::Copula]))
}
