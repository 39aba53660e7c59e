//! What a reading came to: facts changed, the mark moved, the call noted, in one transaction under the account's lease.
//!
//! Everything is looked at anew inside it, because minutes may have passed since the messages were loaded: a message that was
//! deleted is no source any more, a forgotten fact stays forgotten, a mark that has moved means that others have read this.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::{
    db::{
        chat_turns,
        facts::{self, NewFact},
        llm_usage::{self, Usage},
        outgoing,
        reading::Batch,
    },
    ids::{AccountId, Fence, HistoryId},
    memory::{Change, Fact, Forgotten, Reading, Scope, What, Wording, fingerprint},
    reply::{Keyboard, Part},
};

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// New facts.
    pub added: usize,
    /// Facts that have new words now; the old ones are past.
    pub changed: usize,
    /// Facts that are past now.
    pub retired: usize,
    /// Operations that were not believed.
    pub refused: usize,
    /// Ids of what is newly true: added, and what followed what was changed.
    pub new: Vec<i64>,
}

/// What is posted about new facts where people want to be told: messages, some with keys under them.
pub type Announce = fn(&[Fact]) -> Vec<(Part, Option<Keyboard>)>;

/// A reading that is over.
pub struct Over<'a> {
    /// What was loaded.
    pub batch: &'a Batch,
    /// How many of its messages were read, from the oldest; edited ones all.
    pub taken: usize,
    /// What came of it.
    pub reading: &'a Reading,
    /// The model's call; `None` where none was needed.
    pub usage: Option<Usage>,
}

/// Writes down what a reading came to. `None`: the lease is not ours any more, or others have read these messages; nothing was
/// written.
///
/// # Errors
/// When the database does not answer.
pub async fn record(
    pool: &PgPool,
    fence: Fence,
    over: Over<'_>,
    announce: Announce,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Learned>> {
    let Over { batch, taken, reading, usage } = over;
    let mut tx = pool.begin().await?;
    let through = batch.messages[..taken].last().map_or(batch.read_through, |message| message.id);
    let ours = sqlx::query!(
        "with lease as (
             select from accounts where id = $1 and reading_fence = $2 for no key update
         )
         update conversations set read_through = $6, read_at = $7
         where telegram_chat_id = $3 and thread_id = $4 and account_id = $1 and read_through = $5 and exists (select from lease)",
        batch.account.0,
        fence.0,
        batch.at.chat.0,
        batch.at.thread.0,
        batch.read_through.0,
        through.0,
        now,
    )
    .execute(&mut *tx)
    .await?;
    if ours.rows_affected() == 0 {
        return Ok(None);
    }
    let mut learned = apply(&mut tx, batch, through, &reading.changes).await?;
    learned.refused += reading.refused;
    if let Some(narrative) = &reading.narrative {
        sqlx::query!(
            "update account_chats set narrative = $2, narrative_at = $3 where telegram_chat_id = $1",
            batch.at.chat.0,
            narrative,
            now
        )
        .execute(&mut *tx)
        .await?;
    }
    post_announcements(&mut tx, batch, &learned.new, announce).await?;
    if let Some(mut usage) = usage {
        usage.prompt["operations"] = json!({
            "added": learned.added, "changed": learned.changed, "retired": learned.retired, "refused": learned.refused,
        });
        llm_usage::end(&mut tx, batch.account, batch.at.chat, None, &usage).await?;
    }
    tx.commit().await?;
    Ok(Some(learned))
}

async fn apply(
    tx: &mut PgConnection,
    batch: &Batch,
    through: HistoryId,
    changes: &[Change],
) -> sqlx::Result<Learned> {
    let edited: Vec<i64> = batch.edited.iter().map(|(message, _)| message.id.0).collect();
    let edited_at: Vec<DateTime<Utc>> = batch.edited.iter().map(|(_, at)| *at).collect();
    let mut doubtful = facts::only_from(tx, batch.account, &edited).await?;
    let mut known = facts::of_chat(tx, batch.account, batch.at.chat).await?;
    let forgotten = forgotten(tx, batch.account).await?;
    let times = times(tx, batch, changes).await?;

    let mut learned = Learned::default();
    for change in changes {
        let sources: Vec<HistoryId> =
            change.sources.iter().copied().filter(|id| times.contains_key(id)).collect();
        let Some(said_at) = sources.iter().map(|id| times[id]).max() else {
            learned.refused += 1;
            continue;
        };
        let evidence = Evidence { batch, sources: &sources, said_at, forgotten: &forgotten };
        match apply_one(tx, &mut known, &change.what, &evidence).await? {
            Applied::Added(id) => {
                learned.added += 1;
                learned.new.push(id);
            }
            Applied::Changed(id) => {
                learned.changed += 1;
                learned.new.extend(id);
            }
            Applied::Retired => learned.retired += 1,
            Applied::Known(id) => doubtful.retain(|fact| *fact != id),
            Applied::Refused => learned.refused += 1,
        }
    }
    // What only the old words of edited messages had said, and the new ones do not.
    learned.retired += usize::try_from(facts::delete(tx, &doubtful).await?).unwrap_or(0);
    let (edited, edited_at): (Vec<i64>, Vec<DateTime<Utc>>) = edited
        .into_iter()
        .zip(edited_at)
        .chain(batch.edits.iter().copied().filter(|(id, _)| *id <= through.0))
        .unzip();
    sqlx::query!(
        "delete from edited_messages e using unnest($1::bigint[], $2::timestamptz[]) as r (id, edited_at)
         where e.history_id = r.id and e.edited_at = r.edited_at",
        &edited,
        &edited_at,
    )
    .execute(tx)
    .await?;
    Ok(learned)
}

struct Evidence<'a> {
    batch: &'a Batch,
    sources: &'a [HistoryId],
    said_at: DateTime<Utc>,
    forgotten: &'a [Forgotten],
}

enum Applied {
    Added(i64),
    /// To this; to nothing that is true now, where older words were read later.
    Changed(Option<i64>),
    Retired,
    /// It says what a fact says already.
    Known(i64),
    Refused,
}

async fn apply_one(
    tx: &mut PgConnection,
    known: &mut Vec<Fact>,
    what: &What,
    evidence: &Evidence<'_>,
) -> sqlx::Result<Applied> {
    let (batch, said_at) = (evidence.batch, evidence.said_at);
    let (target, wording) = match what {
        What::Add(wording) => (None, Some(wording)),
        What::Update(number, wording) => (Some(*number), Some(wording)),
        What::Retire(number) => (Some(*number), None),
    };
    let target = match target {
        None => None,
        // Another operation of the same answer may have ended it.
        Some(number) => match known.iter().position(|fact| fact.number == number) {
            Some(index) => Some(index),
            None => return Ok(Applied::Refused),
        },
    };
    let scope = Scope::of_chat(batch.at.chat);
    // What is said in a private chat is not for the others: it corrects the account's fact here and leaves it there.
    let only_here = |fact: &Fact| fact.scope == Scope::Account && scope == Scope::Chat;

    let Some(wording) = wording else {
        let index = target.expect("a retirement has a target");
        let old = known[index].clone();
        if said_at < old.valid_from {
            return Ok(Applied::Refused);
        }
        if only_here(&old) {
            let wording = Wording { text: old.text, kind: old.kind, about: old.about };
            let hidden = NewFact {
                account: batch.account,
                chat: batch.at.chat,
                scope,
                wording: &wording,
                from: said_at,
                until: Some((said_at, None)),
                overrides: Some(old.id),
                sources: evidence.sources,
            };
            facts::insert(tx, &hidden).await?;
        } else {
            facts::end(tx, old.id, said_at, None).await?;
        }
        known.remove(index);
        return Ok(Applied::Retired);
    };
    let same = fingerprint(&wording.text);
    if let Some(fact) = known.iter().find(|fact| fingerprint(&fact.text) == same).cloned() {
        facts::add_sources(tx, fact.id, evidence.sources).await?;
        let replaced = target.filter(|index| {
            let old = &known[*index];
            old.id != fact.id && !only_here(old) && said_at >= old.valid_from
        });
        if let Some(index) = replaced {
            facts::end(tx, known[index].id, said_at, Some(fact.id)).await?;
            known.remove(index);
            return Ok(Applied::Changed(None));
        }
        return Ok(Applied::Known(fact.id));
    }
    let (text, sources) = (wording.text.as_str(), evidence.sources);
    if evidence.forgotten.iter().any(|forgotten| forgotten.is(text, sources, said_at)) {
        return Ok(Applied::Refused);
    }
    let new = NewFact {
        account: batch.account,
        chat: batch.at.chat,
        scope,
        wording,
        from: said_at,
        until: None,
        overrides: None,
        sources: evidence.sources,
    };
    let Some(index) = target else {
        let id = facts::insert(tx, &new).await?;
        remember(tx, known, batch, id).await?;
        return Ok(Applied::Added(id));
    };
    let old = known[index].clone();
    if said_at < old.valid_from {
        // Older messages were read later: what they say was true before.
        facts::insert(tx, &NewFact { until: Some((old.valid_from, Some(old.id))), ..new }).await?;
        return Ok(Applied::Changed(None));
    }
    let id = if only_here(&old) {
        facts::insert(tx, &NewFact { overrides: Some(old.id), ..new }).await?
    } else {
        let id = facts::insert(tx, &new).await?;
        facts::end(tx, old.id, said_at, Some(id)).await?;
        id
    };
    *known = facts::of_chat(tx, batch.account, batch.at.chat).await?;
    Ok(Applied::Changed(Some(id)))
}

/// So that two operations of one answer that say the same add one fact.
async fn remember(tx: &mut PgConnection, known: &mut Vec<Fact>, batch: &Batch, id: i64) -> sqlx::Result<()> {
    let all = facts::of_chat(tx, batch.account, batch.at.chat).await?;
    known.extend(all.into_iter().filter(|fact| fact.id == id));
    Ok(())
}

/// Puts word of new facts into the chat's outbox, where its people want to be told.
async fn post_announcements(
    tx: &mut PgConnection,
    batch: &Batch,
    new: &[i64],
    announce: Announce,
) -> sqlx::Result<()> {
    let wanted = sqlx::query_scalar!(
        "select notify_facts from account_chats where telegram_chat_id = $1",
        batch.at.chat.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    if new.is_empty() || wanted != Some(true) {
        return Ok(());
    }
    let facts = facts::of_chat(tx, batch.account, batch.at.chat).await?;
    let facts: Vec<Fact> = facts.into_iter().filter(|fact| new.contains(&fact.id)).collect();
    for (part, keyboard) in announce(&facts) {
        outgoing::post(tx, batch.at, &part, keyboard.as_ref(), None).await?;
    }
    chat_turns::call(tx, batch.at.chat).await
}

pub(super) async fn forgotten(tx: &mut PgConnection, account: AccountId) -> sqlx::Result<Vec<Forgotten>> {
    let rows = sqlx::query!(
        r#"select words, messages, coalesce(hashed_for, account_id) as "hashed_for!", forgotten_at from forgotten_facts
           where account_id = $1"#,
        account.0
    )
    .fetch_all(tx)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Forgotten {
            words: row.words,
            messages: row.messages,
            hashed_for: AccountId(row.hashed_for),
            at: row.forgotten_at,
        })
        .collect())
}

/// When the sources were said, as far as they still exist.
async fn times(
    tx: &mut PgConnection,
    batch: &Batch,
    changes: &[Change],
) -> sqlx::Result<BTreeMap<HistoryId, DateTime<Utc>>> {
    let ids: Vec<i64> = changes.iter().flat_map(|change| &change.sources).map(|id| id.0).collect();
    let rows = sqlx::query!(
        "select id, timestamp from chat_history where id = any($1) and telegram_chat_id = $2 for share",
        &ids,
        batch.at.chat.0,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| (HistoryId(row.id), row.timestamp)).collect())
}
