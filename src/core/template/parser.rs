//! Makes a program of a template's text. One pass, without recursion over blocks; every mistake is pointed out.

use super::block::{Block, Kind as BlockKind};
use super::names::Names;
use super::piece::{self, Kind as Cut, Piece, skip_space, tag_name};
use super::program::{Id, Op, Program, Range};
use super::space::{is_blank, strips, trim, trim_end, trim_start};
use super::token::{Kind, Token, Tokens};
use super::usage::{Role, Use};
use crate::code::{Code, Severity};
use crate::issue::{Issue, Params, Span};
use crate::limits::{TEMPLATE_DEPTH, TEMPLATE_LISTED};

/// Reads a template.
pub(super) struct Parser<'t> {
    pub text: &'t str,
    pub program: Program,
    pub names: Names,
    pub uses: Vec<Use>,
    pub issues: Vec<Issue>,
    /// The blocks that are open, from the outside in.
    pub blocks: Vec<Block>,
    /// How deep the expression is that is read.
    pub depth: usize,
    /// What the expression is used for that is read.
    pub role: Role,
    /// By name: whether the template assigns it.
    pub assigned: Vec<bool>,
    /// The tag or output that is read.
    pub piece: (usize, usize),
    /// What should have stood where a token did not fit.
    pub lacking: (&'static str, Token),
    /// The texts of open blocks, which go if the block turns out to be blank.
    pub texts: Vec<Id>,
    /// The text that a dash would cut, if it comes next.
    cuttable: Option<Id>,
    /// Whether a dash takes the white space in front of the next text away.
    trims: bool,
    /// Whether to go on.
    stopped: bool,
}

/// The program of a template's text, its names and uses, and every issue.
pub(super) fn parse(text: &str) -> (Program, Names, Vec<Use>, Vec<Issue>) {
    let mut parser = Parser {
        text,
        program: Program::default(),
        names: Names::default(),
        uses: Vec::new(),
        issues: Vec::new(),
        blocks: Vec::new(),
        depth: 0,
        role: Role::Output,
        assigned: Vec::new(),
        piece: (0, 0),
        lacking: ("", Token { kind: Kind::End, start: 0, end: 0 }),
        texts: Vec::new(),
        cuttable: None,
        trims: false,
        stopped: false,
    };
    parser.document();
    (parser.program, parser.names, parser.uses, parser.issues)
}

impl<'t> Parser<'t> {
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

    /// Points out a no-break space, which the reference takes for none.
    fn judge_spaces(&mut self, inner: (usize, usize)) {
        if let Some(at) = piece::find_no_break(self.text, inner) {
            let place = (at, at + piece::NO_BREAK.len());
            self.expected(Code::TemplateLooseSyntax, place, "a plain space in the place of a no-break space");
        }
    }

    fn output(&mut self, markup: (usize, usize)) {
        self.role = Role::Output;
        let chain = self.chain(&mut Tokens::new(self.text, markup));
        self.op(Op::Output(chain));
        self.blank(false);
    }

    /// Passes over a comment. Comments may be nested, and what looks like a tag may be none.
    fn comment(&mut self, mut at: usize) -> usize {
        let mut depth = 1;
        while at < self.text.len() {
            let piece = piece::next(self.text, at);
            at = piece.end;
            match piece.kind {
                Cut::Tag => {}
                // Behind it no tag ends any more.
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

    /// The tags of a `liquid` tag, one a line.
    pub(super) fn lines(&mut self, (mut from, to): (usize, usize)) {
        let outside = self.blocks.len();
        // In a comment: how many are open.
        let mut comments = 0;
        while from < to && !self.stopped {
            let rest = self.text.get(from..to).unwrap_or_default();
            let end = from + rest.find('\n').unwrap_or(rest.len());
            let (mut name, mut markup) = tag_name(self.text, (from, end));
            // A line may say `liquid` again, however often.
            while name == "liquid" {
                (name, markup) = tag_name(self.text, (markup, end));
            }
            let line = self.text.get(from..end).unwrap_or_default();
            let start = skip_space(self.text, from, end);
            let behind = start + trim(line).len();
            from = end + 1;
            if is_blank(line) {
                continue;
            }
            match name {
                "comment" => {
                    self.cuttable = None;
                    comments += 1;
                }
                "endcomment" if comments > 0 => comments -= 1,
                _ if comments > 0 => {}
                "raw" | "doc" => {
                    self.piece = (start, behind);
                    self.unclosed(if name == "raw" { "endraw" } else { "enddoc" });
                }
                _ => {
                    self.piece = (start, behind);
                    self.cuttable = None;
                    self.tag_within(name, (markup, end), outside);
                }
            }
        }
        if comments > 0 {
            self.unclosed("endcomment");
        }
        self.close_all(outside);
    }

    /// Points out the blocks that are still open, and ends them.
    fn close_all(&mut self, outside: usize) {
        while self.blocks.len() > outside {
            let Some(block) = self.blocks.pop() else { return };
            self.piece = (block.at.start as usize, block.at.end as usize);
            self.unclosed(block.owner.end());
        }
    }

    /// Points out a block that is never ended; the end of the text.
    fn unclosed(&mut self, end: &'static str) -> usize {
        self.unbalanced(self.piece, end, "the end of the template");
        self.text.len()
    }

    /// Adds a step to the program.
    pub(super) fn op(&mut self, op: Op) -> Id {
        self.cuttable = None;
        self.program.ops.push(op);
        self.here() - 1
    }

    /// Where the next step will be.
    pub(super) fn here(&self) -> Id {
        self.program.ops.len() as Id
    }

    /// Says of the innermost block whether what was added leaves it blank; and that nothing is to be cut any more.
    pub(super) fn blank(&mut self, blank: bool) {
        if let Some(block) = self.blocks.last_mut() {
            block.blank &= blank;
        }
    }

    /// Has a jump lead to where the next step will be.
    pub(super) fn land(&mut self, jump: Id) {
        let here = self.here();
        if let Some(
            Op::Jump(target)
            | Op::Branch { otherwise: target, .. }
            | Op::Else { otherwise: target }
            | Op::Loop { empty: target, .. },
        ) = self.program.ops.get_mut(jump as usize)
        {
            *target = here;
        }
    }

    /// Whether the template itself gives a variable its value here.
    pub(super) fn is_local(&self, name: Id) -> bool {
        let assigned = self.assigned.get(name as usize).copied().unwrap_or(false);
        let text = self.names.get(name);
        assigned
            || self.blocks.iter().any(|block| match block.owner.kind {
                kind @ (BlockKind::For | BlockKind::TableRow) => {
                    block.owner.name == name || text == loop_name(kind == BlockKind::TableRow)
                }
                _ => false,
            })
    }

    /// Notes that the template gives a variable its value.
    pub(super) fn assign(&mut self, name: Id) {
        let place = name as usize;
        if self.assigned.len() <= place {
            self.assigned.resize(place + 1, false);
        }
        if let Some(assigned) = self.assigned.get_mut(place) {
            *assigned = true;
        }
        self.program.keeps = true;
    }

    /// Points out a token that does not fit.
    pub(super) fn unexpected(&mut self, code: Code) {
        let (expected, token) = self.lacking;
        self.at_token(code, expected, token);
    }

    /// Points out what only lenient readers take.
    pub(super) fn loose(&mut self, expected: &'static str, token: Token) {
        self.at_token(Code::TemplateLooseSyntax, expected, token);
    }

    #[cold]
    fn at_token(&mut self, code: Code, expected: &'static str, token: Token) {
        // Where something is missing at the end, all of the tag or output is pointed at.
        let (start, end) = if token.kind == Kind::End { self.piece } else { (token.start, token.end) };
        self.expected(code, (start, end), expected);
    }

    /// Points out a part of the text that should be something else.
    #[cold]
    pub(super) fn expected(&mut self, code: Code, (start, end): (usize, usize), expected: &'static str) {
        self.issue(code, start, end, vec![("expected", expected.into())]);
    }

    /// Points out a block that does not match.
    #[cold]
    pub(super) fn unbalanced(&mut self, (start, end): (usize, usize), expected: &'static str, found: &'static str) {
        let params = vec![("expected", expected.into()), ("found", found.into())];
        self.issue(Code::TemplateUnbalancedBlock, start, end, params);
    }

    pub(super) fn too_deep(&mut self) {
        if !self.stopped {
            let (start, end) = self.piece;
            self.issue(Code::TemplateTooDeep, start, end, vec![("limit", TEMPLATE_DEPTH.into())]);
            self.stopped = true;
        }
    }

    pub(super) fn issue(&mut self, code: Code, start: usize, end: usize, params: Params) {
        if self.stopped {
            return;
        }
        if self.issues.len() >= TEMPLATE_LISTED {
            // A list that is full still takes an error, with which there is no template.
            if code.severity() != Severity::Error {
                return;
            }
            self.issues.pop();
            self.stopped = true;
        }
        let span = Some(Span::of(self.text, start, end));
        self.issues.push(Issue { code, at: String::new(), offset: 0, span, params });
    }
}

/// The name under which a loop is known inside it.
pub(super) const fn loop_name(table: bool) -> &'static str {
    if table { "tablerowloop" } else { "forloop" }
}
