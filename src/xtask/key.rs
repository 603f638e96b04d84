//! `cargo xtask key`: a new key for the edge. Its secret is printed once and kept nowhere.

use anyhow::{Context, Error, Result, bail};
use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

/// What a key can be for.
const SCOPES: &[&str] = &["send", "read", "account"];

/// What `cargo xtask key` was told.
pub struct Options {
    name: String,
    tenant: String,
    scopes: Vec<String>,
}

impl Options {
    /// Reads the words after `key`.
    pub fn read(words: &[String]) -> Result<Options> {
        let (mut name, mut tenant, mut scopes) = (None, None, None);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().with_context(|| format!("{word} needs a value"));
            match word.as_str() {
                "--tenant" => tenant = Some(value()?),
                "--scopes" => scopes = Some(value()?.split(',').map(str::to_owned).collect::<Vec<String>>()),
                option if option.starts_with('-') => bail!("key knows --tenant and --scopes, not {option}"),
                word if name.is_none() => name = Some(word.to_owned()),
                word => bail!("key makes one key, and got a second name, {word}"),
            }
        }
        let name = name.context("key needs a name")?;
        let tenant = tenant.context("key needs --tenant")?;
        let scopes = scopes.context("key needs --scopes, some of send,read,account")?;
        for text in [&name, &tenant] {
            let usual = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            if text.is_empty() || text.len() > 64 || !text.chars().all(usual) {
                bail!("a name has 1 to 64 letters, digits and ._-, not {text}");
            }
        }
        if let Some(other) = scopes.iter().find(|scope| !SCOPES.contains(&scope.as_str())) {
            bail!("{other} is none of the scopes send, read, account");
        }
        Ok(Options { name, tenant, scopes })
    }
}

/// Makes a key: the secret goes to the caller, the line into the setting KEYS.
pub fn run(options: &Options) -> Result<()> {
    let (mut secret, mut salt) = ([0; 32], [0; 16]);
    for bytes in [secret.as_mut_slice(), salt.as_mut_slice()] {
        getrandom::getrandom(bytes).map_err(Error::msg)?;
    }
    let secret = Base64UrlUnpadded::encode_string(&secret);
    println!("secret of {}, shown this once:\n  {secret}\n", options.name);
    println!("an entry of the array KEYS:\n  {}", line(options, &secret, &salt));
    Ok(())
}

/// The configured form: the edge keeps a salted hash. Names need no escapes in JSON.
fn line(Options { name, tenant, scopes }: &Options, secret: &str, salt: &[u8]) -> String {
    let hash = Sha256::new().chain_update(salt).chain_update(secret).finalize();
    let hash = format!("{}.{}", Base64UrlUnpadded::encode_string(salt), Base64UrlUnpadded::encode_string(&hash));
    let scopes = scopes.join("\",\"");
    format!(r#"{{"key":"{name}","tenant":"{tenant}","scopes":["{scopes}"],"hash":"{hash}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Result<Options> {
        Options::read(&words.split(' ').map(str::to_owned).collect::<Vec<String>>())
    }

    #[test]
    fn the_line_holds_the_salted_hash() {
        let options = read("billing --tenant acme --scopes send,read").unwrap();
        // By Python's hashlib.
        assert_eq!(
            line(&options, "open sesame", &[7; 16]),
            r#"{"key":"billing","tenant":"acme","scopes":["send","read"],"hash":"BwcHBwcHBwcHBwcHBwcHBw.DiSvoqNvYV1jIMeT7dbzIc6svZe5RuILTLapMmOrRWo"}"#
        );
    }

    #[test]
    fn what_would_make_no_key_is_refused() {
        for words in [
            "--tenant acme --scopes send",
            "billing --scopes send",
            "billing --tenant acme",
            "billing --tenant acme --scopes all",
            "billing --tenant acme --scopes",
            "bill\"ing --tenant acme --scopes send",
            "billing two --tenant acme --scopes send",
            "billing --tenant acme --scopes send --quota 7",
        ] {
            assert!(read(words).is_err(), "{words}");
        }
    }
}
