//! What a writer has to see: which characters make a text long, and where it is cut.

use super::cluster::Clusters;
use super::{Alphabet, SegmentOptions, Segments, Written, character, gsm, slice, smart, utf16_units};
use crate::finding::issue::Span;
use crate::json::Json;
use crate::limits::SEGMENTS_LISTED;

/// Most characters of one culprit: four times as many as the longest emoji has. A longer cluster is several.
const CULPRIT: usize = 40;

/// A text's segments, with their reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Analysis<'t> {
    /// How many there are.
    pub segments: Segments,
    /// How many characters the text has: what the limits of RCS and WhatsApp count, and Twilio's limit for SMS.
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

/// What readers see as one character and the GSM 7-bit alphabet lacks, so that it forces all of the text into UCS-2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Culprit<'t> {
    /// The character, which may be several to Unicode.
    pub text: &'t str,
    /// Where it stands.
    pub span: Span,
    /// What could stand there instead, within the alphabet: the same letter as one character, else what smart encoding
    /// would write; none where neither has anything.
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
    if !matches!(written.alphabet, Alphabet::Gsm7) {
        analysis.find_culprits(text);
    }
    analysis
}

impl<'t> Analysis<'t> {
    fn find_culprits(&mut self, text: &'t str) {
        let mut clusters = Clusters::default();
        let mut end = Cursor { text, at: 0, utf16: 0 };
        // Where the cluster begins, how many characters it has, and whether one is not in the alphabet.
        let (mut start, mut length, mut foreign) = (end, 0, false);
        loop {
            let c = character(text, end.at);
            let joins = c.is_some_and(|c| clusters.joins(c)) && length < CULPRIT;
            if !joins {
                if foreign {
                    self.add_culprit(start, end);
                }
                (start, length, foreign) = (end, 0, false);
            }
            let Some(c) = c else { break };
            foreign |= gsm::septets(c).is_none();
            length += 1;
            end.go(end.at + c.len_utf8());
        }
    }

    fn add_culprit(&mut self, start: Cursor<'t>, end: Cursor<'t>) {
        if self.culprits.len() == SEGMENTS_LISTED {
            self.culprits_omitted += 1;
            return;
        }
        let text = slice(start.text, start.at, end.at);
        self.culprits.push(Culprit { text, span: start.to(end), replacement: replacement(text) });
    }

    /// The canonical JSON, as every door gives it: members in this order, no white space, UTF-16 code units.
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        self.write(&mut json);
        json.finish()
    }

    /// Writes it into a larger JSON text.
    pub(crate) fn write(&self, json: &mut Json) {
        let Segments { encoding, units, min, max, replaced } = self.segments;
        json.open('{').name("encoding").text(encoding.as_str());
        json.member("units", units as u64).member("characters", self.characters as u64);
        json.name("segments").open('{').member("min", min as u64).member("max", max as u64).close('}');
        json.name("replaced").flag(replaced).name("culprits").open('[');
        for Culprit { text, span, replacement } in &self.culprits {
            json.open('{').name("text").text(text);
            push_span(json, *span);
            if let Some(replacement) = replacement {
                json.name("replacement").text(replacement);
            }
            json.close('}');
        }
        json.close(']').name("parts").open('[');
        for Part { span, units } in &self.parts {
            json.open('{').member("units", *units as u64);
            push_span(json, *span);
            json.close('}');
        }
        json.close(']').name("omitted").open('{').member("culprits", self.culprits_omitted as u64);
        json.member("parts", self.parts_omitted as u64).close('}').close('}');
    }
}

fn push_span(json: &mut Json, span: Span) {
    json.member("start", span.start_utf16.into()).member("end", span.end_utf16.into());
}

/// What could stand in a culprit's place; none where a part of it has no equal.
fn replacement(cluster: &str) -> Option<String> {
    if let Some(letter) = smart::composed(cluster) {
        return Some(letter.to_owned());
    }
    let mut out = String::new();
    let mut at = 0;
    while let Some(c) = character(cluster, at) {
        let same = slice(cluster, at, at + c.len_utf8());
        out.push_str(if gsm::septets(c).is_some() { same } else { smart::replacement(c)? });
        at += c.len_utf8();
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
        self.utf16 += utf16_units(slice(self.text, self.at, end));
        self.at = end;
    }

    fn to(self, end: Self) -> Span {
        Span { start: self.at as u32, end: end.at as u32, start_utf16: self.utf16 as u32, end_utf16: end.utf16 as u32 }
    }
}
