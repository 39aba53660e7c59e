//! The words of a question, and what takes the place of those that a chat does not have.

use sqlx::PgConnection;

use crate::{ids::ChatId, memory::WordSet};

/// Characters of a question that are looked at.
const LONGEST_QUESTION: i32 = 4000;
/// Words that are looked for in another spelling, the longest ones.
const MOST_RESPELT: usize = 3;

/// A word of the question.
#[derive(Clone)]
pub(super) struct Word {
    /// From 1.
    pub(super) number: i64,
    /// As it was written.
    pub(super) text: String,
    /// Its forms, any of which a message must have: a `tsquery`.
    pub(super) query: String,
}

/// The words that tell one message from another, the longest first, at most [`WordSet::MOST`].
pub(super) async fn of(connection: &mut PgConnection, question: &str) -> sqlx::Result<Vec<Word>> {
    sqlx::query_as!(
        Word,
        r#"select number as "number!", word as "text!", query as "query!"
           from private.question_words(left($1, $2), $3) with ordinality as asked (word, query, number)"#,
        question,
        LONGEST_QUESTION,
        i32::try_from(WordSet::MOST).unwrap_or(i32::MAX),
    )
    .fetch_all(connection)
    .await
}

/// Puts the most similar words of the chat in the place of those that it does not have at all, and gives back those words.
pub(super) async fn respell(
    connection: &mut PgConnection,
    chat: ChatId,
    asked: &mut [Word],
    is_unknown: impl Fn(&Word) -> bool,
) -> sqlx::Result<Vec<Word>> {
    let mut unknown: Vec<&mut Word> = asked
        .iter_mut()
        .filter(|word| is_unknown(word) && word.text.chars().all(char::is_alphabetic))
        .take(MOST_RESPELT)
        .collect();
    if unknown.is_empty() {
        return Ok(Vec::new());
    }
    let texts: Vec<String> = unknown.iter().map(|word| word.text.clone()).collect();
    let similar = sqlx::query_scalar!(
        "select private.similar_words($1, unknown.word)
         from unnest($2::text[]) with ordinality as unknown (word, place) order by place",
        chat.0,
        &texts,
    )
    .fetch_all(connection)
    .await?;
    let mut respelt = Vec::new();
    for (word, similar) in unknown.iter_mut().zip(similar) {
        if let Some(query) = similar {
            word.query = query;
            respelt.push((**word).clone());
        }
    }
    Ok(respelt)
}
