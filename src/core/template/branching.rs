//! Blocks as they are opened, divided into branches and ended: the steps that lead from one branch to the next.

use super::block::{Block, ENDS, Kind, Owner};
use super::parser::{Markup, Parser};
use super::program::{Expression, Id, NONE, Op, Range};
use super::token::{Kind as Mark, Tokens};
use super::usage::Role;
use crate::finding::code::Code;
use crate::limits::TEMPLATE_DEPTH;

impl Parser<'_> {
    pub(super) fn open(&mut self, owner: Owner) {
        if self.blocks.len() >= TEMPLATE_DEPTH {
            self.too_deep();
            return;
        }
        let at = Range::new(self.piece.0, self.piece.1);
        self.blocks.push(Block { owner, at, blank: true, texts: self.texts.len() });
    }

    /// Whose the innermost block is, of those inside.
    fn innermost(&self, outside: usize) -> Option<Owner> {
        self.blocks.get(outside..)?.last().map(|block| block.owner)
    }

    /// Ends the innermost block, if it is the tag's.
    pub(super) fn end(&mut self, name: &str, outside: usize) {
        let expected = self.innermost(outside).map_or("no block to end", |owner| owner.end());
        if expected != name {
            let known = ENDS.iter().find(|end| **end == name);
            self.unbalanced(self.piece, expected, known.map_or("another tag", |end| end));
            // Where it ends a block around, those inside are not ended.
            let mut around = self.blocks.len();
            while around > outside && self.blocks.get(around - 1).is_some_and(|block| block.owner.end() != name) {
                around -= 1;
            }
            if around <= outside {
                return;
            }
            self.blocks.truncate(around);
        }
        let Some(Block { owner, blank, texts, .. }) = self.blocks.pop() else { return };
        self.finish(owner);
        if blank && !matches!(owner.kind, Kind::TableRow | Kind::Capture | Kind::Changed) {
            for &text in self.texts.get(texts..).unwrap_or_default() {
                if let Some(op) = self.program.ops.get_mut(text as usize) {
                    *op = Op::Text(Range::default());
                }
            }
        }
        self.texts.truncate(texts);
        self.blank(blank || owner.kind == Kind::Capture);
    }

    fn finish(&mut self, owner: Owner) {
        match owner.kind {
            Kind::For | Kind::TableRow => self.end_body(owner),
            Kind::Case => self.end_when(),
            _ => {}
        }
        self.land(owner.pending);
        let mut jump = owner.ends;
        while let Some(&Op::Jump(before)) = self.program.ops.get(jump as usize) {
            self.land(jump);
            jump = before;
        }
        let end = match owner.kind {
            Kind::Case => Op::CaseEnd,
            Kind::Capture => Op::CaptureEnd,
            Kind::Changed => Op::ChangedEnd,
            _ => return,
        };
        self.op(end);
        if owner.kind == Kind::Capture {
            self.assign(owner.name);
        }
    }

    /// Reports the blocks that are still open, and ends them.
    pub(super) fn close_all(&mut self, outside: usize) {
        while self.blocks.len() > outside {
            let Some(block) = self.blocks.pop() else { return };
            self.piece = (block.at.start as usize, block.at.end as usize);
            self.unclosed(block.owner.end());
        }
    }

    /// Reports a block that is never ended, at the end of the text.
    pub(super) fn unclosed(&mut self, end: &'static str) -> usize {
        self.unbalanced(self.piece, end, "the end of the template");
        self.text.len()
    }

    /// Ends what a `when` or `else` runs.
    fn end_when(&mut self) {
        self.op(Op::WhenEnd);
    }

    /// Ends the body of a loop, unless its `else` has done so.
    fn end_body(&mut self, owner: Owner) {
        if owner.ends != NONE {
            return;
        }
        let next = self.op(Op::Next { body: owner.pending + 1 });
        if let Some(own) = self.program.loops.get_mut(owner.of as usize) {
            own.next = next;
        }
    }

    pub(super) fn begin_if(&mut self, unless: bool, markup: Markup) {
        let pending = self.test(unless, markup);
        let kind = if unless { Kind::Unless } else { Kind::If };
        self.open(Owner { pending, ..Owner::new(kind) });
    }

    /// The step that asks whether a condition holds.
    fn test(&mut self, negated: bool, markup: Markup) -> Id {
        let condition = self.condition(&mut Tokens::new(self.text, markup));
        self.op(Op::Branch { condition, negated, otherwise: NONE })
    }

    /// `elsif`, `else` and `when`: the next branch of the innermost block.
    pub(super) fn branch(&mut self, name: &'static str, markup: Markup, outside: usize) {
        let innermost = self.innermost(outside);
        let Some(mut owner) = innermost.filter(|owner| match owner.kind {
            Kind::If | Kind::Unless => name != "when",
            Kind::Case => name != "elsif",
            Kind::For => name == "else" && owner.ends == NONE,
            _ => false,
        }) else {
            let expected = innermost.map_or("no branch outside a block", |owner| owner.end());
            return self.unbalanced(self.piece, expected, name);
        };
        if owner.kind == Kind::Case {
            if name == "else" && markup.0 < markup.1 {
                self.expected(Code::TemplateSyntax, markup, "nothing behind else");
            }
            self.end_when();
        } else {
            if owner.kind == Kind::For {
                self.end_body(owner);
            }
            owner.ends = self.op(Op::Jump(owner.ends));
        }
        self.land(owner.pending);
        owner.pending = match name {
            "elsif" => self.test(false, markup),
            "when" => self.when(owner.of, markup),
            _ if owner.kind == Kind::Case => self.op(Op::Else { otherwise: NONE }),
            _ => NONE,
        };
        if let Some(block) = self.blocks.last_mut() {
            block.owner = owner;
        }
    }

    pub(super) fn begin_case(&mut self, markup: Markup) {
        self.role = Role::Condition;
        let mut tokens = Tokens::new(self.text, markup);
        let left = self.expression(&mut tokens).unwrap_or_else(|| {
            self.unexpected(Code::TemplateSyntax);
            NONE
        });
        self.ends("the end", &tokens);
        if let Some(word @ (Expression::Empty | Expression::Blank)) = self.program.expressions.get_mut(left as usize) {
            // Here they are the text that is empty.
            *word = Expression::Text(Range::default());
        }
        self.op(Op::CaseBegin);
        // Nothing before the first `when` is ever carried out.
        let pending = self.op(Op::Jump(NONE));
        self.program.keeps = true;
        self.open(Owner { of: left, pending, ..Owner::new(Kind::Case) });
    }

    /// The values of a `when`; the jump over its body.
    fn when(&mut self, left: Id, markup: Markup) -> Id {
        self.role = Role::Condition;
        let mut tokens = Tokens::new(self.text, markup);
        let first = self.here();
        loop {
            match self.expression(&mut tokens) {
                Some(right) => self.op(Op::When { left, right, body: NONE }),
                None => {
                    self.unexpected(Code::TemplateSyntax);
                    break;
                }
            };
            if tokens.take_if(Mark::Comma).is_none() && !tokens.take_word("or") {
                self.ends("a comma, or the end", &tokens);
                break;
            }
        }
        let jump = self.op(Op::Jump(NONE));
        let start = self.here();
        for op in self.program.ops.iter_mut().skip(first as usize) {
            if let Op::When { body, .. } = op {
                *body = start;
            }
        }
        jump
    }
}
