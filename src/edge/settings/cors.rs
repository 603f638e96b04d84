//! Cross-origin requests: pages of which origins may call.
//!
//! Keys travel in a header that a script sets, never in cookies, so nothing is allowed with credentials.
//! Source: <https://fetch.spec.whatwg.org/#http-cors-protocol>.

use worker::Env;

/// Header fields that a script may send.
const SENT: &str = "accept, authorization, content-encoding, content-type, idempotency-key, prefer";
/// Header fields of answers that a script may read, beside those that it always may.
const READ: &str = "allow, idempotent-replayed, location, operation-id, operation-location, operationid, \
                    preference-applied, ratelimit, ratelimit-policy, refused-by, resource-location, retry-after";
/// Seconds for which a browser may remember a preflight; Chromium takes no more.
const REMEMBERED: &str = "7200";

/// The origins of `CORS_ORIGINS`, with a comma between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors(Vec<String>);

impl Cors {
    /// Reads the setting; without it, only the edge's own page may call.
    pub fn read(env: &Env) -> Self {
        Self::of(&env.var("CORS_ORIGINS").map(|value| value.to_string()).unwrap_or_default())
    }

    fn of(list: &str) -> Self {
        Self(list.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(str::to_owned).collect())
    }

    /// The header fields of an answer to a request that names its origin. They never depend on the key, as a
    /// preflight has none.
    ///
    /// `methods` are those of the path, for the answer to a preflight.
    pub fn fields(&self, origin: Option<&str>, methods: Option<&str>) -> Vec<(&'static str, String)> {
        // What lies in between has to keep answers apart, allowed or not.
        let mut fields = if self.0.is_empty() { Vec::new() } else { vec![("vary", "Origin".to_owned())] };
        let Some(origin) = origin.filter(|origin| self.0.iter().any(|allowed| allowed == origin)) else {
            return fields;
        };
        fields.push(("access-control-allow-origin", origin.to_owned()));
        if let Some(methods) = methods {
            fields.push(("access-control-allow-methods", methods.to_owned()));
            fields.push(("access-control-allow-headers", SENT.to_owned()));
            fields.push(("access-control-max-age", REMEMBERED.to_owned()));
        } else {
            fields.push(("access-control-expose-headers", READ.to_owned()));
        }
        fields
    }
}

/// Whether an origin of `CORS_ORIGINS` is written as browsers write it.
pub fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let usual = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-:[]".contains(&byte);
    matches!(scheme, "http" | "https") && !authority.is_empty() && authority.bytes().all(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_of_the_list_are_allowed_and_only_whole() {
        let cors = Cors::of("https://a.example, https://b.example:8443,");
        let allowed = |origin| {
            let fields = cors.fields(origin, None);
            assert_eq!(fields[0], ("vary", "Origin".to_owned()));
            fields.get(1).cloned()
        };
        let origin = |origin: &str| Some(("access-control-allow-origin", origin.to_owned()));
        assert_eq!(allowed(Some("https://a.example")), origin("https://a.example"));
        assert_eq!(allowed(Some("https://b.example:8443")), origin("https://b.example:8443"));
        for other in ["https://a.example:443", "http://a.example", "https://a.example.evil", "null", "*", ""] {
            assert_eq!(allowed(Some(other)), None, "{other}");
        }
        assert_eq!(allowed(None), None);
        assert_eq!(Cors::of(" ").fields(Some("https://a.example"), Some("GET")), []);
    }

    #[test]
    fn a_preflight_learns_what_may_be_sent_and_an_answer_what_may_be_read() {
        let cors = Cors::of("https://a.example");
        let names = |methods| -> Vec<&str> {
            cors.fields(Some("https://a.example"), methods).iter().map(|(name, _)| *name).skip(2).collect()
        };
        assert_eq!(
            names(Some("GET")),
            ["access-control-allow-methods", "access-control-allow-headers", "access-control-max-age"]
        );
        assert_eq!(names(None), ["access-control-expose-headers"]);
    }

    #[test]
    fn origins_have_no_path_and_no_capitals() {
        for origin in ["https://a.example", "http://127.0.0.1:8080", "https://[::1]:8"] {
            assert!(is_origin(origin), "{origin}");
        }
        for other in ["a.example", "https://", "https://a.example/", "https://A.example", "*", "null", "ftp://a"] {
            assert!(!is_origin(other), "{other}");
        }
    }
}
