//! The tags: what each makes of the program, and the blocks that some of them open.

use super::parser::{NO_JUMP, Parser};
use super::program::{Cycle, Expression, Id, List, Loop, NONE, Offset, Op, Range};
use super::space::{is_space, trim, trim_start, word};
use super::token::{Kind, Tokens};
use super::usage::Role;
use crate::code::Code;
use crate::limits::TEMPLATE_DEPTH;

/// A block that is open.
pub(super) struct Block {
    pub owner: Owner,
    /// The tag that opened it.
    pub at: Range,
    /// Whether nothing in it can be seen: then its white space goes, too.
    pub blank: bool,
    /// How many texts of blocks around it were there when it was opened.
    texts: usize,
}

/// Whose block it is. Jumps that lead nowhere yet are the head of a list of them, in which each holds the one before.
pub(super) enum Owner {
    If {
        unless: bool,
        /// The condition that leads to the next branch.
        pending: Id,
        ends: Id,
    },
    Case {
        left: Id,
        pending: Id,
    },
    Loop {
        id: Id,
        name: Id,
        table: bool,
        begin: Id,
        /// Behind its `else`: the jump over that.
        end: Option<Id>,
    },
    Capture {
        name: Id,
    },
    Changed,
}

impl Owner {
    /// The tag that ends it.
    pub(super) fn end(&self) -> &'static str {
        match self {
            Self::If { unless: false, .. } => "endif",
            Self::If { unless: true, .. } => "endunless",
            Self::Case { .. } => "endcase",
            Self::Loop { table: false, .. } => "endfor",
            Self::Loop { table: true, .. } => "endtablerow",
            Self::Capture { .. } => "endcapture",
            Self::Changed => "endifchanged",
        }
    }
}

type Markup = (usize, usize);

impl<'t> Parser<'t> {
    /// A tag that may end blocks down to `outside`.
    pub(super) fn tag_within(&mut self, name: &str, markup: Markup, outside: usize) {
        match name {
            "if" | "unless" => self.begin_if(name == "unless", markup),
            "elsif" | "else" | "when" => self.branch(name, markup, outside),
            "case" => self.begin_case(markup),
            "for" | "tablerow" => self.begin_loop(name == "tablerow", markup),
            "capture" => self.begin_capture(markup),
            "ifchanged" => {
                self.op(Op::ChangedBegin);
                self.program.keeps = true;
                self.open(Owner::Changed);
            }
            "assign" => self.assignment(markup),
            "echo" => {
                self.role = Role::Output;
                let chain = self.chain(&mut Tokens::new(self.text, markup));
                self.op(Op::Output(chain));
                self.blank(false);
            }
            "increment" | "decrement" => self.count(name == "decrement", markup),
            "cycle" => self.cycle(markup),
            "break" | "continue" => {
                self.op(if name == "break" { Op::Break } else { Op::Continue });
                self.blank(false);
            }
            "liquid" => self.lines(markup),
            "#" => self.inline_comment(markup),
            "render" | "include" => {
                let (start, end) = self.piece;
                self.issue(Code::TemplatePartial, start, end, vec![]);
            }
            _ if name.starts_with("end") => self.end(name, outside),
            _ => {
                let (start, end) = self.piece;
                self.issue(Code::TemplateUnknownTag, start, end, vec![]);
            }
        }
    }

    fn open(&mut self, owner: Owner) {
        if self.blocks.len() >= TEMPLATE_DEPTH {
            self.too_deep();
            return;
        }
        let at = Range::new(self.piece.0, self.piece.1);
        self.blocks.push(Block { owner, at, blank: true, texts: self.texts.len() });
    }

    /// Ends the innermost block, if it is the tag's.
    fn end(&mut self, name: &str, outside: usize) {
        const ENDS: [&str; 7] =
            ["endif", "endunless", "endcase", "endfor", "endtablerow", "endcapture", "endifchanged"];
        let own = self.blocks.len() > outside;
        let expected = self.blocks.last().filter(|_| own).map_or("no block to end", |block| block.owner.end());
        if expected != name {
            // Where it ends a block around, those inside are not ended.
            let known = ENDS.iter().find(|end| **end == name);
            let mut around = self.blocks.len();
            while around > outside && self.blocks.get(around - 1).is_some_and(|block| block.owner.end() != name) {
                around -= 1;
            }
            self.unbalanced(self.piece, expected, known.map_or("another tag", |end| end));
            if around <= outside {
                return;
            }
            self.blocks.truncate(around);
        }
        let Some(block) = self.blocks.pop() else { return };
        self.finish(&block);
        if block.blank
            && matches!(block.owner, Owner::If { .. } | Owner::Case { .. } | Owner::Loop { table: false, .. })
        {
            for &text in self.texts.get(block.texts..).unwrap_or_default() {
                if let Some(op) = self.program.ops.get_mut(text as usize) {
                    *op = Op::Text(Range::default());
                }
            }
        }
        self.texts.truncate(block.texts);
        self.blank(block.blank || matches!(block.owner, Owner::Capture { .. }));
    }

    fn finish(&mut self, block: &Block) {
        match block.owner {
            Owner::If { pending, ends, .. } => {
                self.land(pending);
                self.land_all(ends);
            }
            Owner::Case { pending, .. } => {
                self.end_when();
                self.land(pending);
                self.op(Op::CaseEnd);
            }
            Owner::Loop { id, begin, end, .. } => match end {
                Some(end) => self.land(end),
                None => {
                    self.end_body(id, begin);
                    self.land(begin);
                }
            },
            Owner::Capture { name } => {
                self.op(Op::CaptureEnd);
                self.assign(name);
            }
            Owner::Changed => {
                self.op(Op::ChangedEnd);
            }
        }
    }

    /// Ends what a `when` or `else` carries out.
    fn end_when(&mut self) {
        self.op(Op::WhenEnd);
    }

    fn end_body(&mut self, id: Id, begin: Id) {
        let next = self.op(Op::Next { body: begin + 1 });
        if let Some(own) = self.program.loops.get_mut(id as usize) {
            own.next = next;
        }
    }

    fn land_all(&mut self, mut jump: Id) {
        while let Some(Op::Jump(before)) = self.program.ops.get(jump as usize) {
            let before = *before;
            self.land(jump);
            jump = before;
        }
    }

    fn begin_if(&mut self, unless: bool, markup: Markup) {
        let condition = self.condition(&mut Tokens::new(self.text, markup));
        let pending = self.op(Op::Branch { condition, negated: unless, otherwise: NONE });
        self.open(Owner::If { unless, pending, ends: NO_JUMP });
    }

    /// `elsif`, `else` and `when`: the next branch of the innermost block.
    fn branch(&mut self, name: &str, markup: Markup, outside: usize) {
        let inner = self.blocks.len().checked_sub(1).filter(|inner| *inner >= outside);
        let Some(block) = inner.and_then(|inner| self.blocks.get(inner)) else { return self.misplaced(name, outside) };
        match (name, &block.owner) {
            ("elsif" | "else", Owner::If { unless, pending, ends }) => {
                let (unless, pending, ends) = (*unless, *pending, *ends);
                let ends = self.op(Op::Jump(ends));
                self.land(pending);
                let mut pending = NONE;
                if name == "elsif" {
                    let condition = self.condition(&mut Tokens::new(self.text, markup));
                    pending = self.op(Op::Branch { condition, negated: false, otherwise: NONE });
                }
                self.set_owner(Owner::If { unless, pending, ends });
            }
            ("when", Owner::Case { left, pending }) => {
                let (left, pending) = (*left, *pending);
                self.end_when();
                self.land(pending);
                let pending = self.when(left, markup);
                self.set_owner(Owner::Case { left, pending });
            }
            ("else", Owner::Case { left, pending }) => {
                let (left, pending) = (*left, *pending);
                if markup.0 < markup.1 {
                    self.expected(Code::TemplateSyntax, markup, "nothing behind else");
                }
                self.end_when();
                self.land(pending);
                let pending = self.op(Op::Else { otherwise: NONE });
                self.set_owner(Owner::Case { left, pending });
            }
            ("else", Owner::Loop { id, name, table: false, begin, end: None }) => {
                let (id, name, begin) = (*id, *name, *begin);
                self.end_body(id, begin);
                let end = self.op(Op::Jump(NONE));
                self.land(begin);
                self.set_owner(Owner::Loop { id, name, table: false, begin, end: Some(end) });
            }
            _ => self.misplaced(name, outside),
        }
    }

    fn set_owner(&mut self, owner: Owner) {
        if let Some(block) = self.blocks.last_mut() {
            block.owner = owner;
        }
    }

    fn misplaced(&mut self, name: &str, outside: usize) {
        let block = self.blocks.last().filter(|_| self.blocks.len() > outside);
        let expected = block.map_or("no branch outside a block", |block| block.owner.end());
        let found = ["elsif", "else", "when"].into_iter().find(|known| *known == name).unwrap_or_default();
        self.unbalanced(self.piece, expected, found);
    }

    fn begin_case(&mut self, markup: Markup) {
        self.role = Role::Condition;
        let mut tokens = Tokens::new(self.text, markup);
        let left = self.expression(&mut tokens).unwrap_or_else(|| {
            self.unexpected(Code::TemplateSyntax);
            NONE
        });
        if let Some(word @ (Expression::Empty | Expression::Blank)) = self.program.expressions.get_mut(left as usize) {
            // Here they are the text that is empty.
            *word = Expression::Text(Range::default());
        }
        self.op(Op::CaseBegin);
        // Nothing in front of the first `when` is ever carried out.
        let pending = self.op(Op::Jump(NONE));
        self.program.keeps = true;
        self.open(Owner::Case { left, pending });
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
            if tokens.take_if(Kind::Comma).is_none() && !tokens.take_word("or") {
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

    fn begin_loop(&mut self, table: bool, markup: Markup) {
        self.role = Role::Loop;
        let mut tokens = Tokens::new(self.text, markup);
        let mut own = Loop {
            name: NONE,
            values: NONE,
            offset: Offset::Value(NONE),
            limit: NONE,
            reversed: false,
            key: 0,
            table: table.then_some(NONE),
            next: NONE,
            at: Range::default(),
        };
        if self.loop_head(table, &mut own, &mut tokens).is_none() {
            self.unexpected(Code::TemplateSyntax);
        }
        self.program.loops.push(own);
        self.program.keeps = true;
        let id = self.program.loops.len() as Id - 1;
        let begin = self.op(Op::Loop { id, empty: NONE });
        self.open(Owner::Loop { id, name: own.name, table, begin, end: None });
    }

    /// `name in values`, and what bounds the loop. None where it is none.
    fn loop_head(&mut self, table: bool, own: &mut Loop, tokens: &mut Tokens<'t>) -> Option<()> {
        let name = self.expect(Kind::Id, "the name of a variable", tokens)?;
        let name_text = tokens.text(name);
        if !tokens.take_word("in") {
            return self.lacks("in", tokens.next);
        }
        let start = tokens.next.start;
        own.values = self.expression(tokens)?;
        own.name = self.names.intern(name_text);
        own.key = self.loop_key(name_text, (start, tokens.next.start));
        own.at = Range::new(name.start, self.piece.1);
        own.reversed = !table && tokens.take_word("reversed");
        while tokens.next.kind != Kind::End {
            tokens.take_if(Kind::Comma);
            let attribute = tokens.next;
            let word = if attribute.kind == Kind::Id { tokens.text(attribute) } else { "" };
            let known = matches!(word, "limit" | "offset") || (table && word == "cols");
            if !known && !table {
                self.loose("limit or offset", attribute);
                break;
            }
            tokens.take();
            if tokens.take_if(Kind::Colon).is_none() {
                if !table {
                    self.loose("a colon", tokens.next);
                    break;
                }
                continue;
            }
            if word == "offset" && !table && tokens.next.kind == Kind::Id && tokens.text(tokens.next) == "continue" {
                tokens.take();
                own.offset = Offset::Continue;
                continue;
            }
            let Some(value) = self.expression(tokens) else {
                self.unexpected(Code::TemplateLooseSyntax);
                break;
            };
            match word {
                "limit" => own.limit = value,
                "offset" => own.offset = Offset::Value(value),
                "cols" => own.table = Some(value),
                _ => {}
            }
        }
        Some(())
    }

    /// A number that loops over the same expression with the same variable share.
    fn loop_key(&mut self, name: &str, (from, to): (usize, usize)) -> u32 {
        let mut key = String::from(name);
        key.push('-');
        let written = self.text.get(from..to).unwrap_or_default();
        let mut rest = written;
        while !rest.is_empty() {
            rest = trim_start(rest, is_space);
            let (part, behind) = rest.split_at_checked(word(rest)).unwrap_or_default();
            key.push_str(part);
            rest = behind;
        }
        match self.program.loop_keys.iter().position(|known| *known == key) {
            Some(place) => place as u32,
            None => {
                self.program.loop_keys.push(key);
                self.program.loop_keys.len() as u32 - 1
            }
        }
    }

    fn begin_capture(&mut self, markup: Markup) {
        let name = self.target(markup);
        self.op(Op::CaptureBegin { name });
        self.open(Owner::Capture { name });
    }

    /// The name of a variable that gets a value. It may stand between quotes.
    fn target(&mut self, markup: Markup) -> Id {
        let written = self.text.get(markup.0..markup.1).unwrap_or_default();
        // Of other alphabets all but marks and spaces, so that quotes of a word processor are none, either.
        let part = |c: char| match c {
            '\u{80}'..='\u{BF}' => matches!(c, 'ª' | '²' | '³' | 'µ' | '¹' | 'º' | '¼'..='¾'),
            '×' | '÷' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
            '_' | '-' | '.' | '[' | ']' => true,
            _ => c.is_ascii_alphanumeric() || !c.is_ascii(),
        };
        let mut name = 0..0;
        for (at, c) in written.char_indices() {
            if part(c) {
                name = if name.is_empty() { at } else { name.start }..at + c.len_utf8();
            } else if !name.is_empty() {
                break;
            }
        }
        let name = written.get(name).unwrap_or_default();
        if name.is_empty() {
            self.expected(Code::TemplateSyntax, self.piece, "the name of a variable");
        }
        self.names.intern(name)
    }

    fn assignment(&mut self, (from, to): Markup) {
        let written = self.text.get(from..to).unwrap_or_default();
        let equals = from + written.find('=').unwrap_or(written.len());
        if equals == to || matches!(trim_start(written, is_space).as_bytes(), [b'"' | b'\'', ..]) {
            return self.expected(Code::TemplateSyntax, self.piece, "a variable, = and a value");
        }
        let name = self.target((from, equals));
        self.role = Role::Assign;
        let chain = self.chain(&mut Tokens::new(self.text, (equals + 1, to)));
        self.op(Op::Assign { name, chain });
        self.assign(name);
    }

    fn count(&mut self, down: bool, markup: Markup) {
        let written = self.text.get(markup.0..markup.1).unwrap_or_default();
        let name = self.names.intern(trim(written));
        self.op(Op::Count { name, down });
        self.assign(name);
        self.blank(false);
    }

    fn cycle(&mut self, markup: Markup) {
        self.role = Role::Output;
        let mut tokens = Tokens::new(self.text, markup);
        let (mut name, first) = (NONE, self.program.values.len());
        loop {
            match self.expression(&mut tokens) {
                Some(value)
                    if self.program.values.len() == first && name == NONE && tokens.take_if(Kind::Colon).is_some() =>
                {
                    name = value
                }
                Some(value) => {
                    // The reference leaves nil out.
                    if !matches!(self.program.expressions.get(value as usize), Some(Expression::Nil)) {
                        self.program.values.push(value);
                    }
                    if tokens.take_if(Kind::Comma).is_none() || tokens.next.kind == Kind::End {
                        break;
                    }
                }
                None => {
                    self.unexpected(Code::TemplateSyntax);
                    break;
                }
            }
        }
        let values = List::from(first, self.program.values.len());
        let group = self.cycle_group(values.of(&self.program.values));
        self.program.cycles.push(Cycle { name, group, values, at: Range::new(self.piece.0, self.piece.1) });
        self.program.keeps = true;
        self.op(Op::Cycle(self.program.cycles.len() as Id - 1));
        self.blank(false);
    }

    /// Cycles of the same literals turn together; one with variables turns by itself.
    fn cycle_group(&self, values: &[Id]) -> u32 {
        let expression = |id: &Id| self.program.expressions.get(*id as usize);
        let same = |a: &Id, b: &Id| match (expression(a), expression(b)) {
            (Some(Expression::Text(a)), Some(Expression::Text(b))) => a.of(self.text) == b.of(self.text),
            (Some(Expression::Path { .. }), _) => false,
            (a, b) => a == b,
        };
        let own = self.program.cycles.len() as u32;
        let equal = self.program.cycles.iter().find(|cycle| {
            let others = cycle.values.of(&self.program.values);
            cycle.name == NONE && others.len() == values.len() && values.iter().zip(others).all(|(a, b)| same(a, b))
        });
        equal.map_or(own, |cycle| cycle.group)
    }

    /// A comment inside the tag: each of its lines begins with `#`.
    fn inline_comment(&mut self, (from, to): Markup) {
        let written = self.text.get(from..to).unwrap_or_default();
        let bare = |line: &str| !matches!(trim_start(line, is_space).as_bytes(), [] | [b'#', ..]);
        if written.split('\n').skip(1).any(bare) {
            self.expected(Code::TemplateSyntax, (from, to), "# at the front of each line");
        }
    }
}
