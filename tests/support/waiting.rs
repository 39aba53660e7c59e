//! Waiting for what comes by itself, and having a job's time come.

use std::time::Duration;

use super::app::{App, PATIENCE};
use crate::fakes::telegram::Sent;

impl App {
    /// Waits until the bot has said something in the chat that has these words in it; the whole of it.
    pub async fn waits_for_answer(&self, chat: i64, words: &str) -> String {
        let is_said =
            |sent: &[Sent]| sent.iter().any(|sent| sent.chat_id == chat && sent.text.contains(words));
        let waited = self.telegram.wait_for(is_said, PATIENCE).await.is_ok();
        let said = self.seen_in(chat).into_iter().rfind(|said| said.contains(words));
        assert!(waited, "\"{words}\" was not said: {:?}", self.seen_in(chat));
        said.expect("it was said")
    }

    /// Waits until a query counts so many.
    pub async fn waits_until(&self, query: &'static str, count: i64) {
        let reached = async {
            while self.count(query).await != count {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("never {count}: {query}"));
    }

    /// Jobs of this name that have failed and would wait are due, until none of them waits any more.
    pub async fn failed_jobs_run_now(&self, name: &'static str) {
        let settled = async {
            loop {
                let waiting: i64 = sqlx::query_scalar(
                    "with due as (
                         update apalis.jobs set run_at = now() - interval '1 second'
                         where job_type = $1 and status = 'Failed' and attempts < max_attempts
                     )
                     select count(*) from apalis.jobs
                     where job_type = $1 and (status in ('Pending', 'Queued', 'Running') or status = 'Failed' and attempts < max_attempts)",
                )
                .bind(name)
                .fetch_one(&self.pool)
                .await
                .expect("the database answers");
                if waiting == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.expect("the jobs end");
    }

    /// Jobs of this name that are done run once more, as after a crash before they were noted.
    pub async fn runs_again(&self, name: &'static str) {
        let again = "update apalis.jobs set status = 'Failed', run_at = now(), attempts = 1, done_at = null where job_type = $1";
        sqlx::query(again).bind(name).execute(&self.pool).await.expect("the database answers");
        self.failed_jobs_run_now(name).await;
        self.run_pending_jobs().await;
    }
}
