//! Recall: the old messages of a chat that bear on a question, found by `chat_history_words` and ranked by `memory::recall`.
//!
//! Three steps, each of which reads a bounded number of messages however long the history is. Which messages have its words: all of the newest
//! `NEWEST`, and of the older ones what the index finds of words that are not everyday words of the chat. What stands around
//! the best of them. The texts of those that are best then.

mod words;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    db::chat_history::Row,
    ids::{AccountId, ChatId, HistoryId},
    memory::{
        Candidate, Counted, NEIGHBOURS, Named, Placed, Remembered, Span, WordSet, Words, centres, excerpt,
        rank,
    },
};

use self::words::Word;

/// Messages that are looked at one by one; they also show which words are everyday words of the chat.
const NEWEST: i64 = 500;
/// A word that more of the newest have is an everyday word: the index would find it too often to be of use.
const EVERYDAY: i64 = 15;
/// Older messages that are looked at for one word, or for the time that the question names.
const MOST_HITS: i64 = 300;
/// The chat's messages are counted so far; beyond it a word's rarity is a matter of its own count.
const COUNTED: i64 = 1200;
/// Messages around which it is looked.
const MOST_CENTRES: usize = 60;
/// Messages that are given back: more than fit into any prompt.
const MOST: usize = 60;
/// Characters of a message; of a longer one it is the part that bears on the question.
const LONGEST: usize = 600;

/// What is asked of memory.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The account; a second lock beside the chat's id.
    pub account: AccountId,
    /// Whose history is searched, all topics.
    pub chat: ChatId,
    /// Only messages until this time: what is later is in short-term and in the prompt anyway.
    pub before: DateTime<Utc>,
    /// When it is asked: what "last week" is told from.
    pub now: DateTime<Utc>,
    /// The question.
    pub text: &'a str,
}

/// Older messages of the chat that bear on the question, best first. What was cleared from a topic is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn recall(connection: &mut PgConnection, question: &Question<'_>) -> sqlx::Result<Vec<Remembered>> {
    let mut asked = words::of(&mut *connection, question.text).await?;
    let span = Span::named_in(question.text, question.now);
    if asked.is_empty() && span.is_none() {
        return Ok(Vec::new());
    }
    let mut found = hits(&mut *connection, question, &asked, span).await?;
    let is_unknown = |word: &Word| !found.iter().any(|hit| hit.word == word.number);
    let respelt = words::respell(&mut *connection, question.chat, &mut asked, is_unknown).await?;
    if !respelt.is_empty() {
        found.extend(hits(&mut *connection, question, &respelt, None).await?);
    }
    let words = weigh(&asked, span, &found);
    let around = centres(candidates(question, span, &found), &words, MOST_CENTRES);
    let windows = windows(&mut *connection, question, &asked, span, &around).await?;
    texts(&mut *connection, &rank(&windows, &words, MOST), &asked).await
}

/// A message that has a word of the question, or is of the time that it names.
struct Hit {
    /// Which word, from 1; 0 for the time.
    word: i64,
    id: i64,
    timestamp: DateTime<Utc>,
    speaker_name: Option<String>,
    length: i32,
    /// How many of the newest have it.
    seen: i64,
    /// How many messages the chat has, as far as they were counted.
    messages: i64,
}

async fn hits(
    connection: &mut PgConnection,
    question: &Question<'_>,
    asked: &[Word],
    span: Option<Span>,
) -> sqlx::Result<Vec<Hit>> {
    let queries: Vec<&str> = asked.iter().map(|word| word.query.as_str()).collect();
    let numbers: Vec<i64> = asked.iter().map(|word| word.number).collect();
    sqlx::query_as!(
        Hit,
        r#"with cleared as materialized (
               select coalesce(max(cleared_through), 0) as last from conversations where telegram_chat_id = $2
           ), newest as materialized (
               select id, account_id, thread_id, timestamp, speaker_name, search from chat_history
               where telegram_chat_id = $2 and timestamp <= $3
               order by timestamp desc, id desc limit $5
           ), asked as materialized (
               select w.number, w.query::tsquery as query from unnest($4::text[], $11::bigint[]) as w (query, number)
           ), newest_hit as materialized (
               select asked.number, newest.* from asked join newest on newest.search @@ asked.query
           ), word as materialized (
               select asked.number, asked.query,
                      (select count(*) from newest_hit where newest_hit.number = asked.number) as seen
               from asked
           ), hit as (
               select word.number, word.seen, newest_hit.id, newest_hit.account_id, newest_hit.thread_id,
                      newest_hit.timestamp, newest_hit.speaker_name, newest_hit.search
               from newest_hit join word using (number)
               union all
               select word.number, word.seen, older.* from word cross join lateral (
                   select h.id, h.account_id, h.thread_id, h.timestamp, h.speaker_name, h.search from chat_history h
                   where h.telegram_chat_id = $2 and h.search @@ word.query
                     and (h.timestamp, h.id) < (select timestamp, id from newest order by timestamp, id limit 1)
                   limit $7
               ) older
               where word.seen <= $6 and (select count(*) from newest) = $5
               union all
               select 0, 0, dated.* from (
                   select id, account_id, thread_id, timestamp, speaker_name, search from chat_history
                   where telegram_chat_id = $2 and timestamp >= $8 and timestamp < $9 and timestamp <= $3
                   order by timestamp desc, id desc limit $7
               ) dated
           )
           select hit.number as "word!", hit.id as "id!", hit.timestamp as "timestamp!", hit.speaker_name,
                  length(hit.search) as "length!", hit.seen as "seen!",
                  (select count(*) from (select from chat_history where telegram_chat_id = $2 and timestamp <= $3 limit $10) m)
                      as "messages!"
           from hit, cleared
           where hit.account_id = $1 and (hit.id > cleared.last or hit.id > coalesce(
               (select v.cleared_through from conversations v where v.telegram_chat_id = $2 and v.thread_id = hit.thread_id), 0))"#,
        question.account.0,
        question.chat.0,
        question.before,
        &queries as &[&str],
        NEWEST,
        EVERYDAY,
        MOST_HITS,
        span.map(|span| span.from),
        span.map(|span| span.until),
        COUNTED,
        &numbers,
    )
    .fetch_all(connection)
    .await
}

#[expect(clippy::cast_precision_loss, reason = "counts of messages")]
fn weigh(asked: &[Word], span: Option<Span>, found: &[Hit]) -> Words {
    let messages = found.iter().map(|hit| hit.messages).max().unwrap_or_default() as f64;
    let count = |number: i64| {
        let having = found.iter().filter(|hit| hit.word == number).count() as f64;
        let seen = found.iter().find(|hit| hit.word == number).map_or(0, |hit| hit.seen);
        let everywhere = if seen > EVERYDAY { seen as f64 / NEWEST as f64 * messages } else { 0.0 };
        Counted { having: having.max(everywhere), of: messages }
    };
    Words::new(asked.iter().map(|word| count(word.number)), span.map(|_| count(0)))
}

fn candidates(question: &Question<'_>, span: Option<Span>, found: &[Hit]) -> Vec<Candidate> {
    let mut named = Named::in_question(question.text);
    let mut by_id: BTreeMap<i64, Candidate> = BTreeMap::new();
    for hit in found {
        let candidate = by_id.entry(hit.id).or_insert_with(|| Candidate {
            id: HistoryId(hit.id),
            said_at: hit.timestamp,
            words: WordSet::default(),
            length: hit.length.unsigned_abs(),
            is_named: hit.speaker_name.as_deref().is_some_and(|speaker| named.is(speaker)),
            is_dated: span.is_some_and(|span| span.holds(hit.timestamp)),
        });
        if let Some(bit) = hit.word.checked_sub(1).filter(|bit| *bit >= 0) {
            candidate.words.0 |= 1 << bit;
        }
    }
    by_id.into_values().collect()
}

async fn windows(
    connection: &mut PgConnection,
    question: &Question<'_>,
    asked: &[Word],
    span: Option<Span>,
    around: &[HistoryId],
) -> sqlx::Result<Vec<Placed>> {
    let queries: Vec<&str> = asked.iter().map(|word| word.query.as_str()).collect();
    let ids: Vec<i64> = around.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"with asked as materialized (
               select w.number, w.query::tsquery as query from unnest($4::text[]) with ordinality as w (query, number)
           )
           select c.id as "centre!", near.place as "place!", near.id as "id!", near.timestamp as "timestamp!", near.speaker_name,
                  length(near.search) as "length!",
                  (select coalesce(sum(1 << (asked.number - 1)::integer), 0) from asked where near.search @@ asked.query) as "words!"
           from unnest($3::bigint[]) as wanted (id)
           join chat_history c on c.id = wanted.id
           left join conversations v on v.telegram_chat_id = $2 and v.thread_id = c.thread_id
           cross join lateral (
               select 0::bigint as place, c.id, c.account_id, c.timestamp, c.speaker_name, c.search
               union all
               select -row_number() over (), before.* from (
                   select h.id, h.account_id, h.timestamp, h.speaker_name, h.search from chat_history h
                   where h.telegram_chat_id = $2 and h.thread_id = c.thread_id
                     and (h.timestamp, h.id) < (c.timestamp, c.id) and h.id > coalesce(v.cleared_through, 0)
                     and h.timestamp > c.timestamp - interval '3 hours'
                   order by h.timestamp desc, h.id desc limit $5
               ) before
               union all
               select row_number() over (), after.* from (
                   select h.id, h.account_id, h.timestamp, h.speaker_name, h.search from chat_history h
                   where h.telegram_chat_id = $2 and h.thread_id = c.thread_id
                     and (h.timestamp, h.id) > (c.timestamp, c.id) and h.timestamp <= $6
                     and h.timestamp < c.timestamp + interval '3 hours'
                   order by h.timestamp, h.id limit $5
               ) after
           ) near
           where c.telegram_chat_id = $2 and c.account_id = $1 and near.account_id = $1
           order by c.id"#,
        question.account.0,
        question.chat.0,
        &ids,
        &queries as &[&str],
        i64::try_from(NEIGHBOURS).unwrap_or(i64::MAX),
        question.before,
    )
    .fetch_all(connection)
    .await?;
    let mut named = Named::in_question(question.text);
    let placed = rows.into_iter().map(|row| Placed {
        centre: HistoryId(row.centre),
        offset: i32::try_from(row.place).unwrap_or_default(),
        candidate: Candidate {
            id: HistoryId(row.id),
            said_at: row.timestamp,
            words: WordSet(u32::try_from(row.words).unwrap_or_default()),
            length: row.length.unsigned_abs(),
            is_named: row.speaker_name.as_deref().is_some_and(|speaker| named.is(speaker)),
            is_dated: span.is_some_and(|span| span.holds(row.timestamp)),
        },
    });
    Ok(placed.collect())
}

async fn texts(
    connection: &mut PgConnection,
    best_first: &[HistoryId],
    asked: &[Word],
) -> sqlx::Result<Vec<Remembered>> {
    let ids: Vec<i64> = best_first.iter().map(|id| id.0).collect();
    let rows = sqlx::query_as!(
        Row,
        r#"select h.id, h.role, h.content, h.timestamp, h.speaker_name
           from unnest($1::bigint[]) with ordinality as best (id, place) join chat_history h on h.id = best.id
           order by best.place"#,
        &ids,
    )
    .fetch_all(connection)
    .await?;
    let words: Vec<&str> = asked.iter().map(|word| word.text.as_str()).collect();
    let short = |message: Remembered| Remembered { text: excerpt(message.text, &words, LONGEST), ..message };
    Ok(rows.into_iter().map(|row| short(row.into())).collect())
}
