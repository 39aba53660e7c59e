//! One folder: its files become one account's memory, or nothing of them does.

use std::sync::atomic::{AtomicU64, Ordering};

use brain::{
    db::{
        import::{self, Importer, Into},
        imported, migration_mapping as mapping,
    },
    ids::AccountId,
    reply::plain_parts,
    texts,
};
use chrono::{DateTime, Utc};
use futures::future::join;
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::{
    check::{self, Check, Times},
    error::ImportError,
    lanes::{self, Lanes, Parts},
    order::Step,
    plan::Plan,
    report::{FileReport, Status},
    run::Run,
};
use crate::files::Reading;

impl Run<'_> {
    /// Imports it. What cannot be taken is in the report.
    ///
    /// # Errors
    /// When the folder as a whole is not taken; nothing of it is then there.
    pub(super) async fn import(&mut self, importer: &mut Importer) -> Result<(), ImportError> {
        let Some(plan) = self.plan(importer).await? else {
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
            &plan.forgotten,
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

    async fn write(
        &mut self,
        importer: &mut Importer,
        plan: &Plan,
        begun: mapping::Begun,
    ) -> Result<(), ImportError> {
        self.report.since = match self.write_messages(importer, plan, begun).await {
            // What was forgotten meanwhile cannot be found.
            Err(ImportError::Mismatch(_))
                if !mapping::is_wanted(importer.connection(), begun.import, &plan.chats).await? =>
            {
                return Err(ImportError::NotWanted);
            }
            since => since?,
        };
        let mut tx = importer.connection().begin().await?;
        // /forget takes the account first, too.
        imported::lock(&mut tx, begun.account).await?;
        if !mapping::is_wanted(&mut tx, begun.import, &plan.chats).await? {
            return Err(ImportError::NotWanted);
        }
        self.write_records(&mut tx, plan, begun).await?;
        imported::settle(&mut tx, begun.account, &plan.chats, begun.import).await?;
        check::tiers(&mut tx, &plan.chats, begun.import, plan.now, self.clock.now()).await?;
        mapping::finish(&mut tx, &plan.chats, &plan.checksums, plan.now).await?;
        self.note(&mut tx, plan, begun.account).await?;
        Ok(tx.commit().await?)
    }

    /// Writes the new messages, on as many connections as the order says, reads the files anew meanwhile, and compares. Says
    /// since when there are messages.
    async fn write_messages(
        &self,
        importer: &mut Importer,
        plan: &Plan,
        begun: mapping::Begun,
    ) -> Result<Option<DateTime<Utc>>, ImportError> {
        let sessions = import::sessions(importer.connection(), &plan.chats).await?;
        let times = |chat| Times {
            session_began: sessions.get(chat).copied().unwrap_or_default().began(plan.now),
            forgotten: plan.forgotten.get(chat).copied(),
        };
        let check = Check {
            folder: self.folder,
            files: &self.report.files,
            chats: plan.chats.iter().map(|chat| (*chat, times(chat))).collect(),
            bare: &plan.bare,
            otherwise: plan.otherwise,
            reading: Reading { now: plan.now },
        };
        let write = async {
            let mut lanes = Lanes::open(self.pool, importer, self.order.connections).await?;
            self.write_batches(
                &mut lanes,
                Into { account: begun.account, import: begun.import, now: plan.now },
            )
            .await?;
            check.of_rows(&mut lanes, |done, total| self.tell(Step::Checking, done, total)).await
        };
        self.tell(Step::Writing, 0, 1);
        // Nothing is broken off: what is being written when a file turns out to have changed could otherwise not be taken back.
        let (of_rows, of_files) = join(write, check.of_files()).await;
        check.compare(&of_files?, &of_rows?)
    }

    async fn write_batches(&self, lanes: &mut Lanes<'_>, into: Into) -> sqlx::Result<()> {
        let batches = lanes.importer.batches().await?;
        let total = batches.iter().map(|(_, count)| count.cast_unsigned()).sum();
        let (batches, done) = (Parts::new(batches), AtomicU64::new(0));
        let (batches, done) = (&batches, &done);
        let lanes = lanes.each().map(|connection| async move {
            while let Some((batch, count)) = batches.next() {
                import::write(connection, into, batch).await?;
                let count = count.cast_unsigned();
                self.tell(Step::Writing, done.fetch_add(count, Ordering::Relaxed) + count, total);
            }
            Ok(())
        });
        lanes::all(lanes).await
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

    fn name(&self) -> String {
        self.folder
            .old_account
            .map_or_else(|| "imported".into(), |number| format!("account_{number} (imported)"))
    }
}
