//! Canonical JSON: members in the order they are written, no white space, nothing escaped that need not be.

/// Writes JSON from front to back. Commas come by themselves; that brackets match is the caller's part.
///
/// Small functions that are not generic: each place that writes takes a few bytes of the module.
#[derive(Default)]
pub(crate) struct Json(Vec<u8>);

/// Room that there is from the start: that of a short answer, which then does not move while it grows. Our own choice.
const ROOM: usize = 256;

impl Json {
    /// Begins an object or array.
    #[inline(never)]
    pub(crate) fn open(&mut self, bracket: char) -> &mut Self {
        if self.0.is_empty() {
            self.0.reserve(ROOM);
        }
        self.comma();
        self.0.push(bracket as u8);
        self
    }

    /// Ends an object or array.
    #[inline(never)]
    pub(crate) fn close(&mut self, bracket: char) -> &mut Self {
        self.0.push(bracket as u8);
        self
    }

    /// Begins a member; its value has to follow.
    #[inline(never)]
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        self.text(name).0.push(b':');
        self
    }

    /// A member whose value is a number.
    #[inline(never)]
    pub(crate) fn member(&mut self, name: &str, number: u64) -> &mut Self {
        self.name(name);
        push_number(&mut self.0, number);
        self
    }

    /// A string.
    #[inline(never)]
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.comma();
        push_quoted(&mut self.0, text);
        self
    }

    /// A string, or null.
    pub(crate) fn text_or_null(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            Some(text) => self.text(text),
            None => self.raw(b"null"),
        }
    }

    /// True or false.
    pub(crate) fn flag(&mut self, flag: bool) -> &mut Self {
        self.raw(if flag { b"true" } else { b"false" })
    }

    /// JSON that was written already.
    #[inline(never)]
    pub(crate) fn raw(&mut self, json: &[u8]) -> &mut Self {
        self.comma();
        self.0.extend_from_slice(json);
        self
    }

    /// What was written.
    pub(crate) fn finish(&mut self) -> String {
        // What is written are texts.
        String::from_utf8(std::mem::take(&mut self.0)).unwrap_or_default()
    }

    fn comma(&mut self) {
        if !matches!(self.0.last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(b',');
        }
    }
}

/// Appends a JSON string, escaping only what has to be.
pub(crate) fn push_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        from = at + 1;
        let short = match byte {
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            b'"' | b'\\' => byte,
            _ => {
                out.extend_from_slice(b"\\u00");
                out.extend([byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
                continue;
            }
        };
        out.extend([b'\\', short]);
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
    out.push(b'"');
}

/// A whole number as a text.
pub(crate) fn number(number: u64) -> String {
    let mut out = Vec::new();
    push_number(&mut out, number);
    String::from_utf8(out).unwrap_or_default()
}

/// Appends a whole number.
pub(crate) fn push_number(out: &mut Vec<u8>, number: u64) {
    let start = out.len();
    let mut rest = number;
    loop {
        out.push(b'0' + (rest % 10) as u8);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out[start..].reverse();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_between_and_nowhere_else() {
        let mut json = Json::default();
        json.open('{').member("a", 1).name("b").open('[').close(']').name("c").open('[').text("{").text(":");
        json.open('{').close('}').close(']').name("d").flag(true).name("e").text_or_null(None).close('}');
        assert_eq!(json.finish(), r#"{"a":1,"b":[],"c":["{",":",{}],"d":true,"e":null}"#);
    }

    #[test]
    fn only_what_has_to_be_is_escaped() {
        let mut json = Json::default();
        assert_eq!(json.text("\"\\\n\r\t\0\u{1f}/é\u{7f}").finish(), "\"\\\"\\\\\\n\\r\\t\\u0000\\u001f/é\u{7f}\"");
    }
}
