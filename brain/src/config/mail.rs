//! How mail goes out.

use secrecy::SecretString;

use super::{ConfigError, Env, ServerConfig};

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
    /// `SMTP_URL=print:`, which `dev` sets: mails are printed, and links are shown in the chat that has asked.
    Print,
    /// There is none.
    None,
}

impl MailConfig {
    /// Reads `SMTP_URL` and `MAIL_FROM`.
    ///
    /// # Errors
    /// When the address is not one of an SMTP server, or nobody is named who writes.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let variable = "SMTP_URL";
        let Some(url) = env.get(variable) else { return Ok(Self::None) };
        if url == "print:" {
            // Whoever asks in a chat gets the link there: that proves no address.
            let server = ServerConfig::from_env(env)?;
            let is_here = url::Url::parse(&server.public_url).is_ok_and(|url| match url.host() {
                Some(url::Host::Domain(name)) => name == "localhost",
                Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
                Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
                None => false,
            });
            if !is_here {
                let problem = "print: shows links to whoever asks and is for this machine only (PUBLIC_URL): name a mail server";
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
