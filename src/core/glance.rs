//! A glance at JSON: reads what is written as nearly all JSON is, and leaves the rest to the [`Reader`].
//!
//! It stands at a place of the reader's bytes and moves on only over what it has read. Wherever something else comes than
//! it looks for (more white space, an escape in a name, a mistake, the end of the bytes) it answers with nothing; then
//! the reader reads from the start, with whatever there is to be said. Everything is put inside of the one function that
//! is called for each recipient: a call costs as much as a short string.

use crate::scan::Reader;
use crate::text::Text;

/// Stands in front of what is read next.
pub(crate) struct Glance<'r, 'a> {
    reader: &'r Reader<'a>,
    at: usize,
}

impl<'r, 'a> Glance<'r, 'a> {
    /// From where the reader stands.
    pub(crate) fn new(reader: &'r Reader<'a>) -> Self {
        Self { reader, at: reader.at() }
    }

    /// Where it stands.
    #[inline(always)]
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Moves over a byte.
    #[inline(always)]
    pub(crate) fn byte(&mut self, byte: u8) -> Option<()> {
        let at = self.behind_space();
        if self.reader.bytes().get(at) != Some(&byte) {
            return None;
        }
        self.at = at + 1;
        Some(())
    }

    /// Moves over a text of eight to sixteen bytes.
    #[inline(always)]
    pub(crate) fn text<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        const { assert!(N >= 8 && N <= 16) };
        let at = self.behind_space();
        let found = self.reader.bytes().get(at..)?.first_chunk::<N>()?;
        // Two words, which overlap: comparing arrays of other sizes is a call.
        if found.first_chunk::<8>() != text.first_chunk::<8>() || found.last_chunk::<8>() != text.last_chunk::<8>() {
            return None;
        }
        self.at = at + N;
        Some(())
    }

    /// Reads a string.
    #[inline(always)]
    pub(crate) fn string(&mut self) -> Option<Text<'a>> {
        let at = self.behind_space();
        let text = match self.reader.short_string(at) {
            Some(text) => text,
            None => self.long_string(at)?,
        };
        self.at = text.end();
        Some(text)
    }

    fn long_string(&self, at: usize) -> Option<Text<'a>> {
        let plain = self.reader.plain_string(at);
        plain.or_else(|| self.reader.again(at).string().ok().filter(|text| text.at == at))
    }

    /// Where the next thing begins, behind at most one space: that is how serializers write.
    #[inline(always)]
    fn behind_space(&self) -> usize {
        self.at + usize::from(self.reader.bytes().get(self.at) == Some(&b' '))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a glance at `json` reads of a name and a string behind it, and where it then stands.
    fn read(json: &str) -> (Option<(&[u8], usize)>, usize) {
        let reader = Reader::new(json.as_bytes(), 0);
        let mut glance = Glance::new(&reader);
        let text = (|| {
            glance.text(br#""address""#)?;
            glance.byte(b':')?;
            glance.string()
        })();
        (text.map(|text| (text.raw, text.at)), glance.at())
    }

    #[test]
    fn strings_are_read_behind_at_most_one_space() {
        let long = "a string of more than sixteen characters, some of them beyond ASCII: ü€🎉";
        for value in
            ["", "x", "fifteen letters", "sixteen letters.", long, r#"an \u00e9scape \" of any length at all"#, r"\n"]
        {
            for (front, between) in [("", ""), (" ", " "), ("", " "), (" ", "")] {
                // Also where the bytes end with the string: then there is no whole block to look at.
                for behind in ["", "}", "}                "] {
                    let json = format!(r#"{front}"address"{front}:{between}"{value}"{behind}"#);
                    let at = json.find(&format!(r#""{value}""#)).filter(|_| !value.is_empty());
                    let at = at.unwrap_or(json.len() - behind.len() - 2);
                    assert_eq!(read(&json), (Some((value.as_bytes(), at)), json.len() - behind.len()), "{json}");
                }
            }
        }
    }

    #[test]
    fn anything_else_is_left_where_it_is() {
        for (json, at) in [
            (r#""address":  "two spaces""#, 10),
            ("\"address\":\n\"a line\"", 10),
            (r#""address":7"#, 10),
            (r#""address":"open"#, 10),
            ("\"address\":\"a\tb\"", 10),
            (r#""address":"\x""#, 10),
            (r#""address" "#, 9),
            (r#""addresses""#, 0),
            (r#""addres"#, 0),
            ("", 0),
        ] {
            assert_eq!(read(json), (None, at), "{json}");
        }
    }
}
