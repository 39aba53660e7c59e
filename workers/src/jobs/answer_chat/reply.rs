//! The model's answer to one message: recall, prompt, call, and what to do when the model does not answer.

use std::time::{Duration, Instant};

use brain::{
    db::{
        account_models,
        accounts::ChatAccount,
        chat_history, facts,
        llm_usage::{self, Usage},
        outcome::Outcome,
        recall::{self, Question as Asked},
        updates::{self, TakenUpdate},
    },
    ids::Conversation,
    jobs::{backoff, jittered},
    legacy::Recollection,
    memory::{Fact, Remembered, most_lasting_first},
    model::{Choice, Model},
    ports::llm::{AnswerForm, ChatAnswer, ChatRequest, LlmError},
    reply::{Assembled, Budget, PromptInput, assemble, outgoing_parts, plain_parts},
    telegram::{ChatKind, Message},
    texts,
};

use super::{
    Step,
    incoming::finish,
    message::{asked_text, quoted},
    turn::Turn,
    typing::Typing,
};

/// Short-term messages that are looked at; more would not fit any budget.
const MOST_SHORT_TERM: i64 = 400;
/// The longest answer, in tokens.
const MAX_ANSWER: u32 = 2000;

/// How often the model is asked for one message before the person is told that it does not answer.
const MAX_ATTEMPTS: u32 = 4;
/// How long a message waits for a model that has no room for it.
const PATIENCE: Duration = Duration::from_mins(2);

/// A message that wants the model's answer.
pub(super) struct Question<'a> {
    pub(super) at: Conversation,
    pub(super) chat: &'a ChatAccount,
    pub(super) message: &'a Message,
    /// Whether it replies to a message of ours that shows a link or a code, which no model gets.
    pub(super) quotes_secret: bool,
    /// The outcome without an answer: the message is remembered.
    pub(super) kept: Outcome<'a>,
}

/// What memory holds for the question.
#[derive(Default)]
struct Memories {
    /// Rules that stand in old files only.
    rules: Vec<String>,
    narrative: Option<String>,
    facts: Vec<Fact>,
    short_term: Vec<Remembered>,
    recalled: Vec<Remembered>,
}

impl Memories {
    /// Adds what the old files say: `recent` messages of this session, and `older` ones, the best first.
    fn add(&mut self, old: &Recollection, recent: Vec<Remembered>, older: Vec<Remembered>) {
        let facts: Vec<&str> = old.facts.iter().map(|fact| fact.text.as_str()).collect();
        if !facts.is_empty() {
            let known = self.narrative.take().into_iter().chain([facts.join("\n")]).collect::<Vec<_>>();
            self.narrative = Some(known.join("\n"));
        }
        for rule in &old.rules {
            if !self.rules.contains(rule) {
                self.rules.push(rule.clone());
            }
        }
        for message in recent {
            add_once(&mut self.short_term, message);
        }
        self.short_term.sort_by_key(|message| message.said_at);
        for message in older {
            add_once(&mut self.recalled, message);
        }
    }
}

/// Adds a message that is not there yet: an import that runs has brought some already.
fn add_once(to: &mut Vec<Remembered>, message: Remembered) {
    if to.iter().all(|known| (known.said_at, &known.text) != (message.said_at, &message.text)) {
        to.push(message);
    }
}

/// How a call of the model ended.
enum Called {
    Answered(ChatAnswer, Usage),
    Failed(LlmError, Usage),
    GiveBack,
    Lost,
}

/// Asks the model and records its answer, or puts the message off, or says that it stays unanswered.
pub(super) async fn answer(turn: &Turn, update: &TakenUpdate, question: &Question<'_>) -> sqlx::Result<Step> {
    let brain = turn.brain();
    let asked = asked_text(turn, question.message);
    let memories = remember(turn, question, &asked).await?;
    let mut model = match brain.models.answering(question.chat.account, &question.chat.model) {
        Ok(model) => model,
        Err(why) => {
            updates::note_failure(turn.pool(), update.id, &(&why).into()).await?;
            return not_answered(turn, update, question, &texts::model::own_is_unusable(why)).await;
        }
    };
    let mut budget = Budget::REPLY;
    let mut too_long = None;
    let mut notice = None;

    loop {
        let prompt = assemble(
            &PromptInput {
                is_group: question.message.chat.kind != ChatKind::Private,
                rules: &memories.rules,
                facts: &memories.facts,
                narrative: memories.narrative.as_deref(),
                short_term: &memories.short_term,
                recalled: &memories.recalled,
                speaker: &question.message.from.name,
                quoted: quoted(question.message).filter(|_| !question.quotes_secret).as_deref(),
                current: &asked,
            },
            budget,
            |text| brain.tokenizer.count(text),
        );
        let tokens = prompt.tokens;
        if too_long.is_some_and(|refused| tokens >= refused) {
            // Nothing is left that could go.
            return not_answered(turn, update, question, &failed(question)).await;
        }
        let error = match call(turn, question.at, &model, prompt).await {
            Called::Answered(answer, usage) => {
                note_key(turn, question, true).await?;
                return record_answer(turn, update, question, &answer, &usage, notice.as_deref()).await;
            }
            Called::GiveBack => {
                updates::uncount_attempt(turn.pool(), update.id).await?;
                return Ok(Step::GiveBack);
            }
            Called::Lost => return Ok(Step::Lost),
            Called::Failed(error, usage) => {
                note_failure(turn, update, question, &error, &usage).await?;
                error
            }
        };
        match error {
            LlmError::Refused(words) => {
                let parts = outgoing_parts(&words);
                let kept = Outcome {
                    answer: Some(&words),
                    parts: &parts,
                    word: "answered",
                    ..question.kept.clone()
                };
                return finish(turn, update, question.at, kept).await;
            }
            LlmError::ContextTooLong => {
                too_long = Some(tokens);
                budget = Budget::half_of(tokens);
            }
            LlmError::UnknownModel(_) if is_wish(question, &model, &brain.models.operators()) => {
                let instead = brain.models.operators();
                notice = Some(texts::model_is_gone(&model.id, &instead.id));
                model = instead;
            }
            // A quota is shared by many chats, and says how long until one of them is served: not a failed attempt, but no
            // reason either to leave a person without a word for long.
            LlmError::RateLimited { retry_after } => {
                let age = (brain.clock.now() - update.received_at).to_std().unwrap_or_default();
                let wait = retry_after
                    .unwrap_or_default()
                    .max(age.clamp(Duration::from_secs(1), Duration::from_secs(30)));
                let wait = jittered(wait);
                if age + wait > PATIENCE {
                    return not_answered(turn, update, question, &failed(question)).await;
                }
                updates::uncount_attempt(turn.pool(), update.id).await?;
                return Ok(Step::Wait(wait));
            }
            error if error.is_transient() && update.attempts < MAX_ATTEMPTS => {
                return Ok(Step::Wait(error.retry_after().unwrap_or_else(|| backoff(update.attempts))));
            }
            error => {
                let text = match (&question.chat.model, &error) {
                    (Choice::Own(own), LlmError::BadKey(_)) => texts::model::own_key_refused(own),
                    (Choice::Own(own), LlmError::UnknownModel(_)) => texts::model::own_is_gone(own),
                    (Choice::House(_), LlmError::BadKey(_)) => texts::MODEL_NOT_ALLOWED.to_owned(),
                    _ => failed(question),
                };
                let step = not_answered(turn, update, question, &text).await?;
                if matches!((&step, &error), (Step::Done, LlmError::BadKey(_))) {
                    note_key(turn, question, false).await?;
                }
                return Ok(step);
            }
        }
    }
}

/// Whether the model is one that the account wants of the operator's server, where another is the usual one.
fn is_wish(question: &Question<'_>, model: &Model, usual: &Model) -> bool {
    matches!(question.chat.model, Choice::House(_)) && model.id != usual.id
}

/// What is said after the last attempt.
fn failed(question: &Question<'_>) -> String {
    match &question.chat.model {
        Choice::Own(own) => texts::model::own_failed(own),
        Choice::House(_) => texts::MODEL_FAILED.to_owned(),
    }
}

/// Notes of an account's own key that its server takes it or does not, where that is news.
async fn note_key(turn: &Turn, question: &Question<'_>, taken: bool) -> sqlx::Result<()> {
    let Choice::Own(own) = &question.chat.model else { return Ok(()) };
    if own.refused_at.is_none() == taken {
        return Ok(());
    }
    let refused_at = (!taken).then(|| turn.brain().clock.now());
    account_models::note_refused(turn.pool(), question.chat.account, own, refused_at).await
}

async fn not_answered(
    turn: &Turn,
    update: &TakenUpdate,
    question: &Question<'_>,
    text: &str,
) -> sqlx::Result<Step> {
    let parts = plain_parts(text);
    finish(turn, update, question.at, Outcome { parts: &parts, word: "failed", ..question.kept.clone() })
        .await
}

/// Loads short-term memory and what recall finds beyond it.
async fn remember(turn: &Turn, question: &Question<'_>, asked: &str) -> sqlx::Result<Memories> {
    let now = turn.brain().clock.now();
    let since = question.chat.session.began(now);
    let account = question.chat.account;
    let cleared = question.chat.cleared_through;
    let short_term =
        chat_history::short_term(turn.pool(), account, question.at, since, cleared, MOST_SHORT_TERM).await?;
    let mut connection = turn.pool().acquire().await?;
    let mut facts = facts::of_chat(&mut connection, account, question.at.chat).await?;
    most_lasting_first(&mut facts);
    let asked = Asked { account, chat: question.at.chat, before: since, now, text: asked };
    let recalled = recall::recall(&mut connection, &asked).await?;
    let mut memories = Memories {
        rules: question.chat.rules.clone(),
        narrative: question.chat.narrative.clone(),
        facts,
        short_term,
        recalled,
    };
    let migration = question.chat.migration;
    if let Some(old) = turn.brain().recollect(question.at.chat, migration, asked.text).await {
        let (recent, older) = old.remembered(since);
        memories.add(&old, recent, older);
    }
    Ok(memories)
}

/// One call, with no transaction open; broken off when the process ends or the turn is lost.
async fn call(turn: &Turn, at: Conversation, model: &Model, prompt: Assembled) -> Called {
    let brain = turn.brain();
    let request = ChatRequest {
        model: model.id.clone(),
        messages: prompt.messages,
        form: AnswerForm::Text,
        max_tokens: MAX_ANSWER,
    };
    let started = Instant::now();
    let typing = Typing::show(brain.telegram.clone(), at);
    let result = tokio::select! {
        biased;
        () = turn.lost.cancelled() => return Called::Lost,
        () = turn.context.stop_now.cancelled() => return Called::GiveBack,
        result = model.llm.complete(&request) => result,
    };
    drop(typing);
    let mut usage = Usage {
        purpose: "reply",
        model: model.llm.display_name(&model.id).to_owned(),
        tokens_in: u32::try_from(prompt.tokens).unwrap_or(u32::MAX),
        tokens_cached: 0,
        tokens_out: 0,
        latency_ms: u32::try_from(started.elapsed().as_millis()).unwrap_or(u32::MAX),
        outcome: "ok",
        prompt: prompt.record,
    };
    match result {
        Ok(answer) => {
            if answer.tokens_in > 0 {
                usage.tokens_in = answer.tokens_in;
            }
            usage.tokens_cached = answer.tokens_cached;
            usage.tokens_out = answer.tokens_out;
            usage.model.clone_from(&answer.model);
            Called::Answered(answer, usage)
        }
        Err(error) => {
            usage.outcome = error.word();
            Called::Failed(error, usage)
        }
    }
}

async fn record_answer(
    turn: &Turn,
    update: &TakenUpdate,
    question: &Question<'_>,
    answer: &ChatAnswer,
    usage: &Usage,
    notice: Option<&str>,
) -> sqlx::Result<Step> {
    let mut parts = notice.map(plain_parts).unwrap_or_default();
    parts.extend(outgoing_parts(&answer.text));
    let outcome = Outcome {
        answer: Some(&answer.text),
        parts: &parts,
        word: "answered",
        usage: Some(usage),
        now: turn.brain().clock.now(),
        ..question.kept.clone()
    };
    finish(turn, update, question.at, outcome).await
}

/// For the operator: what went wrong, in the log, with the update and among the model's calls.
async fn note_failure(
    turn: &Turn,
    update: &TakenUpdate,
    question: &Question<'_>,
    error: &LlmError,
    usage: &Usage,
) -> sqlx::Result<()> {
    tracing::warn!(
        account.id = question.chat.account.0,
        chat.id = turn.chat.0,
        update.id = update.id.0,
        update.attempts = update.attempts,
        error = %error,
        "the model did not answer"
    );
    updates::note_failure(turn.pool(), update.id, &error.into()).await?;
    llm_usage::note(
        &mut *turn.pool().acquire().await?,
        question.chat.account,
        turn.chat,
        Some(update.id),
        usage,
    )
    .await
}
