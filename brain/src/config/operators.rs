//! Who runs this.

use super::{ConfigError, Env};

/// The operators.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operators {
    /// Their mail addresses: what they should know of is sent there.
    pub emails: Vec<String>,
}

impl Operators {
    /// Reads `ADMIN_EMAILS` (addresses, separated by commas).
    ///
    /// # Errors
    /// When one of them is no mail address.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let list = env.get("ADMIN_EMAILS").unwrap_or_default();
        let emails = list.split(',').map(str::trim).filter(|email| !email.is_empty()).map(|email| {
            crate::sign_in::address(email).ok_or_else(|| ConfigError {
                variable: "ADMIN_EMAILS",
                problem: "must be mail addresses separated by commas".into(),
            })
        });
        Ok(Self { emails: emails.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_separated_by_commas_and_one_that_is_none_is_named() {
        let read = |list: &str| Operators::from_env(&[("ADMIN_EMAILS", list)].into_iter().collect());
        assert_eq!(read("a@example.com, B@example.com,").unwrap().emails, ["a@example.com", "b@example.com"]);
        assert_eq!(read("").unwrap(), Operators::default());
        let error = read("a@example.com; b").unwrap_err().to_string();
        assert!(error.starts_with("ADMIN_EMAILS must be mail addresses"), "{error}");
    }
}
