//! The pieces of a template: text, output and tags, as the reference's tokenizer cuts them.

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// `{{ … }}`
    Output,
    /// `{% … %}`
    Tag,
    /// `{{` without `}}`. Ends where the reference goes on.
    UnclosedOutput,
    /// `{%` without `%}`.
    UnclosedTag,
}

/// A piece: all of it, and what stands between its delimiters and their dashes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    pub inner: (usize, usize),
    /// Whether a dash takes the white space in front away.
    pub trims_before: bool,
    /// Whether a dash takes the white space after it away.
    pub trims_behind: bool,
}

/// The piece that begins at `start`, which is not the text's end.
pub(super) fn next(text: &str, start: usize) -> Piece {
    let bytes = text.as_bytes();
    let rest = bytes.get(start..).unwrap_or_default();
    match rest {
        [b'{', b'%', ..] => match find(text, start + 2, "%}") {
            Some(end) => delimited(bytes, Kind::Tag, start, end + 2),
            None => bare(Kind::UnclosedTag, start, start + 2),
        },
        [b'{', b'{', ..] => output(text, start),
        _ => {
            let opens = |pair: &[u8]| matches!(pair, [b'{', b'{' | b'%']);
            let length = rest.windows(2).position(opens).unwrap_or(rest.len());
            bare(Kind::Text, start, start + length)
        }
    }
}

/// Where `pattern` stands at or after `from`.
pub(super) fn find(text: &str, from: usize, pattern: &str) -> Option<usize> {
    let pattern = pattern.as_bytes();
    let rest = text.as_bytes().get(from..)?;
    rest.windows(pattern.len()).position(|window| window == pattern).map(|at| from + at)
}

/// An output ends at the first brace that closes, though only two of them close it well, and a tag inside swallows it.
fn output(text: &str, start: usize) -> Piece {
    let bytes = text.as_bytes();
    let mut at = start + 2;
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'}'), Some(b'}')) => return delimited(bytes, Kind::Output, start, at + 2),
            (Some(b'}'), _) => return bare(Kind::UnclosedOutput, start, at + 1),
            (Some(b'{'), Some(b'%')) => {
                let end = find(text, at + 2, "%}").map_or(text.len(), |end| end + 2);
                return bare(Kind::UnclosedOutput, start, end);
            }
            (Some(_), _) => at += 1,
            (None, _) => return bare(Kind::UnclosedOutput, start, text.len()),
        }
    }
}

fn bare(kind: Kind, start: usize, end: usize) -> Piece {
    Piece { kind, start, end, inner: (start, end), trims_before: false, trims_behind: false }
}

fn delimited(bytes: &[u8], kind: Kind, start: usize, end: usize) -> Piece {
    let (trims_before, trims_behind) = (bytes.get(start + 2) == Some(&b'-'), bytes.get(end - 3) == Some(&b'-'));
    let from = start + 2 + usize::from(trims_before);
    let to = (end - 2 - usize::from(trims_behind)).max(from);
    Piece { kind, start, end, inner: (from, to), trims_before, trims_behind }
}

/// The name of the tag at the front of `markup[from..to]`, `#` or letters, digits and `_`; empty where there is none. And
/// where what follows it begins.
pub(super) fn tag_name(text: &str, (from, to): (usize, usize)) -> (&str, usize) {
    let bytes = text.as_bytes();
    let start = skip_space(text, from, to);
    let mut end = start;
    if bytes.get(start..to).is_some_and(|rest| rest.first() == Some(&b'#')) {
        end += 1;
    } else {
        while end < to && bytes.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_') {
            end += 1;
        }
    }
    (text.get(start..end).unwrap_or_default(), skip_space(text, end, to))
}

/// Where white space that begins at `from` ends. No-break spaces, as word processors write them, belong to it.
pub(super) fn skip_space(text: &str, mut from: usize, to: usize) -> usize {
    loop {
        match text.as_bytes().get(from..to) {
            Some([b' ' | b'\t'..=b'\r', ..]) => from += 1,
            Some(rest) if rest.starts_with(NO_BREAK) => from += NO_BREAK.len(),
            _ => return from,
        }
    }
}

/// A no-break space.
pub(super) const NO_BREAK: &[u8] = "\u{a0}".as_bytes();

/// Where the first no-break space stands in a tag or output, but for those in quotes.
pub(super) fn find_no_break(text: &str, (from, to): (usize, usize)) -> Option<usize> {
    let mut quote = None;
    (from..to).find(|&at| {
        let byte = text.as_bytes().get(at);
        match (byte, quote) {
            (Some(b'"' | b'\''), None) => quote = byte,
            (_, Some(_)) if byte == quote => quote = None,
            _ => {}
        }
        quote.is_none() && text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(NO_BREAK))
    })
}

/// Where the first tag `name` at or after `from` begins and ends, whatever stands between: as `raw` finds its end.
pub(super) fn find_tag(text: &str, mut from: usize, name: &str) -> Option<(usize, usize)> {
    loop {
        let start = find(text, from, "{%")?;
        let dash = usize::from(text.as_bytes().get(start + 2) == Some(&b'-'));
        if tag_name(text, (start + 2 + dash, text.len())).0 == name {
            let end = find(text, start + 2, "%}")? + 2;
            return Some((start, end));
        }
        from = start + 2;
    }
}
