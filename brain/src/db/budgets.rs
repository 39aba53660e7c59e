//! `usage_days`, `person_days` and `program_days`: what may be used of the operator's model in a day, by whom, and what has been.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    account::{DayLimits, Tenancy, person_of},
    ids::{AccountId, ChatId, UpdateRef},
};

/// How long the days of persons and of the program are kept.
const KEPT: Days = Days::new(7);

/// Who wants to ask the operator's model, and how much it can cost.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Whose chat it is.
    pub account: AccountId,
    /// The chat.
    pub chat: ChatId,
    /// The question; `None` for a reading.
    pub update: Option<UpdateRef>,
    /// `reply`, `summary` or `analysis`.
    pub purpose: &'static str,
    /// The model's name, as people should see it.
    pub model: &'a str,
    /// Tokens of the prompt.
    pub tokens_in: u32,
    /// The longest answer, in tokens.
    pub tokens_out: u32,
    /// Who asks, or has said most of what is read.
    pub speaker: Option<i64>,
    /// What kind of account it is.
    pub tenancy: Tenancy,
}

/// Whose day holds no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// The account's.
    Account,
    /// The person's, over all chats of temporary accounts or over all of permanent ones.
    Person,
    /// Everybody's.
    Program,
}

/// A call that was counted before it was made, and how.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counted {
    call: i64,
    person: Option<i64>,
    is_permanent: bool,
    counts_for_all: bool,
}

/// Whether the model may be asked.
#[derive(Clone, Copy, Debug)]
pub enum Reserved {
    /// It may; the call is counted, with all that it can cost, until it is [ended](super::llm_usage::end).
    Counted(Counted),
    /// Not today. Nothing was counted.
    Over(Over),
    /// The account is gone.
    Gone,
}

/// Counts the call, if the day has room for it. Looking and counting are one: two workers cannot both find the last place.
/// Not waited for until it is on disk: only a crash of the database itself can lose the count of a call that is under way.
///
/// # Errors
/// When the database does not answer.
pub async fn reserve(
    pool: &PgPool,
    asking: &Asking<'_>,
    limits: DayLimits,
    program: Option<u64>,
    now: DateTime<Utc>,
) -> sqlx::Result<Reserved> {
    let person = asking.speaker.and_then(|speaker| person_of(speaker, asking.tenancy));
    let is_permanent = asking.tenancy == Tenancy::Permanent;
    let reserved = sqlx::query!(
        r#"select r.call, r.refused, set_config('synchronous_commit', 'off', true)
           from private.reserve_call($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) r"#,
        asking.account.0,
        asking.chat.0,
        asking.update.map(|update| update.0),
        asking.purpose,
        asking.model,
        asking.tokens_in.cast_signed(),
        asking.tokens_out.cast_signed(),
        person,
        is_permanent,
        now.date_naive(),
        json!({
            "messages": limits.messages,
            "tokens": limits.tokens,
            "readings": DayLimits::readings(limits.tokens),
            "program": program.map_or(Value::Null, |tokens| {
                json!({"tokens": tokens, "readings": DayLimits::readings(tokens)})
            }),
        }),
    )
    .fetch_one(pool)
    .await?;
    Ok(match (reserved.call, reserved.refused.as_deref()) {
        (Some(call), _) => {
            Reserved::Counted(Counted { call, person, is_permanent, counts_for_all: program.is_some() })
        }
        (None, Some("account")) => Reserved::Over(Over::Account),
        (None, Some("person")) => Reserved::Over(Over::Person),
        (None, Some("program")) => Reserved::Over(Over::Program),
        (None, _) => Reserved::Gone,
    })
}

/// Deletes the days of persons and of the program that are long over.
///
/// # Errors
/// When the database does not answer.
pub async fn purge(pool: &PgPool, today: NaiveDate) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "with persons as (delete from person_days where day < $1) delete from program_days where day < $1",
        today - KEPT
    )
    .execute(pool)
    .await?;
    Ok(deleted.rows_affected())
}
