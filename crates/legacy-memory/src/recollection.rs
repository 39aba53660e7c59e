//! What the old files say of one chat, while its memory is not in the database yet: for the prompt and for the memory commands.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use brain::{
    config::LegacyConfig,
    ids::{ChatId, HistoryId},
    memory::{Author, Remembered, TierStats},
    other_memory::{RecollectedFact, Recollection},
};

use crate::{
    files::{Folder, Kind, LegacyFile, OldFact, OldMessage, OldRule, Reading, find},
    home::home,
};

/// Messages that are kept of those that are relevant to a question, and of the newest.
const RELEVANT: usize = 12;
const NEWEST: usize = 40;
/// Facts and rules that are kept: the newest.
const SMALL: usize = 100;
/// A shorter word is not significant.
const SIGNIFICANT: usize = 4;

/// The old files, and which chats they name.
pub struct Files {
    config: LegacyConfig,
    named: Mutex<BTreeMap<PathBuf, Named>>,
}

/// The chats that a file names, as of this size and time of change.
struct Named {
    size: u64,
    changed: Option<SystemTime>,
    chats: BTreeSet<ChatId>,
}

impl Files {
    /// Nothing is read yet.
    #[must_use]
    pub const fn new(config: LegacyConfig) -> Self {
        Self { config, named: Mutex::new(BTreeMap::new()) }
    }

    /// Whether the files hold anything of the chat. A file is read through once, and again when it has changed.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn holds(&self, chat: ChatId, reading: Reading) -> io::Result<bool> {
        Ok(!self.folders(chat, reading)?.is_empty())
    }

    /// What the files say of the chat, with what is relevant to the question. Holds a bounded number of messages, whatever their
    /// number in the files.
    ///
    /// # Errors
    /// When a folder or file cannot be read.
    pub fn recollect(&self, chat: ChatId, question: &str, reading: Reading) -> io::Result<Recollection> {
        let wanted: BTreeSet<String> = significant_terms(question).collect();
        let mut found = Recollection::default();
        let mut relevant: Vec<(usize, OldMessage)> = Vec::new();
        let mut newest: VecDeque<OldMessage> = VecDeque::new();
        let mut rules = Vec::new();
        for (folder, is_home) in self.folders(chat, reading)? {
            for file in &folder.files {
                let mut reader = file.open()?;
                match file.kind {
                    Kind::Messages => {
                        let counted = self.messages(chat, file, reading, |message| {
                            let score = significant_terms(&message.content)
                                .filter(|word| wanted.contains(word))
                                .count();
                            if score > 0 && !relevant.iter().any(|(_, known)| *known == message) {
                                relevant.push((score, message.clone()));
                                relevant
                                    .sort_by_key(|(score, message)| std::cmp::Reverse((*score, message.at)));
                                relevant.truncate(RELEVANT);
                            }
                            if !newest.contains(&message) {
                                let place = newest.partition_point(|known| known.at <= message.at);
                                newest.insert(place, message);
                                if newest.len() > NEWEST {
                                    newest.pop_front();
                                }
                            }
                        })?;
                        if counted.total > found.stats.total {
                            found.stats = counted;
                        }
                    }
                    Kind::Facts if is_home => {
                        while let Some((_, row)) = reader.fact(reading)? {
                            let fact = row.ok().map(|OldFact { text, at }| RecollectedFact { text, at });
                            found.facts.extend(fact);
                            if found.facts.len() > SMALL {
                                found.facts.remove(0);
                            }
                        }
                    }
                    Kind::Rules => {
                        while let Some((_, row)) = reader.rule(reading)? {
                            rules.extend(row.ok().filter(|rule| rule.is_active && rules.len() < SMALL));
                        }
                    }
                    _ => {}
                }
            }
        }
        rules.sort_by_key(|rule: &OldRule| std::cmp::Reverse(rule.priority));
        found.rules = rules.into_iter().map(|rule| rule.content).collect();
        found.relevant = relevant.into_iter().map(|(_, message)| remembered(message)).collect();
        found.newest = newest.into_iter().map(remembered).collect();
        Ok(found)
    }

    /// The folders with something of the chat, each with whether its facts are for this chat: a folder of several chats may
    /// have learned them in another one, in private.
    fn folders(&self, chat: ChatId, reading: Reading) -> io::Result<Vec<(Folder, bool)>> {
        let found = find(&self.config.dir)?;
        let mut folders = Vec::new();
        for folder in found.folders {
            let mut chats = BTreeSet::new();
            for file in &folder.files {
                chats.extend(self.named(file, reading)?);
            }
            let is_given = self.config.chat == Some(chat) && (chats.is_empty() || chats.contains(&chat));
            if chats.contains(&chat) || is_given && folder.old_account.is_none() {
                let is_home = is_given || chats.len() <= 1 || home(&chats, None, None) == Some(chat);
                folders.push((folder, is_home));
            }
        }
        Ok(folders)
    }

    fn messages(
        &self,
        chat: ChatId,
        file: &LegacyFile,
        reading: Reading,
        mut each: impl FnMut(OldMessage),
    ) -> io::Result<TierStats> {
        let mut reader = file.open()?;
        let mut current = self.named(file, reading)?.is_empty().then_some(chat);
        let mut stats = TierStats::default();
        while let Some((_, row)) = reader.message(reading)? {
            let Ok(message) = row else { continue };
            current = message.chat.or(current);
            if current != Some(chat) {
                continue;
            }
            stats.total += 1;
            stats.user += i64::from(message.author == Author::User);
            let (first, last) = stats.range.unwrap_or((message.at, message.at));
            stats.range = Some((message.at.min(first), message.at.max(last)));
            each(OldMessage { chat: Some(chat), ..message });
        }
        Ok(stats)
    }

    /// The chats that the file's rows name.
    fn named(&self, file: &LegacyFile, reading: Reading) -> io::Result<BTreeSet<ChatId>> {
        if !matches!(file.kind, Kind::Messages | Kind::Temporary) {
            return Ok(BTreeSet::new());
        }
        let changed = std::fs::metadata(&file.path)?.modified().ok();
        let named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(named) = named.get(&file.path)
            && (named.size, named.changed) == (file.size, changed)
        {
            return Ok(named.chats.clone());
        }
        drop(named);
        let mut reader = file.open()?;
        let mut chats = BTreeSet::new();
        if file.kind == Kind::Temporary {
            while let Some((_, row)) = reader.temporary(reading)? {
                chats.extend(row.ok().map(|temporary| temporary.chat));
            }
        } else {
            while let Some((_, row)) = reader.message(reading)? {
                chats.extend(row.ok().and_then(|message| message.chat));
            }
        }
        let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        named.insert(file.path.clone(), Named { size: file.size, changed, chats: chats.clone() });
        Ok(chats)
    }
}

/// As memory gives it back. It has no number here yet.
fn remembered(message: OldMessage) -> Remembered {
    Remembered {
        id: HistoryId(0),
        author: message.author,
        speaker: None,
        text: message.content,
        said_at: message.at,
    }
}

/// The words that may tell one message from another, in small letters.
fn significant_terms(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= SIGNIFICANT)
        .map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn memory(sample: &str, chat: Option<i64>) -> Files {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/legacy").join(sample);
        Files::new(LegacyConfig { dir, chat: chat.map(ChatId) })
    }

    fn reading() -> Reading {
        Reading { now: "2026-11-22T12:00:00Z".parse().expect("a time") }
    }

    #[test]
    fn a_chat_that_is_named_or_given_has_files_and_no_other_has() {
        let holds = |memory: &Files, chat| memory.holds(ChatId(chat), reading()).expect("it can be read");
        let accounts = memory("accounts", Some(7));
        assert!(holds(&accounts, 555_001) && holds(&accounts, -1_009_988_776));
        assert!(!holds(&accounts, 7) && !holds(&accounts, 1));
        let single = memory("single", Some(7));
        assert!(holds(&single, 7) && !holds(&single, 8));
        assert!(!holds(&memory("single", None), 7));
    }

    #[test]
    fn what_is_relevant_to_the_question_and_the_newest_are_found() {
        let found =
            memory("single", Some(7)).recollect(ChatId(7), "my favourite name?", reading()).expect("read");
        assert_eq!((found.stats.total, found.facts.len(), found.rules.len()), (10, 2, 2));
        assert_eq!(found.rules[0], "Answer briefly.");
        assert!(found.relevant[0].text.to_lowercase().contains("name"), "{:?}", found.relevant);
        assert_eq!(found.newest.len(), 10);
    }

    #[test]
    fn a_group_does_not_hear_what_its_account_learned_in_private() {
        let accounts = memory("accounts", None);
        let facts = |chat| accounts.recollect(ChatId(chat), "", reading()).expect("read").facts.len();
        assert_eq!((facts(555_001), facts(-1_009_988_776)), (1, 0));
    }
}
