//! What a folder brings besides messages: facts, rules, settings and dates, each counted in the report.

use brain::{
    account::TEMPORARY_LIFE,
    db::{imported, migration_mapping as mapping},
    reply::plain_parts,
    texts,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{error::ImportError, plan::Plan, read::Records, run::Run, settings};
use crate::files::{OldRule, Refusal};

impl Run<'_> {
    /// Says what would be written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn would_write(
        &mut self,
        connection: &mut PgConnection,
        plan: &Plan,
    ) -> Result<(), ImportError> {
        for (file, fact) in &plan.records.facts {
            let known = match (plan.account, plan.home) {
                (Some(account), Some(home)) => imported::knows(connection, account, home, &fact.text).await?,
                _ => false,
            };
            self.count(*file, !known, plan.home.is_some());
            self.report.facts += u64::from(!known && plan.home.is_some());
        }
        for (file, rule) in &plan.records.rules {
            let known = match plan.account {
                Some(account) => imported::has_rule(connection, account, &rule.content).await?,
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

    /// Writes them, within the transaction that ends the import.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn write_records(
        &mut self,
        tx: &mut PgConnection,
        plan: &Plan,
        begun: mapping::Begun,
    ) -> Result<(), ImportError> {
        let account = begun.account;
        for (file, fact) in &plan.records.facts {
            let is_new = match plan.home {
                Some(home) => {
                    let source = &self.report.files[*file].file;
                    imported::fact(tx, account, home, &fact.text, fact.at, source).await?
                }
                None => false,
            };
            self.count(*file, is_new, plan.home.is_some());
            self.report.facts += u64::from(is_new);
        }
        for (file, rule) in &plan.records.rules {
            let is_new = imported::rule(tx, account, written(rule, plan.now)).await?;
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
            let life = dates.created_at..dates.expires_at;
            let until = imported::temporary(tx, account, is_made, dates.chat, life, plan.now).await?;
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
            imported::temporary(tx, account, true, chat, plan.now..expires_at, plan.now).await?;
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

    /// Notes that none of them is taken.
    pub(super) fn refuse_records(&mut self, records: &Records, why: Refusal) {
        let is_only = self.order.only.is_some();
        let files = records.facts.iter().map(|(file, _)| file);
        let files = files.chain(records.rules.iter().map(|(file, _)| file));
        let files = files.chain(records.settings.iter().map(|(file, _)| file));
        for file in files.chain(records.temporary.iter().map(|(file, _)| file)) {
            if is_only {
                self.report.files[*file].of_other_chats += 1;
            } else {
                self.report.files[*file].refuse_many(1, why);
            }
        }
    }
}

/// The rule as it is written here. None is of the future.
fn written(rule: &OldRule, now: DateTime<Utc>) -> imported::Rule<'_> {
    imported::Rule {
        category: rule.category,
        content: &rule.content,
        priority: rule.priority,
        is_active: rule.is_active,
        created_at: rule.created_at.map_or(now, |at| at.min(now)),
    }
}
