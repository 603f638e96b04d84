//! Keys: who may call, for which tenant, and what for.
//!
//! A key is configured by the salted hash of its secret, which `cargo xtask key` makes. Secrets have 256 random bits,
//! so nothing slower than SHA-256 is needed to keep them from being guessed. Nothing here tells a caller whether it was
//! the name or the secret that was wrong, nor by how much.

use base64ct::{Base64UrlUnpadded, Encoding};
use postgate_core::{Instant, Options};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::clock::{HOUR, Millis};
use crate::settings::senders::Senders;

/// Bytes of a salt.
const SALT: usize = 16;
/// Bytes of a hash.
const HASH: usize = 32;
/// Most characters of a key's or a tenant's name.
const NAME: usize = 64;

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Hand in sends and dry runs, and cancel.
    Send,
    /// Read the tenant's own operations, and their messages.
    Read,
    /// Read and change what belongs to the whole account: senders, pools, any message; settle what is unknown.
    Account,
}

impl Scope {
    /// The word for it in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Send => "send",
            Self::Read => "read",
            Self::Account => "account",
        }
    }
}

/// How much a key may use in a day of UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Most requests to the API, whatever they ask for.
    pub requests: Option<u64>,
    /// Most recipients of sends that were taken.
    pub recipients: Option<u64>,
}

/// A key as it is configured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name: the user of HTTP Basic.
    pub name: String,
    /// Whose operations it sees.
    pub tenant: String,
    /// What it is for.
    pub scopes: Vec<Scope>,
    /// How much it may use in a day.
    pub quota: Quota,
    /// How its requests are judged where their parameters do not say otherwise.
    pub options: Options,
    /// Whether a 202 has the newer reference's body without being asked.
    pub representation: bool,
    /// From where it may send; from everywhere, if it has no list.
    pub senders: Option<Senders>,
    /// When it ends, if ever.
    until: Option<Millis>,
    salt: [u8; SALT],
    hash: [u8; HASH],
}

/// The keys of this edge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys(Vec<Key>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Configured {
    key: String,
    tenant: String,
    scopes: Vec<Scope>,
    hash: String,
    #[serde(default)]
    quota: Quota,
    #[serde(default)]
    options: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    representation: bool,
    senders: Option<Vec<String>>,
    until: Option<String>,
}

impl Key {
    /// The key `dev` with the secret `dev`, which may do everything. It opens development only.
    pub fn of_development() -> Self {
        Self {
            name: "dev".to_owned(),
            tenant: "dev".to_owned(),
            scopes: vec![Scope::Send, Scope::Read, Scope::Account],
            quota: Quota::default(),
            options: Options::default(),
            representation: false,
            senders: None,
            until: None,
            salt: [0; SALT],
            hash: hash(&[0; SALT], "dev"),
        }
    }

    /// Whether the key is for that.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Whether it has come to its end.
    pub fn is_over(&self, now: Millis) -> bool {
        self.until.is_some_and(|until| now >= until)
    }

    /// Compares in a time that depends on the secret's length only.
    fn is_opened_by(&self, secret: &str) -> bool {
        hash(&self.salt, secret).ct_eq(&self.hash).into()
    }

    fn read(configured: Configured) -> Result<Self, &'static str> {
        if !is_name(&configured.key) || !is_name(&configured.tenant) {
            return Err("key and tenant must have 1 to 64 letters, digits and ._-");
        }
        if configured.scopes.is_empty() {
            return Err("scopes must have at least one of send, read, account");
        }
        let mut options = Options::default();
        for (name, value) in &configured.options {
            let value = value.as_str().ok_or("the values of options must be strings")?;
            if ["now", "handling"].contains(&name.as_str()) || options.set(name, value).is_err() {
                return Err("options must have the names and values of the query parameters, without now");
            }
        }
        let (salt, hash) = read_hash(&configured.hash).ok_or("hash must be what cargo xtask key printed")?;
        let Configured { key: name, tenant, scopes, quota, representation, senders, until, .. } = configured;
        let senders = senders.map(|listed| {
            let why = "senders must list numbers such as +15017122661, short codes, names, or ids of senders and pools";
            Senders::read(listed).ok_or(why)
        });
        let until = until.map(|text| read_end(&text).ok_or("until must be a day, or an instant of RFC 3339"));
        let (senders, until) = (senders.transpose()?, until.transpose()?);
        Ok(Self { name, tenant, scopes, quota, options, representation, senders, until, salt, hash })
    }
}

impl Keys {
    /// The tenants that have a key.
    pub fn tenants(&self) -> Vec<&str> {
        let mut tenants: Vec<&str> = self.0.iter().map(|key| key.tenant.as_str()).collect();
        tenants.sort_unstable();
        tenants.dedup();
        tenants
    }

    /// Adds the keys of a setting: a JSON array. The error is a sentence about what is wrong there, without a value.
    pub fn read(&mut self, json: &str) -> Result<(), String> {
        let configured: Vec<Configured> = serde_json::from_slice(json.as_bytes()).map_err(|error| {
            // Not serde's own sentence, which repeats what it found.
            format!("is no list of keys from line {} column {} on", error.line(), error.column())
        })?;
        for (place, configured) in configured.into_iter().enumerate() {
            let key = Key::read(configured).map_err(|why| format!("has a wrong key in place {place}: {why}"))?;
            self.add(key).map_err(|why| format!("has a wrong key in place {place}: {why}"))?;
        }
        Ok(())
    }

    /// Adds a key.
    pub fn add(&mut self, key: Key) -> Result<(), &'static str> {
        if self.0.iter().any(|other| other.name == key.name) {
            return Err("its name stands there twice");
        }
        self.0.push(key);
        Ok(())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of that name, if the secret is its own. An unknown name takes as long as a wrong secret.
    pub fn open(&self, name: &str, secret: &str) -> Option<&Key> {
        let mut opened = None;
        let mut compared = false;
        for key in self.0.iter().filter(|key| key.name == name) {
            compared = true;
            opened = key.is_opened_by(secret).then_some(key);
        }
        if !compared {
            // Black boxes keep the comparison from being left out, as nothing depends on it.
            std::hint::black_box(hash(&[0; SALT], std::hint::black_box(secret)).ct_eq(&[0; HASH]));
        }
        opened
    }

    /// Whether any key has this secret.
    pub fn any_opened_by(&self, secret: &str) -> bool {
        self.0.iter().any(|key| key.is_opened_by(secret))
    }
}

fn is_name(text: &str) -> bool {
    // Both stand in the paths of calls to objects, where these two would lead elsewhere.
    (1..=NAME).contains(&text.len())
        && !matches!(text, "." | "..")
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn hash(salt: &[u8; SALT], secret: &str) -> [u8; HASH] {
    Sha256::new().chain_update(salt).chain_update(secret).finalize().into()
}

/// The first moment after a key's end: an instant of RFC 3339, or that after a whole day of UTC.
fn read_end(text: &str) -> Option<Millis> {
    let instant = |text: &str| Millis::try_from(Instant::parse(text)?.0).ok();
    instant(text).or_else(|| Some(instant(&format!("{text}T00:00:00Z"))? + 24 * HOUR))
}

/// Salt and hash as they are configured: both in base64url, with a dot between.
fn read_hash(text: &str) -> Option<([u8; SALT], [u8; HASH])> {
    let (salt_text, hash_text) = text.split_once('.')?;
    let (mut salt, mut hash) = ([0; SALT], [0; HASH]);
    let whole = |written: Result<&[u8], _>, size| matches!(written, Ok(bytes) if bytes.len() == size);
    let read = whole(Base64UrlUnpadded::decode(salt_text, &mut salt), SALT)
        && whole(Base64UrlUnpadded::decode(hash_text, &mut hash), HASH);
    read.then_some((salt, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash is that of sixteen bytes of 7 and `open sesame`, by Python's hashlib.
    const LINE: &str = r#"[{"key":"billing","tenant":"acme","scopes":["send","read"],
        "hash":"BwcHBwcHBwcHBwcHBwcHBw.DiSvoqNvYV1jIMeT7dbzIc6svZe5RuILTLapMmOrRWo",
        "quota":{"recipients":1000},"options":{"defaultRegion":"US"}}]"#;

    fn read(json: &str) -> Result<Keys, String> {
        let mut keys = Keys::default();
        keys.read(json).map(|()| keys)
    }

    #[test]
    fn a_key_opens_with_its_own_secret_only() {
        let keys = read(LINE).unwrap();
        let key = keys.open("billing", "open sesame").unwrap();
        assert_eq!((key.tenant.as_str(), key.quota.recipients), ("acme", Some(1000)));
        assert!(key.may(Scope::Send) && key.may(Scope::Read) && !key.may(Scope::Account));
        assert!(key.options.default_region.is_some() && !key.representation);
        for (name, secret) in [
            ("billing", "open sesam"),
            ("billing", "open sesamee"),
            ("billing", ""),
            ("Billing", "open sesame"),
            ("", "open sesame"),
        ] {
            assert!(keys.open(name, secret).is_none(), "{name} {secret}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_a_value() {
        for (from, to, words) in [
            ("[{", "{", "is no list of keys"),
            ("\"send\",", "\"sned\",", "is no list of keys"),
            ("\"tenant\"", "\"tennant\"", "is no list of keys"),
            ("acme", "ac/me", "key and tenant"),
            ("acme", "..", "key and tenant"),
            ("billing", "", "key and tenant"),
            ("[\"send\",\"read\"]", "[]", "scopes"),
            ("defaultRegion", "now", "options"),
            ("defaultRegion\":\"US", "handling\":\"lenient", "options"),
            ("\"US\"", "\"Mars\"", "options"),
            ("\"US\"", "7", "options"),
            ("BwcHBwcH", "BwcHBw", "hash"),
            ("BwcHBwcH", "=wcHBwcH", "hash"),
            ("\"options\"", "\"senders\":[],\"options\"", "senders"),
            ("\"options\"", "\"senders\":[\"Mars \"],\"options\"", "senders"),
            ("\"options\"", "\"until\":\"Mars\",\"options\"", "until"),
            ("\"options\"", "\"until\":\"2026-02-30\",\"options\"", "until"),
            ("\"options\"", "\"until\":\"2026-12-31T09:00:00\",\"options\"", "until"),
        ] {
            let sentence = read(&LINE.replacen(from, to, 1)).unwrap_err();
            assert!(sentence.contains(words), "{sentence}");
            assert!(!sentence.contains("sned") && !sentence.contains("Mars"), "{sentence}");
        }
        let twice = format!("{},{}", LINE.trim_end_matches(']'), LINE.trim_start_matches('['));
        assert!(read(&twice).unwrap_err().ends_with("in place 1: its name stands there twice"));
    }

    #[test]
    fn a_key_ends_with_its_day_or_at_its_instant() {
        let key = |until: &str| {
            let more = format!("\"until\":\"{until}\",\"options\"");
            read(&LINE.replacen("\"options\"", &more, 1)).unwrap().open("billing", "open sesame").unwrap().clone()
        };
        // 2025-11-23T16:00:00Z.
        let moment = 1_763_913_600_000;
        for (until, end) in [
            ("2025-11-23T16:00:00Z", moment),
            ("2025-11-23T18:00:00.250+02:00", moment + 250),
            ("2025-11-23", moment + 8 * HOUR),
        ] {
            assert!(!key(until).is_over(end - 1) && key(until).is_over(end), "{until}");
        }
        assert!(!read(LINE).unwrap().open("billing", "open sesame").unwrap().is_over(Millis::MAX));
    }

    #[test]
    fn the_key_of_development_is_recognized() {
        let mut keys = read(LINE).unwrap();
        assert!(!keys.any_opened_by("dev"));
        keys.add(Key::of_development()).unwrap();
        assert!(keys.any_opened_by("dev") && keys.open("dev", "dev").is_some() && keys.open("dev", "DEV").is_none());
    }
}
