//! Matching the rules for what is dialled before a number, in the spelling of `src/xtask/phones/rule.rs`.
//!
//! The rules are regular expressions, and which of several matches counts is decided as JavaScript does: the first
//! alternative, the most repeats. Both they and the digits are short, so trying one way after another is good enough.

/// What a rule says of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Prefix<'r> {
    /// Digits that the prefix has.
    pub length: usize,
    /// Where the rule keeps a part of it: the digits put before that part, and the first digit and the one after
    /// it.
    pub kept: Option<(&'r [u8], usize, usize)>,
}

/// Matches a rule against the front of a number, given as ASCII digits. An empty rule matches nothing.
pub(super) fn find<'r>(rule: &'r [u8], number: &[u8]) -> Option<Prefix<'r>> {
    if rule.is_empty() {
        return None;
    }
    let mut parts = rule.split(|byte| *byte == b'=');
    let (pattern, front) = (parts.next()?, parts.next());
    let mut found = None;
    choice(pattern, number, 0, None, &mut |length, group| {
        found = Some((length, group));
        true
    });
    let (length, group) = found?;
    let kept = front.zip(group).filter(|(_, (start, end))| start < end);
    Some(Prefix { length, kept: kept.map(|(front, (start, end))| (front, start, end)) })
}

/// The part of the number that the kept group has matched.
type Group = Option<(usize, usize)>;
/// What has to follow; called with how far the match has come, and answers whether it holds.
type Then<'t> = &'t mut dyn FnMut(usize, Group) -> bool;

/// Matches any of the alternatives.
fn choice(pattern: &[u8], number: &[u8], at: usize, group: Group, then: Then<'_>) -> bool {
    let mut depth = 0_usize;
    let mut alternatives = pattern.split(|byte| {
        match byte {
            b'(' | b'<' => depth += 1,
            b')' | b'>' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *byte == b'|' && depth == 0
    });
    alternatives.any(|terms| sequence(terms, number, at, group, then))
}

/// Matches one term after the other.
fn sequence(terms: &[u8], number: &[u8], at: usize, group: Group, then: Then<'_>) -> bool {
    let Some((term, behind)) = first_term(terms) else { return then(at, group) };
    match *behind {
        [fewest @ b'A'..=b'Z', most @ b'A'..=b'Z', ref behind @ ..] => {
            let times = (fewest - b'A', most - b'A');
            repeat(term, times, behind, number, at, group, then)
        }
        _ => repeat(term, (1, 1), behind, number, at, group, then),
    }
}

/// Matches a term as often as its bounds allow, then what is after it.
fn repeat(
    term: &[u8],
    (fewest, most): (u8, u8),
    behind: &[u8],
    number: &[u8],
    at: usize,
    group: Group,
    then: Then<'_>,
) -> bool {
    let fewer = (fewest.saturating_sub(1), most.saturating_sub(1));
    most > 0 && single(term, number, at, group, &mut |at, group| repeat(term, fewer, behind, number, at, group, then))
        || fewest == 0 && sequence(behind, number, at, group, then)
}

/// Matches a term once.
fn single(term: &[u8], number: &[u8], at: usize, group: Group, then: Then<'_>) -> bool {
    let digit = number.get(at);
    match *term {
        [b'$'] => digit.is_none() && then(at, group),
        [b'd'] => digit.is_some() && then(at + 1, group),
        [b'[', ref class @ .., b']'] => digit.is_some_and(|digit| in_class(class, *digit)) && then(at + 1, group),
        [b'(', ref inner @ .., b')'] => choice(inner, number, at, group, then),
        [b'<', ref inner @ .., b'>'] => choice(inner, number, at, group, &mut |end, _| then(end, Some((at, end)))),
        [expected] => digit == Some(&expected) && then(at + 1, group),
        _ => false,
    }
}

fn in_class(class: &[u8], digit: u8) -> bool {
    match *class {
        [first, b'-', last, ref behind @ ..] => (first..=last).contains(&digit) || in_class(behind, digit),
        [only, ref behind @ ..] => only == digit || in_class(behind, digit),
        [] => false,
    }
}

/// The first term, and what is after it.
fn first_term(terms: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut depth = 0_usize;
    for (at, byte) in terms.iter().enumerate() {
        match byte {
            b'(' | b'<' | b'[' => depth += 1,
            b')' | b'>' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return terms.split_at_checked(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(rule: &str, number: &str) -> Option<usize> {
        find(rule.as_bytes(), number.as_bytes()).map(|prefix| prefix.length)
    }

    #[test]
    fn the_first_alternative_and_the_most_repeats_win() {
        assert_eq!(length("0|80AB", "8012"), Some(2));
        assert_eq!(length("8|80", "8012"), Some(1));
        assert_eq!(length("00(1d)AB", "00123"), Some(4));
        assert_eq!(length("00(1d)AB", "0049"), Some(2));
        assert_eq!(length("d{", "12"), None);
        assert_eq!(length("", "12"), None);
    }

    #[test]
    fn repeats_give_back_what_the_rest_needs() {
        assert_eq!(length("dBD2", "1221"), Some(3));
        assert_eq!(length("[1-35]CC$", "15"), Some(2));
        assert_eq!(length("[1-35]CC$", "151"), None);
        assert_eq!(length("[1-35]CC", "14"), None);
    }

    #[test]
    fn the_kept_group_is_told_with_what_stands_in_front_of_it() {
        let rule = b"0AB(<11|2>15)AB=9";
        assert_eq!(find(rule, b"01115234"), Some(Prefix { length: 5, kept: Some((b"9", 1, 3)) }));
        assert_eq!(find(rule, b"0234"), Some(Prefix { length: 1, kept: None }));
        assert_eq!(find(rule, b"4"), Some(Prefix { length: 0, kept: None }));
    }
}
