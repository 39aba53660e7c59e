//! What the bot says about what it remembers.

use chrono::{DateTime, Utc};

use super::{day, messages, moment};
use crate::{
    db::{
        analysis::Totals,
        facts::Sourced,
        forget::{Plan, Receipt},
        rules::Rule,
        why::{Reasons, SaidThen},
    },
    memory::{Author, Fact},
};

/// Nothing is known yet.
pub const NO_FACTS: &str =
    "I know no facts here yet. They come from what is said; /analyze makes me read what is new at once.";
/// `/forget` alone.
pub const FORGET_WHAT: &str = "What shall I forget? /forget 12 forgets fact 12 (/context shows the numbers), /forget some words finds the fact first, \
and /forget all deletes everything that I keep of this chat. Each asks before anything is gone.";
/// `/forget all`, before the typed confirmation.
pub const FORGET_ALL: &str = "This deletes every message and every fact that I keep of this chat, for good. Nobody can bring it back. \
You can take it along first with /export.\n\nTo confirm, type:\n/forget all yes, delete everything";
/// What has to be typed after `/forget`.
pub const FORGET_ALL_WORDS: &str = "all yes, delete everything";
/// A fact that is not there, or not any more.
pub const NO_SUCH_FACT: &str = "I know no fact with this number here. /historycontext shows all of them.";
/// A fact of another chat.
pub const LEARNED_ELSEWHERE: &str =
    "I learned this fact in another chat of this account, so it can be changed there only.";
/// A fact that is over cannot be shared or corrected.
pub const FACT_IS_PAST: &str = "This fact is past: it was true once and is not any more.";
/// Presses of Keep.
pub const KEPT: &str = "Kept.";
/// Presses of No under a question.
pub const NOTHING_FORGOTTEN: &str = "Nothing is forgotten.";
/// `/share` in a group.
pub const SHARE_IS_PRIVATE: &str =
    "Facts from a group are known in all chats of its account already. /share is for your private chat.";
/// `/share` alone.
pub const SHARE_WHAT: &str = "Which fact shall the other chats of this account know? /share 12 shares fact 12; /context shows the numbers.";
/// `/fix` with something missing.
pub const FIX_HOW: &str = "Write the number of the fact and how it should read: /fix 12 Olena lives in Lviv. /context shows the numbers.";
/// Another fact has these words.
pub const FIX_KNOWN: &str = "Another fact says this already.";
/// The longest wording that `/fix` takes is shorter.
pub const FIX_TOO_LONG: &str = "A fact is one sentence, of at most 400 characters.";
/// `/why` where nothing is kept.
pub const WHY_UNKNOWN: &str = "I no longer know how that answer came about. Reply to one of my answers with /why, or ask me something first.";
/// `/analyze` with nothing to read.
pub const NOTHING_NEW: &str = "There is nothing new to read since the last time. /context shows what I know.";
/// No rules.
pub const NO_RULES: &str = "This account has no rules.";

/// `/analyze`; `tomorrow` where the day's part for reading is used up.
#[must_use]
pub fn analysing(tomorrow: bool) -> String {
    if tomorrow {
        "Today's part for reading is used up. I read on after midnight UTC, and tell you here what it came to."
    } else {
        "I am reading what is new, and tell you here what it came to."
    }
    .into()
}

/// What `/analyze` came to.
#[must_use]
pub fn analysed(totals: Totals) -> String {
    let Totals { added, changed, retired } = totals;
    if (added, changed, retired) == (0, 0, 0) {
        return "I have read everything that was new, and what I know stays as it is. See /context.".into();
    }
    format!(
        "I have read everything that was new. Facts: {added} added, {changed} changed, {retired} retired. See /context."
    )
}

/// `/context`: the facts that matter most now.
#[must_use]
pub fn context(narrative: Option<&str>, facts: &[Fact], more: usize) -> String {
    let mut lines = Vec::new();
    if let Some(narrative) = narrative {
        lines.push(format!("{narrative}\n"));
    }
    if facts.is_empty() && narrative.is_none() {
        return NO_FACTS.into();
    }
    if !facts.is_empty() {
        lines.push("What I know here:".into());
        lines.push(numbered(facts));
    }
    if more > 0 {
        lines.push(format!("And {more} more: /historycontext shows all, with dates and sources."));
    }
    lines.push("Wrong or too much? /fix or /forget with the number.".into());
    lines.join("\n")
}

/// `/historycontext`: every fact, with dates and sources.
#[must_use]
pub fn history_context(narrative: Option<(&str, DateTime<Utc>)>, facts: &[Sourced]) -> String {
    let (now, past): (Vec<&Sourced>, Vec<&Sourced>) =
        facts.iter().partition(|sourced| sourced.fact.valid_to.is_none());
    let mut blocks = Vec::new();
    if let Some((narrative, at)) = narrative {
        blocks.push(format!("The conversation so far (as of {}):\n{narrative}", day(at)));
    }
    for (heading, facts) in [("True now:", now), ("Past:", past)] {
        if !facts.is_empty() {
            let lines: Vec<String> = facts.into_iter().map(sourced).collect();
            blocks.push(format!("{heading}\n{}", lines.join("\n")));
        }
    }
    if blocks.is_empty() { NO_FACTS.into() } else { blocks.join("\n\n") }
}

fn sourced(sourced: &Sourced) -> String {
    let fact = &sourced.fact;
    let time = match fact.valid_to {
        None => format!("since {}", day(fact.valid_from)),
        Some(until) => format!("{} to {}", day(fact.valid_from), day(until)),
    };
    let from = match (&sourced.first, sourced.sources) {
        (Some((speaker, at)), 1) => format!("; {speaker} on {}", day(*at)),
        (Some((speaker, at)), count) => {
            format!("; {speaker} on {} and {} more", day(*at), messages(count - 1))
        }
        (None, 0) if sourced.imported_from.is_some() => "; from my old files".into(),
        (None, 0) => "; its messages are gone".into(),
        (None, count) => format!("; from {}", messages(count)),
    };
    let then = sourced.followed_by.map(|number| format!("; then {number}")).unwrap_or_default();
    format!("{}. {} ({time}{from}{then})", fact.number, fact.text)
}

/// `/why`.
#[must_use]
pub fn why(reasons: &Reasons) -> String {
    let mut blocks = Vec::new();
    if !reasons.facts.is_empty() {
        let lines: Vec<String> = reasons
            .facts
            .iter()
            .map(|fact| format!("{}. {} (since {})", fact.number, fact.text, day(fact.valid_from)))
            .collect();
        blocks.push(format!("Facts:\n{}", lines.join("\n")));
    }
    if reasons.facts_gone > 0 {
        blocks.push(format!(
            "{} that I have forgotten since",
            if reasons.facts_gone == 1 { "A fact".into() } else { format!("{} facts", reasons.facts_gone) }
        ));
    }
    if !reasons.recalled.is_empty() {
        let lines: Vec<String> = reasons.recalled.iter().map(said_then).collect();
        blocks.push(format!("Earlier messages:\n{}", lines.join("\n")));
    }
    blocks.push(match reasons.recent {
        None => "Nothing else of this conversation.".into(),
        Some((count, since)) => {
            format!("The conversation's last {} since {}.", messages(count), moment(since))
        }
    });
    format!("Into my answer of {} went:\n\n{}", moment(reasons.answered_at), blocks.join("\n\n"))
}

fn said_then(said: &SaidThen) -> String {
    let who = match said.author {
        Author::Assistant => "I",
        Author::User => said.speaker.as_deref().unwrap_or("somebody"),
    };
    format!("- {}, {who}: {}", moment(said.said_at), shortened(&said.text, 160))
}

/// `/forget` with one fact: what would go.
#[must_use]
pub fn forget_this(plan: &Plan) -> String {
    let from = match plan.messages {
        0 => "The messages that it came from are gone already.".to_owned(),
        count => format!(
            "It came from {}. What was said there can go too, with my answers; if it stays, I may still find it when it bears on a question.",
            messages(count)
        ),
    };
    let also = match plan.with_messages.as_slice() {
        [] => String::new(),
        facts => format!("\n\nWith the messages, this would be gone too:\n{}", numbered(facts)),
    };
    format!("This would be gone for good:\n{}\n\n{from}{also}", numbered(&plan.facts))
}

/// `/forget` with words that several facts have, or none.
#[must_use]
pub fn forget_which(facts: &[Fact]) -> String {
    if facts.is_empty() {
        return "I find no fact with these words. /historycontext shows all that I know here.".into();
    }
    format!("Several facts have these words:\n{}\n\nWhich one? /forget with its number.", numbered(facts))
}

fn numbered(facts: &[Fact]) -> String {
    facts.iter().map(|fact| format!("{}. {}", fact.number, fact.text)).collect::<Vec<_>>().join("\n")
}

/// A fact is gone.
#[must_use]
pub fn forgotten(receipt: &Receipt) -> String {
    let facts = if receipt.facts == 1 { "1 fact".into() } else { format!("{} facts", receipt.facts) };
    match receipt.messages {
        0 => format!("Forgotten: {facts}. I will not learn it again from old messages."),
        count => format!("Forgotten: {facts} and {}, for good.", messages(count.cast_signed())),
    }
}

/// Everything is gone.
#[must_use]
pub fn all_forgotten(receipt: &Receipt, at: DateTime<Utc>) -> String {
    format!(
        "Everything that I kept of this chat is deleted, as of {}: {}, {} facts and what I had noted about answers. We start anew.",
        moment(at),
        messages(receipt.messages.cast_signed()),
        receipt.facts
    )
}

/// `/share`.
#[must_use]
pub fn shared(fact: &Fact) -> String {
    format!("Done: all chats of this account may know this now:\n{}. {}", fact.number, fact.text)
}

/// The fact is known to all already.
#[must_use]
pub fn shared_already(fact: &Fact) -> String {
    format!("All chats of this account know this already:\n{}. {}", fact.number, fact.text)
}

/// `/fix`.
#[must_use]
pub fn fixed(number: i32, text: &str) -> String {
    format!("Corrected. I remember:\n{number}. {text}")
}

/// Presses of Fix.
#[must_use]
pub fn fix_like_this(number: i32) -> String {
    format!("How should it read? Write: /fix {number} and the right words.")
}

/// A new fact, where people want to be told.
#[must_use]
pub fn will_remember(fact: &Fact) -> String {
    format!("I will remember: {} ({})", fact.text, fact.number)
}

/// More new facts than are told one by one.
#[must_use]
pub fn will_remember_more(more: usize) -> String {
    format!("And {more} more: /historycontext shows all of them.")
}

/// `/notify`.
#[must_use]
pub fn notify(on: bool) -> String {
    if on {
        "I tell you here what I newly remember. Switch it off with /notify off.".into()
    } else {
        "I remember without a word. Switch announcements on with /notify on.".into()
    }
}

/// `/rules`.
#[must_use]
pub fn rules(rules: &[Rule]) -> String {
    if rules.is_empty() {
        return NO_RULES.into();
    }
    let mut blocks: Vec<String> = Vec::new();
    for category in ["Language", "Personalization", "Memory", "Tone", "General"] {
        let lines: Vec<String> = rules
            .iter()
            .filter(|rule| rule.category == category)
            .map(|rule| {
                let off = if rule.is_active { "" } else { " (off)" };
                format!("- {} (priority {}){off}", rule.content, rule.priority)
            })
            .collect();
        if !lines.is_empty() {
            blocks.push(format!("{category}\n{}", lines.join("\n")));
        }
    }
    format!("My rules here:\n\n{}", blocks.join("\n\n"))
}

fn shortened(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
