//! White space at the ends of texts, as Ruby knows it: that of ASCII.

/// What Ruby's `\s` takes for white space.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// What Ruby's `strip` takes away: white space, and NUL.
pub(super) fn strips(byte: u8) -> bool {
    is_space(byte) || byte == 0
}

/// A text without such bytes of ASCII at its front.
pub(super) fn trim_start(text: &str, is: fn(u8) -> bool) -> &str {
    let mut start = 0;
    while text.as_bytes().get(start).is_some_and(|byte| is(*byte)) {
        start += 1;
    }
    text.get(start..).unwrap_or_default()
}

/// A text without such bytes of ASCII at its end.
pub(super) fn trim_end(text: &str, is: fn(u8) -> bool) -> &str {
    let mut end = text.len();
    while end > 0 && text.as_bytes().get(end - 1).is_some_and(|byte| is(*byte)) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// A text without white space around.
pub(super) fn trim(text: &str) -> &str {
    trim_end(trim_start(text, is_space), is_space)
}

/// Whether there is nothing but white space.
pub(super) fn is_blank(text: &str) -> bool {
    trim_start(text, is_space).is_empty()
}

/// How long what stands before the first white space is.
pub(super) fn word(text: &str) -> usize {
    text.bytes().position(is_space).unwrap_or(text.len())
}
