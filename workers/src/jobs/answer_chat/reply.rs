//! The model's answer to one message: recall, prompt, call, and what to do when the model does not answer.

use std::time::Duration;

use brain::{
    account::DayLimits,
    db::{
        account_models,
        accounts::ChatAccount,
        budgets::Over,
        chat_history, facts,
        llm_usage::Usage,
        model_consents,
        outcome::Outcome,
        recall::{self, Question as Asked},
        updates::{self, TakenUpdate},
    },
    ids::{Conversation, UpdateRef},
    jobs::{backoff, jittered},
    memory::{Fact, Remembered, most_lasting_first},
    model::{Choice, Model, NoModel},
    other_memory::Recollection,
    ports::llm::{ChatAnswer, ChatRequest, LlmError, Prompt},
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
use crate::metered::{self, Asked as Metered, Asker};

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

impl Question<'_> {
    /// Whose day the model's calls count in.
    fn asker(&self, update: UpdateRef) -> Asker {
        Asker {
            account: self.chat.account,
            chat: self.at.chat,
            tenancy: self.chat.tenancy,
            limits: self.chat.limits,
            update: Some(update),
            speaker: Some(self.message.from.id),
            purpose: "reply",
        }
    }
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
    Failed(LlmError),
    Over(Over, DayLimits),
    GiveBack,
    Lost,
}

/// Asks the model and records its answer, or puts the message off, or says that it stays unanswered.
pub(super) async fn answer(turn: &Turn, update: &TakenUpdate, question: &Question<'_>) -> sqlx::Result<Step> {
    let brain = turn.brain();
    // A place first: who gets none has read nothing in vain, and holds nothing while it waits.
    let mut model = match model(turn, update, question).await? {
        Ok(model) => model,
        Err(step) => return Ok(step),
    };
    let asked = asked_text(turn, question.message);
    let memories = remember(turn, question, &asked).await?;
    let quoted = if question.quotes_secret { None } else { quoted(question.message) };
    let mut budget = Budget::REPLY;
    let (mut too_long, mut notice) = (None, None);

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
                asked_at: brain.clock.now(),
                quoted: quoted.as_ref(),
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
        let error = match call(turn, update, question, &model, prompt).await? {
            Called::Answered(answer, usage) => {
                if let Choice::Own(own) = &question.chat.model {
                    account_models::note_answered(turn.pool(), question.chat.account, own).await?;
                }
                return record_answer(turn, update, question, &answer, &usage, notice.as_deref()).await;
            }
            Called::GiveBack => {
                updates::uncount_attempt(turn.pool(), update.id).await?;
                return Ok(Step::GiveBack);
            }
            Called::Lost => return Ok(Step::Lost),
            Called::Over(over, limits) => return over_limit(turn, update, question, over, limits).await,
            Called::Failed(error) => {
                if let (Choice::Own(own), LlmError::TimedOut(_)) = (&question.chat.model, &error) {
                    let (account, now) = (question.chat.account, brain.clock.now());
                    account_models::note_timeout(turn.pool(), account, own, now).await?;
                }
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
            LlmError::RateLimited { retry_after } => {
                return wait_for_room(turn, update, question, retry_after).await;
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
                if let (Step::Done, LlmError::BadKey(_), Choice::Own(own)) =
                    (&step, &error, &question.chat.model)
                {
                    let (account, now) = (question.chat.account, brain.clock.now());
                    account_models::note_refused(turn.pool(), account, own, now).await?;
                }
                return Ok(step);
            }
        }
    }
}

/// The model that answers, with a place to wait for it; where none can be asked now, what becomes of the message.
async fn model(
    turn: &Turn,
    update: &TakenUpdate,
    question: &Question<'_>,
) -> sqlx::Result<Result<Model, Step>> {
    let (brain, chat) = (turn.brain(), question.chat);
    let step = match brain.models.answering(chat.account, &chat.model, brain.clock.now()) {
        Ok(model) => return Ok(Ok(model)),
        Err(NoModel::Busy) => wait_for_room(turn, update, question, None).await?,
        Err(NoModel::Paused(_)) => paused(turn, update, question).await?,
        Err(NoModel::Unusable(why)) => {
            updates::note_failure(turn.pool(), update.id, &(&why).into()).await?;
            not_answered(turn, update, question, &texts::model::own_is_unusable(why)).await?
        }
    };
    Ok(Err(step))
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

/// Puts the message off until its model has room for it. A quota is shared by many chats, and says how long until one of them is
/// served: not a failed attempt, but no reason either to leave a person without a word for long.
async fn wait_for_room(
    turn: &Turn,
    update: &TakenUpdate,
    question: &Question<'_>,
    retry_after: Option<Duration>,
) -> sqlx::Result<Step> {
    let age = (turn.brain().clock.now() - update.received_at).to_std().unwrap_or_default();
    let wait =
        retry_after.unwrap_or_default().max(age.clamp(Duration::from_secs(1), Duration::from_secs(30)));
    let wait = jittered(wait);
    if age + wait > PATIENCE {
        return not_answered(turn, update, question, &failed(question)).await;
    }
    updates::uncount_attempt(turn.pool(), update.id).await?;
    Ok(Step::Wait(wait))
}

/// The account's own server is left alone: its chats are told, in full once for each pause.
async fn paused(turn: &Turn, update: &TakenUpdate, question: &Question<'_>) -> sqlx::Result<Step> {
    let offer = question.chat.own_model.as_ref().expect("what is paused is there");
    let until = offer.own.paused_until.expect("a pause has an end");
    let is_news = offer.told_pause != Some(until);
    let text = texts::model::own_is_paused(&offer.own, until, is_news);
    let step = not_answered(turn, update, question, &text).await?;
    if is_news && matches!(step, Step::Done) {
        model_consents::note_told_pause(turn.pool(), turn.chat, until).await?;
    }
    Ok(step)
}

/// The day is used up. The message is kept, and read for facts like any other.
async fn over_limit(
    turn: &Turn,
    update: &TakenUpdate,
    question: &Question<'_>,
    over: Over,
    limits: DayLimits,
) -> sqlx::Result<Step> {
    let (speaker, now) = (question.message.from.id, turn.brain().clock.now());
    let parts = plain_parts(&texts::daily_limit(over, limits, question.chat.tenancy, speaker, now));
    finish(turn, update, question.at, Outcome { parts: &parts, word: "limited", ..question.kept.clone() })
        .await
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
async fn call(
    turn: &Turn,
    update: &TakenUpdate,
    question: &Question<'_>,
    model: &Model,
    prompt: Assembled,
) -> sqlx::Result<Called> {
    let brain = turn.brain();
    let request =
        ChatRequest { model: model.id.clone(), prompt: Prompt::Reply(prompt.prompt), max_tokens: MAX_ANSWER };
    let asker = question.asker(update.id);
    let _typing = Typing::show(brain.telegram.clone(), question.at);
    let called = tokio::select! {
        biased;
        () = turn.lost.cancelled() => return Ok(Called::Lost),
        () = turn.context.stop_now.cancelled() => return Ok(Called::GiveBack),
        called = metered::ask(brain, &asker, model, &request, prompt.tokens, prompt.record) => called?,
    };
    Ok(match called {
        Metered::Answered(answer, usage) => Called::Answered(answer, usage),
        Metered::Failed(error) => {
            note_failure(turn, update, question, &error).await?;
            Called::Failed(error)
        }
        Metered::Over(over, limits) => Called::Over(over, limits),
        // The chat has joined another one: answered there.
        Metered::Gone => Called::GiveBack,
    })
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
    let step = finish(turn, update, question.at, outcome).await?;
    if let Step::Lost = step {
        metered::end(turn.brain(), &question.asker(update.id), usage).await?;
    }
    Ok(step)
}

/// For the operator: what went wrong, in the log and with the update.
async fn note_failure(
    turn: &Turn,
    update: &TakenUpdate,
    question: &Question<'_>,
    error: &LlmError,
) -> sqlx::Result<()> {
    tracing::warn!(
        account.id = question.chat.account.0,
        chat.id = turn.chat.0,
        update.id = update.id.0,
        update.attempts = update.attempts,
        error = %error,
        "the model did not answer"
    );
    updates::note_failure(turn.pool(), update.id, &error.into()).await
}
