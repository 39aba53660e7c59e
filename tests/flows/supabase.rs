//! What the clients of a Supabase project send, and what they make of its answers, its faults and its change of keys.
//!
//! `tests/supabase` has the same against a server that others wrote.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use brain::{
    clock::Clock,
    config::{Env, SupabaseConfig},
    db::api::{Api, ApiError, Function, PostgRestError, RestServer},
    ports::supabase::{Auth, AuthError, LinkKind, TokenError, Verifier},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::fakes::http::{Answer, Reply, Request, Server};

fn config(url: &str) -> SupabaseConfig {
    let env: Env = [
        ("SUPABASE_URL", url),
        ("SUPABASE_PUBLISHABLE_KEY", "sb_publishable_p"),
        ("SUPABASE_SECRET_KEY", "sb_secret_s"),
    ]
    .into_iter()
    .collect();
    SupabaseConfig::from_env(&env).unwrap().unwrap()
}

/// A server that gives every request the same answer, and what it was asked.
async fn always(reply: impl Fn() -> Reply + Send + Sync + 'static) -> (Server, Arc<Mutex<Vec<Request>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (reply, log) = (Arc::new(reply), asked.clone());
    let server = Server::start(move |request| {
        log.lock().unwrap().push(request);
        let reply = reply.clone();
        async move { reply() }
    })
    .await
    .unwrap();
    (server, asked)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name).map(|value| value.to_str().unwrap())
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

fn session() -> Reply {
    Reply::Whole(Answer::json(
        200,
        &json!({"access_token": "a.b.c", "refresh_token": "r1", "expires_at": 1_795_000_000, "expires_in": 3600,
                "token_type": "bearer", "user": {"id": "x"}}),
    ))
}

async fn coded(status: u16, code: &'static str) -> (Server, Auth) {
    let refusal = move || {
        let words = json!({"code": status, "error_code": code, "msg": "olena@example.com is not allowed"});
        Reply::Whole(Answer::json(status, &words))
    };
    let (server, _) = always(refusal).await;
    let auth = Auth::new(&config(&server.url())).unwrap();
    (server, auth)
}

#[tokio::test]
async fn a_link_is_asked_for_with_the_publishable_key_and_nothing_that_is_secret() {
    let (server, asked) = always(|| Reply::Whole(Answer::json(200, &json!({})))).await;
    let auth = Auth::new(&config(&server.url())).unwrap();
    auth.send_link("olena@example.com", true, "https://bot.example/auth/confirm?of=1&x=ї").await.unwrap();
    let asked = asked.lock().unwrap();
    let to = "/auth/v1/otp?redirect_to=https%3A%2F%2Fbot.example%2Fauth%2Fconfirm%3Fof%3D1%26x%3D%D1%97";
    assert_eq!(asked[0].uri(), to);
    assert_eq!(header(&asked[0], "apikey"), Some("sb_publishable_p"));
    assert_eq!(header(&asked[0], "authorization"), None, "a key is nobody's token");
    assert_eq!(body(&asked[0]), json!({"email": "olena@example.com", "create_user": true}));
}

#[tokio::test]
async fn a_link_is_taken_for_a_session_and_the_session_is_renewed_and_ended() {
    let (server, asked) = always(session).await;
    let auth = Auth::new(&config(&server.url())).unwrap();
    let kind: LinkKind = "magiclink".parse().unwrap();
    let tokens = auth.verify("hash", kind).await.unwrap();
    assert_eq!((tokens.access.expose_secret(), tokens.expires_at.timestamp()), ("a.b.c", 1_795_000_000));
    auth.refresh(&tokens.refresh).await.unwrap();
    auth.sign_out(&tokens.access).await.unwrap();
    let asked = asked.lock().unwrap();
    assert_eq!(body(&asked[0]), json!({"token_hash": "hash", "type": "magiclink"}));
    assert_eq!(asked[1].uri(), "/auth/v1/token?grant_type=refresh_token");
    assert_eq!(body(&asked[1]), json!({"refresh_token": "r1"}));
    assert_eq!(asked[2].uri(), "/auth/v1/logout?scope=local", "the person's other sessions stay");
    assert_eq!(header(&asked[2], "authorization"), Some("Bearer a.b.c"));
    for other in ["recovery", "email_change", "", "MAGICLINK"] {
        assert_eq!(other.parse::<LinkKind>(), Err(AuthError::LinkOver), "{other}");
    }
}

#[tokio::test]
async fn a_link_without_a_mail_takes_the_secret_key() {
    let link = json!({"hashed_token": "h", "verification_type": "signup", "action_link": "x", "email": "x"});
    let (server, asked) = always(move || Reply::Whole(Answer::json(200, &link))).await;
    let auth = Auth::new(&config(&server.url())).unwrap();
    let link = auth.one_time_link("olena@example.com").await.unwrap();
    assert_eq!((link.token_hash.expose_secret(), link.kind.to_string().as_str()), ("h", "signup"));
    let asked = asked.lock().unwrap();
    assert_eq!(header(&asked[0], "apikey"), Some("sb_secret_s"));
    assert_eq!(header(&asked[0], "authorization"), None);
    assert_eq!(body(&asked[0]), json!({"type": "magiclink", "email": "olena@example.com"}));
}

#[tokio::test]
async fn refusals_are_told_apart_by_what_to_do_next() {
    let olena = "olena@example.com";
    let (_server, auth) = coded(422, "otp_disabled").await;
    assert_eq!(auth.send_link(olena, false, "x").await, Err(AuthError::UnknownAddress));
    let (_server, auth) = coded(400, "email_address_invalid").await;
    assert_eq!(auth.send_link(olena, true, "x").await, Err(AuthError::BadAddress));
    let (_server, auth) = coded(400, "email_address_not_authorized").await;
    let error = auth.send_link(olena, true, "x").await.unwrap_err();
    assert_eq!(error, AuthError::Misconfigured("email_address_not_authorized".into()));
    assert!(!error.to_string().contains('@'), "its sentences hold addresses: {error}");

    let (_server, auth) = coded(403, "otp_expired").await;
    assert_eq!(auth.verify("h", LinkKind::Email).await.unwrap_err(), AuthError::LinkOver);
    let over = SecretString::from("t");
    for (status, code) in
        [(400, "refresh_token_already_used"), (400, "validation_failed"), (403, "session_expired")]
    {
        let (_server, auth) = coded(status, code).await;
        assert_eq!(auth.refresh(&over).await.unwrap_err(), AuthError::SessionOver, "{code}");
        assert_eq!(auth.sign_out(&over).await, Ok(()), "{code}: over is what was wanted");
    }
}

#[tokio::test]
async fn too_much_says_how_long_to_wait() {
    let (_server, auth) = coded(429, "over_email_send_rate_limit").await;
    let minute = AuthError::TooManyRequests(Duration::from_mins(1));
    assert_eq!(auth.send_link("x@example.com", true, "x").await, Err(minute.clone()));
    assert_eq!(auth.verify("h", LinkKind::Email).await.unwrap_err(), minute, "the link can still be good");
    let (server, _) = always(|| Reply::Whole(Answer::json(429, &json!({})).retry_after(7))).await;
    let auth = Auth::new(&config(&server.url())).unwrap();
    let error = auth.refresh(&SecretString::from("t")).await.unwrap_err();
    assert_eq!(error, AuthError::TooManyRequests(Duration::from_secs(7)), "nor is the session over");
}

#[tokio::test]
async fn a_wrong_key_is_no_used_link_and_no_ended_session() {
    // The gateway's words, which have no error_code.
    let gateway = || Reply::Whole(Answer::json(401, &json!({"message": "Invalid API key"})));
    let (server, _) = always(gateway).await;
    let auth = Auth::new(&config(&server.url())).unwrap();
    let token = SecretString::from("t");
    for error in [
        auth.send_link("x@example.com", true, "x").await.unwrap_err(),
        auth.verify("h", LinkKind::Email).await.unwrap_err(),
        auth.refresh(&token).await.unwrap_err(),
        auth.sign_out(&token).await.unwrap_err(),
        auth.one_time_link("x@example.com").await.unwrap_err(),
    ] {
        assert!(matches!(error, AuthError::Misconfigured(_)), "{error}");
    }
}

#[tokio::test]
async fn a_project_that_does_not_answer_ends_nothing() {
    let down = || Reply::Whole(Answer::html(503, "<h1>down</h1>"));
    let broken = || Reply::Half(Answer::json(200, &json!({"access_token": "a"})));
    let other = || Reply::Whole(Answer::html(200, "<h1>welcome</h1>"));
    let servers =
        [always(down).await, always(broken).await, always(|| Reply::Cut).await, always(other).await];
    for (server, _) in servers {
        let auth = Auth::new(&config(&server.url())).unwrap();
        let error = auth.refresh(&SecretString::from("t")).await.unwrap_err();
        assert!(matches!(error, AuthError::Unavailable(_)), "{error}");
    }
    let auth = Auth::new(&config("http://127.0.0.1:1")).unwrap();
    let error = auth.verify("h", LinkKind::Email).await.unwrap_err();
    assert_eq!(error.to_string(), "Supabase did not answer: no connection");
}

// Keys ----------------------------------------------------------------------------------------------------------------------

/// A project that publishes keys and signs with them.
struct Project {
    server: Server,
    published: Arc<Mutex<Option<Vec<Value>>>>,
    asked: Arc<AtomicUsize>,
    clock: Clock,
}

impl Project {
    async fn start() -> Self {
        let published = Arc::new(Mutex::new(Some(Vec::new())));
        let asked = Arc::new(AtomicUsize::new(0));
        let (keys, count) = (published.clone(), asked.clone());
        let server = Server::start(move |request| {
            assert_eq!(request.uri(), "/auth/v1/.well-known/jwks.json");
            count.fetch_add(1, Ordering::Relaxed);
            let keys = keys.lock().unwrap().clone();
            async move {
                // So that others come while one asks.
                tokio::task::yield_now().await;
                match keys {
                    Some(keys) => Reply::Whole(Answer::json(200, &json!({"keys": keys}))),
                    None => Reply::Whole(Answer::html(503, "down")),
                }
            }
        })
        .await
        .unwrap();
        let clock = Clock::standing_at("2026-11-22T12:00:00Z".parse().unwrap());
        Self { server, published, asked, clock }
    }

    fn verifier(&self) -> Verifier {
        Verifier::new(&config(&self.server.url()), self.clock.clone()).unwrap()
    }

    /// A new key, not published yet.
    fn key(name: &str) -> (EncodingKey, Value) {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let key = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        let mut public =
            serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap()).unwrap();
        public["kid"] = name.into();
        (key, public)
    }

    fn publish(&self, keys: &[&Value]) {
        *self.published.lock().unwrap() = Some(keys.iter().map(|key| (*key).clone()).collect());
    }

    fn goes_down(&self) {
        *self.published.lock().unwrap() = None;
    }

    fn token(&self, name: &str, key: &EncodingKey) -> SecretString {
        let header = Header { kid: Some(name.into()), ..Header::new(Algorithm::ES256) };
        let claims = json!({
            "iss": format!("{}/auth/v1", self.server.url()), "aud": "authenticated", "role": "authenticated",
            "sub": "00000000-0000-0000-0000-000000000001", "email": "olena@example.com",
            "exp": self.clock.now().timestamp() + 3600,
        });
        jsonwebtoken::encode(&header, &claims, key).unwrap().into()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn keys_are_asked_for_every_ten_minutes_by_one_at_a_time() {
    let project = Project::start().await;
    let (key, public) = Project::key("one");
    project.publish(&[&public, &json!({"kty": "of a kind to come", "kid": "two"})]);
    let verifier = project.verifier();
    let token = project.token("one", &key);
    let many = futures::future::join_all((0..20).map(|_| verifier.verify(&token))).await;
    assert!(many.iter().all(Result::is_ok), "{many:?}");
    assert_eq!(project.asked(), 1);
    for (minutes, asked) in [(9, 1), (1, 2)] {
        project.clock.advance(chrono::Duration::minutes(minutes));
        verifier.verify(&token).await.unwrap();
        assert_eq!(project.asked(), asked);
    }
}

#[tokio::test]
async fn a_new_key_is_believed_at_once_and_an_old_one_until_the_keys_are_asked_for() {
    let project = Project::start().await;
    let ((old, old_public), (new, new_public)) = (Project::key("old"), Project::key("new"));
    project.publish(&[&old_public]);
    let verifier = project.verifier();
    verifier.verify(&project.token("old", &old)).await.unwrap();
    project.clock.advance(chrono::Duration::seconds(30));
    project.publish(&[&new_public, &old_public]);
    verifier.verify(&project.token("new", &new)).await.unwrap();
    assert_eq!(project.asked(), 2);
    project.publish(&[&new_public]);
    project.clock.advance(chrono::Duration::minutes(10));
    let revoked = verifier.verify(&project.token("old", &old)).await;
    assert!(matches!(revoked, Err(TokenError::Refused(_))), "{revoked:?}");
}

#[tokio::test]
async fn a_stranger_s_key_makes_nobody_ask_more_than_twice_a_minute() {
    let project = Project::start().await;
    let ((key, public), (forger, _)) = (Project::key("one"), Project::key("x"));
    project.publish(&[&public]);
    let verifier = project.verifier();
    verifier.verify(&project.token("one", &key)).await.unwrap();
    for name in 0..50 {
        let refused = verifier.verify(&project.token(&name.to_string(), &forger)).await;
        assert!(matches!(refused, Err(TokenError::Refused(_))), "{refused:?}");
    }
    assert_eq!(project.asked(), 1, "half a minute has not passed");
    project.clock.advance(chrono::Duration::seconds(30));
    for name in 0..50 {
        verifier.verify(&project.token(&name.to_string(), &forger)).await.unwrap_err();
        verifier.verify(&project.token("one", &key)).await.unwrap();
    }
    assert_eq!(project.asked(), 2);
}

#[tokio::test]
async fn while_the_project_is_away_the_keys_that_are_known_stay_good() {
    let project = Project::start().await;
    let ((key, public), (new, new_public)) = (Project::key("one"), Project::key("new"));
    project.publish(&[&public]);
    let verifier = project.verifier();
    verifier.verify(&project.token("one", &key)).await.unwrap();
    project.goes_down();
    project.clock.advance(chrono::Duration::hours(5));
    verifier.verify(&project.token("one", &key)).await.unwrap();
    let unknown = verifier.verify(&project.token("new", &new)).await;
    assert_eq!(unknown, Err(TokenError::KeysUnavailable), "nobody knows whether it is forged");
    assert_eq!(project.asked(), 2);
    project.publish(&[&public, &new_public]);
    project.clock.advance(chrono::Duration::seconds(30));
    verifier.verify(&project.token("new", &new)).await.unwrap();

    let never = Project::start().await;
    never.goes_down();
    let nothing = never.verifier().verify(&never.token("one", &key)).await;
    assert_eq!(nothing, Err(TokenError::KeysUnavailable));
}

#[tokio::test]
async fn an_operator_learns_whether_there_are_keys() {
    let project = Project::start().await;
    assert_eq!(project.verifier().check().await, Err(TokenError::NoKeys));
    project.publish(&[&Project::key("one").1]);
    assert_eq!(project.verifier().check().await, Ok(()));
    project.goes_down();
    assert_eq!(project.verifier().check().await, Err(TokenError::KeysUnavailable));
}

// PostgREST -----------------------------------------------------------------------------------------------------------------

async fn rest(status: u16, answer: Value) -> ApiError {
    let (server, _) = always(move || Reply::Whole(Answer::json(status, &answer))).await;
    let rest =
        RestServer::new(&config(&server.url())).unwrap().signed_in("a.b.c".to_owned().into(), "203.0.113.7");
    rest.call(Function::Invite, json!({})).await.unwrap_err()
}

#[tokio::test]
async fn a_function_is_called_in_the_schema_api_with_the_person_s_token() {
    let (server, asked) = always(|| Reply::Whole(Answer::json(200, &json!(7)))).await;
    let rest =
        RestServer::new(&config(&server.url())).unwrap().signed_in("a.b.c".to_owned().into(), "203.0.113.7");
    assert_eq!(rest.call(Function::Invite, json!({"account": 1})).await.unwrap(), json!(7));
    let asked = asked.lock().unwrap();
    assert_eq!((asked[0].method().as_str(), asked[0].uri().path()), ("POST", "/rest/v1/rpc/invite"));
    assert_eq!(body(&asked[0]), json!({"args": {"account": 1}}));
    assert_eq!(header(&asked[0], "content-profile"), Some("api"));
    assert_eq!(header(&asked[0], "authorization"), Some("Bearer a.b.c"));
    assert_eq!(header(&asked[0], "apikey"), Some("sb_publishable_p"));
}

#[tokio::test]
async fn a_refusal_means_what_its_code_says_whatever_the_status() {
    let of = |code: &str| json!({"code": code, "message": "words", "details": null, "hint": null});
    assert!(matches!(rest(403, of("42501")).await, ApiError::NotAllowed(words) if words == "words"));
    for (status, code) in [(400, "22023"), (400, "23514"), (500, "55006")] {
        assert!(
            matches!(rest(status, of(code)).await, ApiError::Refused(words) if words == "words"),
            "{code}"
        );
    }
    for code in ["PGRST301", "PGRST303", "42501"] {
        assert!(matches!(rest(401, of(code)).await, ApiError::SignedOut), "{code}");
    }
    let broken = |error| matches!(error, ApiError::PostgRest(PostgRestError::Refused(_)));
    assert!(broken(rest(400, of("22P02")).await));
    assert!(broken(rest(404, of("PGRST202")).await));
    assert!(broken(rest(401, json!({"message": "Invalid API key"})).await), "a wrong key ends no session");
    let hidden = rest(406, of("PGRST106")).await;
    assert!(matches!(hidden, ApiError::PostgRest(PostgRestError::SchemaNotExposed)), "{hidden}");
    let down = rest(503, json!("down")).await;
    assert!(matches!(down, ApiError::PostgRest(PostgRestError::Unavailable(_))), "{down}");
}

#[tokio::test]
async fn an_operator_learns_whether_the_schema_is_shown() {
    let check = async |status: u16, answer: Value| {
        let (server, _) = always(move || Reply::Whole(Answer::json(status, &answer))).await;
        RestServer::new(&config(&server.url())).unwrap().check().await
    };
    assert_eq!(
        check(401, json!({"code": "42501", "message": "permission denied for schema api"})).await,
        Ok(())
    );
    assert_eq!(check(406, json!({"code": "PGRST106"})).await, Err(PostgRestError::SchemaNotExposed));
    assert!(check(401, json!({"message": "Invalid API key"})).await.unwrap_err().to_string().contains("key"));
    assert!(check(200, json!([])).await.unwrap_err().to_string().contains("strangers"));
}
