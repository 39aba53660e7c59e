//! What becomes of a folder once it is read: which of its chats are brought, into whose account.

use std::collections::{BTreeMap, BTreeSet};

use brain::{
    db::{
        import::{Importer, Matched},
        migration_mapping as mapping,
    },
    ids::{AccountId, ChatId},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    error::ImportError,
    lanes::Lanes,
    order::Step,
    read::{self, Read, Records},
    run::Run,
};
use crate::{
    files::{Reading, Refusal},
    home::home,
};

/// What is known of a folder once it is read.
pub(super) struct Plan {
    pub(super) records: Records,
    pub(super) bare: BTreeSet<usize>,
    /// The chats to bring, in order.
    pub(super) chats: Vec<ChatId>,
    /// The chat of rows that name none.
    pub(super) otherwise: Option<ChatId>,
    /// Where the account's facts are filed; `None` where that is another chat's affair.
    pub(super) home: Option<ChatId>,
    pub(super) account: Option<AccountId>,
    pub(super) matched: BTreeMap<(usize, ChatId), Matched>,
    /// When chats have forgotten everything.
    pub(super) forgotten: BTreeMap<ChatId, DateTime<Utc>>,
    pub(super) checksums: Value,
    pub(super) now: DateTime<Utc>,
}

impl Run<'_> {
    /// Reads and stages the files and decides whose they are. `None`: there is nothing to bring.
    pub(super) async fn plan(&mut self, importer: &mut Importer) -> Result<Option<Plan>, ImportError> {
        let now = self.clock.now();
        importer.clear().await?;
        let total = self.folder.files.iter().map(|file| file.size).sum();
        let tell = |done| self.tell(Step::Reading, done, total);
        let mut lanes = Lanes::open(self.pool, importer, self.order.connections).await?;
        let Read { files, mut records, bare } =
            read::read(&mut lanes, self.folder, Reading { now }, &tell).await?;
        self.report.files = files;

        let staged = importer.staged().await?;
        let mut chats: BTreeSet<ChatId> = staged.keys().filter_map(|(_, chat)| *chat).collect();
        chats.extend(records.temporary.iter().map(|(_, temporary)| temporary.chat));
        let only_one = if chats.len() == 1 { chats.first().copied() } else { None };
        let given = self.given.unwrap_or_default();
        let otherwise = only_one.or(given.filter(|chat| chats.is_empty() || chats.contains(chat)));
        for ((file, chat), rows) in &staged {
            if chat.is_none() && otherwise.is_none() {
                let why = if self.given.is_err() { Refusal::ManyFolders } else { Refusal::NoChat };
                self.report.files[*file].refuse_many(rows.cast_unsigned(), why);
            }
        }
        if let Some(chat) = otherwise {
            chats.insert(chat);
            importer.belong(None, chat).await?;
        }
        let temporary = records.temporary.first().map(|(_, temporary)| temporary.chat);
        let mut home = home(&chats, given, temporary);
        if let Some(only) = self.order.only {
            chats.retain(|chat| *chat == only);
            home = home.filter(|chat| *chat == only);
        }
        let are_named = !chats.is_empty();
        let account = self.account(importer, &mut chats).await?;
        let staged = importer.staged().await?;
        for ((file, chat), rows) in staged {
            let Some(chat) = chat.filter(|chat| !chats.contains(chat)) else { continue };
            let report = &mut self.report.files[file];
            if self.order.only.is_some_and(|only| only != chat) {
                report.of_other_chats += rows.cast_unsigned();
            } else {
                report.refuse_many(rows.cast_unsigned(), Refusal::OtherAccount);
            }
        }
        let chats: Vec<ChatId> = chats.into_iter().collect();
        importer.keep_only(&chats).await?;
        self.report.chats = chats.iter().map(|chat| chat.0).collect();
        self.report.account = account.map(|account| account.0);
        if chats.is_empty() {
            let why = if are_named { Refusal::OtherAccount } else { Refusal::NoChat };
            self.refuse_records(&records, why);
            return Ok(None);
        }
        let sums: BTreeMap<&str, &str> =
            self.report.files.iter().map(|file| (file.file.as_str(), file.sha256.as_str())).collect();
        let checksums = json!(sums);
        let home = home.filter(|home| chats.contains(home));
        let forgotten = mapping::forgotten(importer.connection(), &chats).await?;
        for (file, rows) in importer.leave_out_forgotten().await? {
            self.report.files[file].refuse_many(rows, Refusal::Forgotten);
        }
        if let Some(until) = home.and_then(|home| forgotten.get(&home)) {
            let gone = records.facts.extract_if(.., |(_, fact)| fact.at <= *until);
            gone.for_each(|(file, _)| self.report.files[file].refuse_many(1, Refusal::Forgotten));
        }
        let matched = importer.find_matches(&chats, self.order.dry_run).await?;
        Ok(Some(Plan { records, bare, chats, otherwise, home, account, matched, forgotten, checksums, now }))
    }

    /// Whose the folder's memory becomes: the account that was said, or the one that its chats have; `None`: a new one. Chats
    /// of other accounts are taken out. An account's number in the files says nothing about accounts here.
    async fn account(
        &self,
        importer: &mut Importer,
        chats: &mut BTreeSet<ChatId>,
    ) -> Result<Option<AccountId>, ImportError> {
        let all: Vec<ChatId> = chats.iter().copied().collect();
        let here = mapping::accounts_of(importer.connection(), &all).await?;
        let given = self.given.unwrap_or_default().and_then(|chat| here.get(&chat));
        let accounts: BTreeSet<AccountId> = here.values().copied().collect();
        let account = match self.order.account.or(given.copied()) {
            Some(account) => Some(account),
            None if accounts.len() > 1 => {
                let names: Vec<String> = here.keys().map(ToString::to_string).collect();
                return Err(ImportError::Ambiguous(names.join(", ")));
            }
            None => accounts.first().copied(),
        };
        chats.retain(|chat| here.get(chat).is_none_or(|of_chat| Some(*of_chat) == account));
        Ok(account)
    }

    pub(super) fn count_messages(&mut self, plan: &Plan) {
        for ((file, _), matched) in &plan.matched {
            let report = &mut self.report.files[*file];
            report.imported += matched.new.cast_unsigned();
            report.already_there += matched.known.cast_unsigned();
        }
        self.report.messages = plan.matched.values().map(|matched| matched.new.cast_unsigned()).sum();
    }
}
