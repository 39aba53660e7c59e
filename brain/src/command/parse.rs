//! From a text to the command in it, and from a command that does not exist to the one that was probably
//! meant.

/// A command as a person has given it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Lowercase, without the slash.
    pub name: String,
    /// What follows the command, without the space around it.
    pub args: String,
}

/// Longest name that Telegram marks as a command in a text (those a bot registers have at most 32
/// characters).
const LONGEST_NAME: usize = 64;

/// The command that `text` begins with; `None` where it begins with none, or with one for another bot.
///
/// What Telegram would mark as a command is one: a slash, Latin letters, digits and underscores, perhaps `@`
/// and a bot's name, and then no slash (`/etc/hosts`), angle bracket or letter.
#[must_use]
pub fn parse(text: &str, bot_username: &str) -> Option<Invocation> {
    let (name, rest) = word(text.strip_prefix('/')?);
    let (bot, rest) = match rest.strip_prefix('@').map(word) {
        Some((bot, rest)) if !bot.is_empty() => (bot, rest),
        _ => (bot_username, rest),
    };
    let goes_on = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '<' | '>'));
    if name.is_empty() || name.len() > LONGEST_NAME || goes_on || !bot.eq_ignore_ascii_case(bot_username) {
        return None;
    }
    Some(Invocation { name: name.to_ascii_lowercase(), args: rest.trim().to_owned() })
}

/// The known command that `name` is most likely a misspelling of: one slip of the fingers for every three
/// letters, two of three being enough, and three slips at most. Of equally near ones the first.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let slips = ((name.chars().count() + 1) / 3).min(3);
    known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Splits off the letters, digits and underscores that `text` begins with.
fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::{nearest, parse};

    const KNOWN: [&str; 9] =
        ["start", "help", "clear", "session", "shortterm", "wholehistory", "status", "account_id", "model"];

    fn parsed(text: &str) -> Option<(String, String)> {
        parse(text, "PykhBrain_bot").map(|command| (command.name, command.args))
    }

    fn is(text: &str, name: &str, args: &str) {
        assert_eq!(parsed(text), Some((name.to_owned(), args.to_owned())), "{text}");
    }

    #[test]
    fn a_command_has_a_name_and_the_words_after_it() {
        is("/start", "start", "");
        is("/start ref_7", "start", "ref_7");
        is("/Session  LONG ", "session", "LONG");
        is("/remember\nмолоко\nи хлеб 🥖", "remember", "молоко\nи хлеб 🥖");
        is("/account_id", "account_id", "");
        is("/help!", "help", "!");
    }

    #[test]
    fn a_command_may_name_this_bot_in_any_case_of_letters() {
        is("/cmd@PykhBrain_bot args", "cmd", "args");
        is("/cmd@pykhbrain_BOT\nargs", "cmd", "args");
        is("/cmd@", "cmd", "@");
    }

    #[test]
    fn a_command_for_another_bot_is_none() {
        for text in ["/cmd@other_bot", "/cmd@PykhBrain_bot2 x", "/cmd@PykhBrain"] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }

    #[test]
    fn what_telegram_would_not_mark_is_no_command() {
        for text in [
            "",
            "/",
            "hello",
            " /start",
            "//start",
            "/etc/hosts",
            "/помощь",
            "/helpж",
            "/<b>",
            "/@PykhBrain_bot",
        ] {
            assert_eq!(parsed(text), None, "{text}");
        }
        assert_eq!(parsed(&format!("/{}", "a".repeat(65))), None);
    }

    #[test]
    fn a_slip_of_the_fingers_finds_the_command() {
        for (name, meant) in [
            ("hlep", "help"),
            ("stats", "status"),
            ("strat", "start"),
            ("sesion", "session"),
            ("accountid", "account_id"),
            ("wholehist", "wholehistory"),
        ] {
            assert_eq!(nearest(name, KNOWN.into_iter()), Some(meant), "{name}");
        }
    }

    #[test]
    fn something_else_finds_nothing() {
        for name in ["", "x", "weather", "stop", "wholehistxyzw"] {
            assert_eq!(nearest(name, KNOWN.into_iter()), None, "{name}");
        }
    }
}
