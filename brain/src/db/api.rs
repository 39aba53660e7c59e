//! The schema `api` as a signed-in person: what the dashboard shows and does, under the database's own rules for who sees what.

use futures::future::BoxFuture;
use serde_json::{Value, json};
use sqlx::{PgPool, types::Uuid};

/// What can be called. Arguments and results stand beside each function in `migrations/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `[{id, name, created_at, is_admin}]`: the accounts that the person is in.
    MyAccounts,
    /// `{account}` to `[{account_id, telegram_chat_id, name, kind, is_active, created_at}]`: groups, and the person's own chat.
    ChatsOf,
    /// `{account}` to `[{id, account_id, email, is_admin, created_at}]`.
    PeopleOf,
    /// `{account, chat}` to whether it was in the account.
    UnlinkChat,
    /// `{account, email, is_admin}` to the person's number.
    Invite,
    /// `{account, person}` to whether they were in the account.
    RemovePerson,
    /// `{account, code_hash}` to when the code is over: it lets one more chat in.
    GiveLinkCode,
    /// `[{id, agent, address, created_at, seen_at}]`: where the person is signed in.
    MySessions,
    /// `{session}` to whether there was one.
    EndSession,
    /// `{account}` to `{model, base_url, key_hint, changed_at, refused_at}`, or null.
    ModelOf,
    /// `{account, api_key, key_hint, base_url, model}` to true; [`NewModel`](super::account_models::NewModel) makes them.
    SetModel,
    /// `{account}` to whether it had one.
    RemoveModel,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::MyAccounts,
        Self::ChatsOf,
        Self::PeopleOf,
        Self::UnlinkChat,
        Self::Invite,
        Self::RemovePerson,
        Self::GiveLinkCode,
        Self::MySessions,
        Self::EndSession,
        Self::ModelOf,
        Self::SetModel,
        Self::RemoveModel,
    ];

    /// The call, with the arguments as its only parameter.
    const fn statement(self) -> &'static str {
        match self {
            Self::MyAccounts => "select api.my_accounts($1)",
            Self::ChatsOf => "select api.chats_of($1)",
            Self::PeopleOf => "select api.people_of($1)",
            Self::UnlinkChat => "select api.unlink_chat($1)",
            Self::Invite => "select api.invite($1)",
            Self::RemovePerson => "select api.remove_person($1)",
            Self::GiveLinkCode => "select api.give_link_code($1)",
            Self::MySessions => "select api.my_sessions($1)",
            Self::EndSession => "select api.end_session($1)",
            Self::ModelOf => "select api.model_of($1)",
            Self::SetModel => "select api.set_model($1)",
            Self::RemoveModel => "select api.remove_model($1)",
        }
    }
}

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// It is not the person's to do.
    #[error("not allowed: {0}")]
    NotAllowed(String),
    /// It cannot be done as asked, in words for the person.
    #[error("refused: {0}")]
    Refused(String),
    /// The database did not answer, or the call was wrong.
    #[error(transparent)]
    Database(sqlx::Error),
}

/// A way to call the functions as one person.
pub trait Api: Send + Sync {
    /// Calls a function. What it changes, it changes wholly or not at all.
    ///
    /// # Errors
    /// When the person may not, the request cannot be met, or the database does not answer.
    fn call(&self, function: Function, args: Value) -> BoxFuture<'_, Result<Value, ApiError>>;
}

/// Who is signed in. Whoever makes one has checked it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `auth.uid()`; without one the address alone decides, and opens nothing that is tied to an identity.
    pub user: Option<Uuid>,
    /// The confirmed mail address.
    pub email: String,
}

/// Straight to the database: a transaction that becomes the person for its length.
pub struct Direct {
    pool: PgPool,
    claims: Value,
    headers: Value,
}

impl Direct {
    /// Calls as this person, from the browser at `origin`. The pool's login must be allowed to become `authenticated`.
    #[must_use]
    pub fn new(pool: PgPool, identity: &Identity, origin: &str) -> Self {
        let user = identity.user.map(|user| user.to_string());
        let claims = json!({"role": "authenticated", "sub": user, "email": identity.email});
        Self { pool, claims, headers: json!({"x-pykhbrain-origin": origin}) }
    }

    async fn transact(&self, function: Function, args: Value) -> sqlx::Result<Value> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "select set_config('request.jwt.claims', $1, true) as claims, set_config('request.headers', $2, true) as headers,
                    set_config('role', 'authenticated', true) as role",
            self.claims.to_string(),
            self.headers.to_string(),
        )
        .fetch_one(&mut *tx)
        .await?;
        // Not a checked query: which one it is is known at run time only; a test calls each.
        let answer = sqlx::query_scalar(function.statement()).bind(args).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

impl Api for Direct {
    fn call(&self, function: Function, args: Value) -> BoxFuture<'_, Result<Value, ApiError>> {
        Box::pin(async move { self.transact(function, args).await.map_err(ApiError::from) })
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        let sqlx::Error::Database(refusal) = &error else { return Self::Database(error) };
        match refusal.code().as_deref() {
            Some("42501") => Self::NotAllowed(refusal.message().to_owned()),
            Some("22023" | "23514" | "55006") => Self::Refused(refusal.message().to_owned()),
            _ => Self::Database(error),
        }
    }
}
