//! Makes a program of a template's text. One pass, without recursion over blocks; every mistake is reported.

use super::names::Names;
use super::parser::Parser;
use super::piece::{self, Kind as Cut, Piece, tag_name};
use super::program::{Op, Program, Range};
use super::space::{is_blank, strips, trim_end, trim_start};
use super::usage::Use;
use crate::finding::code::Code;
use crate::finding::issue::Issue;

/// The program of a template's text, its names and uses, and every issue.
pub(super) fn parse(text: &str) -> (Program, Names, Vec<Use>, Vec<Issue>) {
    let mut parser = Parser::new(text);
    parser.document();
    (parser.program, parser.names, parser.uses, parser.issues)
}

impl Parser<'_> {
    fn document(&mut self) {
        let mut at = 0;
        while at < self.text.len() && !self.stopped {
            let piece = piece::next(self.text, at);
            at = piece.end;
            self.piece = (piece.start, piece.end);
            match piece.kind {
                Cut::Text => self.plain(&piece),
                Cut::UnclosedOutput => self.issue(Code::TemplateUnclosedOutput, piece.start, piece.start + 2, vec![]),
                Cut::UnclosedTag => self.issue(Code::TemplateUnclosedTag, piece.start, piece.start + 2, vec![]),
                Cut::Output => {
                    self.trim(&piece);
                    self.judge_spaces(piece.inner);
                    self.output(piece.inner);
                }
                Cut::Tag => {
                    self.trim(&piece);
                    let (name, markup) = tag_name(self.text, piece.inner);
                    let markup = (markup, piece.inner.1);
                    if name != "#" {
                        self.judge_spaces(piece.inner);
                    }
                    if name != "liquid" {
                        self.cuttable = None;
                    }
                    at = match name {
                        "comment" => self.comment(at),
                        "raw" => self.raw(markup, at),
                        "doc" => self.doc(markup, at),
                        _ => {
                            self.tag_within(name, markup, 0);
                            at
                        }
                    };
                }
            }
        }
        self.close_all(0);
    }

    /// Text between tags.
    fn plain(&mut self, piece: &Piece) {
        let mut start = piece.start;
        if std::mem::take(&mut self.trims) {
            let text = self.text.get(start..piece.end).unwrap_or_default();
            start = piece.end - trim_start(text, strips).len();
        }
        self.push_text(start, piece.end);
        let text = self.text.get(start..piece.end).unwrap_or_default();
        self.blank(is_blank(text));
    }

    fn push_text(&mut self, start: usize, end: usize) {
        self.cuttable = None;
        if start == end {
            return;
        }
        let id = self.op(Op::Text(Range::new(start, end)));
        self.cuttable = Some(id);
        if !self.blocks.is_empty() {
            self.texts.push(id);
        }
    }

    /// Takes away what the dashes of an output or tag say.
    fn trim(&mut self, piece: &Piece) {
        self.trims = piece.trims_behind;
        if piece.trims_before
            && let Some(id) = self.cuttable
            && let Some(Op::Text(range)) = self.program.ops.get_mut(id as usize)
        {
            range.end = range.start + trim_end(range.of(self.text), strips).len() as u32;
        }
    }

    /// Reports a no-break space, which the reference does not take for white space.
    fn judge_spaces(&mut self, inner: (usize, usize)) {
        if let Some(at) = piece::find_no_break(self.text, inner) {
            let place = (at, at + piece::NO_BREAK.len());
            self.expected(Code::TemplateLooseSyntax, place, "a plain space in the place of a no-break space");
        }
    }

    /// Passes over a comment. Comments may be nested, and what looks like a tag may be none.
    fn comment(&mut self, mut at: usize) -> usize {
        let mut depth = 1;
        while at < self.text.len() {
            let piece = piece::next(self.text, at);
            at = piece.end;
            match piece.kind {
                Cut::Tag => {}
                // After it no tag ends any more.
                Cut::UnclosedTag => break,
                _ => continue,
            }
            match tag_name(self.text, piece.inner).0 {
                "comment" => depth += 1,
                "endcomment" => depth -= 1,
                "raw" => match piece::find_tag(self.text, at, "endraw") {
                    Some((_, end)) => at = end,
                    None => {
                        self.piece = (piece.start, piece.end);
                        return self.unclosed("endraw");
                    }
                },
                _ => {}
            }
            if depth == 0 {
                self.trims = piece.trims_behind;
                return at;
            }
        }
        self.unclosed("endcomment")
    }

    /// Text that is no Liquid, whatever it looks like.
    fn raw(&mut self, markup: (usize, usize), at: usize) -> usize {
        self.takes_nothing(markup);
        let Some((start, end)) = piece::find_tag(self.text, at, "endraw") else { return self.unclosed("endraw") };
        if start > at {
            self.op(Op::Text(Range::new(at, start)));
            self.blank(false);
        }
        self.trims = self.text.as_bytes().get(end - 3) == Some(&b'-');
        end
    }

    /// Passes over documentation.
    fn doc(&mut self, markup: (usize, usize), at: usize) -> usize {
        self.takes_nothing(markup);
        let Some((start, end)) = piece::find_tag(self.text, at, "enddoc") else { return self.unclosed("enddoc") };
        if let Some((nested, end)) = piece::find_tag(self.text, at, "doc").filter(|(nested, _)| *nested < start) {
            self.unbalanced((nested, end), "enddoc", "doc");
        }
        self.blank(start == at);
        self.trims = self.text.as_bytes().get(end - 3) == Some(&b'-');
        end
    }

    fn takes_nothing(&mut self, (from, to): (usize, usize)) {
        if from < to {
            self.expected(Code::TemplateSyntax, (from, to), "nothing behind the tag's name");
        }
    }
}
