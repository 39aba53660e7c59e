//! One folder: its files become one account's memory, or nothing of them does.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection, PgPool};

use super::{
    FileReport, FolderReport, ImportError, Order, Progress, Status, Step,
    check::Check,
    home,
    read::{self, Read, Records},
    settings,
};
use crate::{
    account::TEMPORARY_LIFE,
    clock::Clock,
    db::{
        import::{self, Importer, Into, Matched},
        imported, migration_mapping as mapping,
    },
    ids::{AccountId, ChatId},
    legacy::{Folder, OldTemporary, Reading, Refusal},
    memory::SessionLength,
    reply::plain_parts,
    texts,
};

/// The import of one folder.
pub(super) struct Run<'a> {
    pub(super) pool: &'a PgPool,
    pub(super) clock: &'a Clock,
    pub(super) order: Order<'a>,
    pub(super) folder: &'a Folder,
    /// The chat of rows that name none; `Err` where one was given and cannot be this folder's alone.
    pub(super) given: Result<Option<ChatId>, ()>,
    pub(super) progress: &'a (dyn Fn(Progress<'_>) + Sync),
    pub(super) report: &'a mut FolderReport,
}

/// What is known of a folder once it is read.
struct Plan {
    records: Records,
    bare: BTreeSet<usize>,
    /// The chats to bring, in order.
    chats: Vec<ChatId>,
    /// The chat of rows that name none.
    otherwise: Option<ChatId>,
    /// Where the account's facts are filed; `None` where that is another chat's affair.
    home: Option<ChatId>,
    account: Option<AccountId>,
    matched: BTreeMap<(usize, ChatId), Matched>,
    checksums: Value,
    now: DateTime<Utc>,
}

impl Run<'_> {
    /// Imports it. What cannot be taken is in the report.
    ///
    /// # Errors
    /// When the folder as a whole is not taken; nothing of it is then there.
    pub(super) async fn run(&mut self, importer: &mut Importer) -> Result<(), ImportError> {
        let Some(plan) = self.read(importer).await? else {
            self.report.status = Status::Nothing;
            return Ok(());
        };
        if let Some(account) = plan.account
            && mapping::is_done(importer.connection(), account, &plan.chats, &plan.checksums).await?
        {
            self.report.status = Status::AlreadyDone;
            for file in &mut self.report.files {
                file.already_there = file.rows - file.refused - file.of_other_chats;
            }
            return Ok(());
        }
        self.count_messages(&plan);
        if self.order.dry_run {
            return self.would_write(importer.connection(), &plan).await;
        }
        let now = plan.now;
        let name = self.name();
        let begun = mapping::begin(
            importer.connection(),
            plan.account,
            &name,
            self.folder.old_account,
            &plan.chats,
            now,
        )
        .await?
        .ok_or(ImportError::NotWanted)?;
        self.report.account = Some(begun.account.0);
        let finished = self.write(importer, &plan, begun).await;
        if let Err(error) = finished {
            if !matches!(error, ImportError::Database(_)) {
                mapping::take_back(importer.connection(), begun, &plan.chats).await?;
                self.report.account = plan.account.map(|account| account.0);
            }
            return Err(error);
        }
        self.report.status = Status::Done;
        Ok(())
    }

    /// Reads and stages the files and decides whose they are. `None`: there is nothing to bring.
    async fn read(&mut self, importer: &mut Importer) -> Result<Option<Plan>, ImportError> {
        let now = self.clock.now();
        importer.clear().await?;
        let total = self.folder.files.iter().map(|file| file.size).sum();
        let tell = |done| self.tell(Step::Reading, done, total);
        let Read { files, records, bare } = read::read(importer, self.folder, Reading { now }, &tell).await?;
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
            self.refuse_records(&records);
            return Ok(None);
        }
        let sums: BTreeMap<&str, &str> =
            self.report.files.iter().map(|file| (file.file.as_str(), file.sha256.as_str())).collect();
        let checksums = json!(sums);
        let home = home.filter(|home| chats.contains(home));
        let matched = importer.find_matches(&chats, self.order.dry_run).await?;
        Ok(Some(Plan { records, bare, chats, otherwise, home, account, matched, checksums, now }))
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

    fn count_messages(&mut self, plan: &Plan) {
        for ((file, _), matched) in &plan.matched {
            let report = &mut self.report.files[*file];
            report.imported += matched.new.cast_unsigned();
            report.already_there += matched.known.cast_unsigned();
        }
        self.report.messages = plan.matched.values().map(|matched| matched.new.cast_unsigned()).sum();
    }

    async fn would_write(&mut self, connection: &mut PgConnection, plan: &Plan) -> Result<(), ImportError> {
        for (file, fact) in &plan.records.facts {
            let known = match (plan.account, plan.home) {
                (Some(account), Some(home)) => imported::knows(connection, account, home, fact).await?,
                _ => false,
            };
            self.count(*file, !known, plan.home.is_some());
            self.report.facts += u64::from(!known && plan.home.is_some());
        }
        for (file, rule) in &plan.records.rules {
            let known = match plan.account {
                Some(account) => imported::has_rule(connection, account, rule).await?,
                None => false,
            };
            self.count(*file, !known, true);
        }
        for (file, old) in &plan.records.settings {
            let (_, notes) = settings::kept(old, self.order.default_model);
            self.report.notes.extend(notes);
            self.count(*file, true, true);
        }
        for (place, (file, _)) in plan.records.temporary.iter().enumerate() {
            if place == 0 {
                self.count(*file, plan.account.is_none(), true);
            } else {
                self.report.files[*file].refuse_many(1, Refusal::SecondTemporary);
            }
        }
        Ok(())
    }

    async fn write(
        &mut self,
        importer: &mut Importer,
        plan: &Plan,
        begun: mapping::Begun,
    ) -> Result<(), ImportError> {
        let into = Into { account: begun.account, import: begun.import, now: plan.now };
        self.write_messages(importer, into).await?;
        let sessions = import::sessions(importer.connection(), &plan.chats).await?;
        let chats = plan
            .chats
            .iter()
            .map(|chat| (*chat, sessions.get(chat).copied().unwrap_or_default().began(plan.now)))
            .collect();
        self.tell(Step::Checking, 0, 1);
        let check = Check {
            folder: self.folder,
            files: &self.report.files,
            chats: &chats,
            bare: &plan.bare,
            otherwise: plan.otherwise,
            reading: Reading { now: plan.now },
        };
        self.report.since = check.run(importer.connection()).await?;
        self.tell(Step::Checking, 1, 1);
        let mut tx = importer.connection().begin().await?;
        if !mapping::is_wanted(&mut tx, begun.import, &plan.chats).await? {
            return Err(ImportError::NotWanted);
        }
        self.write_records(&mut tx, plan, begun).await?;
        imported::settle(&mut tx, begun.account, &plan.chats, begun.import).await?;
        self.check_tiers(&mut tx, plan, &sessions, begun.import).await?;
        mapping::finish(&mut tx, &plan.chats, &plan.checksums, plan.now).await?;
        self.note(&mut tx, plan, begun.account).await?;
        Ok(tx.commit().await?)
    }

    /// Writes the new messages, on as many connections as the order says.
    async fn write_messages(&self, importer: &mut Importer, into: Into) -> Result<(), ImportError> {
        let batches = importer.batches().await?;
        let total = batches.iter().map(|(_, count)| count.cast_unsigned()).sum();
        let left = Mutex::new(VecDeque::from(batches));
        let done = AtomicU64::new(0);
        let work = async |connection: &mut PgConnection| -> sqlx::Result<()> {
            loop {
                let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                let Some((batch, count)) = next else { return Ok(()) };
                import::write(connection, into, batch).await?;
                let count = count.cast_unsigned();
                self.tell(Step::Writing, done.fetch_add(count, Ordering::Relaxed) + count, total);
            }
        };
        let helpers = (1..self.order.writers.max(1)).map(async |_| {
            let mut connection = PgConnection::connect_with(&self.pool.connect_options()).await?;
            work(&mut connection).await
        });
        futures::try_join!(work(importer.connection()), futures::future::try_join_all(helpers))?;
        Ok(())
    }

    async fn write_records(
        &mut self,
        tx: &mut PgConnection,
        plan: &Plan,
        begun: mapping::Begun,
    ) -> Result<(), ImportError> {
        let account = begun.account;
        imported::lock(tx, account).await?;
        for (file, fact) in &plan.records.facts {
            let is_new = match plan.home {
                Some(home) => imported::fact(tx, account, home, fact, &self.report.files[*file].file).await?,
                None => false,
            };
            self.count(*file, is_new, plan.home.is_some());
            self.report.facts += u64::from(is_new);
        }
        for (file, rule) in &plan.records.rules {
            let is_new = imported::rule(tx, account, rule, plan.now).await?;
            self.count(*file, is_new, true);
        }
        for (file, old) in &plan.records.settings {
            let (kept, notes) = settings::kept(old, self.order.default_model);
            let new = imported::settings(tx, account, &kept).await?;
            self.report.notes.extend(notes);
            self.count(*file, new > 0, true);
        }
        self.write_dates(tx, plan, begun).await
    }

    async fn write_dates(
        &mut self,
        tx: &mut PgConnection,
        plan: &Plan,
        begun: mapping::Begun,
    ) -> Result<(), ImportError> {
        let mapping::Begun { account, is_made, .. } = begun;
        let mut dates = plan.records.temporary.iter();
        if let Some((file, dates)) = dates.next() {
            let until = imported::temporary(tx, account, is_made, *dates, plan.now).await?;
            self.count(*file, until.is_some(), true);
            if let Some(until) = until.filter(|_| dates.expires_at <= plan.now) {
                let day = until.format("%Y-%m-%d");
                self.report
                    .notes
                    .push(format!("the temporary account had expired and lives until {day} now"));
                let word = plain_parts(&texts::import::expired(until));
                mapping::tell(tx, dates.chat, &word).await?;
            }
        } else if is_made {
            // Whoever writes from there can keep it with /register, which a permanent account without a person could not be.
            let expires_at = plan.now + TEMPORARY_LIFE;
            let chat = plan.home.unwrap_or(plan.chats[0]);
            let dates = OldTemporary { chat, created_at: plan.now, expires_at };
            imported::temporary(tx, account, true, dates, plan.now).await?;
            self.report.notes.push(format!(
                "a new account was made for it, temporary until {}: /register in the chat keeps it",
                expires_at.format("%Y-%m-%d")
            ));
        }
        for (file, _) in dates {
            self.report.files[*file].refuse_many(1, Refusal::SecondTemporary);
        }
        Ok(())
    }

    /// Every tier holds what today's rules say.
    async fn check_tiers(
        &self,
        tx: &mut PgConnection,
        plan: &Plan,
        sessions: &BTreeMap<ChatId, SessionLength>,
        import: i64,
    ) -> Result<(), ImportError> {
        let now = self.clock.now();
        for chat in &plan.chats {
            let session = sessions.get(chat).copied().unwrap_or_default();
            let tiers =
                imported::tiers(tx, *chat, import, session.began(plan.now), session.began(now)).await?;
            if tiers.misplaced > 0 || tiers.mid_term < tiers.older.min(crate::db::tiers::MID_TERM) {
                return Err(ImportError::Mismatch(format!(
                    "chat {chat}: messages are in the wrong tier: {tiers:?}"
                )));
            }
        }
        Ok(())
    }

    async fn note(&self, tx: &mut PgConnection, plan: &Plan, account: AccountId) -> Result<(), ImportError> {
        let details = json!({
            "folder": self.report.folder,
            "messages": self.report.messages,
            "facts": self.report.facts,
            "files": self.report.files.iter().map(|file: &FileReport| json!({
                "file": file.file, "sha256": file.sha256, "rows": file.rows, "imported": file.imported,
                "already_there": file.already_there, "of_other_chats": file.of_other_chats, "refused": file.refused,
            })).collect::<Vec<_>>(),
        });
        imported::audit(tx, account, plan.home.unwrap_or(plan.chats[0]), &details, plan.now).await?;
        if let Some(chat) = self.order.only {
            let brought = texts::import::brought(self.report.messages, self.report.facts, self.report.since);
            mapping::tell(tx, chat, &plain_parts(&brought)).await?;
        }
        Ok(())
    }

    fn refuse_records(&mut self, records: &Records) {
        let is_only = self.order.only.is_some();
        let files = records.facts.iter().map(|(file, _)| file);
        let files = files.chain(records.rules.iter().map(|(file, _)| file));
        let files = files.chain(records.settings.iter().map(|(file, _)| file));
        for file in files.chain(records.temporary.iter().map(|(file, _)| file)) {
            if is_only {
                self.report.files[*file].of_other_chats += 1;
            } else {
                self.report.files[*file].refuse_many(1, Refusal::NoChat);
            }
        }
    }

    fn count(&mut self, file: usize, is_new: bool, is_ours: bool) {
        let report = &mut self.report.files[file];
        if !is_ours {
            report.of_other_chats += 1;
        } else if is_new {
            report.imported += 1;
        } else {
            report.already_there += 1;
        }
    }

    fn name(&self) -> String {
        self.folder
            .old_account
            .map_or_else(|| "imported".into(), |number| format!("account_{number} (imported)"))
    }

    fn tell(&self, step: Step, done: u64, total: u64) {
        (self.progress)(Progress { folder: &self.folder.name, step, done, total });
    }
}
