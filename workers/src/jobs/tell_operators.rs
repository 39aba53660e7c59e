//! `tell_operators`: says in the log, and by mail where there is any, how much of the day's tokens is used.

use brain::{
    jobs::TellOperators,
    ports::mail::{Mail, MailError},
    texts::operators as texts,
};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for TellOperators {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        tracing::warn!(
            day = %self.day,
            percent = self.percent,
            daily_tokens = self.tokens,
            "of the day's tokens (DAILY_TOKENS) so much is used; at 100 % nobody is answered until midnight UTC"
        );
        if matches!(brain.mail, Mail::None) {
            return Ok(());
        }
        let mail = texts::tokens_are_used(self.day, self.percent, self.tokens);
        let mut late = None;
        for email in &brain.operators.emails {
            match brain.mail.send(email, &mail.subject, &mail.text).await {
                Ok(()) => {}
                Err(MailError::Refused(reason)) => tracing::warn!(%reason, "an operator cannot be mailed"),
                Err(MailError::Unavailable(reason)) => late = Some(reason),
            }
        }
        // Who has the mail already gets it once more: better than not at all.
        late.map_or(Ok(()), |reason| Err(JobError::retry_because(reason)))
    }
}
