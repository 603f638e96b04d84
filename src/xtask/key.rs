//! `cargo xtask key`: a new key for the edge. Its secret is printed once and kept nowhere.

use anyhow::{Context, Error, Result, bail};
use base64ct::{Base64UrlUnpadded, Encoding};
use chrono::{DateTime, Days, Utc};
use sha2::{Digest, Sha256};

/// What a key can be for.
const SCOPES: &[&str] = &["send", "read", "account"];

/// How many digits a number has, country code included: the shortest are those of small islands.
const E164: std::ops::RangeInclusive<usize> = 6..=15;

/// What `cargo xtask key` was told.
pub struct Options {
    name: String,
    tenant: String,
    scopes: Vec<String>,
    senders: Vec<String>,
    until: Option<String>,
}

impl Options {
    /// Reads the words after `key`.
    pub fn read(words: &[String]) -> Result<Options> {
        let (mut name, mut tenant, mut scopes, mut senders, mut until) = (None, None, None, Vec::new(), None);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().with_context(|| format!("{word} needs a value"));
            let list = |text: String| text.split(',').map(str::to_owned).collect::<Vec<String>>();
            match word.as_str() {
                "--tenant" => tenant = Some(value()?),
                "--scopes" => scopes = Some(list(value()?)),
                "--senders" => senders = list(value()?),
                "--until" => until = Some(value()?),
                option if option.starts_with('-') => {
                    bail!("key knows --tenant, --scopes, --senders and --until, not {option}")
                }
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
        // The edge knows what a sender is, and serves nobody while one is wrong.
        if let Some(sender) = senders.iter().find(|sender| !is_plain(sender)) {
            bail!("a sender is a number such as +15017122661, a short code, a name, or an id, not {sender:?}");
        }
        if let Some(until) = &until {
            let end = end_of(until).with_context(|| {
                format!("a key ends with a day such as 2027-03-31, or at 2027-03-31T18:00:00Z, not {until}")
            })?;
            if end <= Utc::now() {
                bail!("a key that ends {until} has ended already, and would be refused");
            }
        }
        Ok(Options { name, tenant, scopes, senders, until })
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

/// The configured form: the edge keeps a salted hash. Nothing of it needs an escape in JSON.
fn line(options: &Options, secret: &str, salt: &[u8]) -> String {
    let Options { name, tenant, scopes, senders, until } = options;
    let hash = Sha256::new().chain_update(salt).chain_update(secret).finalize();
    let hash = format!("{}.{}", Base64UrlUnpadded::encode_string(salt), Base64UrlUnpadded::encode_string(&hash));
    let list = |texts: &[String]| format!(r#"["{}"]"#, texts.join("\",\""));
    let scopes = list(scopes);
    let mut line = format!(r#"{{"key":"{name}","tenant":"{tenant}","scopes":{scopes},"hash":"{hash}""#);
    if !senders.is_empty() {
        line += &format!(r#","senders":{}"#, list(senders));
    }
    if let Some(until) = until {
        line += &format!(r#","until":"{until}""#);
    }
    line + "}"
}

/// Whether the edge could take it for a sender, as it is sent.
fn is_plain(sender: &str) -> bool {
    let number = sender.strip_prefix('+').unwrap_or(sender);
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let named = sender.chars().any(char::is_alphabetic) && sender.trim() == sender;
    let odd = |c: char| c.is_control() || "\"\\:".contains(c);
    let right_digits = digits && if sender.starts_with('+') { E164.contains(&number.len()) } else { number.len() <= 8 };
    sender.len() <= 128 && !sender.contains(odd) && (named || right_digits)
}

/// When a day of UTC is over, or an instant of RFC 3339 has come; none where the text is neither.
fn end_of(text: &str) -> Option<DateTime<Utc>> {
    let day = DateTime::parse_from_rfc3339(&format!("{text}T00:00:00Z")).ok();
    let end = day.and_then(|day| day.checked_add_days(Days::new(1)));
    end.or_else(|| DateTime::parse_from_rfc3339(text).ok()).map(|end| end.to_utc())
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
        let ending =
            read("billing --tenant acme --scopes send --senders +15017122661,Acme --until 2999-03-31").unwrap();
        let line = line(&ending, "open sesame", &[7; 16]);
        assert!(line.ends_with(r#"Wo","senders":["+15017122661","Acme"],"until":"2999-03-31"}"#), "{line}");
    }

    #[test]
    fn a_key_ends_behind_its_day_or_at_its_instant() {
        let end = |text: &str| end_of(text).map(|end| end.timestamp());
        assert_eq!(end("1970-01-01"), Some(86_400));
        assert_eq!(end("2000-02-29T12:00:00+05:30"), end("2000-02-29T06:30:00Z"));
        for text in ["1900-02-29", "2026-04-31", "2026-1-10", "2026-11-29T12:00:00"] {
            assert_eq!(end(text), None, "{text}");
        }
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
            "billing --tenant acme --scopes send --senders",
            "billing --tenant acme --scopes send --senders 15017122661",
            "billing --tenant acme --scopes send --senders whatsapp:+15017122661",
            "billing --tenant acme --scopes send --senders Acme,",
            "billing --tenant acme --scopes send --senders +1",
            "billing --tenant acme --scopes send --until tomorrow",
            "billing --tenant acme --scopes send --until 2999-02-29",
            "billing --tenant acme --scopes send --until 2999-13-01T00:00:00Z",
            "billing --tenant acme --scopes send --until 2020-01-01",
            "billing --tenant acme --scopes send --until 2020-01-01T00:00:00Z",
            "billing --tenant acme --scopes send --until 2027-03-31T18:00:00",
        ] {
            assert!(read(words).is_err(), "{words}");
        }
    }
}
