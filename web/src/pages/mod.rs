//! The pages: sign in, confirm, account, sign out. Each is a file here and a template in `web/templates/`.

mod account;
mod actions;
mod confirm;
mod files;
mod invitations;
mod login;
mod logout;
mod page;
mod slots;

use std::sync::Arc;

use salvo::prelude::*;

use crate::site::Site;

/// Every page's address.
pub(crate) fn routes(site: &Arc<Site>) -> Router {
    Router::new()
        .hoop(page::guard)
        .push(Router::with_path("assets/{name}").get(files::asset))
        .push(of_the_database(site))
}

fn of_the_database(site: &Arc<Site>) -> Router {
    let slots = slots::Slots::beside_the_webhook(&site.pool);
    let site = || Arc::clone(site);
    Router::new()
        .hoop(slots)
        .push(Router::with_path("login").get(login::Show(site())).post(login::Send(site())))
        .push(Router::with_path("auth/confirm").get(confirm::Show(site())).post(confirm::Confirm(site())))
        .push(
            Router::with_path("account")
                .get(account::Show(site()))
                .push(Router::with_path("{action}").post(actions::Act(site()))),
        )
        .push(
            Router::with_path("invitations")
                .get(invitations::Show(site()))
                .push(Router::with_path("answer").post(invitations::Answer(site()))),
        )
        .push(Router::with_path("logout").get(logout::Show(site())).post(logout::End(site())))
}

/// `/` where there is no local chat: the account, or the way to it.
pub(crate) fn front() -> Router {
    Router::new().hoop(page::guard).get(to_account)
}

#[handler]
fn to_account(response: &mut Response) {
    response.render(Redirect::found("/account"));
}
