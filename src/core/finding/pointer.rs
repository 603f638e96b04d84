//! JSON Pointers (RFC 6901): a stack of borrowed names that becomes text only when an issue is made.

use crate::json::number;
use crate::limits::POINTER_NAME;
use crate::text::{Text, unescape};

/// A place in the request, as a chain up to its root.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pointer<'a> {
    /// The request itself.
    Root,
    /// A member of an object.
    Name(&'a Pointer<'a>, &'a str),
    /// A member of an object whose name was not decoded so far.
    Written(&'a Pointer<'a>, Text<'a>),
    /// An element of an array.
    Index(&'a Pointer<'a>, u64),
}

/// The list of recipients.
pub(crate) const TO: Pointer<'static> = Pointer::Name(&Pointer::Root, "to");

impl Pointer<'_> {
    /// The pointer's text.
    ///
    /// A name longer than [`POINTER_NAME`] bytes is not spelled out: the text then ends at the parent, so that it
    /// stays short and still leads to a value.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> bool {
        match self {
            Self::Root => true,
            Self::Name(parent, name) => parent.write(out) && push_name(out, name),
            Self::Written(parent, name) => parent.write(out) && push_name(out, &name.decode()),
            Self::Index(parent, index) => {
                let whole = parent.write(out);
                if whole {
                    push_index(out, *index);
                }
                whole
            }
        }
    }
}

/// Appends `/name` with `~` and `/` escaped, or nothing when the name is too long to spell out.
pub(crate) fn push_name(out: &mut String, name: &str) -> bool {
    if name.len() > POINTER_NAME {
        return false;
    }
    out.push('/');
    for c in name.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            c => out.push(c),
        }
    }
    true
}

/// Appends `/index`.
pub(crate) fn push_index(out: &mut String, index: u64) {
    out.push('/');
    out.push_str(&number(index));
}

/// Appends the path to the place where `read` ends, for JSON that could be read up to there.
///
/// Only used when reading has failed, so that reading itself need not keep track.
pub(crate) fn path_to(read: &[u8], out: &mut String) {
    enum Open<'a> {
        Array(u64),
        Object(Option<&'a [u8]>),
    }
    let mut open = Vec::new();
    let mut name: &[u8] = b"";
    let mut at = 0;
    while let Some(&byte) = read.get(at) {
        at += 1;
        match byte {
            b'"' => {
                let start = at;
                while let Some(&byte) = read.get(at) {
                    match byte {
                        b'"' => break,
                        b'\\' => at += 2,
                        _ => at += 1,
                    }
                }
                name = read.get(start..at).unwrap_or_default();
                at += 1;
            }
            b'[' => open.push(Open::Array(0)),
            b'{' => open.push(Open::Object(None)),
            b']' | b'}' => drop(open.pop()),
            b':' => {
                if let Some(Open::Object(member)) = open.last_mut() {
                    *member = Some(name);
                }
            }
            b',' => match open.last_mut() {
                Some(Open::Array(index)) => *index += 1,
                Some(Open::Object(member)) => *member = None,
                None => {}
            },
            _ => {}
        }
    }
    for place in open {
        match place {
            Open::Array(index) => push_index(out, index),
            Open::Object(None) => break,
            Open::Object(Some(name)) => {
                if !push_name(out, &unescape(name).0) {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_and_long_ones_end_at_the_parent() {
        let to = &Pointer::Name(&Pointer::Root, "to");
        let row = &Pointer::Index(to, 17);
        assert_eq!(Pointer::Name(row, "a/b~c").text(), "/to/17/a~1b~0c");
        let long = "x".repeat(POINTER_NAME + 1);
        let deep = Pointer::Name(row, &long);
        assert_eq!(Pointer::Index(&deep, 3).text(), "/to/17");
    }

    #[test]
    fn the_path_leads_to_where_reading_ended() {
        let path = |read: &str| {
            let mut out = String::new();
            path_to(read.as_bytes(), &mut out);
            out
        };
        assert_eq!(path(r#"{"a":[1,{"b\"/c":"x,y"#), "/a/1/b\"~1c");
        assert_eq!(path(r#"{"a":[1,2],"#), "");
        assert_eq!(path("[[],[3,"), "/1/1");
    }
}
