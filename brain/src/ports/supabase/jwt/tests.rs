//! Tokens that hold, and every way that one does not.

use aws_lc_rs::{
    rsa,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use jsonwebtoken::{EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

use super::*;

const SECRET: &str = "a shared secret of more than 32 bytes";
const USER: &str = "00000000-0000-0000-0000-000000000007";

fn clock() -> Clock {
    Clock::standing_at("2026-11-22T12:00:00Z".parse().unwrap())
}

fn config(jwt_secret: Option<&str>) -> SupabaseConfig {
    SupabaseConfig {
        // Nobody listens there: what is to be known of keys is told.
        url: "http://127.0.0.1:1".into(),
        publishable_key: "sb_publishable_x".to_owned().into(),
        secret_key: "sb_secret_x".to_owned().into(),
        jwt_secret: jwt_secret.map(SecretString::from),
    }
}

fn with_secret() -> Verifier {
    Verifier::new(&config(Some(SECRET)), clock()).unwrap()
}

fn with_published(keys: &[Value]) -> Verifier {
    let jwks = Jwks::new(&config(None), clock()).unwrap();
    jwks.learn_published(keys.to_vec());
    Verifier { keys: Keys::Published(jwks), issuer: "http://127.0.0.1:1/auth/v1".into(), clock: clock() }
}

fn claims(changes: &Value) -> Value {
    let now = clock().now().timestamp();
    let mut claims = json!({
        "iss": "http://127.0.0.1:1/auth/v1", "aud": "authenticated", "role": "authenticated", "sub": USER,
        "email": "olena@example.com", "iat": now, "exp": now + 3600, "is_anonymous": false,
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn header(algorithm: Algorithm) -> Header {
    Header { kid: Some("one".into()), ..Header::new(algorithm) }
}

fn signed(header: &Header, claims: &Value, key: &EncodingKey) -> SecretString {
    jsonwebtoken::encode(header, claims, key).unwrap().into()
}

fn by_secret(changes: &Value) -> SecretString {
    signed(&header(Algorithm::HS256), &claims(changes), &EncodingKey::from_secret(SECRET.as_bytes()))
}

/// A new pair of the elliptic curve: what signs, and what is published of it.
fn pair() -> (EncodingKey, Value) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let signs = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    let published = published(&signs, Algorithm::ES256);
    (signs, published)
}

fn published(signs: &EncodingKey, algorithm: Algorithm) -> Value {
    let mut key = serde_json::to_value(Jwk::from_encoding_key(signs, algorithm).unwrap()).unwrap();
    key["kid"] = "one".into();
    key["use"] = "sig".into();
    key
}

fn olena() -> Identity {
    Identity { user: Uuid::parse_str(USER).ok(), email: "olena@example.com".into() }
}

async fn refusal(verifier: &Verifier, token: &SecretString) -> &'static str {
    match verifier.verify(token).await {
        Err(TokenError::Refused(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_token_says_who_it_is_of() {
    assert_eq!(with_secret().verify(&by_secret(&json!({}))).await, Ok(olena()));
    let (signs, published) = pair();
    let token = signed(&header(Algorithm::ES256), &claims(&json!({"aud": ["authenticated"]})), &signs);
    assert_eq!(with_published(&[published]).verify(&token).await, Ok(olena()));
}

#[tokio::test]
async fn a_key_of_rsa_does_as_well() {
    let pair = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
    let der = aws_lc_rs::encoding::AsDer::<aws_lc_rs::encoding::Pkcs8V1Der>::as_der(&pair).unwrap();
    // PKCS #8 of an RSA key is 26 bytes around the key alone, which is what the encoder wants.
    let signs = EncodingKey::from_rsa_der(&der.as_ref()[26..]);
    let token = signed(&header(Algorithm::RS256), &claims(&json!({})), &signs);
    assert_eq!(with_published(&[published(&signs, Algorithm::RS256)]).verify(&token).await, Ok(olena()));
}

#[tokio::test]
async fn a_token_runs_out_by_our_clock_and_a_little_later() {
    let now = clock().now().timestamp();
    let of = |exp: i64| by_secret(&json!({"exp": exp}));
    assert_eq!(with_secret().verify(&of(now - 9)).await, Ok(olena()), "clocks differ");
    assert_eq!(with_secret().verify(&of(now - 10)).await, Err(TokenError::Expired));
    assert_eq!(refusal(&with_secret(), &of(i64::MAX)).await, "its end is no time");
    let early = by_secret(&json!({"nbf": now + 11}));
    assert_eq!(refusal(&with_secret(), &early).await, "it does not hold yet");
}

#[tokio::test]
async fn a_signature_by_another_key_is_refused() {
    let (_, theirs) = pair();
    let (forger, _) = pair();
    let token = signed(&header(Algorithm::ES256), &claims(&json!({})), &forger);
    refusal(&with_published(&[theirs]), &token).await;
    let forger = EncodingKey::from_secret(b"another secret of more than 32 bytes!");
    refusal(&with_secret(), &signed(&header(Algorithm::HS256), &claims(&json!({})), &forger)).await;
}

#[tokio::test]
async fn a_token_that_was_changed_afterwards_is_refused() {
    let token = by_secret(&json!({}));
    let other = by_secret(&json!({"email": "taras@example.com"}));
    let parts: Vec<&str> = token.expose_secret().split('.').collect();
    let payload = other.expose_secret().split('.').nth(1).unwrap();
    let mixed = SecretString::from(format!("{}.{payload}.{}", parts[0], parts[2]));
    refusal(&with_secret(), &mixed).await;
}

#[tokio::test]
async fn a_token_that_is_not_signed_is_refused() {
    let (_, published) = pair();
    let payload = by_secret(&json!({})).expose_secret().split('.').nth(1).unwrap().to_owned();
    // {"alg":"none","kid":"one"} and {"alg":"None"}, with and without the last dot.
    for head in ["eyJhbGciOiJub25lIiwia2lkIjoib25lIn0", "eyJhbGciOiJOb25lIn0"] {
        for token in [format!("{head}.{payload}."), format!("{head}.{payload}")] {
            let token = SecretString::from(token);
            refusal(&with_secret(), &token).await;
            refusal(&with_published(std::slice::from_ref(&published)), &token).await;
        }
    }
}

#[tokio::test]
async fn what_is_published_is_no_shared_secret() {
    let (_, published) = pair();
    // Whatever somebody takes for the secret: the key as it is published, or its point.
    let point = published["x"].as_str().unwrap();
    for secret in [published.to_string().as_bytes(), point.as_bytes()] {
        let key = EncodingKey::from_secret(secret);
        let token = signed(&header(Algorithm::HS256), &claims(&json!({})), &key);
        refusal(&with_published(std::slice::from_ref(&published)), &token).await;
    }
    // And a published shared secret is no key either.
    let oct = json!({"kty": "oct", "kid": "one", "alg": "HS256", "k": "c2VjcmV0"});
    let token = signed(&header(Algorithm::HS256), &claims(&json!({})), &EncodingKey::from_secret(b"secret"));
    refusal(&with_published(&[oct]), &token).await;
}

#[tokio::test]
async fn with_a_shared_secret_no_other_signature_counts() {
    let (signs, _) = pair();
    refusal(&with_secret(), &signed(&header(Algorithm::ES256), &claims(&json!({})), &signs)).await;
    let other = Header { alg: Algorithm::HS512, ..header(Algorithm::HS256) };
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    refusal(&with_secret(), &signed(&other, &claims(&json!({})), &key)).await;
}

#[tokio::test]
async fn a_key_is_for_its_own_algorithm_and_for_signatures() {
    let (signs, published) = pair();
    let token = signed(&header(Algorithm::ES256), &claims(&json!({})), &signs);
    for (field, value) in [("alg", "ES384"), ("use", "enc"), ("kid", "two")] {
        let mut key = published.clone();
        key[field] = value.into();
        let why = refusal(&with_published(&[key]), &token).await;
        assert_eq!(why, "it is signed with a key that the project does not publish", "{field}");
    }
    let unnamed = signed(&Header::new(Algorithm::ES256), &claims(&json!({})), &signs);
    assert_eq!(refusal(&with_published(&[published]), &unnamed).await, "it names no key");
}

#[tokio::test]
async fn a_token_for_others_is_refused() {
    let cases = [
        (json!({"iss": "https://other.supabase.co/auth/v1"}), "another issued it"),
        (json!({"iss": "supabase", "role": "service_role"}), "another issued it"),
        (json!({"aud": "anon"}), "it is for another audience"),
        (json!({"aud": []}), "it is for another audience"),
        (json!({"role": "service_role"}), "it is not a signed-in person's"),
        (json!({"role": "anon"}), "it is not a signed-in person's"),
        (json!({"is_anonymous": true}), "it is not a signed-in person's"),
        (json!({"sub": "1"}), "it names nobody"),
        (json!({"email": ""}), "it has no address"),
        (json!({"email": null}), "it has no address"),
    ];
    for (changes, why) in cases {
        assert_eq!(refusal(&with_secret(), &by_secret(&changes)).await, why, "{changes}");
    }
    for missing in ["aud", "exp", "role", "sub"] {
        let why = refusal(&with_secret(), &by_secret(&json!({missing: null}))).await;
        assert_eq!(why, "its signature or its form does not hold", "{missing}");
    }
}

#[tokio::test]
async fn who_has_the_secret_may_leave_the_issuer_out_and_nobody_else() {
    assert_eq!(with_secret().verify(&by_secret(&json!({"iss": null}))).await, Ok(olena()));
    let (signs, published) = pair();
    let token = signed(&header(Algorithm::ES256), &claims(&json!({"iss": null})), &signs);
    assert_eq!(refusal(&with_published(&[published]), &token).await, "another issued it");
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    for text in ["", ".", "..", "a.b.c", "eyJhbGciOiJIUzI1NiJ9", "\u{0}"] {
        refusal(&with_secret(), &SecretString::from(text)).await;
        refusal(&with_published(&[]), &SecretString::from(text)).await;
    }
}
