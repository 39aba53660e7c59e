//! What must not be learned again: a forgotten fact leaves hashes of its words, which tell it when it comes back and nothing else.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::facts::words;
use crate::ids::{AccountId, HistoryId};

/// Up to so many words all must be found again: "lives in Kyiv" and "lives in Lviv" differ in one of three.
const FEW: usize = 4;

/// A fact that was forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Hashes of its words.
    pub words: Vec<i64>,
    /// The messages that it came from: `chat_history.id`, as far as they were kept.
    pub messages: Vec<i64>,
    /// The account that they are keyed with: the chat in which it was forgotten may have joined another since.
    pub hashed_for: AccountId,
    /// When.
    pub at: DateTime<Utc>,
}

impl Forgotten {
    /// Whether a fact with this text, from these messages, last spoken of at `said_at`, is the forgotten one come back. Said again
    /// after it was forgotten, it is a new fact.
    ///
    /// From the very messages that the forgotten one came from, half of the shorter one's words are enough, because a model words the
    /// same message differently each time; from others it takes all of a few words, and four fifths of more.
    #[must_use]
    pub fn is(&self, text: &str, messages: &[HistoryId], said_at: DateTime<Utc>) -> bool {
        if said_at > self.at || self.words.is_empty() {
            return false;
        }
        let words = hashed_words(self.hashed_for, text);
        let (all, found) = (self.words.len(), self.words.iter().filter(|word| words.contains(word)).count());
        if messages.iter().all(|message| self.messages.contains(&message.0)) {
            // The name alone is no fact; of the shorter wording half is enough, because the longer one has words of its own.
            let fewer = all.min(words.len());
            2 * found >= fewer && found >= fewer.min(2)
        } else if all <= FEW {
            found == all
        } else {
            5 * found >= 4 * all
        }
    }
}

/// A hash for each word of the text, without the endings that inflection changes. Keyed with the account, so that tables of
/// known words' hashes do not fit more than one.
#[must_use]
pub fn hashed_words(account: AccountId, text: &str) -> Vec<i64> {
    let stems: BTreeSet<String> =
        words(text).filter(|word| word.chars().count() > 2).map(|word| stem(&word)).collect();
    stems
        .iter()
        .map(|stem| {
            let digest = Sha256::new().chain_update(account.0.to_be_bytes()).chain_update(stem).finalize();
            digest.iter().take(8).fold(0, |hash, byte| hash << 8 | i64::from(*byte))
        })
        .collect()
}

/// A word without the last letters that inflection changes; short words stay whole.
fn stem(word: &str) -> String {
    let length = word.chars().count();
    word.chars().take(if length > 4 { length - 2 } else { length }).collect()
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    const ACCOUNT: AccountId = AccountId(7);

    fn forgotten(text: &str) -> Forgotten {
        let at = DateTime::<Utc>::UNIX_EPOCH;
        Forgotten { words: hashed_words(ACCOUNT, text), messages: vec![5], hashed_for: ACCOUNT, at }
    }

    #[test]
    fn from_its_own_message_it_is_told_in_more_or_fewer_words_and_another_fact_is_not_taken_for_it() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let wordings = ["Kyiv is the town where Olena lives", "Olena's home is Kyiv", "Olena lives in Kyiv"];
        for was in wordings {
            for again in wordings {
                assert!(forgotten(was).is(again, &[HistoryId(5)], now), "{was}: {again}");
            }
            for other in ["Olena sings", "Olena has a cat"] {
                assert!(!forgotten(was).is(other, &[HistoryId(5)], now), "{was}: {other}");
            }
        }
    }

    #[test]
    fn it_is_told_in_other_words_and_only_from_before() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let forgotten = forgotten("Olena works at the bank in Lviv");
        let again = "In Lviv, Olena is working at a bank";
        let (same, other) = ([HistoryId(5)], [HistoryId(6)]);
        assert!(forgotten.is(again, &same, now));
        assert!(!forgotten.is(again, &same, now + Duration::seconds(1)), "she has said it again");
        assert!(forgotten.is("Olena works at the Lviv bank", &other, now), "other old messages say so too");
        assert!(!forgotten.is("Olena has a cat", &same, now));
        assert!(!Forgotten { hashed_for: AccountId(8), ..forgotten }.is(again, &same, now));
    }

    #[test]
    fn where_she_lives_now_is_not_where_she_lived() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let forgotten = forgotten("Olena lives in Kyiv");
        assert!(!forgotten.is("Olena lives in Lviv", &[HistoryId(6)], now));
        assert!(forgotten.is("Olena's home is Kyiv", &[HistoryId(5)], now));
    }
}
