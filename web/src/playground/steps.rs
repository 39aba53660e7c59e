//! The way of a message in words and times.

use brain::db::way::{Call, Sending, UpdateSteps, Way};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

/// Milliseconds that an update may take into the inbox before two clocks are the better explanation.
const MOST_APART: i64 = 5000;

/// One step of the way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Step {
    what: &'static str,
    detail: String,
    /// Milliseconds since 1970; none where it has not happened.
    at: Option<f64>,
    /// Whether it needs somebody's eye.
    failed: bool,
}

/// `said_at`: when the local chat handed the update over, in milliseconds since 1970.
pub(super) fn steps(way: &Way, said_at: Option<i64>) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(update) = &way.update {
        // The database's clock tells all other times; where it goes apart from ours, it tells this one too.
        let received_at = said_at
            .and_then(DateTime::from_timestamp_millis)
            .filter(|at| (0..MOST_APART).contains(&(update.received_at - at).num_milliseconds()))
            .unwrap_or(update.received_at);
        let detail = format!("local chat, update {}", grouped(update.update_id, ' '));
        steps.push(done("Received from Telegram", detail, received_at));
        steps.push(done("On disk and queued", "one transaction".into(), update.received_at));
        steps.push(taken(update));
    }
    for call in &way.calls {
        steps.extend(asked(call));
    }
    if let Some(update) = &way.update {
        steps.extend(came_to(update, way.calls.is_empty()));
    }
    steps.extend(sent(&way.sent));
    steps
}

/// Whether nothing more will come.
pub(super) fn is_finished(way: &Way) -> bool {
    way.update.as_ref().is_none_or(|update| update.outcome.is_some())
        && way.sent.iter().all(|sending| matches!(sending.state.as_str(), "sent" | "failed"))
}

fn taken(update: &UpdateSteps) -> Step {
    let what = "Taken by a worker";
    let Some(at) = update.taken_at else {
        return Step { what, detail: "waits for a worker".into(), at: None, failed: false };
    };
    let attempts = match update.attempts {
        0 | 1 => "first attempt".to_owned(),
        number => format!("attempt {number}"),
    };
    match &update.last_error {
        None => done(what, attempts, at),
        Some(error) => Step { failed: true, ..done(what, format!("{attempts}, after: {error}"), at) },
    }
}

/// The prompt was ready when the call began.
fn asked(call: &Call) -> [Step; 2] {
    let asked_at = call.ended_at - chrono::Duration::milliseconds(i64::from(call.latency_ms));
    let prompt = call.prompt.as_ref();
    let tokens = prompt
        .and_then(|prompt| prompt["sections"].as_object())
        .map(|sections| sections.values().filter_map(Value::as_i64).sum());
    let budget = prompt.and_then(|prompt| prompt["budget"].as_i64());
    let size = match (tokens, budget) {
        (Some(tokens), Some(budget)) => {
            format!("{} of {} tokens", grouped(tokens, ','), grouped(budget, ','))
        }
        _ => format!("{} tokens", grouped(i64::from(call.tokens_in), ',')),
    };
    let prompt = done("Prompt put together", size, asked_at);
    if call.outcome != "ok" {
        let detail = format!("{} · {}", call.model, call.outcome.replace('_', " "));
        return [prompt, Step { failed: true, ..done("Model did not answer", detail, call.ended_at) }];
    }
    let cached = match call.tokens_cached {
        0 => String::new(),
        cached => format!(" ({} cached)", grouped(i64::from(cached), ',')),
    };
    let [tokens_in, tokens_out] =
        [call.tokens_in, call.tokens_out].map(|tokens| grouped(i64::from(tokens), ','));
    let detail = format!("{} · {tokens_in} in{cached} · {tokens_out} out", call.model);
    [prompt, done("Model answered", detail, call.ended_at)]
}

/// The end of it where the model's answer is not the end.
fn came_to(update: &UpdateSteps, without_model: bool) -> Option<Step> {
    let (what, detail) = match update.outcome.as_deref()? {
        "command" => ("Command carried out", "no model was asked"),
        "button" => ("Button pressed", "no model was asked"),
        "remembered" => ("Remembered", "not said to the bot, so not answered"),
        "answered" if without_model => ("Answered", "no model was asked"),
        "answered" => return None,
        "ignored" => ("Set aside", "nothing in it to answer or to remember"),
        "limited" => ("Not answered", "what this account may use in a day is used up"),
        "failed" => ("Given up", "the model did not answer, and the person was told"),
        "given_up" => ("Given up", "its attempts ended without a result, and the person was told"),
        _ => ("Finished", ""),
    };
    let failed = matches!(what, "Given up" | "Not answered");
    update.finished_at.map(|at| Step { failed, ..done(what, detail.into(), at) })
}

fn sent(sendings: &[Sending]) -> Option<Step> {
    let last = sendings.last()?;
    let characters: i64 = sendings.iter().map(|sending| i64::from(sending.characters)).sum();
    let count = match sendings.len() {
        1 => "one message".to_owned(),
        count => format!("{count} messages"),
    };
    let size = format!("{count}, {} characters", grouped(characters, ','));
    if let Some(refused) = sendings.iter().find(|sending| sending.state == "failed") {
        let detail = format!("{size}: {}", refused.error.as_deref().unwrap_or("refused"));
        return Some(Step { what: "Not sent", detail, at: None, failed: true });
    }
    Some(match last.sent_at {
        Some(at) => done("Sent", size, at),
        None => Step { what: "Sent", detail: format!("{size}, on the way"), at: None, failed: false },
    })
}

fn done(what: &'static str, detail: String, at: DateTime<Utc>) -> Step {
    #[expect(
        clippy::cast_precision_loss,
        reason = "microseconds since 1970 stay below 2^53 until the year 2255"
    )]
    let at = at.timestamp_micros() as f64 / 1000.0;
    Step { what, detail, at: Some(at), failed: false }
}

/// A number with its digits in groups of three.
fn grouped(number: i64, by: char) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::from(if number < 0 { "-" } else { "" });
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(by);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_795_363_200_000 + ms).expect("a time")
    }

    fn update(outcome: &str) -> UpdateSteps {
        UpdateSteps {
            update_id: 88_410_233,
            received_at: at(0),
            attempts: 1,
            taken_at: Some(at(4)),
            finished_at: Some(at(1840)),
            outcome: Some(outcome.into()),
            last_error: None,
        }
    }

    fn call(outcome: &str) -> Call {
        Call {
            model: "gpt-6-luna".into(),
            tokens_in: 5912,
            tokens_cached: 4864,
            tokens_out: 61,
            latency_ms: 1831,
            outcome: outcome.into(),
            prompt: Some(json!({"sections": {"guidelines": 412, "short_term": 5500}, "budget": 8000})),
            ended_at: at(1840),
        }
    }

    fn sending(characters: i32, sent_at: Option<DateTime<Utc>>) -> Sending {
        let state = if sent_at.is_some() { "sent" } else { "waiting" };
        Sending { state: state.into(), characters, created_at: at(1840), sent_at, error: None }
    }

    fn words(way: &Way) -> Vec<String> {
        let start = done("", String::new(), at(0)).at.expect("a time");
        steps(way, Some(at(-2).timestamp_millis()))
            .into_iter()
            .map(|step| {
                let after = step.at.map_or("not yet".to_owned(), |at| format!("+{}", at - start));
                format!("{after}: {}: {}", step.what, step.detail)
            })
            .collect()
    }

    #[test]
    fn an_answered_message_shows_its_whole_way() {
        let way = Way {
            update: Some(update("answered")),
            calls: vec![call("ok")],
            sent: vec![sending(96, Some(at(1930)))],
        };
        assert_eq!(
            words(&way),
            [
                "+-2: Received from Telegram: local chat, update 88 410 233",
                "+0: On disk and queued: one transaction",
                "+4: Taken by a worker: first attempt",
                "+9: Prompt put together: 5,912 of 8,000 tokens",
                "+1840: Model answered: gpt-6-luna · 5,912 in (4,864 cached) · 61 out",
                "+1930: Sent: one message, 96 characters",
            ]
        );
        assert!(is_finished(&way));
    }

    #[test]
    fn a_database_whose_clock_goes_apart_tells_the_time_alone() {
        let way = Way { update: Some(update("answered")), ..Way::default() };
        for said_at in [at(9).timestamp_millis(), at(-60_000).timestamp_millis()] {
            assert_eq!(steps(&way, Some(said_at))[0].at, steps(&way, None)[1].at);
        }
    }

    #[test]
    fn a_failed_call_and_its_second_attempt_are_both_shown() {
        let update =
            UpdateSteps { attempts: 2, last_error: Some("the model is busy".into()), ..update("answered") };
        let way = Way { update: Some(update), calls: vec![call("rate_limited"), call("ok")], sent: vec![] };
        let words = words(&way);
        assert_eq!(words[2], "+4: Taken by a worker: attempt 2, after: the model is busy");
        assert_eq!(words[4], "+1840: Model did not answer: gpt-6-luna · rate limited");
        assert!(words[6].contains("Model answered"));
    }

    #[test]
    fn what_has_not_happened_yet_says_so() {
        let waiting = UpdateSteps { taken_at: None, finished_at: None, outcome: None, ..update("") };
        let way = Way { update: Some(waiting), calls: vec![], sent: vec![] };
        assert_eq!(words(&way)[2..], ["not yet: Taken by a worker: waits for a worker"]);
        assert!(!is_finished(&way));
        let way = Way {
            update: Some(update("command")),
            calls: vec![],
            sent: vec![sending(9, None), sending(1200, None)],
        };
        assert_eq!(
            words(&way)[3..],
            [
                "+1840: Command carried out: no model was asked",
                "not yet: Sent: 2 messages, 1,209 characters, on the way"
            ]
        );
        assert!(!is_finished(&way));
    }

    #[test]
    fn a_message_that_was_not_for_the_bot_ends_remembered() {
        let way = Way { update: Some(update("remembered")), calls: vec![], sent: vec![] };
        assert_eq!(words(&way)[3..], ["+1840: Remembered: not said to the bot, so not answered"]);
    }
}
