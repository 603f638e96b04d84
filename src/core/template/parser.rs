//! What is known while a template is read: the program so far, the blocks that are open, and every mistake that was
//! pointed out.

use super::block::{Block, Kind as BlockKind};
use super::names::Names;
use super::program::{Id, Op, Program};
use super::token::{Kind, Token, Tokens};
use super::usage::{Role, Use};
use crate::finding::code::{Code, Severity};
use crate::finding::issue::{Issue, Params, Span};
use crate::limits::{TEMPLATE_DEPTH, TEMPLATE_LISTED};

/// What stands after a tag's name: from where to where.
pub(super) type Markup = (usize, usize);

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
    pub cuttable: Option<Id>,
    /// Whether a dash takes the white space before the next text away.
    pub trims: bool,
    /// Whether to go on.
    pub stopped: bool,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
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
        }
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

    /// The number of a name.
    pub(super) fn name(&mut self, place: (usize, usize)) -> Id {
        self.judge_name(place);
        self.names.intern(self.text.get(place.0..place.1).unwrap_or_default())
    }

    /// Points out a name of letters that the reference does not know.
    pub(super) fn judge_name(&mut self, place: (usize, usize)) {
        if !self.text.get(place.0..place.1).unwrap_or_default().is_ascii() {
            self.expected(Code::TemplateLooseSyntax, place, "names of letters from A to Z");
        }
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

    /// Points out what stands where nothing more is read.
    pub(super) fn ends(&mut self, expected: &'static str, tokens: &Tokens<'_>) {
        if tokens.next.kind != Kind::End {
            self.loose(expected, tokens.next);
        }
    }

    #[cold]
    pub(super) fn at_token(&mut self, code: Code, expected: &'static str, token: Token) {
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
