//! What a clause says, as far as it can be told without understanding it: of whom, and which of the few things that
//! people have one of (a name, a home, a birthday). Two claims of one such thing contradict each other.

use super::asked::asked_slot;
use super::clause::Clause;
use super::meanings::Meaning;
use super::subject::{Subject, subject};
use super::told::{named_thing, told_name, told_slot};
use super::words::Key;

/// What is said of somebody or something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    Name,
    Birthday,
    Age,
    Origin,
    Home,
    Workplace,
    Profession,
    Liking,
    /// `my X is Y`.
    Described,
}

impl Slot {
    /// Whether every person has one.
    pub(super) const fn is_personal(self) -> bool {
        !matches!(self, Self::Liking | Self::Described)
    }
}

/// One clause, understood.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) subject: Subject,
    /// What of theirs: the sister of `my sister lives in Odesa`.
    pub(super) nouns: Vec<Key>,
    pub(super) slot: Option<Slot>,
    /// The name told, where the slot is the name.
    pub(super) name: Option<String>,
    /// Says that something is no longer as it was.
    pub(super) changes: bool,
    pub(super) negated: bool,
    /// Speaks of the speaker: `I`, `my`, `we`.
    pub(super) first_person: bool,
}

impl Claim {
    /// What a statement says.
    pub(super) fn told(clause: &Clause) -> Self {
        let mut claim = Self::of_subject(clause);
        if let Some(name) = told_name(clause, &claim) {
            claim.name = Some(name);
            claim.slot = Some(Slot::Name);
            claim.nouns.extend(named_thing(clause).filter(|_| claim.nouns.is_empty()));
        } else {
            claim.slot = told_slot(clause, &claim);
        }
        claim.without_slot_noun()
    }

    /// What a question asks for.
    pub(super) fn asked(clause: &Clause) -> Self {
        let mut claim = Self::of_subject(clause);
        claim.slot = asked_slot(clause, &claim);
        claim.without_slot_noun()
    }

    /// Whether it is of the speaker, not of somebody or something of theirs.
    pub(super) fn is_of_oneself(&self) -> bool {
        self.subject == Subject::Speaker && self.nouns.is_empty()
    }

    /// Whether people have only one of what is claimed, or the claim itself says that it replaces another.
    pub(super) fn is_single(&self) -> bool {
        const SINGLE: [Meaning; 8] = [
            Meaning::Favourite,
            Meaning::Phone,
            Meaning::Email,
            Meaning::Password,
            Meaning::Place,
            Meaning::Amount,
            Meaning::Time,
            Meaning::Colour,
        ];
        let single = |noun: &Key| matches!(noun, Key::Meaning(meaning) if SINGLE.contains(meaning));
        match self.slot {
            Some(Slot::Described) => self.changes || self.nouns.iter().any(single),
            // Two dogs have two names.
            Some(Slot::Name) => self.nouns.is_empty() || self.changes,
            Some(Slot::Liking | Slot::Origin) | None => false,
            Some(_) => true,
        }
    }

    /// Whether both speak of the same thing of one person; the persons are compared by the caller.
    pub(super) fn same_thing(&self, other: &Self) -> bool {
        let (few, many) = if self.nouns.len() <= other.nouns.len() { (self, other) } else { (other, self) };
        self.slot == other.slot
            && few.nouns.is_empty() == many.nouns.is_empty()
            && few.nouns.iter().all(|noun| many.nouns.iter().any(|other| noun.alike(other)))
    }

    fn of_subject(clause: &Clause) -> Self {
        let (subject, nouns) = subject(clause);
        let speaks_of_self =
            clause.has_any(&[Meaning::I, Meaning::Me, Meaning::My, Meaning::We, Meaning::Our]);
        Self {
            slot: None,
            name: None,
            changes: says_change(clause),
            negated: clause.has_any(&[Meaning::Negation, Meaning::Dislike]),
            first_person: speaks_of_self || subject == Subject::Speaker,
            subject,
            nouns,
        }
    }

    /// `My birthday` is the speaker's own, as `my sister's birthday` is the sister's.
    fn without_slot_noun(mut self) -> Self {
        let named = [Meaning::Name, Meaning::Birthday, Meaning::Age, Meaning::Live, Meaning::Work];
        if self.slot.is_some_and(Slot::is_personal) {
            self.nouns.retain(|noun| !matches!(noun, Key::Meaning(meaning) if named.contains(meaning)));
        }
        self
    }
}

/// `now`, `new`, `not any more`, `moved`.
fn says_change(clause: &Clause) -> bool {
    clause.has_any(&[Meaning::Change, Meaning::Move])
        || (clause.has(Meaning::Longer) && clause.has(Meaning::Negation))
        || no_longer(clause)
}

/// `no longer` in English, `уже не` and `вже не` elsewhere.
fn no_longer(clause: &Clause) -> bool {
    clause.words.windows(2).any(|pair| {
        let already = ["вже", "уже", "no"].contains(&pair[0].stem.as_str());
        already && (pair[1].is(Meaning::Negation) || pair[1].is(Meaning::Longer))
    })
}

#[cfg(test)]
mod tests {
    use super::super::language::Language;
    use super::*;

    fn told(text: &str) -> Claim {
        Claim::told(&Clause::new(text, Language::of(text)))
    }

    #[test]
    fn the_things_that_people_have_one_of_are_seen_in_four_languages() {
        for (text, slot) in [
            ("My name is Anna", Slot::Name),
            ("I'm Anna", Slot::Name),
            ("Мене звати Олена", Slot::Name),
            ("Я Тарас", Slot::Name),
            ("Меня зовут Игорь", Slot::Name),
            ("Ich heiße Jonas", Slot::Name),
            ("My birthday is on 3 May", Slot::Birthday),
            ("Я народилася 5 травня 1990", Slot::Birthday),
            ("I am 34 years old", Slot::Age),
            ("Мені 27 років", Slot::Age),
            ("I live in Lviv", Slot::Home),
            ("We moved to Odesa", Slot::Home),
            ("Я переїхала до Львова", Slot::Home),
            ("Ich wohne in Berlin", Slot::Home),
            ("I work at a bakery", Slot::Workplace),
            ("I work as a nurse", Slot::Profession),
            ("Я працюю медсестрою", Slot::Profession),
            ("I'm a nurse", Slot::Profession),
            ("I love jazz", Slot::Liking),
            ("My favourite colour is blue", Slot::Described),
            ("Моя улюблена їжа — борщ", Slot::Described),
            ("Meine Lieblingsfarbe ist Grün", Slot::Described),
        ] {
            assert_eq!(told(text).slot, Some(slot), "{text}");
        }
    }

    #[test]
    fn other_sentences_claim_none_of_them() {
        for text in
            ["I'm Ukrainian", "I am tired", "We moved the meeting to Monday", "The weather is nice", "Ok"]
        {
            assert_eq!(told(text).slot, None, "{text}");
        }
    }

    #[test]
    fn a_name_belongs_to_whoever_it_names() {
        let dog = told("My dog's name is Rex");
        assert_eq!(
            (dog.name.as_deref(), dog.nouns.as_slice()),
            (Some("Rex"), &[Key::Meaning(Meaning::Dog)][..])
        );
        assert_eq!(told("My dog is called Rex").nouns, dog.nouns);
        assert_eq!(told("Мого пса звати Рекс").nouns, dog.nouns);
        assert_eq!(told("I have a dog called Rex").nouns, dog.nouns);
        assert_eq!(told("У мене є пес, його звати Рекс").nouns, dog.nouns);
        assert_eq!(told("Call me Rex").nouns, []);
        assert_eq!(told("my name is olena").name.as_deref(), Some("olena"));
        assert_eq!(told("Мене звати Олена Коваль").name.as_deref(), Some("Олена Коваль"));
        assert_eq!(told("My mother called me yesterday").slot, None);
    }

    #[test]
    fn a_newer_claim_of_one_thing_is_recognized() {
        assert!(told("I live in Kyiv").same_thing(&told("I moved to Lviv")));
        assert!(told("My favourite colour is blue").same_thing(&told("My favourite colour is green now")));
        assert!(!told("My favourite colour is blue").same_thing(&told("My favourite food is borscht")));
        assert!(!told("My sister lives in Kyiv").same_thing(&told("I moved to Lviv")));
    }
}
