//! Canonical JSON: members in the order they are written, no white space, nothing escaped that need not be.

use std::fmt::Write;

/// Writes JSON from front to back. Commas come by themselves; that brackets match is the caller's part.
///
/// Small functions that are not generic: each place that writes takes a few bytes of the module.
#[derive(Default)]
pub(crate) struct Json(String);

impl Json {
    /// Begins an object or array.
    #[inline(never)]
    pub(crate) fn open(&mut self, bracket: char) -> &mut Self {
        self.comma();
        self.0.push(bracket);
        self
    }

    /// Ends an object or array.
    #[inline(never)]
    pub(crate) fn close(&mut self, bracket: char) -> &mut Self {
        self.0.push(bracket);
        self
    }

    /// Begins a member; its value has to follow.
    #[inline(never)]
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        self.text(name).0.push(':');
        self
    }

    /// A member whose value is a number.
    #[inline(never)]
    pub(crate) fn member(&mut self, name: &str, number: u64) -> &mut Self {
        self.name(name);
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{number}");
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
            None => self.word("null"),
        }
    }

    /// True or false.
    pub(crate) fn flag(&mut self, flag: bool) -> &mut Self {
        self.word(if flag { "true" } else { "false" })
    }

    /// JSON that was written already.
    pub(crate) fn raw(&mut self, json: &str) -> &mut Self {
        self.word(json)
    }

    /// What was written.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(&mut self.0)
    }

    fn word(&mut self, word: &str) -> &mut Self {
        self.comma();
        self.0.push_str(word);
        self
    }

    fn comma(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }
}

/// Appends a JSON string, escaping only what has to be.
pub(crate) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..'\u{20}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
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
