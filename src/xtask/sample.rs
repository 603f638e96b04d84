//! `cargo xtask sample`: a valid request of any number of recipients, the same bytes for the same words.

use std::io::{self, BufWriter, ErrorKind, Write};

use anyhow::{Context, Result, bail};

use crate::request::{self, MOST};

/// What `cargo xtask sample` was told.
pub struct Options {
    recipients: u64,
    seed: u64,
}

impl Options {
    /// Reads the words after `sample`.
    pub fn read(words: &[String]) -> Result<Options> {
        let mut recipients = None;
        let mut seed = 0;
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--seed" {
                let value = words.next().context("--seed needs a number")?;
                seed = value.parse().with_context(|| format!("--seed is a whole number, not {value}"))?;
            } else if recipients.is_none() && !word.starts_with('-') {
                let most = |value: &u64| (1..=MOST).contains(value);
                recipients = Some(
                    word.parse()
                        .ok()
                        .filter(most)
                        .with_context(|| format!("how many recipients? {word} is no whole number from 1 to {MOST}"))?,
                );
            } else {
                bail!("sample takes a number of recipients and --seed, not {word}");
            }
        }
        let recipients = recipients.context("how many recipients? For example: cargo xtask sample 25000")?;
        Ok(Options { recipients, seed })
    }
}

/// Writes the request to standard output. A reader that has enough of it is no error.
pub fn run(options: &Options) -> Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
    match write(options, &mut out) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            // Dropping the buffer would try to write it once more.
            let _ = out.into_parts();
            Ok(())
        }
        result => result.context("writing the request"),
    }
}

fn write(options: &Options, out: &mut impl Write) -> io::Result<()> {
    request::write(options.recipients, options.seed, out)?;
    out.write_all(b"\n")?;
    out.flush()
}
