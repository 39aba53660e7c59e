//! What a clause says, as far as it can be told without understanding it: of whom, and which of the few things that
//! people have one of (a name, a home, a birthday). Two claims of one such thing contradict each other.

use super::clause::Clause;
use super::language::Language;
use super::meanings::Meaning;
use super::person::speaks_of_speaker;
use super::words::{Key, Word};

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
#[derive(Clone, Debug, Default)]
pub(super) struct Claim {
    /// Of whom; none is the speaker.
    pub(super) person: Option<Key>,
    /// What of theirs: the sister of `my sister lives in Odesa`.
    pub(super) nouns: Vec<Key>,
    pub(super) slot: Option<Slot>,
    /// The name told, where the slot is the name.
    pub(super) name: Option<String>,
    /// `The meeting is cancelled`: the person is a thing.
    pub(super) of_thing: bool,
    /// Says that something is no longer as it was.
    pub(super) changes: bool,
    pub(super) negated: bool,
    /// Speaks of the speaker: `I`, `my`, `we`.
    pub(super) first_person: bool,
}

impl Claim {
    /// What a statement says.
    pub(super) fn told(clause: &Clause) -> Self {
        Self::read(clause, false)
    }

    /// What a question asks for.
    pub(super) fn asked(clause: &Clause) -> Self {
        Self::read(clause, true)
    }

    /// Whether people have only one of what is claimed, or the claim itself says that it replaces another.
    pub(super) fn is_single(&self) -> bool {
        match self.slot {
            Some(Slot::Described) => {
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
                self.changes || self.nouns.iter().any(single)
            }
            // Two dogs have two names.
            Some(Slot::Name) => self.nouns.is_empty() || self.changes,
            Some(Slot::Liking | Slot::Origin) | None => false,
            Some(_) => true,
        }
    }

    /// Whether both speak of the same thing of one person; the persons are compared by the caller.
    pub(super) fn same_thing(&self, other: &Self) -> bool {
        let (few, many) = if self.nouns.len() <= other.nouns.len() {
            (self, other)
        } else {
            (other, self)
        };
        self.slot == other.slot
            && few.nouns.is_empty() == many.nouns.is_empty()
            && few
                .nouns
                .iter()
                .all(|noun| many.nouns.iter().any(|other| noun.alike(other)))
    }

    fn read(clause: &Clause, asking: bool) -> Self {
        let mut claim = Self {
            changes: says_change(clause),
            negated: clause.has_any(&[Meaning::Negation, Meaning::Dislike]),
            first_person: clause.has_any(&[Meaning::I, Meaning::Me, Meaning::My, Meaning::We, Meaning::Our]),
            ..Self::default()
        };
        claim.find_subject(clause);
        claim.slot = if asking {
            claim.asked_slot(clause)
        } else {
            claim.told_slot(clause)
        };
        if claim.slot.is_some_and(Slot::is_personal) {
            // `My birthday` is the speaker's own, as `my sister's birthday` is the sister's.
            let named = [
                Meaning::Name,
                Meaning::Birthday,
                Meaning::Age,
                Meaning::Live,
                Meaning::Work,
            ];
            claim
                .nouns
                .retain(|noun| !matches!(noun, Key::Meaning(meaning) if named.contains(meaning)));
        }
        claim
    }

    /// The first of: the speaker, something of the speaker's, a name; else the first thing mentioned.
    fn find_subject(&mut self, clause: &Clause) {
        for (index, word) in clause.words.iter().enumerate() {
            let after_preposition = index > 0
                && clause.words[index - 1].is_any(&[Meaning::PlaceTo, Meaning::ByWay, Meaning::Article]);
            if word.is_any(&[Meaning::I, Meaning::We])
                || (word.is(Meaning::Me) && (!after_preposition || clause.language.drops_pronouns()))
            {
                return;
            }
            if word.is_any(&[Meaning::My, Meaning::Our]) {
                self.nouns = owned(clause, index + 1);
                return;
            }
            if word.is_name() && !after_preposition && !(clause.language == Language::German && index > 0) {
                self.person = word.keys().next();
                if word.owner {
                    self.nouns = owned(clause, index + 1);
                }
                return;
            }
        }
        // Languages without "I" in front of the verb: `живу у Львові` speaks of the speaker.
        let speaker = clause.has(Meaning::Me) || speaks_of_speaker(clause);
        self.first_person |= speaker;
        if !speaker {
            self.person = clause.words.iter().flat_map(Word::keys).next();
            self.of_thing = true;
        }
    }

    fn told_slot(&mut self, clause: &Clause) -> Option<Slot> {
        if let Some(name) = told_name(clause, self) {
            self.name = Some(name);
            self.nouns
                .extend(named_thing(clause).filter(|_| self.nouns.is_empty()));
            return Some(Slot::Name);
        }
        let number = clause.words.iter().any(Word::is_number);
        let dated = number || clause.has(Meaning::Moment);
        if dated && clause.has_any(&[Meaning::Birthday, Meaning::Born]) {
            return Some(Slot::Birthday);
        }
        if number && says_age(clause) {
            return Some(Slot::Age);
        }
        let now =
            |word: &Word| !LIVES_NO_MORE_OR_NOT_YET.contains(&clause.written(word).to_lowercase().as_str());
        let place_follows = |index: usize| {
            clause
                .words
                .iter()
                .skip(index + 1)
                .take(3)
                .any(|word| word.is_any(&[Meaning::PlaceTo, Meaning::This]))
        };
        let itself = |meaning| {
            clause
                .words
                .iter()
                .position(|word| word.is_itself(meaning) && now(word))
        };
        let moves_there = |index: usize| {
            // `moved to Lviv`, not `moved the meeting to Monday`.
            let next = clause.words.get(index + 1);
            next.is_some_and(|word| word.is_any(&[Meaning::PlaceTo, Meaning::This]))
                || clause.language == Language::German
        };
        let used_to = clause.words.iter().any(|word| clause.written(word) == "used");
        if !used_to
            && (itself(Meaning::Live).is_some_and(place_follows)
                || itself(Meaning::Move).is_some_and(moves_there))
        {
            return Some(Slot::Home);
        }
        if tells_origin(clause) {
            return Some(Slot::Origin);
        }
        if let Some(slot) = told_work(clause, self) {
            return Some(slot);
        }
        if clause.has(Meaning::Favourite) {
            return Some(Slot::Described);
        }
        if clause.has(Meaning::Like) {
            return Some(Slot::Liking);
        }
        let says_is = clause.has(Meaning::Copula)
            || clause.text.contains([':', '—', '–'])
            || clause.text.contains(" - ");
        // `Мій улюблений колір синій`: no word for "is".
        let bare_predicate =
            number || clause.language.drops_pronouns() && clause.words.len() > self.nouns.len() + 1;
        (!self.nouns.is_empty() && (says_is || bare_predicate)).then_some(Slot::Described)
    }

    fn asked_slot(&self, clause: &Clause) -> Option<Slot> {
        if clause.has(Meaning::Name) || asks_who_one_is(clause) {
            Some(Slot::Name)
        } else if clause.has_any(&[Meaning::Birthday])
            || (clause.has(Meaning::Born) && clause.has(Meaning::When))
        {
            Some(Slot::Birthday)
        } else if clause.has(Meaning::Age) || says_age(clause) {
            Some(Slot::Age)
        } else if clause.has(Meaning::Favourite) {
            Some(Slot::Described)
        } else if asks_origin(clause) {
            Some(Slot::Origin)
        } else if clause.has(Meaning::Live)
            && !asks_of_past(clause)
            && (clause.has(Meaning::Where) || clause.has(Meaning::Place))
        {
            Some(Slot::Home)
        } else if clause.words.iter().any(|word| word.is_itself(Meaning::Work)) {
            Some(if clause.has(Meaning::Where) {
                Slot::Workplace
            } else {
                Slot::Profession
            })
        } else if clause.has(Meaning::Like) {
            Some(Slot::Liking)
        } else {
            (!self.nouns.is_empty()).then_some(Slot::Described)
        }
    }
}

/// Forms of "to live" and "to move" that do not tell where somebody lives now.
const LIVES_NO_MORE_OR_NOT_YET: [&str; 24] = [
    "lived",
    "moving",
    "move",
    "жив",
    "жила",
    "жили",
    "переїжджаю",
    "переїжджаємо",
    "переїду",
    "переїдемо",
    "переїзд",
    "жил",
    "переезжаю",
    "переезжаем",
    "перееду",
    "переедем",
    "переезд",
    "wohnte",
    "gewohnt",
    "lebte",
    "gelebt",
    "ziehe",
    "ziehen",
    "umzug",
];

fn asks_of_past(clause: &Clause) -> bool {
    let past = |word: &Word| {
        let written = clause.written(word).to_lowercase();
        (written == "did" && !clause.has(Meaning::Vague))
            || written == "used"
            || LIVES_NO_MORE_OR_NOT_YET.contains(&&*written)
    };
    clause.words.iter().any(past) && !clause.words.iter().any(|word| clause.written(word) == "move")
}

/// What is owned, from the word after its owner on: two content words at most, up to a verb or a pause.
fn owned(clause: &Clause, start: usize) -> Vec<Key> {
    const ENDS: [Meaning; 12] = [
        Meaning::Copula,
        Meaning::Auxiliary,
        Meaning::PlaceTo,
        Meaning::ByWay,
        Meaning::I,
        Meaning::Me,
        Meaning::They,
        Meaning::And,
        Meaning::Live,
        Meaning::Work,
        Meaning::Like,
        Meaning::Negation,
    ];
    let mut nouns = Vec::new();
    for (index, word) in clause.words.iter().enumerate().skip(start) {
        let pause = index > start
            && clause
                .gap_before(index)
                .contains([',', ':', ';', '—', '–', '(', '"', '«']);
        let verb = word.is_any(&ENDS) && !word.is(Meaning::Favourite);
        let apposition = word.is_name() && clause.language != Language::German;
        if nouns.len() == 2 || pause || verb || apposition || word.is_number() {
            break;
        }
        nouns.extend(word.keys().take(1));
    }
    nouns
}

fn told_name(clause: &Clause, claim: &Claim) -> Option<String> {
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
        let own = claim.person.is_none()
            && claim
                .nouns
                .iter()
                .all(|noun| *noun == Key::Meaning(Meaning::Name));
        let mut rest = after.filter(|word| word.has_content() && !word.is_hint());
        return match (own, rest.next(), rest.next()) {
            (true, Some(word), None) if word.senses.is_empty() => Some(clause.written(word).to_owned()),
            _ => None,
        };
    }
    // `I'm Anna`, `Я — Олена`.
    let at = clause.find(Meaning::I)?;
    let rest: Vec<_> = words[at + 1..]
        .iter()
        .filter(|word| !word.is_any(&[Meaning::Copula, Meaning::Filler]))
        .collect();
    let said_to_be = words
        .get(at + 1)
        .is_some_and(|word| word.is(Meaning::Copula) || word.is_name());
    let alone =
        at == 0 && said_to_be && matches!(rest.len(), 1 | 2) && rest.iter().all(|word| word.is_name());
    let profession =
        clause.language == Language::German && rest.iter().any(|word| is_german_noun(clause, word));
    (alone && !profession).then(|| {
        rest.iter()
            .map(|word| clause.written(word))
            .collect::<Vec<_>>()
            .join(" ")
    })
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
fn named_thing(clause: &Clause) -> Option<Key> {
    let at = clause.find(Meaning::Name)?;
    let calls_me = clause.words.get(at + 1).is_some_and(|word| word.is(Meaning::Me));
    let thing = clause.words[..at]
        .iter()
        .rfind(|word| word.has_content() && !word.is_name() && !word.is_number());
    thing.filter(|_| !calls_me)?.keys().next()
}

fn same_noun(claim: &Claim, word: &Word) -> bool {
    word.keys().any(|key| claim.nouns.contains(&key))
}

fn says_age(clause: &Clause) -> bool {
    let own_number = |index: usize, word: &Word| {
        let person = index == 2 && (clause.words[0].is(Meaning::I) || clause.words[0].is_name());
        word.is_number() && index + 1 == clause.words.len() && person && clause.words[1].is(Meaning::Copula)
    };
    let years = clause.words.iter().any(Word::is_number) || clause.has(Meaning::HowMany);
    clause.words.iter().any(|word| word.is_itself(Meaning::Age))
        || clause
            .words
            .iter()
            .enumerate()
            .any(|(index, word)| own_number(index, word))
        || (years && clause.words.len() <= 5 && clause.has(Meaning::Me) && is_years(clause))
}

/// `мені 34 роки`, `мне 34 года`.
fn is_years(clause: &Clause) -> bool {
    clause.words.iter().any(|word| {
        ["рок", "рік", "год", "лет"]
            .iter()
            .any(|year| word.stem.starts_with(year))
    })
}

/// `I'm from Cork`, `я из Одессы`, `Ich komme aus Hamburg`; not `I flew from Cork`.
fn tells_origin(clause: &Clause) -> bool {
    let from_name = clause
        .words
        .windows(2)
        .any(|pair| pair[0].is(Meaning::From) && pair[1].is_name());
    from_name
        && clause.words.len() <= 6
        && !clause.has_any(&[Meaning::Event, Meaning::Work, Meaning::Have, Meaning::Buy])
        || clause.has(Meaning::Born)
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
        && clause
            .words
            .iter()
            .all(|word| word.is_any(&[Meaning::Who, Meaning::I, Meaning::Copula]))
}

fn told_work(clause: &Clause, claim: &Claim) -> Option<Slot> {
    if let Some(at) = clause.words.iter().position(|word| word.is_itself(Meaning::Work)) {
        let after = clause.words.get(at + 1)?;
        let there = after.is(Meaning::PlaceTo)
            || (after.is(Meaning::ByWay) && clause.words.get(at + 2).is_some_and(Word::is_name));
        return Some(if there && !after.is(Meaning::This) {
            Slot::Workplace
        } else {
            Slot::Profession
        });
    }
    let says_is = clause.has(Meaning::Copula) || clause.language != Language::English;
    let of_person = clause.has(Meaning::I) || (claim.person.is_some() && !claim.of_thing);
    (clause.has(Meaning::Profession)
        && of_person
        && says_is
        && claim.nouns.is_empty()
        && clause.words.len() <= 6)
        .then_some(Slot::Profession)
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
        for text in [
            "I'm Ukrainian",
            "I am tired",
            "We moved the meeting to Monday",
            "The weather is nice",
            "Ok",
        ] {
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
        assert_eq!(
            told("Мене звати Олена Коваль").name.as_deref(),
            Some("Олена Коваль")
        );
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
