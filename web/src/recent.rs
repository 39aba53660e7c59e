//! What is asked of the database once in a while, however many want to know it.

use std::{pin::Pin, sync::Arc, time::Duration};

use sqlx::PgPool;
use tokio::{sync::Mutex, time::Instant};

type Gathering<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An answer of the database, looked up again where it is older than `every`. Cheap to clone; clones share it.
pub(crate) struct Recent<T>(Arc<Shared<T>>);

struct Shared<T> {
    pool: PgPool,
    every: Duration,
    gather: fn(PgPool) -> Gathering<T>,
    /// Held while it is looked up: who asks meanwhile waits for the same answer.
    last: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone + Send + 'static> Recent<T> {
    pub(crate) fn new(pool: PgPool, every: Duration, gather: fn(PgPool) -> Gathering<T>) -> Self {
        Self(Arc::new(Shared { pool, every, gather, last: Mutex::default() }))
    }

    /// The answer. `None`: the process is ending.
    pub(crate) async fn get(&self) -> Option<T> {
        let shared = Arc::clone(&self.0);
        // Who hangs up does not break it off, so that nobody can have it done over and over.
        tokio::spawn(async move { shared.get().await }).await.ok()
    }
}

impl<T: Clone> Shared<T> {
    async fn get(&self) -> T {
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < self.every
        {
            return answer.clone();
        }
        let answer = (self.gather)(self.pool.clone()).await;
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use sqlx::postgres::PgPoolOptions;

    use super::*;

    static GATHERED: AtomicUsize = AtomicUsize::new(0);

    #[tokio::test]
    async fn however_many_ask_and_hang_up_it_is_looked_up_once() {
        let pool = PgPoolOptions::new().connect_lazy("postgres://nobody@127.0.0.1:1/nothing").unwrap();
        let recent = Recent::new(pool, Duration::from_secs(1), |_| {
            Box::pin(async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                GATHERED.fetch_add(1, Ordering::SeqCst)
            })
        });
        let hangs_up = tokio::time::timeout(Duration::from_millis(10), recent.get()).await;
        assert!(hangs_up.is_err());
        let asking = (0..24).map(|_| recent.get());
        assert_eq!(futures::future::join_all(asking).await, [Some(0); 24]);
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(recent.get().await, Some(1));
    }
}
