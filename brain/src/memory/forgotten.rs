//! What must not be learned again: a forgotten fact leaves hashes of its words, which tell it when it comes back and nothing else.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::facts::words;
use crate::ids::AccountId;

/// So many of five of a forgotten fact's words found again make it the same fact, in other words or another order.
const SAME_OF_FIVE: usize = 3;

/// A fact that was forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    /// Hashes of its words.
    pub words: Vec<i64>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Forgotten {
    /// Whether a fact with these hashed words, last spoken of at `said_at`, is the forgotten one come back. Said again
    /// after it was forgotten, it is a new fact.
    #[must_use]
    pub fn is(&self, words: &[i64], said_at: DateTime<Utc>) -> bool {
        let found = self.words.iter().filter(|word| words.contains(word)).count();
        said_at <= self.at && !self.words.is_empty() && 5 * found >= SAME_OF_FIVE * self.words.len()
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

    #[test]
    fn it_is_told_in_other_words_and_only_from_before() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let forgotten =
            Forgotten { words: hashed_words(ACCOUNT, "Olena works at the bank in Lviv"), at: now };
        let again = hashed_words(ACCOUNT, "In Lviv, Olena is working at a bank");
        assert!(forgotten.is(&again, now));
        assert!(!forgotten.is(&again, now + Duration::seconds(1)), "she has said it again");
        assert!(!forgotten.is(&hashed_words(ACCOUNT, "Olena has a cat in Lviv"), now));
        assert!(!forgotten.is(&hashed_words(AccountId(8), "Olena works at the bank in Lviv"), now));
    }
}
