//! HTTP Basic: who is asking. Checked before a request's body is read.

use base64ct::{Base64, Encoding};

use crate::clock::Millis;
use crate::http::fault::Fault;
use crate::settings::key::{Key, Keys, Scope};

/// Longest `Authorization` header that is looked at, far above that of any key.
const LONGEST: usize = 1_024;

/// The key that an `Authorization` header names, if it is one of this edge's. Whether it is still let in, and for what,
/// [`admit`] says: so the log can name a key that no longer is.
pub fn open<'k>(header: Option<&str>, keys: &'k Keys) -> Result<&'k Key, Fault> {
    let (name, secret) = header.and_then(basic).ok_or(Fault::Unauthorized)?;
    keys.open(&name, &secret).ok_or(Fault::Unauthorized)
}

/// Lets a key in that has not come to its end, and is for that. One that has is as unknown.
pub fn admit(key: &Key, scope: Scope, now: Millis) -> Result<(), Fault> {
    if key.is_over(now) {
        return Err(Fault::Unauthorized);
    }
    if key.may(scope) { Ok(()) } else { Err(Fault::Forbidden(scope)) }
}

/// User and password of a Basic `Authorization` header (RFC 7617).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") || credentials.len() > LONGEST {
        return None;
    }
    let text = String::from_utf8(Base64::decode_vec(credentials.trim()).ok()?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// The `Authorization` header for a user and a password.
pub fn header(user: &str, password: &str) -> String {
    format!("Basic {}", Base64::encode_string(format!("{user}:{password}").as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_has_to_name_a_key_and_its_secret() {
        let mut keys = Keys::default();
        keys.add(Key::of_development()).unwrap();
        let opened = |header: Option<&str>| open(header, &keys).map(|key| key.name.as_str());
        let right = header("dev", "dev");
        assert_eq!(right, "Basic ZGV2OmRldg==");
        assert_eq!(opened(Some(&right)), Ok("dev"));
        assert_eq!(opened(Some(&right.replace("Basic", "bAsIc "))), Ok("dev"));
        for wrong in ["dev:", "dev:dev2", "de:dev", ":dev", "dev:dev:", "devdev", ""] {
            let header = format!("Basic {}", Base64::encode_string(wrong.as_bytes()));
            assert_eq!(opened(Some(&header)), Err(Fault::Unauthorized), "{wrong}");
        }
        let long = header("dev", &"x".repeat(LONGEST));
        for wrong in ["", "Basic", "Bearer ZGV2OmRldg==", "Basic ZGV2OmRldg===", "Basic Z", "Basic ?", &long] {
            assert_eq!(opened(Some(wrong)), Err(Fault::Unauthorized), "{wrong}");
        }
        assert_eq!(opened(None), Err(Fault::Unauthorized));
    }

    #[test]
    fn a_key_without_the_scope_is_told_so() {
        let mut key = Key::of_development();
        key.scopes = vec![Scope::Read];
        assert_eq!(admit(&key, Scope::Account, 0), Err(Fault::Forbidden(Scope::Account)));
        assert_eq!(admit(&key, Scope::Read, 0), Ok(()));
    }
}
