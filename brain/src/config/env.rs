//! Reads variables from the environment, with errors that say which one is wrong and what it wants.

use std::{collections::HashMap, str::FromStr};

use super::Variable;

/// A variable that is missing or cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: &'static str,
    /// What is wrong and what to do, as the rest of a sentence that starts with the name. Never the value of a secret.
    pub problem: String,
}

/// The environment, read once.
#[derive(Clone, Default)]
pub struct Env(HashMap<String, String>);

impl Env {
    /// The process's environment.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
                .collect(),
        )
    }

    /// Sets a variable where it is not set already.
    pub fn set_default(&mut self, variable: &'static str, value: impl Into<String>) {
        if self.get(variable).is_none() {
            self.0.insert(variable.to_owned(), value.into());
        }
    }

    /// Sets a variable, whatever it was.
    pub fn replace(&mut self, variable: &'static str, value: impl Into<String>) {
        self.0.insert(variable.to_owned(), value.into());
    }

    /// The variable's value; set to nothing counts as not set.
    #[must_use]
    pub fn get(&self, variable: &'static str) -> Option<&str> {
        debug_assert!(Variable::is_declared(variable), "{variable} is not in the table of variables");
        self.0.get(variable).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// The variable's value.
    ///
    /// # Errors
    /// When it is not set; `hint` says what to do.
    pub fn require(&self, variable: &'static str, hint: &str) -> Result<&str, ConfigError> {
        self.get(variable).ok_or_else(|| ConfigError { variable, problem: format!("is not set: {hint}") })
    }

    /// The variable as `T`, or `default` where it is not set.
    ///
    /// # Errors
    /// When it is set to something that is not what `wanted` describes.
    pub fn parse_or<T: FromStr>(
        &self,
        variable: &'static str,
        default: T,
        wanted: &str,
    ) -> Result<T, ConfigError> {
        match self.get(variable) {
            None => Ok(default),
            Some(value) => {
                value.parse().map_err(|_| ConfigError { variable, problem: format!("must be {wanted}") })
            }
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_set_to_nothing_counts_as_not_set() {
        let env: Env = [("PORT", " ")].into_iter().collect();
        assert_eq!(env.parse_or("PORT", 8080, "a port"), Ok(8080));
    }

    #[test]
    fn a_wrong_value_names_the_variable_and_what_it_wants() {
        let env: Env = [("PORT", "abc")].into_iter().collect();
        let error = env.parse_or::<u16>("PORT", 8080, "a port number, 1 to 65535").unwrap_err();
        assert_eq!(error.to_string(), "PORT must be a port number, 1 to 65535");
    }
}
