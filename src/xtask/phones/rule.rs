//! Prefix patterns in the shorter spelling that core matches on: `d` is any digit, brackets group, `<` and `>` stand
//! around the group that is kept, and two capitals say how often the term in front may stand (`AB`: none or once).

use anyhow::{Context, Result, bail, ensure};

/// Most repeats that a capital can say.
const MOST: u8 = 25;

/// Respells a national prefix's pattern, followed by `=` and what is put before the kept group, where there is
/// such a transformation.
pub fn national(pattern: &str, transform: &str) -> Result<String> {
    if transform.is_empty() {
        return respell(pattern, None);
    }
    // libphonenumber transforms when the last group has matched, and all its transformations name but that one.
    let groups = groups(pattern);
    let (front, kept) = transform.split_once('$').context("a transformation without a group")?;
    ensure!(kept.parse() == Ok(groups), "the transformation {transform} keeps another group than the last");
    ensure!(
        front.bytes().all(|byte| byte.is_ascii_digit()),
        "the transformation {transform} is not digits and a group"
    );
    Ok(format!("{}={front}", respell(pattern, Some(groups))?))
}

/// Respells an international prefix's pattern.
pub fn international(pattern: &str) -> Result<String> {
    respell(pattern, None)
}

fn groups(pattern: &str) -> usize {
    pattern.matches('(').count() - pattern.matches("(?:").count()
}

fn respell(pattern: &str, kept: Option<usize>) -> Result<String> {
    let mut out = String::new();
    let mut open = Vec::new();
    let mut groups = 0;
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let mut taken = 1;
        match first {
            '0'..='9' | '|' | '$' => out.push(first),
            '\\' if rest.starts_with("\\d") => {
                out.push('d');
                taken = 2;
            }
            '[' => {
                taken = rest.find(']').context("a class without an end")? + 1;
                out.push_str(&rest[..taken]);
            }
            '(' => {
                let grouping = rest.starts_with("(?:");
                taken = if grouping { 3 } else { 1 };
                groups += usize::from(!grouping);
                let (opening, closing) = if !grouping && kept == Some(groups) { ('<', '>') } else { ('(', ')') };
                out.push(opening);
                open.push(closing);
            }
            ')' => out.push(open.pop().context("a bracket is closed that was not opened")?),
            '?' => out.push_str("AB"),
            '{' => {
                taken = rest.find('}').context("a repeat without an end")? + 1;
                let text = &rest[1..taken - 1];
                let (fewest, most) = text.split_once(',').unwrap_or((text, text));
                out.push(capital(fewest.parse()?)?);
                out.push(capital(most.parse()?)?);
            }
            other => bail!("{other} is not part of the dialect, in the pattern {pattern}"),
        }
        rest = &rest[taken..];
    }
    Ok(out)
}

fn capital(times: u8) -> Result<char> {
    ensure!(times <= MOST, "{times} repeats are too many to spell");
    Ok(char::from(b'A' + times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_respelled() {
        assert_eq!(international(r"00(?:1\d)?").unwrap(), "00(1d)AB");
        assert_eq!(national(r"(?:0|90)(?:(1[245])(\d{10,11}))?", "$2").unwrap(), "(0|90)((1[245])<dKL>)AB=");
        assert_eq!(national(r"([457]\d{6})$|1", "268$1").unwrap(), "<[457]dGG>$|1=268");
        assert_eq!(national(r"(183[12])|0", "").unwrap(), "(183[12])|0");
        assert!(national("(1)(2)", "$1").is_err());
        assert!(international("1+").is_err());
    }
}
