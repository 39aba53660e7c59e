//! `pykhbrain enqueue JOB [--account N] [--chat N]`: puts a job on the queue.

use brain::{
    config::{Env, Role},
    ids::{AccountId, ChatId, ThreadId},
    jobs::{
        AnalyzeAccount, AnswerChat, CheckModel, ExpireAccounts, ImportFiles, Job, PromoteTiers, PurgeJobs,
        SummarizeChat, Sweep,
    },
    queue,
};
use sqlx::PgPool;

use crate::config;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The job's name
    job: String,
    /// The chat that it is for, where the job wants one
    #[arg(long, allow_negative_numbers = true)]
    chat: Option<i64>,
    /// The account that it is for; without one, all accounts with news
    #[arg(long)]
    account: Option<i64>,
}

pub(crate) async fn run(env: &Env, options: &Options) -> anyhow::Result<()> {
    let pool = config::pool(env, Role::Command)?;
    match options.job.as_str() {
        AnswerChat::NAME => {
            let chat = options.chat.ok_or_else(|| anyhow::anyhow!("answer_chat wants --chat N"))?;
            put(&pool, &AnswerChat { chat_id: ChatId(chat) }).await?;
        }
        SummarizeChat::NAME => {
            let chat = options.chat.ok_or_else(|| anyhow::anyhow!("summarize_chat wants --chat N"))?;
            put(&pool, &SummarizeChat { chat_id: ChatId(chat), thread_id: ThreadId(0) }).await?;
        }
        AnalyzeAccount::NAME => {
            put(&pool, &AnalyzeAccount { account_id: options.account.map(AccountId) }).await?;
        }
        ImportFiles::NAME => {
            let chat = options.chat.ok_or_else(|| anyhow::anyhow!("import_files wants --chat N"))?;
            put(&pool, &ImportFiles { chat_id: ChatId(chat) }).await?;
        }
        PromoteTiers::NAME => put(&pool, &PromoteTiers {}).await?,
        CheckModel::NAME => put(&pool, &CheckModel {}).await?,
        ExpireAccounts::NAME => put(&pool, &ExpireAccounts {}).await?,
        PurgeJobs::NAME => put(&pool, &PurgeJobs {}).await?,
        Sweep::NAME => put(&pool, &Sweep {}).await?,
        other => {
            anyhow::bail!("there is no job {other} to put on the queue; there are {}", names())
        }
    }
    queue::wake_all(&pool).await?;
    println!("{} is on the queue.", options.job);
    Ok(())
}

async fn put<J: Job>(pool: &PgPool, job: &J) -> sqlx::Result<()> {
    queue::enqueue(&mut *pool.acquire().await?, job, None).await.map(drop)
}

fn names() -> String {
    [
        AnalyzeAccount::NAME,
        AnswerChat::NAME,
        CheckModel::NAME,
        ImportFiles::NAME,
        PromoteTiers::NAME,
        ExpireAccounts::NAME,
        PurgeJobs::NAME,
        SummarizeChat::NAME,
        Sweep::NAME,
    ]
    .join(", ")
}
