//! Rows of the small files: facts, rules, settings, temporary accounts.

use std::collections::BTreeMap;

use brain::{ids::ChatId, object::Object};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    message::{Reading, chat},
    refusal::Refusal,
    row, time,
};

/// Where a rule without a category of ours goes.
const OTHER_CATEGORY: &str = "General";
const CATEGORIES: [&str; 5] = ["Language", "Personalization", "Memory", "Tone", OTHER_CATEGORY];
/// Of a rule, in characters: as long as a rule may be here.
const LONGEST_RULE: usize = 1000;

/// An entry of the old history context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldFact {
    /// What was summed up.
    pub text: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldRule {
    /// One of ours; what it was called elsewhere is General.
    pub category: &'static str,
    /// What the model is told.
    pub content: String,
    /// Higher comes first.
    pub priority: i32,
    /// Whether the model is told.
    pub is_active: bool,
    /// Since when.
    pub created_at: Option<DateTime<Utc>>,
}

/// A temporary account's chat and dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OldTemporary {
    /// Its one chat.
    pub chat: ChatId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when it was to live.
    pub expires_at: DateTime<Utc>,
}

/// A model's server and the model that was asked there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OldProvider {
    /// Its address.
    pub endpoint: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Its name for people.
    pub display_name: Option<String>,
}

/// How the model was to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OldSettings {
    /// The model's name.
    pub model: Option<String>,
    /// 0 to 2.
    pub temperature: Option<String>,
    /// The longest answer.
    pub max_tokens: Option<i64>,
    /// Which of the providers was asked.
    pub active_provider: Option<String>,
    /// Providers by name.
    pub providers: BTreeMap<String, OldProvider>,
}

impl OldFact {
    pub(super) fn parse(row: &[u8], reading: Reading) -> Result<Self, Refusal> {
        row::read(row, |row| Self::of(row, reading))
    }

    fn of(row: &Object<'_>, reading: Reading) -> Result<Self, Refusal> {
        let text = said(row, "summary")?;
        let at = row.raw("timestamp").and_then(time::parse).ok_or(Refusal::BrokenTime)?;
        if at > reading.now { Err(Refusal::FutureTime) } else { Ok(Self { text, at }) }
    }
}

impl OldRule {
    pub(super) fn parse(row: &[u8], _: Reading) -> Result<Self, Refusal> {
        row::read(row, Self::of)
    }

    fn of(row: &Object<'_>) -> Result<Self, Refusal> {
        let content = ["rule_text", "text", "rule"].into_iter().find_map(|name| said(row, name).ok());
        let content = content.ok_or(Refusal::NoContent)?;
        if content.chars().count() > LONGEST_RULE {
            return Err(Refusal::RuleTooLong);
        }
        let category = row.text("category").unwrap_or_default();
        Ok(Self {
            category: CATEGORIES
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(category.trim()))
                .unwrap_or(OTHER_CATEGORY),
            content,
            // Beyond what a priority can be it is as high or as low as one can be.
            priority: row
                .raw("priority")
                .and_then(|raw| raw.trim_matches('"').parse::<f64>().ok())
                .map_or(0, clamped),
            is_active: !matches!(row.raw("is_active"), Some("false" | "0")),
            created_at: row.raw("created_at").and_then(time::parse),
        })
    }
}

impl OldTemporary {
    pub(super) fn parse(row: &[u8], reading: Reading) -> Result<Self, Refusal> {
        row::read(row, |row| Self::of(row, reading))
    }

    fn of(row: &Object<'_>, reading: Reading) -> Result<Self, Refusal> {
        let chat = chat(row)?.ok_or(Refusal::NoChat)?;
        let expires_at = row.raw("expires_at").and_then(time::parse).ok_or(Refusal::NoEnd)?;
        let created_at = row.raw("created_at").and_then(time::parse).unwrap_or(expires_at).min(reading.now);
        // Nobody was promised more than a century.
        if expires_at > reading.now + chrono::Duration::days(36_525) {
            return Err(Refusal::NoEnd);
        }
        Ok(Self { chat, created_at, expires_at })
    }
}

impl OldSettings {
    pub(super) fn parse(row: &[u8], _: Reading) -> Result<Self, Refusal> {
        row::read(row, |row| Ok(Self::of(row)))
    }

    fn of(row: &Object<'_>) -> Self {
        let mut providers = BTreeMap::new();
        if let Some(all) = row.object("providers") {
            for name in all.present() {
                if let Some(provider) = all.object(name) {
                    let provider = OldProvider {
                        endpoint: provider.text("endpoint"),
                        model: provider.text("model"),
                        display_name: provider.text("display_name"),
                    };
                    providers.insert(name.to_owned(), provider);
                }
            }
        }
        let active_provider = row.text("active_provider");
        let of_provider = active_provider.as_ref().and_then(|name| providers.get(name)?.model.clone());
        Self {
            model: row.text("model").filter(|model| !model.trim().is_empty()).or(of_provider),
            temperature: row
                .raw("temperature")
                .filter(|raw| raw.parse::<f64>().is_ok_and(|warm| (0.0..=2.0).contains(&warm)))
                .map(str::to_owned),
            max_tokens: row.integer("max_tokens").filter(|tokens| *tokens > 0),
            active_provider,
            providers,
        }
    }
}

fn said(row: &Object<'_>, field: &str) -> Result<String, Refusal> {
    row.text(field)
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
        .ok_or(Refusal::NoContent)
}

#[expect(clippy::cast_possible_truncation, reason = "such a cast saturates, which is what is wanted")]
fn clamped(number: f64) -> i32 {
    number as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading() -> Reading {
        Reading { now: "2026-11-22T12:00:00Z".parse().expect("a time") }
    }

    #[test]
    fn rules_of_both_shapes_are_read() {
        let rule = |row: &str| OldRule::parse(row.as_bytes(), reading());
        let new =
            rule(r#"{"account_id": 1, "rule_text": "Be kind.", "priority": 9, "is_active": false}"#).unwrap();
        assert_eq!((new.category, new.priority, new.is_active), ("General", 9, false));
        let old = rule(r#"{"text": "Be brief.", "category": "tone", "priority": 3}"#).unwrap();
        assert_eq!((old.category, old.content.as_str(), old.is_active), ("Tone", "Be brief.", true));
        assert_eq!(rule(r#"{"rule": "No slang.", "category": "Weather"}"#).unwrap().category, "General");
        assert_eq!(rule(r#"{"rule": "x", "priority": 1e30}"#).unwrap().priority, i32::MAX);
        assert_eq!(rule(r#"{"rule": " "}"#), Err(Refusal::NoContent));
        assert_eq!(rule(&format!(r#"{{"rule": "{}"}}"#, "x".repeat(1001))), Err(Refusal::RuleTooLong));
    }

    #[test]
    fn settings_of_both_shapes_are_read_and_no_key_is() {
        let of = |row: &str| OldSettings::parse(row.as_bytes(), reading()).unwrap();
        let plain = of(r#"{"model": "gpt-3.5-turbo", "temperature": 0.4, "max_tokens": 900}"#);
        assert_eq!(plain.model.as_deref(), Some("gpt-3.5-turbo"));
        assert_eq!((plain.temperature.as_deref(), plain.max_tokens), (Some("0.4"), Some(900)));
        let providers = of(r#"{"active_provider": "b", "providers": {"a": {}, "b":
            {"endpoint": "https://b.example", "model": "m", "api_key": "secret"}}}"#);
        assert_eq!(providers.model.as_deref(), Some("m"));
        assert!(!format!("{providers:?}").contains("secret"));
    }

    #[test]
    fn facts_and_temporary_accounts_want_a_time() {
        let fact = |row: &str| OldFact::parse(row.as_bytes(), reading());
        assert!(fact(r#"{"summary": "x", "timestamp": "2025-02-14T12:30:00.123456"}"#).is_ok());
        assert_eq!(fact(r#"{"summary": "x"}"#), Err(Refusal::BrokenTime));
        assert_eq!(fact(r#"{"summary": "x", "timestamp": "2030-01-01"}"#), Err(Refusal::FutureTime));
        let temporary = |row: &str| OldTemporary::parse(row.as_bytes(), reading());
        assert!(temporary(r#"{"telegram_chat_id": 5, "expires_at": "2025-03-31T00:00:00"}"#).is_ok());
        assert_eq!(temporary(r#"{"telegram_chat_id": 5}"#), Err(Refusal::NoEnd));
        assert_eq!(temporary(r#"{"expires_at": "2025-03-31"}"#), Err(Refusal::NoChat));
    }
}
