//! Which of the old settings are kept, and what is said of those that are not.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::files::OldSettings;

/// Models that are gone, with all their dated versions: <https://platform.openai.com/docs/deprecations>.
const GONE: [&str; 3] = ["gpt-3.5", "gpt-4", "text-davinci"];
/// Names that begin like one that is gone, and are not.
const NOT_GONE: [&str; 3] = ["gpt-4o", "gpt-4.1", "gpt-4.5"];

/// The account's settings by key, and notes for the report.
pub(super) fn kept<'a>(
    old: &OldSettings,
    default_model: (&str, &str),
) -> (BTreeMap<&'a str, Value>, Vec<String>) {
    let (model, server) = default_model;
    let mut kept = BTreeMap::new();
    let mut notes = Vec::new();
    let elsewhere = old
        .active_provider
        .as_ref()
        .and_then(|name| old.providers.get(name)?.endpoint.as_deref())
        .filter(|endpoint| endpoint.trim_end_matches('/') != server.trim_end_matches('/'));
    match &old.model {
        Some(wanted) if is_gone(wanted) => {
            notes.push(format!("the model {wanted} no longer exists: the default, {model}, answers instead"));
        }
        Some(wanted) if elsewhere.is_some() => notes.push(format!(
            "the model {wanted} is of the server {}, and this one asks {server}: the default, {model}, answers instead",
            elsewhere.unwrap_or_default()
        )),
        Some(wanted) => {
            kept.insert("model", json!(wanted));
        }
        None => {}
    }
    if let Some(temperature) = old.temperature.as_ref().and_then(|warm| serde_json::from_str(warm).ok()) {
        kept.insert("temperature", temperature);
    }
    if let Some(tokens) = old.max_tokens {
        kept.insert("max_tokens", json!(tokens));
    }
    if !old.providers.is_empty() {
        kept.insert("providers", json!({"active": old.active_provider, "all": old.providers}));
        notes.push("keys of providers are not taken from files".into());
    }
    (kept, notes)
}

fn is_gone(model: &str) -> bool {
    GONE.iter().any(|gone| model.starts_with(gone)) && !NOT_GONE.iter().any(|here| model.starts_with(here))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::record::OldProvider;

    const DEFAULT: (&str, &str) = ("gpt-6-luna", "https://api.openai.com/v1");

    #[test]
    fn a_model_that_is_gone_becomes_the_default_and_the_report_says_so() {
        for (model, is_kept) in [
            ("gpt-3.5-turbo", false),
            ("gpt-4", false),
            ("gpt-4-0613", false),
            ("gpt-4o-mini", true),
            ("llama", true),
        ] {
            let old = OldSettings { model: Some(model.into()), ..OldSettings::default() };
            let (kept, notes) = kept(&old, DEFAULT);
            assert_eq!(kept.contains_key("model"), is_kept, "{model}");
            assert_eq!(
                notes.iter().any(|note| note.contains(model) && note.contains("gpt-6-luna")),
                !is_kept
            );
        }
    }

    #[test]
    fn a_model_of_another_server_is_not_asked_of_this_one() {
        let provider = OldProvider {
            endpoint: Some("https://api.x.ai/v1".into()),
            model: Some("grok".into()),
            display_name: None,
        };
        let old = OldSettings {
            model: Some("grok".into()),
            active_provider: Some("x".into()),
            providers: [("x".to_owned(), provider)].into(),
            ..OldSettings::default()
        };
        let (kept, notes) = kept(&old, DEFAULT);
        assert!(!kept.contains_key("model") && kept.contains_key("providers"));
        assert!(notes[0].contains("api.x.ai"));
    }
}
