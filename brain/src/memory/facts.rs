//! Facts: what is known, since when, and from which words.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use sha2::{Digest, Sha256};

use crate::ids::ChatId;

/// What a fact is about, as the model sorts them. The order is the order in which they are kept when room is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactKind {
    /// Somebody's name, family, home, work.
    Person,
    /// What somebody likes, wants or avoids.
    Preference,
    /// What was agreed.
    Decision,
    /// What happened or will happen.
    Event,
    /// What was talked about.
    Topic,
    /// Anything else.
    Other,
}

impl FactKind {
    /// All of them, the most lasting first.
    pub const ALL: [Self; 6] =
        [Self::Person, Self::Preference, Self::Decision, Self::Event, Self::Topic, Self::Other];

    /// The word that the model and the database use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Preference => "preference",
            Self::Decision => "decision",
            Self::Event => "event",
            Self::Topic => "topic",
            Self::Other => "other",
        }
    }

    /// The kind of that name; what nobody has heard of is [`FactKind::Other`].
    #[must_use]
    pub fn parse(name: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.name() == name).unwrap_or(Self::Other)
    }
}

/// Where a fact may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only in the chat where it was learned: a private one.
    Chat,
    /// In every chat of the account.
    Account,
}

impl Scope {
    /// What a fact learned in the chat may be used for, until its person says otherwise.
    #[must_use]
    pub fn of_chat(chat: ChatId) -> Self {
        if chat.is_group() { Self::Account } else { Self::Chat }
    }

    /// The word that the database uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Account => "account",
        }
    }
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `history_context.id`.
    pub id: i64,
    /// What people and the model call it: unique within the account.
    pub number: i32,
    /// The fact, in a sentence.
    pub text: String,
    /// What sort of fact.
    pub kind: FactKind,
    /// Whom or what it is about.
    pub about: Option<String>,
    /// Where it was learned.
    pub learned_in: ChatId,
    /// Where it may be used.
    pub scope: Scope,
    /// Since when it is true: when it was said.
    pub valid_from: DateTime<Utc>,
    /// Until when it was true; `None` for what is true now.
    pub valid_to: Option<DateTime<Utc>>,
    /// Whether a person has kept or worded it.
    pub confirmed: bool,
}

/// Sorts facts so that the ones to keep when room is short come first: what a person has confirmed, then lasting kinds, then the newest.
pub fn most_lasting_first(facts: &mut [Fact]) {
    facts.sort_by_key(|fact| (!fact.confirmed, fact.kind, std::cmp::Reverse((fact.valid_from, fact.number))));
}

/// The words of a text that can carry a meaning, lowercase.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// In bytes: an index of PostgreSQL takes entries of up to 2,704. Facts of the model are far shorter, imported ones may not be.
const LONGEST_FINGERPRINT: usize = 1500;

/// The text without case, marks, articles and order of words: two texts with the same fingerprint say the same.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    let words: BTreeSet<String> =
        words(text).filter(|word| !matches!(word.as_str(), "a" | "an" | "the")).collect();
    if words.is_empty() {
        return text.trim().to_owned();
    }
    let joined = words.into_iter().collect::<Vec<_>>().join(" ");
    if joined.len() > LONGEST_FINGERPRINT { format!("{:x}", Sha256::digest(joined)) } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_fact_in_another_order_is_the_same_and_a_denied_one_is_not() {
        assert_eq!(fingerprint("Olena lives in Lviv."), fingerprint("In Lviv lives Olena"));
        assert_ne!(fingerprint("Olena likes coffee"), fingerprint("Olena does not like coffee"));
        assert_ne!(fingerprint("Moved in 2024"), fingerprint("Moved in 2025"));
        assert_eq!(fingerprint("🙈"), "🙈");
        let long = (0..2000).map(|word| word.to_string()).collect::<Vec<_>>();
        assert!(fingerprint(&long.join(" ")).len() < 100);
        assert_eq!(fingerprint(&long.join(" ")), fingerprint(&long.join(", ")));
    }

    #[test]
    fn a_group_s_facts_are_the_account_s_and_a_private_chat_s_are_its_own() {
        assert_eq!(Scope::of_chat(ChatId(-5)), Scope::Account);
        assert_eq!(Scope::of_chat(ChatId(5)), Scope::Chat);
    }
}
