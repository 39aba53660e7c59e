//! The Supabase project that people sign in through, where there is one.

use secrecy::SecretString;

use super::{ConfigError, Env};

/// A project and its keys.
#[derive(Clone, Debug)]
pub struct SupabaseConfig {
    /// Where the project is, without a slash at the end.
    pub url: String,
    /// What every request names in its header `apikey`.
    pub publishable_key: SecretString,
    /// The same for what only the operator may: making a sign-in link without sending it.
    pub secret_key: SecretString,
    /// What the project signs its tokens with, where that is not one of its published keys (HS256).
    pub jwt_secret: Option<SecretString>,
}

impl SupabaseConfig {
    /// Reads `SUPABASE_URL`, `SUPABASE_PUBLISHABLE_KEY`, `SUPABASE_SECRET_KEY` and `SUPABASE_JWT_SECRET`. None of them: `None`.
    ///
    /// # Errors
    /// When only some of them are set, the address is not one, or a key is of another kind.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let Some(url) = env.get("SUPABASE_URL") else {
            let rest = ["SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY", "SUPABASE_JWT_SECRET"];
            return match rest.into_iter().find(|variable| env.get(variable).is_some()) {
                None => Ok(None),
                Some(variable) => {
                    Err(ConfigError { variable, problem: "is set, but SUPABASE_URL is not".into() })
                }
            };
        };
        Ok(Some(Self {
            url: address(url)?,
            publishable_key: key(env, "SUPABASE_PUBLISHABLE_KEY", "sb_publishable_")?,
            secret_key: key(env, "SUPABASE_SECRET_KEY", "sb_secret_")?,
            jwt_secret: env.get("SUPABASE_JWT_SECRET").map(SecretString::from),
        }))
    }
}

fn address(url: &str) -> Result<String, ConfigError> {
    // The project's own address: paths such as /auth/v1 are put behind it.
    let is_one = url::Url::parse(url).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
    });
    if !is_one {
        return Err(ConfigError {
            variable: "SUPABASE_URL",
            problem: "must be a project's address such as https://abcdefgh.supabase.co".into(),
        });
    }
    Ok(url.trim_end_matches('/').to_owned())
}

/// A key must say of which kind it is, so that a secret one is not used where everybody's would do.
fn key(env: &Env, variable: &'static str, kind: &str) -> Result<SecretString, ConfigError> {
    let key = env.require(variable, "SUPABASE_URL is, and the project's settings show its keys")?;
    if !key.starts_with(kind) {
        return Err(ConfigError {
            variable,
            problem: format!("must begin with {kind}, as the project's settings show it"),
        });
    }
    Ok(SecretString::from(key))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const WHOLE: [(&str, &str); 3] = [
        ("SUPABASE_URL", "https://abc.supabase.co/"),
        ("SUPABASE_PUBLISHABLE_KEY", "sb_publishable_1"),
        ("SUPABASE_SECRET_KEY", "sb_secret_2"),
    ];

    fn read(variables: &[(&str, &str)]) -> Result<Option<SupabaseConfig>, ConfigError> {
        SupabaseConfig::from_env(&variables.iter().copied().collect())
    }

    fn with(variable: &str, value: &str) -> String {
        let env = WHOLE.into_iter().filter(|(name, _)| *name != variable).chain([(variable, value)]);
        SupabaseConfig::from_env(&env.collect()).unwrap_err().to_string()
    }

    #[test]
    fn a_project_is_its_address_and_two_keys() {
        let config = read(&WHOLE).unwrap().unwrap();
        assert_eq!(config.url, "https://abc.supabase.co");
        assert_eq!(config.secret_key.expose_secret(), "sb_secret_2");
        assert!(config.jwt_secret.is_none());
        assert!(read(&[]).unwrap().is_none());
    }

    #[test]
    fn half_a_project_is_refused_with_what_is_missing() {
        let error = read(&WHOLE[1..]).unwrap_err().to_string();
        assert_eq!(error, "SUPABASE_PUBLISHABLE_KEY is set, but SUPABASE_URL is not");
        for missing in [1, 2] {
            let (name, _) = WHOLE[missing];
            assert!(with(name, "").starts_with(&format!("{name} is not set")), "{name}");
        }
    }

    #[test]
    fn a_key_in_the_other_s_place_is_refused_without_being_shown() {
        let error = with("SUPABASE_PUBLISHABLE_KEY", "sb_secret_hunter2");
        assert!(error.contains("must begin with sb_publishable_") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn an_address_is_a_project_s() {
        for url in ["abc.supabase.co", "https://abc.supabase.co/rest/v1", "postgres://abc", "https://abc?x=1"]
        {
            assert!(with("SUPABASE_URL", url).contains("project's address"), "{url}");
        }
    }
}
