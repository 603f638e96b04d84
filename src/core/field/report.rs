//! The result of judging one unit: what was found in it, what is rewritten, and texts to be rendered later.

use crate::channel::Channels;
use crate::field::length::Longest;
use crate::field::wording::{Part, Wording};
use crate::finding::code::{Code, Severity};
use crate::finding::issue::{Issue, Params, Span, param};
use crate::finding::pointer::Pointer;
use crate::json::push_quoted;
use crate::limits::{TEMPLATE_NAMES, TEMPLATES};
use crate::template::{Role, Template};
use crate::text::Text;

/// Bytes of a unit to be written in place of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    /// First byte that is replaced, within the unit.
    pub start: usize,
    /// Byte after the replaced ones.
    pub end: usize,
    /// What stands there instead.
    pub with: Vec<u8>,
}

/// The result of judging one unit: issues, with offsets into the unit, and edits in the order of their places.
#[derive(Default)]
pub(crate) struct Report {
    pub issues: Vec<Issue>,
    pub edits: Vec<Edit>,
    /// Whether issues are dropped; in the second pass only the edits are wanted.
    pub silent: bool,
    /// Severities of which nothing more is listed: an issue then needs no place.
    pub only_counted: [bool; 3],
    /// Whether the shape that is judged was not read on a page of Twilio's; what differs is then only worth a look.
    pub guessed: bool,
    /// The channels whose message is judged.
    pub channels: Channels,
    /// Texts with Liquid, to be rendered for each recipient; and how many there were in all units, and names in them.
    pub wordings: Vec<Wording>,
    pub wordings_count: usize,
    pub names_count: usize,
}

impl Report {
    /// Forgets what was said of a unit. There was seldom anything.
    #[inline(always)]
    pub(crate) fn clear(&mut self) {
        if self.issues.len() + self.edits.len() + self.wordings.len() > 0 {
            self.forget();
        }
    }

    #[inline(never)]
    fn forget(&mut self) {
        self.issues.clear();
        self.edits.clear();
        self.wordings.clear();
    }

    /// Adds an issue about the value that stands `offset` bytes into the unit.
    pub(crate) fn issue(&mut self, code: Code, at: &Pointer<'_>, offset: usize, params: Params) {
        self.spanned(code, at, offset, None, params);
    }

    /// Adds an issue about a part of the string that stands `offset` bytes into the unit.
    pub(crate) fn spanned(&mut self, code: Code, at: &Pointer<'_>, offset: usize, span: Option<Span>, params: Params) {
        if !self.silent {
            let code = if self.guessed { code.when_guessed() } else { code };
            let at = if self.only_counted[code.severity() as usize] { String::new() } else { at.text() };
            self.issues.push(Issue { code, at, offset: offset as u64, span, params });
        }
    }

    /// Whether a member was found whose name is nearly a known one.
    pub(crate) fn has_misspelled(&self) -> bool {
        self.issues.iter().any(|issue| issue.code == Code::MisspelledField)
    }

    /// Has a string written as another one.
    pub(crate) fn replace(&mut self, text: &Text<'_>, with: &str) {
        let mut quoted = Vec::with_capacity(with.len() + 2);
        push_quoted(&mut quoted, with);
        // An address is judged when its channel is known, which may stand before it or after.
        let place = self.edits.partition_point(|edit| edit.start < text.at);
        self.edits.insert(place, Edit { start: text.at, end: text.end(), with: quoted });
    }

    /// Judges a text with Liquid by itself, and keeps it to be rendered for each recipient.
    pub(crate) fn wording(
        &mut self,
        text: &str,
        at: &Pointer<'_>,
        offset: usize,
        part: Part,
        longest: Option<Longest>,
    ) {
        self.wordings_count += 1;
        if self.wordings_count > TEMPLATES {
            // Said once, and what follows is not read.
            if self.wordings_count == TEMPLATES + 1 {
                self.issue(Code::TooManyTemplates, at, offset, param("limit", TEMPLATES));
            }
            return;
        }
        let parsed = Template::parse(text);
        for issue in parsed.issues {
            match part {
                Part::Tag if issue.severity() == Severity::Error => {
                    self.spanned(Code::TagNotLiquid, at, offset, issue.span, vec![]);
                    return;
                }
                _ => self.spanned(issue.code, at, offset, issue.span, issue.params),
            }
        }
        let Some(template) = parsed.template else { return };
        let before = self.names_count;
        self.names_count += template.names().len();
        if self.names_count > TEMPLATE_NAMES {
            if before <= TEMPLATE_NAMES {
                self.issue(Code::TooManyNames, at, offset, param("limit", TEMPLATE_NAMES));
            }
            return;
        }
        if part == Part::Tag {
            self.issue(Code::TagLiquid, at, offset, vec![]);
        } else {
            let mut named: Vec<usize> = Vec::new();
            for variable in template.variables() {
                let bare = variable.role == Role::Output && !variable.has_default;
                if bare && !named.contains(&variable.slot) {
                    named.push(variable.slot);
                    let params = param("name", variable.path.to_owned());
                    self.spanned(Code::NoDefault, at, offset, Some(variable.span), params);
                }
            }
        }
        self.wordings.push(Wording { part, channels: self.channels, longest, template, names: Vec::new() });
    }
}

/// Writes a unit with its edits applied.
pub(crate) fn apply(unit: &[u8], edits: &[Edit], out: &mut Vec<u8>) {
    let mut from = 0;
    for edit in edits {
        out.extend_from_slice(unit.get(from..edit.start).unwrap_or_default());
        out.extend_from_slice(&edit.with);
        from = edit.end;
    }
    out.extend_from_slice(unit.get(from..).unwrap_or_default());
}

/// How many bytes longer (or shorter) a unit becomes by its edits.
pub(crate) fn growth(edits: &[Edit]) -> i64 {
    edits.iter().map(|edit| edit.with.len() as i64 - (edit.end - edit.start) as i64).sum()
}
