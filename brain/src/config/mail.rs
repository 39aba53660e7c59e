//! How mail goes out, and where it may be printed instead.

use std::net::IpAddr;

use secrecy::SecretString;

use super::{ConfigError, Env, ServerConfig};
use crate::ports::http::is_on_this_machine;

const VARIABLE: &str = "SMTP_URL";
/// The value that prints mails.
const PRINT: &str = "print:";

/// The way of the mail.
#[derive(Clone, Debug)]
pub enum MailConfig {
    /// `SMTP_URL` and `MAIL_FROM`.
    Smtp {
        /// The server, with its password.
        url: SecretString,
        /// Who writes.
        from: String,
    },
    /// `SMTP_URL=print:`, which `dev` sets on this machine only: mails are printed, and links are shown in the chat that has asked.
    Print,
    /// There is none.
    None,
}

/// From where the pages can be opened that links lead to. What is for this machine only asks this, and no variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The web process of this program listens on loopback.
    ThisMachine,
    /// It listens elsewhere, or runs elsewhere: a worker does not know where.
    Elsewhere,
}

impl Reach {
    /// By the address that the web process has bound.
    #[must_use]
    pub fn of(listening: IpAddr) -> Self {
        if listening.to_canonical().is_loopback() { Self::ThisMachine } else { Self::Elsewhere }
    }

    /// Refuses printed mails where others could open their links: who asks in a chat is shown the link, which proves no address.
    ///
    /// # Errors
    /// When `SMTP_URL` is `print:` and the pages can be opened from elsewhere.
    pub fn check_mail(self, env: &Env) -> Result<(), ConfigError> {
        if self == Self::ThisMachine || env.get(VARIABLE) != Some(PRINT) {
            return Ok(());
        }
        let problem = "print: shows sign-in links to whoever asks for one, and is for `dev`, or a web process with its worker, that \
                       listens on this machine only: set HOST=127.0.0.1 there, or SMTP_URL=smtps://user:password@host:465";
        Err(ConfigError { variable: VARIABLE, problem: problem.into() })
    }
}

impl MailConfig {
    /// Reads `SMTP_URL` and `MAIL_FROM`.
    ///
    /// # Errors
    /// When the address is not one of an SMTP server, or nobody is named who writes.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let variable = VARIABLE;
        let Some(url) = env.get(variable) else { return Ok(Self::None) };
        if url == PRINT {
            // `Reach` knows where the web process listens; a tunnel to it shows in the address that people are given.
            if !is_on_this_machine(&ServerConfig::from_env(env)?.public_url) {
                let problem = "print: shows links to whoever asks and is for this machine only, and PUBLIC_URL leads there from elsewhere: \
                               set SMTP_URL=smtps://user:password@host:465";
                return Err(ConfigError { variable, problem: problem.into() });
            }
            return Ok(Self::Print);
        }
        let is_smtp = url::Url::parse(url)
            .is_ok_and(|url| matches!(url.scheme(), "smtp" | "smtps") && url.host_str().is_some());
        if !is_smtp {
            let problem = "must look like smtps://user:password@host:465, or smtp://user:password@host:587?tls=required";
            return Err(ConfigError { variable, problem: problem.into() });
        }
        let from = env
            .require("MAIL_FROM", "say who the mails are from, as in PykhBrain <bot@example.com>")?
            .to_owned();
        if from.parse::<lettre::message::Mailbox>().is_err() {
            let problem = "must be an address, as in PykhBrain <bot@example.com>".into();
            return Err(ConfigError { variable: "MAIL_FROM", problem });
        }
        Ok(Self::Smtp { url: url.into(), from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<MailConfig, String> {
        let env: Env = variables.iter().copied().collect();
        MailConfig::from_env(&env).map_err(|error| error.to_string())
    }

    #[test]
    fn mails_are_printed_where_only_this_machine_can_open_their_links() {
        let print: Env = [("SMTP_URL", "print:")].into_iter().collect();
        let check = |listening: &str| Reach::of(listening.parse().unwrap()).check_mail(&print);
        for loopback in ["127.0.0.1", "127.0.0.53", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(check(loopback), Ok(()), "{loopback}");
        }
        for exposed in ["0.0.0.0", "::", "192.168.1.7", "::ffff:0.0.0.0"] {
            assert!(check(exposed).unwrap_err().to_string().contains("set HOST=127.0.0.1"), "{exposed}");
        }
        assert_eq!(Reach::Elsewhere.check_mail(&Env::default()), Ok(()));
    }

    #[test]
    fn a_mail_server_takes_an_address_to_write_from() {
        let server = ("SMTP_URL", "smtps://bot:secret@mail.example.com");
        assert!(matches!(read(&[]), Ok(MailConfig::None)));
        assert!(matches!(read(&[("SMTP_URL", "print:")]), Ok(MailConfig::Print)));
        let open = read(&[("SMTP_URL", "print:"), ("PUBLIC_URL", "https://bot.example.com")]).unwrap_err();
        assert!(open.contains("this machine only"), "{open}");
        assert!(matches!(read(&[server, ("MAIL_FROM", "bot@example.com")]), Ok(MailConfig::Smtp { .. })));
        assert!(read(&[server]).unwrap_err().starts_with("MAIL_FROM is not set"));
        assert!(read(&[server, ("MAIL_FROM", "bot")]).unwrap_err().starts_with("MAIL_FROM must be"));
        let wrong = read(&[("SMTP_URL", "mail.example.com:secret")]).unwrap_err();
        assert!(wrong.starts_with("SMTP_URL must look like") && !wrong.contains("secret"), "{wrong}");
    }
}
