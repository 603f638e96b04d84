//! `Idempotency-Key`: a send that is handed in again is the same send.
//!
//! The key and the tenant give the name of the operation's object, so the state lives where the send does and nowhere
//! else. Whether two requests are the same is told by a fingerprint of all that decides what is sent.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::http::fault::Fault;

/// Most characters of a key.
const LONGEST: usize = 255;

/// A key as the caller wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the header, or the parameter. A string in quotes, as a structured field would be, is the string.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let text = text.trim();
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let printable = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        if !printable || !(1..=LONGEST).contains(&text.len()) {
            let sentence = format!("An idempotency key must have 1 to {LONGEST} printable ASCII characters.");
            return Err(Fault::BadParameter(sentence));
        }
        Ok(Self(text.to_owned()))
    }

    /// The 128 bits that name the operation of a tenant's key. Nobody without the secret can tell them.
    pub fn unique(&self, tenant: &str, secret: &str) -> u128 {
        // HMAC takes a secret of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return 0 };
        // A tenant's name has no zero byte, so no two pairs read the same.
        mac.update(tenant.as_bytes());
        mac.update(&[0]);
        mac.update(self.0.as_bytes());
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        digest.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
    }
}

/// The fingerprint of a request, in hexadecimal: the hash of its decoded body, its content type, what its query says and
/// how it is handled. Defaults that an operator may change are not part of it.
pub fn fingerprint(body: &[u8; 32], content_type: &str, query: &[(String, String)], lenient: bool) -> String {
    let mut hasher = Sha256::new();
    hasher.update(body);
    let mut add = |text: &str| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add(&content_type.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase());
    let mut query: Vec<&(String, String)> = query.iter().collect();
    query.sort();
    for (name, value) in query {
        add(name);
        add(value);
    }
    add(if lenient { "lenient" } else { "strict" });
    crate::hash::hexadecimal(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_1_to_255_printable_characters() {
        assert_eq!(IdempotencyKey::read(" \"a b\" "), Ok(IdempotencyKey("a b".into())));
        assert!(IdempotencyKey::read(&"x".repeat(255)).is_ok());
        for wrong in ["", " ", "\"\"", &"x".repeat(256), "a\tb", "ü"] {
            assert!(matches!(IdempotencyKey::read(wrong), Err(Fault::BadParameter(_))), "{wrong}");
        }
    }

    #[test]
    fn names_depend_on_tenant_key_and_secret() {
        let unique = |key: &str, tenant, secret| IdempotencyKey(key.into()).unique(tenant, secret);
        let one = unique("k", "t", "s");
        assert_eq!(one, unique("k", "t", "s"));
        for other in [unique("k2", "t", "s"), unique("k", "t2", "s"), unique("k", "t", "s2"), unique("", "tk", "s")] {
            assert_ne!(one, other);
        }
        // printf 't\\0k' | openssl dgst -sha256 -hmac s
        assert_eq!(format!("{one:032x}"), "a27f3fb90f9cb477e79b6ace91b530b8");
    }

    #[test]
    fn a_fingerprint_tells_what_is_sent_otherwise() {
        let query = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let two = query(&[("a", "1"), ("b", "2")]);
        let one = fingerprint(&[0; 32], "application/json", &two, false);
        let same = query(&[("b", "2"), ("a", "1")]);
        assert_eq!(one, fingerprint(&[0; 32], "Application/JSON ", &same, false));
        for other in [
            fingerprint(&[1; 32], "application/json", &two, false),
            fingerprint(&[0; 32], "application/json;charset=utf-8", &two, false),
            fingerprint(&[0; 32], "application/json", &query(&[("a", "1b"), ("", "2")]), false),
            fingerprint(&[0; 32], "application/json", &two, true),
        ] {
            assert_ne!(one, other);
        }
    }
}
