//! How a job ends when it does not simply end.

use std::{error::Error, fmt, time::Duration};

use brain::ports::reason::Reason;

/// Why a job did not do its work, and what is to become of it. What is shown of it is a reason; its source has the rest.
#[derive(Debug)]
pub(crate) struct JobError {
    decision: Decision,
    reason: Reason,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What is to become of the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Not yet: run it again after the wait. No failure, no attempt.
    Snooze(Duration),
    /// It may be better next time.
    Retry,
    /// It will not get better.
    Fail,
}

impl JobError {
    pub(crate) fn snooze(wait: Duration) -> Self {
        Self { decision: Decision::Snooze(wait), reason: "not yet".into(), source: None }
    }

    pub(crate) fn retry<E>(error: E) -> Self
    where
        E: Error + Send + Sync + 'static,
        for<'a> Reason: From<&'a E>,
    {
        Self { decision: Decision::Retry, reason: (&error).into(), source: Some(Box::new(error)) }
    }

    pub(crate) fn fail<E>(error: E) -> Self
    where
        E: Error + Send + Sync + 'static,
        for<'a> Reason: From<&'a E>,
    {
        Self { decision: Decision::Fail, ..Self::retry(error) }
    }

    pub(crate) fn retry_because(reason: impl Into<Reason>) -> Self {
        Self { decision: Decision::Retry, reason: reason.into(), source: None }
    }

    pub(crate) fn fail_because(reason: impl Into<Reason>) -> Self {
        Self { decision: Decision::Fail, reason: reason.into(), source: None }
    }

    pub(crate) const fn decision(&self) -> Decision {
        self.decision
    }

    pub(crate) const fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl Error for JobError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        Self::retry(error)
    }
}
