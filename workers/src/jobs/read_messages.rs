//! One reading of a conversation's next messages for facts: lease, load, wait for the pace, ask the model, check, record.
//!
//! It can be broken off at any point: what is not recorded was not read, and is read the next time.

use std::time::Duration;

use brain::{
    account::next_day,
    command::announcements,
    db::{
        account_models, accounts,
        learned::{self, Over},
        llm_usage::Usage,
        reading::{self, Batch, Reach},
    },
    ids::{AccountId, Conversation, Fence},
    jobs::{jittered, spread},
    memory::{self, Reading, Remembered, most_lasting_first},
    model::{Choice, Consent, Model, NoModel},
    ports::llm::{ChatAnswer, ChatRequest, LlmError, Prompt, Rejected},
    queue::{self, Queue},
    reply::{TRANSCRIPT_TOKENS, TranscriptInput, reading_prompt},
};
use serde_json::{Value, json};

use crate::{
    context::Context,
    error::JobError,
    metered::{self, Asked as Metered, Asker},
};

use super::tell_model::introduce;

/// How often an answer that cannot be used is asked for, the first time included.
const ASKED: usize = 3;
/// How long such a reading is put off then, and one that an account's own model cannot do.
const UNUSABLE: Duration = Duration::from_hours(1);
/// How long the account is ours without word from us; a dead worker's accounts are read again after it.
const LEASE: Duration = Duration::from_secs(15);
/// How often we say so while the model thinks.
const RENEW: Duration = Duration::from_secs(5);
/// Somebody else reads the account.
const BUSY: Duration = Duration::from_secs(3);
/// Readings that wait for the next day do not all begin with it.
const AFTER_MIDNIGHT: Duration = Duration::from_mins(10);
/// When an account's own server that has not answered in time is asked again, unless it is left alone for longer.
const SLOW: Duration = Duration::from_mins(1);
/// The longest answer, in tokens.
const MAX_ANSWER: u32 = 4000;

/// How a reading went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There is more to read.
    More,
    /// Nothing is unread.
    AllRead,
}

/// Reads the conversation's next messages, as many as fit one prompt.
pub(super) async fn read_messages(
    context: &Context,
    account: AccountId,
    at: Conversation,
    reach: Reach,
    purpose: &'static str,
) -> Result<Progress, JobError> {
    let pool = &context.brain.pool;
    let Some(fence) = reading::claim(pool, account, LEASE).await? else {
        return Err(JobError::snooze(jittered(BUSY)));
    };
    let result = read(context, fence, account, at, reach, purpose).await;
    // If this fails, the lease runs out by itself.
    let _ = reading::release(pool, account, fence).await;
    result
}

async fn read(
    context: &Context,
    fence: Fence,
    account: AccountId,
    at: Conversation,
    reach: Reach,
    purpose: &'static str,
) -> Result<Progress, JobError> {
    let brain = &context.brain;
    let batch = reading::load(&brain.pool, account, at, reach).await?;
    if batch.is_empty() {
        return Ok(Progress::AllRead);
    }
    if !batch.has_evidence() {
        return record(context, fence, &batch, batch.messages.len(), &Reading::default(), None).await;
    }
    let Some((tenancy, limits)) = accounts::standing(&brain.pool, account).await? else {
        return Ok(Progress::AllRead);
    };
    let (choice, offer) = account_models::of_chat(&brain.pool, account, at.chat).await?;
    if let (Choice::Own(own), Some(Consent::Unasked)) = (&choice, offer.map(|offer| offer.consent)) {
        // A group's people are to know before their words go there.
        introduce(brain, account, at.chat, &own.host()).await?;
        queue::wake(&brain.pool, Queue::Replies).await?;
        return Err(JobError::snooze(jittered(BUSY)));
    }
    let now = brain.clock.now();
    let model = brain.models.reading(account, &choice, now).map_err(|why| match why {
        NoModel::Busy => JobError::snooze(jittered(BUSY)),
        NoModel::Paused(until) => JobError::snooze(jittered((until - now).to_std().unwrap_or(BUSY))),
        NoModel::Unusable(why) => {
            tracing::warn!(account.id = account.0, %why, "not read for facts; put off");
            JobError::snooze(jittered(UNUSABLE))
        }
    })?;
    // The pace is the operator's. On its own server an account has the lease: one reading after the other.
    if choice.is_operators() {
        wait_for_the_pace(context, at).await?;
    }
    // What the model cannot cope with as a whole it may cope with in parts.
    let failures = reading::failures(&brain.pool, account, at.chat).await?;
    let mut room = TRANSCRIPT_TOKENS >> (failures / 3).min(5);
    let asker = Asker { account, chat: at.chat, tenancy, limits, update: None, speaker: None, purpose };
    loop {
        match ask(context, fence, &model, &batch, room, asker).await? {
            Asked::Answered { taken, reading, usage } => {
                let recorded = record(context, fence, &batch, taken, &reading, Some((*usage).clone())).await;
                if recorded.is_err() {
                    // Nothing of it was written, but it was paid for.
                    metered::end(brain, &asker, &usage).await?;
                }
                return recorded;
            }
            Asked::TooLong if room > 200 => room /= 2,
            Asked::TooLong => return Err(JobError::fail_because("the model takes not even one message")),
        }
    }
}

/// The whole cluster's pace first, whose place is kept while the job waits for it, then this process's own.
async fn wait_for_the_pace(context: &Context, at: Conversation) -> Result<(), JobError> {
    let brain = &context.brain;
    let now = brain.clock.now();
    let due = reading::reserve(&brain.pool, at, brain.worker.summaries_per_minute, now).await?;
    if let Ok(wait) = (due - now).to_std()
        && !wait.is_zero()
    {
        return Err(JobError::snooze(wait));
    }
    context.pace.take().map_err(|wait| JobError::snooze(wait.max(Duration::from_millis(100))))?;
    reading::take_place(&brain.pool, at).await?;
    Ok(())
}

enum Asked {
    Answered { taken: usize, reading: Reading, usage: Box<Usage> },
    TooLong,
}

/// Asks until the answer can be used, three times at most, and tells the model what was wrong.
async fn ask(
    context: &Context,
    fence: Fence,
    model: &Model,
    batch: &Batch,
    room: usize,
    mut asker: Asker,
) -> Result<Asked, JobError> {
    let brain = &context.brain;
    let (transcript, edited) = transcript(batch);
    let mut facts = batch.facts.clone();
    most_lasting_first(&mut facts);
    let input =
        TranscriptInput { narrative: batch.narrative.as_deref(), facts: &facts, messages: &transcript };
    let mut prompt = reading_prompt(&input, room, |text| brain.tokenizer.count(text));
    let read: Vec<i64> = transcript[..prompt.taken].iter().map(|message| message.id.0).collect();
    asker.speaker = reading::most_said_by(&brain.pool, &read).await?;
    let record = json!({"messages": read, "facts": prompt.known});
    let mut tokens = prompt.tokens;
    for _ in 0..ASKED {
        let request = ChatRequest {
            model: model.id.clone(),
            prompt: Prompt::Extraction(prompt.prompt.clone()),
            max_tokens: MAX_ANSWER,
        };
        let asking = call(context, &asker, model, &request, tokens, record.clone());
        let called = tokio::select! {
            called = asking => called?,
            lost = keep_lease(context, batch.account, fence) => return Err(lost),
        };
        let (answer, mut usage) = match called {
            Called::Answered(answer, usage) => (answer, usage),
            Called::TooLong => return Ok(Asked::TooLong),
        };
        match memory::read_answer(&answer.text, &transcript[..prompt.taken], &prompt.known) {
            // The edited one stands first, and the first one is always in.
            Ok(reading) => {
                return Ok(Asked::Answered { taken: prompt.taken - edited, reading, usage });
            }
            Err(unusable) => {
                usage.outcome = "unusable";
                metered::end(brain, &asker, &usage).await?;
                let why = unusable.to_string();
                tokens += brain.tokenizer.count(&answer.text) + brain.tokenizer.count(&why);
                prompt.prompt.rejected.push(Rejected { answer: answer.text, why });
            }
        }
    }
    tracing::warn!(
        account.id = batch.account.0,
        chat.id = batch.at.chat.0,
        "the model's answers cannot be used; put off"
    );
    Err(JobError::snooze(jittered(UNUSABLE)))
}

/// Renews the lease for as long as it is ours; what it ends with is why not.
async fn keep_lease(context: &Context, account: AccountId, fence: Fence) -> JobError {
    loop {
        tokio::time::sleep(RENEW).await;
        match reading::renew(&context.brain.pool, account, fence, LEASE).await {
            Ok(true) => {}
            Ok(false) => return JobError::snooze(jittered(BUSY)),
            Err(error) => return error.into(),
        }
    }
}

/// The edited message first, because it is the older one; says how many there are of it.
fn transcript(batch: &Batch) -> (Vec<Remembered>, usize) {
    let edited = batch.edited.iter().map(|(message, _)| message);
    (edited.chain(&batch.messages).cloned().collect(), batch.edited.len())
}

enum Called {
    Answered(ChatAnswer, Box<Usage>),
    TooLong,
}

async fn call(
    context: &Context,
    asker: &Asker,
    model: &Model,
    request: &ChatRequest,
    tokens: usize,
    prompt: Value,
) -> Result<Called, JobError> {
    let brain = &context.brain;
    let called = tokio::select! {
        biased;
        () = context.stop_now.cancelled() => return Err(JobError::snooze(Duration::ZERO)),
        called = metered::ask(brain, asker, model, request, tokens, prompt) => called?,
    };
    let error = match called {
        Metered::Answered(answer, usage) => {
            if let Some(own) = &model.own {
                account_models::note_answered(&brain.pool, asker.account, own).await?;
            }
            return Ok(Called::Answered(answer, Box::new(usage)));
        }
        Metered::Failed(error) => error,
        Metered::Gone => return Err(JobError::snooze(Duration::ZERO)),
        Metered::Over(over, _) => {
            let now = brain.clock.now();
            tracing::info!(
                account.id = asker.account.0,
                chat.id = asker.chat.0,
                ?over,
                "the day's part for readings is used; read on tomorrow"
            );
            let tomorrow = (next_day(now) - now).to_std().unwrap_or_default();
            return Err(JobError::snooze(tomorrow + spread(AFTER_MIDNIGHT)));
        }
    };
    if let (LlmError::TimedOut(_), Some(own)) = (&error, &model.own) {
        account_models::note_timeout(&brain.pool, asker.account, own, brain.clock.now()).await?;
        return Err(JobError::snooze(jittered(SLOW)));
    }
    match error {
        LlmError::ContextTooLong => Ok(Called::TooLong),
        LlmError::RateLimited { retry_after } => {
            Err(JobError::snooze(jittered(retry_after.unwrap_or(Duration::from_secs(30)))))
        }
        // The account's people hear of it when they write; somebody may enter another key.
        LlmError::BadKey(_) if model.own.is_some() => Err(JobError::snooze(jittered(UNUSABLE))),
        error => Err(JobError::retry(error)),
    }
}

async fn record(
    context: &Context,
    fence: Fence,
    batch: &Batch,
    taken: usize,
    reading: &Reading,
    usage: Option<Usage>,
) -> Result<Progress, JobError> {
    let brain = &context.brain;
    let now = brain.clock.now();
    let over = Over { batch, taken, reading, usage };
    let recorded = learned::record(&brain.pool, fence, over, announcements, now).await?;
    let Some(learned) = recorded else {
        tracing::info!(
            account.id = batch.account.0,
            chat.id = batch.at.chat.0,
            "others have read these messages, or they are gone"
        );
        return Err(JobError::snooze(Duration::ZERO));
    };
    tracing::info!(
        account.id = batch.account.0,
        chat.id = batch.at.chat.0,
        messages = taken,
        added = learned.added,
        changed = learned.changed,
        retired = learned.retired,
        refused = learned.refused,
        "messages were read for facts"
    );
    if !learned.new.is_empty() {
        queue::wake(&brain.pool, Queue::Replies).await?;
    }
    // Whether there is more, the next look says: what was said meanwhile counts too.
    Ok(Progress::More)
}
