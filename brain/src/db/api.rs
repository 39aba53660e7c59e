//! The schema `api` as a signed-in person: what the dashboard shows and does, under the database's own rules for who sees what.

mod postgrest;

use futures::future::BoxFuture;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool, types::Uuid};

pub use postgrest::{PostgRest, PostgRestError, RestServer};

/// What can be called. Arguments and results stand beside each function in `migrations/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `[{id, name, created_at, is_admin}]`: the accounts that the person is in.
    MyAccounts,
    /// `{account}` to `[{account_id, telegram_chat_id, name, kind, is_active, created_at, joined_at}]`: groups, and the person's own chat.
    ChatsOf,
    /// `{account}` to `[{id, account_id, email, is_admin, created_at}]`.
    PeopleOf,
    /// `{account, chat}` to whether it was in the account.
    UnlinkChat,
    /// `{account, email, is_admin}` to `{invitation, mailed}`: asks somebody in, who is nobody there before they accept.
    Invite,
    /// `{account}` to `[{id, email, is_admin, created_at, expires_at}]`: invitations that nobody has answered.
    InvitationsOf,
    /// `{account, invitation}` to whether there was one.
    WithdrawInvitation,
    /// [`Invitation`](super::invitations::Invitation)s of the person.
    MyInvitations,
    /// `{invitation, accept}` to whether there was one to answer.
    AnswerInvitation,
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
    pub const ALL: [Self; 16] = [
        Self::MyAccounts,
        Self::ChatsOf,
        Self::PeopleOf,
        Self::UnlinkChat,
        Self::Invite,
        Self::InvitationsOf,
        Self::WithdrawInvitation,
        Self::MyInvitations,
        Self::AnswerInvitation,
        Self::RemovePerson,
        Self::GiveLinkCode,
        Self::MySessions,
        Self::EndSession,
        Self::ModelOf,
        Self::SetModel,
        Self::RemoveModel,
    ];

    /// Its name in the schema `api`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MyAccounts => "my_accounts",
            Self::ChatsOf => "chats_of",
            Self::PeopleOf => "people_of",
            Self::UnlinkChat => "unlink_chat",
            Self::Invite => "invite",
            Self::InvitationsOf => "invitations_of",
            Self::WithdrawInvitation => "withdraw_invitation",
            Self::MyInvitations => "my_invitations",
            Self::AnswerInvitation => "answer_invitation",
            Self::RemovePerson => "remove_person",
            Self::GiveLinkCode => "give_link_code",
            Self::MySessions => "my_sessions",
            Self::EndSession => "end_session",
            Self::ModelOf => "model_of",
            Self::SetModel => "set_model",
            Self::RemoveModel => "remove_model",
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
    /// The person's token has run out or does not hold: their session is to be renewed.
    #[error("the person is not signed in any more")]
    SignedOut,
    /// The database did not answer, or the call was wrong.
    #[error(transparent)]
    Database(sqlx::Error),
    /// The same over the other transport.
    #[error(transparent)]
    PostgRest(PostgRestError),
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

/// The header that says where the browser is, for `audit_log`.
const ORIGIN_HEADER: &str = "x-pykhbrain-origin";

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
        Self { pool, claims, headers: json!({ORIGIN_HEADER: origin}) }
    }

    async fn transact(&self, function: Function, args: Value) -> sqlx::Result<Value> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!(
            "select set_config('request.jwt.claims', $1, true) as claims, set_config('request.jwt.claim.sub', $2, true) as sub,
                    set_config('request.headers', $3, true) as headers, set_config('role', 'authenticated', true) as role",
            self.claims.to_string(),
            // Who is asking, where `auth.uid()` is of the older kind; nobody is the empty text.
            self.claims["sub"].as_str().unwrap_or_default(),
            self.headers.to_string(),
        )
        .fetch_one(&mut *tx)
        .await?;
        // Not a checked query: which one it is is known at run time only; a test calls each.
        let call = format!("select api.{}($1)", function.name());
        let answer = sqlx::query_scalar(AssertSqlSafe(call)).bind(args).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(answer)
    }
}

impl Api for Direct {
    fn call(&self, function: Function, args: Value) -> BoxFuture<'_, Result<Value, ApiError>> {
        Box::pin(async move { self.transact(function, args).await.map_err(ApiError::from) })
    }
}

impl ApiError {
    /// What the functions' own refusals mean, by SQLSTATE; `None` for what they do not say.
    fn of_refusal(code: &str, message: &str) -> Option<Self> {
        match code {
            "42501" => Some(Self::NotAllowed(message.to_owned())),
            "22023" | "23514" | "55006" => Some(Self::Refused(message.to_owned())),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(error: sqlx::Error) -> Self {
        let refusal = error
            .as_database_error()
            .and_then(|refusal| Self::of_refusal(&refusal.code()?, refusal.message()));
        refusal.unwrap_or(Self::Database(error))
    }
}
