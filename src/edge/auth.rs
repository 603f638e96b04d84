//! HTTP Basic: who is asking. Checked before a request's body is read.

use crate::base64;
use crate::fault::Fault;
use crate::settings::Settings;

/// The only key there is so far. It exists in the development environment alone.
const DEVELOPMENT_KEY: (&str, &str) = ("dev", "dev");

/// Lets a caller pass whose `Authorization` header names a key of this edge.
pub fn admit(header: Option<&str>, settings: &Settings) -> Result<(), Fault> {
    if !settings.development {
        return Err(Fault::NoKeys);
    }
    let (key, secret) = header.and_then(basic).ok_or(Fault::Unauthorized)?;
    let (known, expected) = DEVELOPMENT_KEY;
    // Both are compared whatever the first says.
    let equal = [same(key.as_bytes(), known.as_bytes()), same(secret.as_bytes(), expected.as_bytes())];
    if equal == [true, true] { Ok(()) } else { Err(Fault::Unauthorized) }
}

/// User and password of a Basic `Authorization` header (RFC 7617).
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, credentials) = header.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(base64::decode(credentials.trim())?).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// The `Authorization` header for a user and a password.
pub fn header(user: &str, password: &str) -> String {
    format!("Basic {}", base64::encode(format!("{user}:{password}").as_bytes()))
}

/// Compares in a time that depends on the lengths only.
fn same(given: &[u8], expected: &[u8]) -> bool {
    let differing = given.iter().zip(expected).fold(0, |bits, (a, b)| std::hint::black_box(bits | (a ^ b)));
    given.len() == expected.len() && differing == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_development_key_opens_development_only() {
        let mut settings = Settings::for_tests();
        let header = header("dev", "dev");
        assert_eq!(admit(Some(&header), &settings), Ok(()));
        assert_eq!(admit(Some(&header.replace("Basic", "bAsIc ")), &settings), Ok(()));
        for wrong in ["dev:", "dev:dev2", "de:dev", ":dev", "dev:dev:", "devdev", ""] {
            let header = format!("Basic {}", base64::encode(wrong.as_bytes()));
            assert_eq!(admit(Some(&header), &settings), Err(Fault::Unauthorized), "{wrong}");
        }
        for wrong in ["", "Basic", "Bearer ZGV2OmRldg==", "Basic ZGV2OmRldg===", "Basic Z", "Basic ?"] {
            assert_eq!(admit(Some(wrong), &settings), Err(Fault::Unauthorized), "{wrong}");
        }
        assert_eq!(admit(None, &settings), Err(Fault::Unauthorized));
        settings.development = false;
        assert_eq!(admit(Some(&header), &settings), Err(Fault::NoKeys));
    }
}
