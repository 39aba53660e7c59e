//! The queue behind `getUpdates`.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::form::Form;

/// Updates that the bot has not confirmed yet.
#[derive(Clone, Debug)]
pub struct Updates(watch::Sender<Vec<Value>>);

impl Default for Updates {
    fn default() -> Self {
        Self(watch::Sender::new(Vec::new()))
    }
}

impl Updates {
    /// Appends one.
    pub fn push(&self, update: Value) {
        self.0.send_modify(|queue| queue.push(update));
    }

    /// Forgets all, as `drop_pending_updates` asks.
    pub fn clear(&self) {
        self.0.send_modify(Vec::clear);
    }

    /// How many wait.
    pub fn pending(&self) -> usize {
        self.0.borrow().len()
    }

    /// Confirms what is before `offset`, then waits up to `timeout` seconds for something to hand out.
    /// See <https://core.telegram.org/bots/api#getupdates>.
    pub async fn get(&self, form: &Form) -> Value {
        let offset = form.integer("offset").unwrap_or(0);
        self.0.send_modify(|queue| confirm(queue, offset));

        let kinds = form.json("allowed_updates").unwrap_or_default();
        let limit = form.integer("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
        let timeout = form.integer("timeout").and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);

        let mut queue = self.0.subscribe();
        let arrival = queue.wait_for(|queue| queue.iter().any(|update| is_of(&kinds, update)));
        match tokio::time::timeout(Duration::from_secs(timeout), arrival).await {
            Ok(Ok(queue)) => {
                queue.iter().filter(|update| is_of(&kinds, update)).take(limit).cloned().collect()
            }
            _ => json!([]),
        }
    }
}

/// A negative offset counts from the end of the queue and forgets what is before.
fn confirm(queue: &mut Vec<Value>, offset: i64) {
    if offset < 0 {
        let kept = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        queue.drain(..queue.len().saturating_sub(kept));
    } else {
        queue.retain(|update| update["update_id"].as_i64().is_some_and(|id| id >= offset));
    }
}

/// Whether the update is of a kind that the bot asked for; an empty list asks for all.
fn is_of(kinds: &Value, update: &Value) -> bool {
    let kinds = kinds.as_array().map_or(&[][..], Vec::as_slice);
    kinds.is_empty() || kinds.iter().filter_map(Value::as_str).any(|kind| update.get(kind).is_some())
}
