//! One call of a model. Where the operator pays it is counted before it is made; when it has ended it is noted, whatever came of it.

use std::time::Instant;

use brain::{
    Brain,
    account::{DayLimits, OwnLimits, Tenancy},
    db::{
        budgets::{self, Asking, Over, Reserved},
        llm_usage::{self, Usage},
    },
    ids::{AccountId, ChatId, UpdateRef},
    model::Model,
    ports::llm::{ChatAnswer, ChatRequest, Llm, LlmError},
};
use serde_json::Value;

/// Who asks, and what for.
#[derive(Clone, Copy)]
pub(crate) struct Asker {
    pub(crate) account: AccountId,
    pub(crate) chat: ChatId,
    pub(crate) tenancy: Tenancy,
    pub(crate) limits: OwnLimits,
    /// The question; `None` for a reading.
    pub(crate) update: Option<UpdateRef>,
    /// Who asks, or has said most of what is read.
    pub(crate) speaker: Option<i64>,
    /// `reply`, `summary` or `analysis`.
    pub(crate) purpose: &'static str,
}

/// How it ended.
pub(crate) enum Asked {
    /// Whoever records the answer notes the call with it.
    Answered(ChatAnswer, Usage),
    /// It is noted.
    Failed(LlmError),
    /// The day holds no more calls: the model was not asked.
    Over(Over, DayLimits),
    /// The account is gone.
    Gone,
}

/// Asks the model once. `tokens`: of the prompt, as we count them; `prompt`: what went into it. Whoever breaks this off leaves
/// the estimate standing, because the server may send a bill.
pub(crate) async fn ask(
    brain: &Brain,
    asker: &Asker,
    model: &Model,
    request: &ChatRequest,
    tokens: usize,
    prompt: Value,
) -> sqlx::Result<Asked> {
    let name = model.llm.display_name(&model.id);
    let (now, tokens_in) = (brain.clock.now(), u32::try_from(tokens).unwrap_or(u32::MAX >> 1));
    let counted = match model.llm {
        Llm::Own(_) => None,
        Llm::Server(_) | Llm::Offline => {
            let asking = Asking {
                account: asker.account,
                chat: asker.chat,
                update: asker.update,
                purpose: asker.purpose,
                model: name,
                tokens_in,
                tokens_out: request.max_tokens,
                speaker: asker.speaker,
                tenancy: asker.tenancy,
            };
            let limits = asker.limits.or(brain.limits.of(asker.tenancy));
            match budgets::reserve(&brain.pool, &asking, limits, brain.limits.daily_tokens, now).await? {
                Reserved::Counted(counted) => Some(counted),
                Reserved::Over(over) => return Ok(Asked::Over(over, limits)),
                Reserved::Gone => return Ok(Asked::Gone),
            }
        }
    };
    let started = Instant::now();
    let result = model.llm.complete(request).await;
    let mut usage = Usage {
        counted,
        day: now.date_naive(),
        purpose: asker.purpose,
        model: name.to_owned(),
        tokens_in,
        tokens_cached: 0,
        tokens_out: 0,
        latency_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX >> 1),
        outcome: "ok",
        is_free: false,
        prompt,
    };
    let count = |text: &str| u32::try_from(brain.tokenizer.count(text)).unwrap_or(u32::MAX >> 1);
    let error = match result {
        Ok(answer) => {
            // A server that does not say what it took has taken something all the same.
            usage.tokens_in = if answer.tokens_in > 0 { answer.tokens_in } else { tokens_in };
            usage.tokens_out = if answer.tokens_out > 0 { answer.tokens_out } else { count(&answer.text) };
            usage.tokens_cached = answer.tokens_cached;
            usage.model.clone_from(&answer.model);
            return Ok(Asked::Answered(answer, usage));
        }
        Err(error) => error,
    };
    usage.outcome = error.word();
    usage.is_free = error.is_free();
    if usage.is_free {
        usage.tokens_in = 0;
    } else {
        usage.tokens_out = match &error {
            LlmError::Refused(words) => count(words),
            _ => request.max_tokens,
        };
    }
    end(brain, asker, &usage).await?;
    Ok(Asked::Failed(error))
}

/// Notes a call whose answer is for nobody.
pub(crate) async fn end(brain: &Brain, asker: &Asker, usage: &Usage) -> sqlx::Result<()> {
    let mut connection = brain.pool.acquire().await?;
    llm_usage::end(&mut connection, asker.account, asker.chat, asker.update, usage).await
}
