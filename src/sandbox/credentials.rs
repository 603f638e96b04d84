//! HTTP Basic: the one key and secret that the sandbox's settings name.

use data_encoding::BASE64;

/// Whether an `Authorization` header carries this key and secret.
pub fn admits(header: Option<&str>, key: &str, secret: &str) -> bool {
    let Some((scheme, encoded)) = header.and_then(|header| header.split_once(' ')) else {
        return false;
    };
    scheme.eq_ignore_ascii_case("Basic")
        && BASE64.decode(encoded.trim().as_bytes()).is_ok_and(|decoded| decoded == format!("{key}:{secret}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_pair_is_admitted() {
        // printf 'dev:dev' | base64, and others
        assert!(admits(Some("Basic ZGV2OmRldg=="), "dev", "dev"));
        assert!(admits(Some("basic  ZGV2OmRldg=="), "dev", "dev"));
        for header in [
            None,
            Some(""),
            Some("Basic"),
            Some("Basic ZGV2"),
            Some("Basic ZGV2OmRldjI="),
            Some("Basic %%%"),
            Some("Bearer ZGV2OmRldg=="),
        ] {
            assert!(!admits(header, "dev", "dev"), "{header:?}");
        }
    }
}
