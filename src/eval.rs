//! `pykhbrain eval recall FILE`: how often recall finds what a question is about, and what that costs.

mod dialogues;

use std::{
    collections::HashSet,
    fmt,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use brain::{
    config::{Env, Role},
    db::{migrate, recall, scratch},
    ids::HistoryId,
    memory::Author,
    reply::{Budget, Tokenizer, pack_recalled},
};
use sqlx::{PgConnection, PgPool};

use self::dialogues::{Dialogue, Question, Speaks};
use crate::{config, dev, process};

#[derive(clap::Subcommand)]
pub(crate) enum What {
    /// How often recall has the evidence of a question in the prompt
    Recall {
        /// Dialogues with questions, as docs/recall.md says
        file: PathBuf,
    },
}

/// Runs to the end or until Ctrl-C. Whatever happens, nothing stays in the database.
pub(crate) async fn run(mut env: Env, what: &What) -> anyhow::Result<()> {
    let What::Recall { file } = what;
    let dialogues = dialogues::read(file)?;
    let stopping = process::stopped_by_signal()?;
    let has_own = env.get("DATABASE_URL").is_none();
    let (cluster, _) = dev::database(&mut env, Path::new(dev::HOME)).await?;
    let pool = config::pool(&env, Role::Command)?;
    let measured = async {
        if has_own {
            migrate::migrate(&pool).await?;
        }
        measure(&pool, &dialogues).await
    };
    let measured = tokio::select! {
        measured = measured => measured,
        () = stopping.cancelled() => Err(anyhow::anyhow!("stopped")),
    };
    pool.close().await;
    if let Some(cluster) = cluster {
        cluster.stop().await;
    }
    println!("{}", measured?);
    Ok(())
}

/// What came of all questions.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    any: usize,
    all: usize,
    tokens: Vec<usize>,
    times: Vec<Duration>,
}

async fn measure(pool: &PgPool, dialogues: &[Dialogue]) -> anyhow::Result<Measured> {
    let mut measured = Measured::default();
    for dialogue in dialogues {
        // Never committed.
        let mut transaction = pool.begin().await?;
        measured.dialogue(&mut transaction, dialogue).await.with_context(|| dialogue.name.clone())?;
        transaction.rollback().await?;
    }
    Ok(measured)
}

impl Measured {
    async fn dialogue(&mut self, connection: &mut PgConnection, dialogue: &Dialogue) -> anyhow::Result<()> {
        let said: Vec<scratch::Said<'_>> = dialogue
            .messages
            .iter()
            .map(|message| scratch::Said {
                author: match message.role {
                    Speaks::User => Author::User,
                    Speaks::Assistant => Author::Assistant,
                },
                speaker: &message.speaker,
                text: &message.text,
                at: message.time,
            })
            .collect();
        let (account, chat, ids) = scratch::chat(connection, &said).await?;
        for question in &dialogue.questions {
            let asked_at = dialogue.asked_at(question);
            let asked =
                recall::Question { account, chat, before: asked_at, now: asked_at, text: &question.text };
            let begun = Instant::now();
            let found = recall::recall(connection, &asked).await?;
            self.times.push(begun.elapsed());
            let packed = pack_recalled(&found, Budget::REPLY.recalled, |text| Tokenizer.count(text));
            self.tokens.push(packed.tokens);
            self.judge(question, dialogue, &ids, &packed.messages.iter().map(|message| message.id).collect());
        }
        Ok(())
    }

    fn judge(
        &mut self,
        question: &Question,
        dialogue: &Dialogue,
        ids: &[HistoryId],
        packed: &HashSet<HistoryId>,
    ) {
        let is_there = |place: usize| packed.contains(&ids[place]);
        let evidence = dialogue.evidence(question);
        self.any += usize::from(evidence.iter().copied().any(is_there));
        self.all += usize::from(evidence.iter().copied().all(is_there));
    }
}

impl fmt::Display for Measured {
    #[expect(clippy::cast_precision_loss, reason = "counts of questions")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let questions = self.times.len();
        let percent = |count: usize| 100.0 * count as f64 / questions.max(1) as f64;
        let tokens: usize = self.tokens.iter().sum();
        let mut times = self.times.clone();
        times.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (questions * percent).div_ceil(100).saturating_sub(1);
            times.get(rank).copied().unwrap_or_default().as_secs_f64() * 1e3
        };
        writeln!(f, "questions             {questions}")?;
        writeln!(f, "any evidence recalled {:.1} %", percent(self.any))?;
        writeln!(f, "all evidence recalled {:.1} %", percent(self.all))?;
        writeln!(
            f,
            "tokens                mean {:.0}, most {}",
            tokens as f64 / questions.max(1) as f64,
            self.tokens.iter().max().unwrap_or(&0)
        )?;
        write!(f, "time of a recall      p50 {:.1} ms, p99 {:.1} ms", percentile(50), percentile(99))
    }
}
