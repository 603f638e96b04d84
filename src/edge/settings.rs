//! Settings: the Worker's variables and secrets, read once, with a sentence for each that is missing or unsafe.
//!
//! Outside of development nothing is served unless all of them are right. No sentence holds a value.

pub mod cors;
pub mod key;
pub mod lanes;
pub mod placement;
pub mod senders;

use std::cell::OnceCell;
use std::rc::Rc;

use worker::Env;

use crate::clock::{Millis, SECOND};
use crate::settings::key::{Key, Keys};
use crate::settings::lanes::Lanes;
use crate::settings::placement::Placement;

/// Fewest characters of `ID_SECRET` outside of development.
const ID_SECRET: usize = 32;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether `ENVIRONMENT` is `development`: then the upstream is on this machine, and no message leaves.
    pub development: bool,
    /// The value of `ENVIRONMENT`, for `/health`.
    pub environment: String,
    /// `UPSTREAM_URL`: the versioned base of the Communications API, without a slash at its end.
    pub upstream: String,
    /// `UPSTREAM_KEY`: an Account SID or API key SID.
    pub key: String,
    /// `UPSTREAM_SECRET`: what belongs to the key.
    pub secret: String,
    /// `ID_SECRET`: what makes the ids of operations with an idempotency key unguessable.
    pub id_secret: String,
    /// `ID_SECRET_BEFORE`: what that was before, as long as idempotency keys of then are to be known.
    pub id_secret_before: Option<String>,
    /// `REQUIRE_KEY`: whether every send needs an idempotency key.
    pub require_key: bool,
    /// `KEYS`, `KEYS_2` and so on; in development also the key `dev`.
    pub keys: Keys,
    /// `JURISDICTION` and `LOCATION_HINT`: where objects live.
    pub placement: Placement,
    /// `LANES`, `DEFAULT_MPS` and the like: the pace of senders.
    pub lanes: Lanes,
}

/// Sentences for the operator about what is missing or unsafe.
pub type Unsafe = Rc<[String]>;

thread_local! {
    /// An instance serves one version of the Worker, whose settings never change.
    static READ: OnceCell<Result<Rc<Settings>, Unsafe>> = const { OnceCell::new() };
}

impl Settings {
    /// Reads the settings.
    pub fn read(env: &Env) -> Result<Rc<Self>, Unsafe> {
        let value = |name: &str| env.var(name).map(|value| value.to_string()).ok();
        READ.with(|read| read.get_or_init(|| Self::from_values(value).map(Rc::new).map_err(Rc::from)).clone())
    }

    /// The settings for a request. Those of development with its known key serve this machine only: not what has come over
    /// Cloudflare's network, which marks it with a `ray`, because somebody deployed without `--env production`.
    ///
    /// Source: <https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-ray>.
    pub fn for_request(env: &Env, ray: Option<&str>) -> Result<Rc<Self>, Unsafe> {
        Self::read(env).and_then(|settings| settings.serving(ray))
    }

    /// Whether a request came over the network in the clear, where anybody on its way could read its key.
    pub fn is_exposed(&self, ray: Option<&str>, url: &str) -> bool {
        !self.development && ray.is_some() && url.starts_with("http://")
    }

    fn serving(self: Rc<Self>, ray: Option<&str>) -> Result<Rc<Self>, Unsafe> {
        if self.development && ray.is_some() {
            let sentence = "The settings are those of development on one's own machine; deploy with --env production.";
            return Err(Rc::from([sentence.to_owned()]));
        }
        Ok(self)
    }

    fn from_values(value: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut wrong = Vec::new();
        let given = |name: &str| value(name).filter(|value| !value.is_empty());
        let mut required = |name: &str| {
            given(name).unwrap_or_else(|| {
                wrong.push(format!("The setting {name} is missing."));
                String::new()
            })
        };
        let environment = required("ENVIRONMENT");
        let development = environment == "development";
        let upstream = required("UPSTREAM_URL").trim_end_matches('/').to_owned();
        let (key, secret) = (required("UPSTREAM_KEY"), required("UPSTREAM_SECRET"));
        let id_secret = required("ID_SECRET");

        if !upstream.is_empty() {
            wrong.extend(wrong_with_upstream(&upstream, development));
        }
        if !development && (1..ID_SECRET).contains(&id_secret.len()) {
            wrong.push(format!("The setting ID_SECRET must have at least {ID_SECRET} characters."));
        }
        let (keys, wrong_keys) = keys(&given, development);
        wrong.extend(wrong_keys);
        let origins = given("CORS_ORIGINS").unwrap_or_default();
        if origins.split(',').map(str::trim).any(|origin| !origin.is_empty() && !cors::is_origin(origin)) {
            wrong.push(
                "The setting CORS_ORIGINS must list origins such as https://host, with commas between.".to_owned(),
            );
        }
        let placement = Placement::read(given("JURISDICTION"), given("LOCATION_HINT")).unwrap_or_else(|sentence| {
            wrong.push(sentence);
            Placement::default()
        });
        let require_key = match given("REQUIRE_KEY").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                wrong.push("The setting REQUIRE_KEY must be true or false.".to_owned());
                false
            }
        };
        let lanes = Lanes::read(given).unwrap_or_else(|sentence| {
            wrong.push(sentence);
            Lanes::default()
        });
        let id_secret_before = given("ID_SECRET_BEFORE");
        let settings = Self {
            development,
            environment,
            upstream,
            key,
            secret,
            id_secret,
            id_secret_before,
            require_key,
            keys,
            placement,
            lanes,
        };
        if wrong.is_empty() { Ok(settings) } else { Err(wrong) }
    }

    /// How long after a batch was accepted its counters are first asked for.
    pub fn first_look(&self) -> Millis {
        if self.development { SECOND / 4 } else { 2 * SECOND }
    }

    /// Settings as `wrangler.toml` has them.
    #[cfg(test)]
    pub fn for_tests() -> Self {
        Self::from_values(tests::development).unwrap()
    }
}

fn wrong_with_upstream(url: &str, development: bool) -> Option<String> {
    if development && !is_loopback(url) {
        let sentence = "The setting UPSTREAM_URL must be on this machine in development; for any other, give ENVIRONMENT another name.";
        return Some(sentence.to_owned());
    }
    let plain = development && url.starts_with("http://");
    if !plain && !url.starts_with("https://") {
        return Some("The setting UPSTREAM_URL must begin with https:// outside of development.".to_owned());
    }
    let odd = authority(url).is_empty() || url.contains(['@', '?', '#', ' ']);
    odd.then(|| "The setting UPSTREAM_URL must be a host and a path, such as https://host/v1.".to_owned())
}

/// The keys, and what is wrong with them. One setting holds at most 5 KB, so there may be several.
fn keys(given: &dyn Fn(&str) -> Option<String>, development: bool) -> (Keys, Vec<String>) {
    let (mut keys, mut wrong) = (Keys::default(), Vec::new());
    let names = std::iter::once("KEYS".to_owned()).chain((2..).map(|n| format!("KEYS_{n}")));
    for (name, json) in names.map_while(|name| given(&name).map(|json| (name, json))) {
        if let Err(what) = keys.read(&json) {
            wrong.push(format!("The setting {name} {what}."));
        }
    }
    if development {
        // A name that is taken is the operator's own choice.
        let _ = keys.add(Key::of_development());
    } else if keys.any_opened_by("dev") {
        wrong.push(
            "The key of development opens nothing but a sandbox on this machine; take it out of KEYS.".to_owned(),
        );
    } else if keys.is_empty() && wrong.is_empty() {
        wrong.push("No keys are configured, so nobody can be let in: see cargo xtask key.".to_owned());
    }
    (keys, wrong)
}

/// Host and port of a URL.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn is_loopback(url: &str) -> bool {
    let authority = authority(url);
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn development(name: &str) -> Option<String> {
        let value = match name {
            "ENVIRONMENT" => "development",
            "UPSTREAM_URL" => "http://127.0.0.1:8788/v1/",
            "UPSTREAM_KEY" | "UPSTREAM_SECRET" => "sandbox",
            "ID_SECRET" => "development",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn production(name: &str) -> Option<String> {
        let value = match name {
            "ENVIRONMENT" => "production",
            "UPSTREAM_URL" => "https://upstream.example/v1",
            "ID_SECRET" => "0123456789abcdef0123456789abcdef",
            "KEYS" => {
                r#"[{"key":"k","tenant":"t","scopes":["send"],"hash":"AAAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}]"#
            }
            "UPSTREAM_KEY" | "UPSTREAM_SECRET" => "x",
            _ => return None,
        };
        Some(value.to_owned())
    }

    /// What is said when one setting of production has another value.
    fn with(changed: &str, value: Option<&str>) -> String {
        let values = |name: &str| if name == changed { value.map(str::to_owned) } else { production(name) };
        Settings::from_values(values).map(|_| String::new()).unwrap_or_else(|wrong| wrong.join("|"))
    }

    #[test]
    fn what_is_missing_is_named_all_at_once() {
        for missing in ["ENVIRONMENT", "UPSTREAM_URL", "UPSTREAM_KEY", "UPSTREAM_SECRET", "ID_SECRET"] {
            for value in [None, Some("")] {
                assert_eq!(with(missing, value), format!("The setting {missing} is missing."));
            }
        }
        assert_eq!(Settings::from_values(|_| None).unwrap_err().len(), 6);
    }

    #[test]
    fn the_readmes_name_every_setting() {
        let asked = std::cell::RefCell::new(std::collections::BTreeSet::new());
        let values = |name: &str| {
            asked.borrow_mut().insert(name.to_owned());
            production(name)
        };
        Settings::from_values(values).unwrap();
        assert!(asked.borrow().len() >= 15, "{asked:?}");
        let (start, table) = (include_str!("../../README.md"), include_str!("README.md"));
        for name in asked.into_inner() {
            assert!(start.contains(&name), "{name} is not on the way to production");
            assert!(table.contains(&format!("`{name}`")), "{name} is not among the settings");
        }
    }

    #[test]
    fn development_has_its_key_and_an_upstream_on_this_machine_only() {
        let settings = Settings::for_tests();
        assert_eq!(settings.upstream, "http://127.0.0.1:8788/v1");
        assert!(settings.keys.open("dev", "dev").is_some());
        for upstream in ["https://upstream.example/v1", "http://upstream.example/v1", "https://127.0.0.1.example/v1"] {
            let away = |name: &str| match name {
                "UPSTREAM_URL" => Some(upstream.to_owned()),
                // It serves nobody, whoever has a key.
                "KEYS" => production(name),
                _ => development(name),
            };
            let wrong = Settings::from_values(away).unwrap_err();
            assert!(wrong.len() == 1 && wrong[0].contains("must be on this machine in development"), "{wrong:?}");
        }
        assert!(is_loopback("http://localhost/v1") && is_loopback("http://[::1]:8788/v1"));
        assert!(!is_loopback("https://127.0.0.1.example/v1") && !is_loopback("https://x/127.0.0.1"));
    }

    #[test]
    fn development_serves_nobody_over_the_network() {
        let settings = || Rc::new(Settings::for_tests());
        assert!(settings().serving(None).is_ok());
        assert!(settings().serving(Some("8f2b-FRA")).unwrap_err()[0].contains("--env production"));
        assert!(Rc::new(Settings::from_values(production).unwrap()).serving(Some("8f2b-FRA")).is_ok());
    }

    #[test]
    fn production_starts_only_when_it_is_safe() {
        assert_eq!(with("", None), "");
        for (name, value, words) in [
            ("UPSTREAM_URL", "http://upstream.example/v1", "https://"),
            ("UPSTREAM_URL", "https://user@upstream.example/v1", "a host and a path"),
            ("UPSTREAM_URL", "https://upstream.example/v1?x", "a host and a path"),
            ("ID_SECRET", "short", "32 characters"),
            ("KEYS", "", "No keys are configured"),
            ("KEYS", "[]", "No keys are configured"),
            ("KEYS", "{}", "The setting KEYS is no list of keys"),
            ("KEYS_2", "[1]", "The setting KEYS_2 is no list of keys"),
            ("JURISDICTION", "moon", "JURISDICTION"),
            ("LOCATION_HINT", "moon", "LOCATION_HINT"),
            ("DEFAULT_MPS", "fast", "DEFAULT_MPS"),
            ("CORS_ORIGINS", "https://a.example, *", "CORS_ORIGINS"),
            ("REQUIRE_KEY", "maybe", "REQUIRE_KEY"),
        ] {
            let sentences = with(name, Some(value));
            assert!(sentences.contains(words), "{name}: {sentences}");
            assert!(value.len() < 3 || !sentences.contains(value), "{sentences}");
        }
        // The hash of dev, salted with sixteen bytes of 7.
        let dev = r#"[{"key":"k","tenant":"t","scopes":["send"],"hash":"BwcHBwcHBwcHBwcHBwcHBw.VIylXmWyeB5C9AvYvw4kE9eRVtR3Fecrmt5NlJkUKaQ"}]"#;
        assert!(with("KEYS", Some(dev)).starts_with("The key of development"));
    }
}
