//! What a writer has to see: which characters make a text long, and where it is cut.

use super::cluster::Clusters;
use super::{SegmentOptions, Segments, Written, gsm, smart};
use crate::issue::Span;
use crate::limits::SEGMENTS_LISTED;
use crate::verdict::{member, push_quoted, separated};

/// Most characters of one culprit: four times as many as the longest emoji has. A longer cluster is several.
const CULPRIT: usize = 40;

/// A text's segments, with their reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analysis<'t> {
    /// How many there are.
    pub segments: Segments,
    /// How many characters the text has, by which RCS and WhatsApp measure it, and Twilio the longest SMS.
    pub characters: usize,
    /// What is not in the GSM 7-bit alphabet: the first 100.
    pub culprits: Vec<Culprit<'t>>,
    /// How many culprits are not listed.
    pub culprits_omitted: usize,
    /// The first 100 parts, as many as the fewest segments.
    pub parts: Vec<Part>,
    /// How many parts are not listed.
    pub parts_omitted: usize,
}

/// What readers see as one character, and is not in the GSM 7-bit alphabet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit<'t> {
    /// The character, which may be several to Unicode.
    pub text: &'t str,
    /// Where it stands.
    pub span: Span,
    /// What could stand there instead, within the alphabet: the same letter as one character, else what smart encoding
    /// would write.
    pub replacement: Option<String>,
}

/// What one segment holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it stands. A replacement of several characters may be cut; its character belongs to the part in which it
    /// begins.
    pub span: Span,
    /// How many units it has.
    pub units: usize,
}

/// Counts a text's segments, and says where they are cut and what makes them more. Takes time in proportion to the text.
///
/// ```
/// use postgate_core::{SegmentOptions, analyze_segments};
///
/// let analysis = analyze_segments("Soon – at 8…", SegmentOptions::default());
/// let culprits: Vec<_> = analysis.culprits.iter().map(|c| (c.text, c.replacement.as_deref())).collect();
/// assert_eq!(culprits, [("–", Some("-")), ("…", Some("..."))]);
/// ```
pub fn analyze(text: &str, options: SegmentOptions) -> Analysis<'_> {
    let written = Written::of(text, options);
    let mut analysis = Analysis {
        segments: written.segments(text),
        characters: text.chars().count(),
        culprits: Vec::new(),
        culprits_omitted: 0,
        parts: Vec::new(),
        parts_omitted: 0,
    };
    let mut cursor = Cursor { text, at: 0, utf16: 0 };
    written.parts(text, false, &mut |end, units| {
        let start = cursor;
        cursor.go(end);
        if analysis.parts.len() < SEGMENTS_LISTED {
            analysis.parts.push(Part { span: start.to(cursor), units });
        } else {
            analysis.parts_omitted += 1;
        }
    });
    analysis.find_culprits(text);
    analysis
}

impl<'t> Analysis<'t> {
    fn find_culprits(&mut self, text: &'t str) {
        let mut start = Cursor { text, at: 0, utf16: 0 };
        let mut clusters = Clusters::default();
        let (mut foreign, mut length, mut at) = (false, 0, 0);
        for c in text.chars() {
            let joins = clusters.joins(c);
            if at > start.at && (!joins || length == CULPRIT) {
                let mut end = start;
                end.go(at);
                if foreign {
                    self.add_culprit(start, end);
                }
                (start, foreign, length) = (end, false, 0);
            }
            foreign |= gsm::septets(c).is_none();
            length += 1;
            at += c.len_utf8();
        }
        if foreign {
            let mut end = start;
            end.go(at);
            self.add_culprit(start, end);
        }
    }

    fn add_culprit(&mut self, start: Cursor<'t>, end: Cursor<'t>) {
        if self.culprits.len() == SEGMENTS_LISTED {
            self.culprits_omitted += 1;
            return;
        }
        let text = start.text.get(start.at..end.at).unwrap_or_default();
        self.culprits.push(Culprit { text, span: start.to(end), replacement: replacement(text) });
    }

    /// The canonical JSON, as every door gives it: members in this order, no white space, UTF-16 code units.
    pub fn to_json(&self) -> String {
        let mut out = String::from("{\"encoding\":");
        let segments = self.segments;
        push_quoted(&mut out, segments.encoding.as_str());
        out.push(',');
        member(&mut out, "units", segments.units);
        out.push(',');
        member(&mut out, "characters", self.characters);
        out.push_str(",\"segments\":{");
        member(&mut out, "min", segments.min);
        out.push(',');
        member(&mut out, "max", segments.max);
        out.push_str("},\"replaced\":");
        out.push_str(if segments.replaced { "true" } else { "false" });
        out.push_str(",\"culprits\":[");
        separated(&mut out, &self.culprits, |out, culprit| {
            out.push_str("{\"text\":");
            push_quoted(out, culprit.text);
            push_span(out, culprit.span);
            if let Some(replacement) = &culprit.replacement {
                out.push_str(",\"replacement\":");
                push_quoted(out, replacement);
            }
            out.push('}');
        });
        out.push_str("],\"parts\":[");
        separated(&mut out, &self.parts, |out, part| {
            out.push('{');
            member(out, "units", part.units);
            push_span(out, part.span);
            out.push('}');
        });
        out.push_str("],\"omitted\":{");
        member(&mut out, "culprits", self.culprits_omitted);
        out.push(',');
        member(&mut out, "parts", self.parts_omitted);
        out.push_str("}}");
        out
    }
}

fn push_span(out: &mut String, span: Span) {
    out.push(',');
    member(out, "start", span.start_utf16);
    out.push(',');
    member(out, "end", span.end_utf16);
}

/// What could stand in a culprit's place; none where a part of it has no equal.
fn replacement(cluster: &str) -> Option<String> {
    if let Some(letter) = smart::composed(cluster) {
        return Some(letter.to_owned());
    }
    let mut out = String::new();
    for c in cluster.chars() {
        match gsm::septets(c) {
            Some(_) => out.push(c),
            None => out.push_str(smart::replacement(c)?),
        }
    }
    Some(out)
}

/// A place in a text that only goes on, so that counting in UTF-16 takes one way through it.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t str,
    at: usize,
    utf16: usize,
}

impl Cursor<'_> {
    fn go(&mut self, end: usize) {
        self.utf16 += self.text.get(self.at..end).unwrap_or_default().chars().map(char::len_utf16).sum::<usize>();
        self.at = end;
    }

    fn to(self, end: Self) -> Span {
        Span { start: self.at as u32, end: end.at as u32, start_utf16: self.utf16 as u32, end_utf16: end.utf16 as u32 }
    }
}
