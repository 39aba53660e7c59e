//! How a job ends when it does not simply end.

use std::{error::Error, fmt, time::Duration};

/// What went wrong, with its own causes.
type Source = Box<dyn Error + Send + Sync>;

/// Why a job did not do its work, and what is to become of it.
#[derive(Debug)]
pub(crate) struct JobError {
    decision: Decision,
    source: Option<Source>,
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
    pub(crate) const fn snooze(wait: Duration) -> Self {
        Self { decision: Decision::Snooze(wait), source: None }
    }

    pub(crate) fn retry(source: impl Into<Source>) -> Self {
        Self { decision: Decision::Retry, source: Some(source.into()) }
    }

    pub(crate) fn fail(source: impl Into<Source>) -> Self {
        Self { decision: Decision::Fail, source: Some(source.into()) }
    }

    pub(crate) const fn decision(&self) -> Decision {
        self.decision
    }
}

/// The causes, outermost first.
impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(source) = &self.source else { return write!(f, "not yet") };
        write!(f, "{source}")?;
        let mut cause = source.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
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
