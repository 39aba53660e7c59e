//! Mail, by SMTP.

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use secrecy::ExposeSecret;

use crate::{
    config::MailConfig,
    ports::reason::{Reason, Sent},
};

/// How long one command of the mail server may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// And the whole of a mail: a server that answers each command late has a dozen of them.
const WHOLE: Duration = Duration::from_secs(45);

/// The way out for mail.
pub enum Mail {
    /// A server.
    Smtp(Box<Smtp>),
    /// Onto the terminal: `dev`.
    Print,
    /// There is none.
    None,
}

/// A mail server, and who writes.
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why a mail did not go out.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// It never will.
    #[error("the mail was refused: {0}")]
    Refused(Reason),
    /// It may another time.
    #[error("the mail server does not take it now: {0}")]
    Unavailable(Reason),
}

/// The configuration names no server that can be used.
#[derive(Debug, thiserror::Error)]
#[error("SMTP_URL cannot be used: {0}")]
pub struct Unusable(Reason);

impl Mail {
    /// Sets it up; connects to nobody yet.
    ///
    /// # Errors
    /// When the server's address has parts that are not understood.
    pub fn new(config: &MailConfig) -> Result<Self, Unusable> {
        Ok(match config {
            MailConfig::None => Self::None,
            MailConfig::Print => Self::Print,
            MailConfig::Smtp { url, from } => {
                let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
                    .map_err(|error| {
                        let sent = Sent::default().and(url.expose_secret());
                        Unusable(Reason::said(&error.to_string(), &sent))
                    })?
                    .timeout(Some(TIMEOUT))
                    .build();
                let from = from.parse().map_err(|_| Unusable("MAIL_FROM is no address".into()))?;
                Self::Smtp(Box::new(Smtp { transport, from }))
            }
        })
    }

    /// Sends a text to an address. `Ok`: the server has it, or it was printed.
    ///
    /// # Errors
    /// When the server refuses it, cannot be reached, or there is none.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), MailError> {
        let smtp = match self {
            Self::Smtp(smtp) => smtp,
            Self::Print => {
                println!("\n  Mail to {to}: {subject}\n\n{text}\n");
                return Ok(());
            }
            Self::None => return Err(MailError::Refused("no SMTP_URL is set".into())),
        };
        let to = to.parse::<Mailbox>().map_err(|_| MailError::Refused("it is no mail address".into()))?;
        let message = Message::builder()
            .from(smtp.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(|_| MailError::Refused("it cannot be put into a mail".into()))?;
        let Ok(sent) = tokio::time::timeout(WHOLE, smtp.transport.send(message)).await else {
            return Err(MailError::Unavailable("no answer in time".into()));
        };
        match sent {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() && !is_about_us(&error) => {
                Err(MailError::Refused(status(&error)))
            }
            Err(error) => Err(MailError::Unavailable(status(&error))),
        }
    }
}

impl From<&MailError> for Reason {
    fn from(error: &MailError) -> Self {
        Self::of(error)
    }
}

/// Whether it is our login that the server refuses (530 to 538, RFC 4954): the operator may mend it, the address is not at fault.
fn is_about_us(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| u16::from(code) / 10 == 53)
}

/// What went wrong, without what the server said: that may quote the message or the address.
fn status(error: &lettre::transport::smtp::Error) -> Reason {
    match error.status() {
        Some(code) => Reason::status(code.into()),
        None if error.is_timeout() => "no answer in time".into(),
        None if error.is_tls() => "no secure connection".into(),
        None => "no connection".into(),
    }
}
