//! Signing in, staying signed in and signing out.

use brain::{
    clock::Clock,
    db::api::{Api, ApiError, Direct, Function, PostgRestError, RestServer},
    ports::supabase::{Auth, AuthError, LinkKind, TokenError, Verifier},
};
use chrono::Duration;
use serde_json::json;

use crate::lite::{self, HERE, Lite, REDIRECT, token_of};

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn a_mailed_link_signs_in_once_and_what_is_one_s_own_is_seen() {
    let lite = Lite::start().await;
    for statement in [
        "insert into accounts (name) values ('Olena'), ('Taras')",
        "insert into account_users (account_id, email, is_admin) values (1, 'olena@example.com', true), (2, 'taras@example.com', true)",
    ] {
        sqlx::query(statement).execute(&lite.pool).await.unwrap();
    }
    let link = lite.link_for("olena@example.com").await;
    assert!(
        link.starts_with(REDIRECT),
        "the page with the button, which asks nobody before it is pressed: {link}"
    );
    let (token_hash, kind) = token_of(&link);
    let tokens = lite.auth.verify(&token_hash, kind.parse().unwrap()).await.unwrap();
    let again = lite.auth.verify(&token_hash, kind.parse().unwrap()).await;
    assert_eq!(again.unwrap_err(), AuthError::LinkOver);
    assert_eq!(lite.auth.verify("made up", LinkKind::MagicLink).await.unwrap_err(), AuthError::LinkOver);

    let identity = lite.verifier.verify(&tokens.access).await.unwrap();
    assert_eq!(identity.email, "olena@example.com");
    assert!(identity.user.is_some());
    let accounts =
        lite.rest.signed_in(tokens.access, HERE).call(Function::MyAccounts, json!({})).await.unwrap();
    assert_eq!((accounts[0]["name"].as_str(), accounts.as_array().unwrap().len()), (Some("Olena"), 1));
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn a_session_is_renewed_until_it_is_ended() {
    let lite = Lite::start().await;
    let (first, identity) = lite.sign_in("olena@example.com").await;
    assert!(first.expires_at > Clock::system().now() + Duration::minutes(50));
    let (elsewhere, _) = lite.sign_in("olena@example.com").await;
    let second = lite.auth.refresh(&first.refresh).await.unwrap();
    assert_ne!(secret(&second.refresh), secret(&first.refresh), "it rotates");
    assert_eq!(lite.verifier.verify(&second.access).await, Ok(identity));
    let third = lite.auth.refresh(&second.refresh).await.unwrap();
    lite.auth.sign_out(&third.access).await.unwrap();
    lite.auth.sign_out(&third.access).await.expect("twice is once");
    for over in [&first.refresh, &third.refresh, &"made up".to_owned().into()] {
        assert_eq!(lite.auth.refresh(over).await.unwrap_err(), AuthError::SessionOver);
    }
    lite.auth.refresh(&elsewhere.refresh).await.expect("other sessions stay");
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn a_stranger_gets_no_link_where_none_is_to_be_made() {
    let lite = Lite::start().await;
    let unknown = lite.auth.send_link("stranger@example.com", false, REDIRECT).await;
    assert_eq!(unknown, Err(AuthError::UnknownAddress));
    assert_eq!(lite.auth.send_link("no address", true, REDIRECT).await, Err(AuthError::BadAddress));
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn a_token_that_does_not_hold_is_refused_on_both_sides() {
    let lite = Lite::start().await;
    let (tokens, _) = lite.sign_in("olena@example.com").await;
    let an_hour_on = Clock::standing_at(tokens.expires_at + Duration::minutes(1));
    let over = Verifier::new(&lite.config, an_hour_on).unwrap().verify(&tokens.access).await;
    assert_eq!(over, Err(TokenError::Expired));
    let forged = format!("{}x", secret(&tokens.access));
    assert!(lite.verifier.verify(&forged.clone().into()).await.is_err());
    for nobody in [forged, "made.up.token".into()] {
        let answer = lite.rest.signed_in(nobody.into(), HERE).call(Function::MyAccounts, json!({})).await;
        assert!(matches!(answer, Err(ApiError::SignedOut)), "{answer:?}");
    }
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn an_operator_learns_what_is_set_up_wrong() {
    let lite = Lite::start().await;
    assert_eq!(lite.rest.check().await, Ok(()));
    assert_eq!(lite.auth.confirms_by_itself().await, Ok(false));
    let port = lite.config.url.rsplit(':').next().unwrap().parse().unwrap();
    let wrong = lite::config(port, "sb_publishable_of_another_project");
    let error = RestServer::new(&wrong).unwrap().check().await.unwrap_err();
    assert!(error.to_string().contains("is the key this project's?"), "{error}");
    let error = Auth::new(&wrong).unwrap().send_link("x@example.com", true, REDIRECT).await.unwrap_err();
    assert!(matches!(error, AuthError::Misconfigured(_)), "{error}");
    let hidden = Lite::showing("public").await;
    assert_eq!(hidden.rest.check().await, Err(PostgRestError::SchemaNotExposed));
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn where_another_owns_the_schema_auth_the_migrations_leave_it_alone() {
    let lite = Lite::on_nothing().await;
    let uid = async || -> String {
        let source = "select prosrc from pg_proc where oid = 'auth.uid()'::regprocedure";
        sqlx::query_scalar(source).fetch_one(&lite.pool).await.unwrap()
    };
    let before = uid().await;
    brain::db::migrate::migrate(&lite.pool).await.unwrap();
    brain::db::migrate::migrate(&lite.pool).await.expect("twice is once");
    assert_eq!(uid().await, before);
    let (_, identity) = lite.sign_in("olena@example.com").await;
    let accounts =
        Direct::new(lite.pool.clone(), &identity, HERE).call(Function::MyAccounts, json!({})).await;
    assert_eq!(accounts.unwrap(), json!([]));
}

fn secret(token: &secrecy::SecretString) -> &str {
    secrecy::ExposeSecret::expose_secret(token)
}
