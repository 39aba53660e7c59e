//! `POST /account/ACTION`: what the account page's forms do. Who may do what is the database's to say.

use std::sync::Arc;

use brain::{
    db::{
        account_models::NewModel,
        api::{ApiError, Function},
    },
    ids::AccountId,
    ports::llm::BaseUrl,
    sign_in::{Prover, address, hex},
};
use salvo::{http::StatusCode, prelude::*};
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::types::Uuid;

use super::{
    account::{Told, show, signed_out},
    page::{go_to, sent, unavailable},
};
use crate::{
    auth::{Form, Origin, Unavailable, Visitor},
    site::Site,
};

/// What a form asks for: a function, its arguments, and the code that goes with it.
struct Asked {
    function: Function,
    args: Value,
    code: Option<String>,
}

/// Why a form is not carried out.
enum Unfit {
    /// There is no such action, or a field of it is missing: our own pages send none such.
    Foreign,
    /// A field is not right, in words for the person.
    Wrong(String),
}

impl Asked {
    fn read(action: &str, form: &Form, site: &Site) -> Result<Self, Unfit> {
        if action == "set_model" {
            return Self::model(form, site);
        }
        Self::plain(action, form, &site.prover).ok_or(Unfit::Foreign)
    }

    /// The key is sealed before it goes anywhere.
    fn model(form: &Form, site: &Site) -> Result<Self, Unfit> {
        let account = AccountId(form.number("account").ok_or(Unfit::Foreign)?);
        let base_url = BaseUrl::parse(form.text("base_url"), &site.model_server)
            .map_err(|error| Unfit::Wrong(error.to_string()))?;
        let key = Some(form.text("api_key")).filter(|key| !key.is_empty()).map(SecretString::from);
        let new = NewModel { account, api_key: key.as_ref(), base_url: &base_url, model: form.text("model") };
        let args = new.arguments(&site.seal).map_err(|error| Unfit::Wrong(error.to_string()))?;
        Ok(Self { function: Function::SetModel, args, code: None })
    }

    /// `None`: there is no such action, or a field of it is missing.
    fn plain(action: &str, form: &Form, prover: &Prover) -> Option<Self> {
        let account = form.number("account")?;
        let (function, args, code) = match action {
            "unlink" => {
                (Function::UnlinkChat, json!({"account": account, "chat": form.number("chat")?}), None)
            }
            "remove" => {
                (Function::RemovePerson, json!({"account": account, "person": form.number("person")?}), None)
            }
            "withdraw" => {
                let args = json!({"account": account, "invitation": form.number("invitation")?});
                (Function::WithdrawInvitation, args, None)
            }
            "end_session" => (Function::EndSession, json!({"session": form.number("session")?}), None),
            "invite" => {
                let email = address(form.text("email")).unwrap_or_default();
                let is_admin = !form.text("is_admin").is_empty();
                (Function::Invite, json!({"account": account, "email": email, "is_admin": is_admin}), None)
            }
            "remove_model" => (Function::RemoveModel, json!({"account": account}), None),
            "link_code" => {
                let code = prover.link_code(Uuid::new_v4());
                let args = json!({"account": account, "code_hash": hex(&prover.link_code_hash(&code))});
                (Function::GiveLinkCode, args, Some(code))
            }
            _ => return None,
        };
        Some(Self { function, args, code })
    }
}

/// `POST /account/ACTION`.
pub(super) struct Act(pub(super) Arc<Site>);

#[handler]
impl Act {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let Some((visitor, form)) = sent(&self.0, request, response).await else { return };
        if let Err(error) = act(&self.0, &visitor, &form, request, response).await {
            unavailable(response, error);
        }
    }
}

async fn act(
    site: &Site,
    visitor: &Visitor,
    form: &Form,
    request: &Request,
    response: &mut Response,
) -> Result<(), Unavailable> {
    let action = request.param::<String>("action").unwrap_or_default();
    let Some(session) = &visitor.session else {
        go_to(response, "/login");
        return Ok(());
    };
    let (origin, account) = (Origin::of(request), form.number("account"));
    let asked = match Asked::read(&action, form, site) {
        Ok(asked) => asked,
        Err(Unfit::Foreign) => {
            response.status_code(StatusCode::BAD_REQUEST);
            return Ok(());
        }
        Err(Unfit::Wrong(problem)) => {
            let problem = Some((StatusCode::UNPROCESSABLE_ENTITY, problem.as_str()));
            return show(site, visitor, &origin, account, &Told { problem, ..Told::default() }, response)
                .await;
        }
    };
    let Some(api) = site.api(session, visitor.secret(), &origin.text()).await? else {
        return signed_out(site, visitor, response).await;
    };
    let problem = match api.call(asked.function, asked.args).await {
        Ok(Value::Bool(false)) => {
            Some((StatusCode::CONFLICT, "That is not there any more; nothing was changed.".to_owned()))
        }
        Ok(done) if asked.code.is_none() => {
            let action = if done["mailed"] == json!(false) { "invite_unmailed" } else { &action };
            go_to(response, &format!("/account?account={}&done={action}", account.unwrap_or_default()));
            return Ok(());
        }
        Ok(_) => None,
        Err(ApiError::NotAllowed(problem)) => Some((StatusCode::FORBIDDEN, problem)),
        Err(ApiError::Refused(problem)) => Some((StatusCode::UNPROCESSABLE_ENTITY, problem)),
        Err(ApiError::SignedOut) => return signed_out(site, visitor, response).await,
        Err(ApiError::Database(error)) => return Err(error.into()),
        Err(ApiError::PostgRest(error)) => {
            tracing::warn!(%error, "a form could not be carried out");
            return Err(Unavailable);
        }
    };
    let told = Told {
        done: None,
        problem: problem.as_ref().map(|(status, problem)| (*status, problem.as_str())),
        code: asked.code.as_deref().filter(|_| problem.is_none()),
    };
    show(site, visitor, &origin, account, &told, response).await
}
