//! Segments: the pieces that an SMS is sent and billed in.
//!
//! Twilio writes a text in the GSM 7-bit alphabet if it can, else in UCS-2, and cuts it by code unit; this was measured
//! against its bills. Whether a carrier on the way keeps together what readers see as one character is not known, so
//! the count is a range: the most is that of cutting before every grapheme cluster that does not fit whole.

mod analysis;
mod cluster;
mod gsm;
mod smart;
mod table;

use crate::limits::{SEGMENT_GSM7, SEGMENT_UCS2};

pub use analysis::{Analysis, Culprit, Part, analyze};

/// How an SMS is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// The GSM 7-bit default alphabet with its extension table, in septets.
    Gsm7,
    /// UCS-2, in fact UTF-16: units of 16 bits, two for a character beyond them.
    Ucs2,
}

impl Encoding {
    /// `GSM-7` or `UCS-2`, as Twilio names them.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// How many units an SMS of one segment has at most, and each of several segments.
    const fn units(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => SEGMENT_GSM7,
            Self::Ucs2 => SEGMENT_UCS2,
        }
    }
}

/// How segments are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SegmentOptions {
    /// Whether the messaging service has smart encoding: characters outside the GSM 7-bit alphabet are replaced where
    /// that brings all of the text into it. Which ones Twilio replaces is read out of its calculator.
    ///
    /// Source: <https://www.twilio.com/blog/copilot-just-got-even-smarter-announcing-smart-encoding-html>.
    pub smart_encoding: bool,
}

/// What a text takes as SMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segments {
    /// How it is written.
    pub encoding: Encoding,
    /// How many units it has: septets, escapes counted, or UTF-16 code units.
    pub units: usize,
    /// Fewest segments: cut by unit, as Twilio does it. 0 for an empty text, which cannot be sent.
    pub min: usize,
    /// Most segments: cut only between grapheme clusters.
    pub max: usize,
    /// Whether smart encoding replaces something.
    pub replaced: bool,
}

/// Counts a text's segments. Allocates nothing, and takes time in proportion to the text.
///
/// ```
/// use postgate_core::{Encoding, SegmentOptions, count_segments};
///
/// let segments = count_segments("Zoë's table is ready 🎉", SegmentOptions::default());
/// assert_eq!((segments.encoding, segments.units, segments.max), (Encoding::Ucs2, 23, 1));
/// ```
pub fn count(text: &str, options: SegmentOptions) -> Segments {
    Written::of(text, options).segments(text)
}

/// How a text is written in units.
#[derive(Clone, Copy)]
enum Alphabet {
    Gsm7,
    /// The same after smart encoding.
    Smart,
    Ucs2,
}

/// What one character takes: how many units, and how many of them make up an atom, which is never cut.
struct Width {
    units: usize,
    atom: usize,
}

impl Alphabet {
    /// How many bytes the character at a place has, and what it takes; none at the end of the text.
    fn at(self, text: &str, at: usize) -> Option<(usize, Width)> {
        if let Self::Ucs2 = self {
            // The first byte tells both, without decoding.
            let (bytes, units) = match text.as_bytes().get(at)? {
                0..0x80 => (1, 1),
                0x80..0xE0 => (2, 1),
                0xE0..0xF0 => (3, 1),
                0xF0.. => (4, 2),
            };
            return Some((bytes, Width { units, atom: units }));
        }
        let c = character(text, at)?;
        // What was looked through has a width, and any width at all brings a loop to its end.
        Some((c.len_utf8(), self.width(c).unwrap_or(Width { units: 1, atom: 1 })))
    }

    /// What a character takes in one of the GSM alphabets; none where that lacks it.
    fn width(self, c: char) -> Option<Width> {
        if let Some(units) = gsm::septets(c) {
            return Some(Width { units, atom: units });
        }
        let Self::Smart = self else { return None };
        let text = smart::replacement(c)?;
        // One character may take an escape; of several, none does.
        let one = || text.chars().next().and_then(gsm::septets).unwrap_or(1);
        Some(if text.len() == 1 { Width { units: one(), atom: one() } } else { Width { units: text.len(), atom: 1 } })
    }
}

/// A text that was measured once, in the alphabet that it is sent in.
struct Written {
    alphabet: Alphabet,
    units: usize,
    /// Whether each character takes one unit.
    even: bool,
    /// Whether some may join others into a grapheme cluster.
    joins: bool,
}

impl Written {
    fn of(text: &str, options: SegmentOptions) -> Self {
        Self::in_gsm(text, Alphabet::Gsm7)
            .or_else(|| if options.smart_encoding { Self::in_gsm(text, Alphabet::Smart) } else { None })
            .unwrap_or_else(|| Self { alphabet: Alphabet::Ucs2, units: utf16_units(text), even: false, joins: true })
    }

    fn in_gsm(text: &str, alphabet: Alphabet) -> Option<Self> {
        let mut written = Self { alphabet, units: 0, even: true, joins: false };
        let mut at = 0;
        while at < text.len() {
            let ordinary = gsm::ordinary(text.as_bytes(), at);
            written.units += ordinary;
            at += ordinary;
            if ordinary == 8 {
                continue;
            }
            let c = character(text, at)?;
            let width = alphabet.width(c)?;
            written.units += width.units;
            written.even &= width.units == 1;
            written.joins |= c == '\r';
            at += c.len_utf8();
        }
        Some(written)
    }

    fn encoding(&self) -> Encoding {
        match self.alphabet {
            Alphabet::Gsm7 | Alphabet::Smart => Encoding::Gsm7,
            Alphabet::Ucs2 => Encoding::Ucs2,
        }
    }

    fn segments(&self, text: &str) -> Segments {
        let encoding = self.encoding();
        let (alone, each) = encoding.units();
        let mut counts = [usize::from(self.units > 0); 2];
        if self.units > alone {
            let count = |whole| {
                let mut count = 0;
                self.parts(text, whole, &mut |_, _| count += 1);
                count
            };
            let min = if self.even { self.units.div_ceil(each) } else { count(false) };
            counts = [min, if self.joins { count(true) } else { min }];
        }
        let [min, max] = counts;
        Segments { encoding, units: self.units, min, max, replaced: matches!(self.alphabet, Alphabet::Smart) }
    }

    /// Cuts the text into parts, as it is sent: hands over where each ends, in bytes, and how many units it has.
    ///
    /// With `whole`, no grapheme cluster is cut that fits into a part. A replacement of several characters may be cut;
    /// the character it stands for counts for the part in which it begins.
    fn parts(&self, text: &str, whole: bool, part: &mut dyn FnMut(usize, usize)) {
        let (alone, room) = self.encoding().units();
        if self.units <= alone {
            if self.units > 0 {
                part(text.len(), self.units);
            }
            return;
        }
        let mut start = 0;
        let mut over = 0;
        while start < text.len() || over > 0 {
            let mut left = room - over;
            let mut end = start;
            over = 0;
            loop {
                if !matches!(self.alphabet, Alphabet::Ucs2) {
                    let ordinary = gsm::ordinary(text.as_bytes(), end).min(left);
                    left -= ordinary;
                    end += ordinary;
                    if ordinary == 8 {
                        continue;
                    }
                }
                let Some((bytes, Width { units, atom })) = self.alphabet.at(text, end) else { break };
                if units > left {
                    let taken = left - left % atom.max(1);
                    left -= taken;
                    if taken > 0 {
                        over = units - taken;
                        end += bytes;
                    }
                    break;
                }
                left -= units;
                end += bytes;
            }
            if whole {
                end = match self.alphabet {
                    Alphabet::Ucs2 => cluster::cut(text, start, end),
                    // No other cluster is within the alphabet.
                    _ if end > start + 1 && text.as_bytes().get(end - 1..=end) == Some(b"\r\n") => end - 1,
                    _ => end,
                };
            }
            part(end, room - left);
            start = end;
        }
    }
}

/// The character at a place. One function for all loops, as decoding would make each of them large.
#[inline(never)]
fn character(text: &str, at: usize) -> Option<char> {
    slice(text, at, text.len()).chars().next()
}

/// A part of a text; nothing where there is none.
#[inline(never)]
fn slice(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// How many UTF-16 code units a text has: one for each first byte of a character, two where four bytes make it up.
#[inline(never)]
fn utf16_units(text: &str) -> usize {
    text.bytes().map(|byte| usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0)).sum()
}

#[cfg(test)]
mod tests;
