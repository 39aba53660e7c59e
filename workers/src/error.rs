//! How a job ends when it does not simply end.

use std::time::Duration;

use brain::{jobs::backoff, ports::reason::Reason, queue::Ending};

/// Why a job did not do its work.
#[derive(Debug)]
pub(crate) enum JobError {
    /// Not yet: run it again after the wait. No failure, no attempt.
    PutOff(Duration),
    /// Something that may be better next time.
    Retry(Reason),
    /// Something that will not get better.
    Fail(Reason),
}

impl JobError {
    /// How the queue should note it, after `attempts` earlier attempts.
    pub(crate) fn into_ending(self, attempts: u32) -> Ending {
        match self {
            Self::PutOff(wait) => Ending::PutOff(wait),
            Self::Retry(error) => Ending::Failed { error, retry_in: backoff(attempts + 1) },
            Self::Fail(error) => Ending::Killed { error },
        }
    }
}

impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        Self::Retry(Reason::from(&error))
    }
}
