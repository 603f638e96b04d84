//! Finds the end of a value without reading it, whatever pieces it arrives in: quotes, escapes and brackets are all it
//! knows.

/// Where in a value its bytes have come to.
#[derive(Default)]
pub(crate) struct Framer {
    kind: Option<Framed>,
    in_string: bool,
    escaped: bool,
    depth: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Framed {
    Nested,
    String,
    /// A number or a word, which ends before white space or punctuation.
    Bare,
}

impl Framer {
    /// Takes the next bytes of the value; how many of them belong to it, once its end is among them.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Option<usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            let kind = *self.kind.get_or_insert(match byte {
                b'{' | b'[' => Framed::Nested,
                b'"' => Framed::String,
                _ => Framed::Bare,
            });
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if kind == Framed::String {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match (kind, byte) {
                (Framed::Bare, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r') => return Some(at),
                (Framed::Bare, _) => {}
                (_, b'"') => self.in_string = true,
                (_, b'{' | b'[') => self.depth += 1,
                (_, b'}' | b']') => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}
