//! Settings: the Worker's variables and secrets, read into a struct with a clear refusal of what is missing or unsafe.

use worker::Env;

use crate::clock::{Millis, SECOND};

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether `ENVIRONMENT` is `development`.
    pub development: bool,
    /// The value of `ENVIRONMENT`, for `/health`.
    pub environment: String,
    /// `UPSTREAM_URL`: the versioned base of the Communications API, without a slash at its end.
    pub upstream: String,
    /// `UPSTREAM_KEY`: an Account SID or API key SID.
    pub key: String,
    /// `UPSTREAM_SECRET`: what belongs to the key.
    pub secret: String,
}

impl Settings {
    /// Reads the settings; the error is a sentence for the operator and holds no value.
    pub fn read(env: &Env) -> Result<Self, String> {
        let value = |name: &str| env.var(name).map(|value| value.to_string()).ok();
        Self::from_values(value)
    }

    fn from_values(value: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let required = |name: &str| match value(name) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(format!("The setting {name} is missing.")),
        };
        let environment = required("ENVIRONMENT")?;
        let settings = Self {
            development: environment == "development",
            environment,
            upstream: required("UPSTREAM_URL")?.trim_end_matches('/').to_owned(),
            key: required("UPSTREAM_KEY")?,
            secret: required("UPSTREAM_SECRET")?,
        };
        let plain = settings.development && settings.upstream.starts_with("http://");
        if !plain && !settings.upstream.starts_with("https://") {
            return Err("The setting UPSTREAM_URL must begin with https:// outside of development.".to_owned());
        }
        Ok(settings)
    }

    /// How long after a batch was accepted its counters are first asked for.
    pub fn first_look(&self) -> Millis {
        if self.development { SECOND / 4 } else { 2 * SECOND }
    }

    /// Settings as `wrangler.toml` has them.
    #[cfg(test)]
    pub fn for_tests() -> Self {
        Self::from_values(|name| {
            let value = match name {
                "ENVIRONMENT" => "development",
                "UPSTREAM_URL" => "http://127.0.0.1:8788/v1/",
                _ => "sandbox",
            };
            Some(value.to_owned())
        })
        .unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        for missing in ["ENVIRONMENT", "UPSTREAM_URL", "UPSTREAM_KEY", "UPSTREAM_SECRET"] {
            let value = |name: &str| (name != missing).then(|| "https://upstream.example/v1".to_owned());
            assert_eq!(Settings::from_values(value).unwrap_err(), format!("The setting {missing} is missing."));
        }
    }

    #[test]
    fn plain_http_is_for_development() {
        assert_eq!(Settings::for_tests().upstream, "http://127.0.0.1:8788/v1");
        let production =
            |name: &str| Some(if name == "UPSTREAM_URL" { "http://upstream.example" } else { "production" }.to_owned());
        assert!(Settings::from_values(production).unwrap_err().contains("https://"));
    }
}
