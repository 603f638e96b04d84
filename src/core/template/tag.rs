//! The tags: what each makes of the program.

use super::block::{Kind as Block, Owner};
use super::parser::{Markup, Parser};
use super::piece::{skip_space, tag_name};
use super::program::{Cycle, Expression, Id, List, Loop, NONE, Offset, Op, Range};
use super::space::{is_blank, is_space, trim, trim_start, word};
use super::token::{Kind, Tokens};
use super::usage::Role;
use crate::finding::code::Code;

const ASSIGNMENT: &str = "a variable, = and a value";

/// What the name of a variable that gets a value is made of. Of other alphabets all but marks and spaces, so that quotes
/// of a word processor are none, either.
fn is_part(c: char) -> bool {
    match c {
        '\u{80}'..='\u{BF}' => matches!(c, 'ª' | '²' | '³' | 'µ' | '¹' | 'º' | '¼'..='¾'),
        '×' | '÷' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        '_' | '-' | '.' | '[' | ']' => true,
        _ => c.is_ascii_alphanumeric() || !c.is_ascii(),
    }
}

impl<'t> Parser<'t> {
    /// A tag that may end blocks down to `outside`.
    pub(super) fn tag_within(&mut self, name: &str, markup: Markup, outside: usize) {
        match name {
            "if" | "unless" => self.begin_if(name == "unless", markup),
            "elsif" => self.branch("elsif", markup, outside),
            "else" => self.branch("else", markup, outside),
            "when" => self.branch("when", markup, outside),
            "case" => self.begin_case(markup),
            "for" | "tablerow" => self.begin_loop(name == "tablerow", markup),
            "capture" => self.begin_capture(markup),
            "ifchanged" => {
                self.op(Op::ChangedBegin);
                self.program.keeps = true;
                self.open(Owner::new(Block::Changed));
            }
            "assign" => self.assignment(markup),
            "echo" => self.output(markup),
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

    /// An output, or `echo`.
    pub(super) fn output(&mut self, markup: Markup) {
        self.role = Role::Output;
        let chain = self.chain(&mut Tokens::new(self.text, markup));
        self.op(Op::Output(chain));
        self.blank(false);
    }

    /// The tags of a `liquid` tag, one a line.
    fn lines(&mut self, (mut from, to): Markup) {
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
        let kind = if table { Block::TableRow } else { Block::For };
        self.open(Owner { name: own.name, of: id, pending: begin, ..Owner::new(kind) });
    }

    /// `name in values`, and what bounds the loop. None where it is no loop.
    fn loop_head(&mut self, table: bool, own: &mut Loop, tokens: &mut Tokens<'t>) -> Option<()> {
        let name = self.expect(Kind::Id, "the name of a variable", tokens)?;
        let name_text = tokens.text(name);
        if !tokens.take_word("in") {
            return self.lacks("in", tokens.next);
        }
        let start = tokens.next.start;
        own.values = self.expression(tokens)?;
        own.name = self.name((name.start, name.end));
        own.key = self.loop_key(name_text, (start, tokens.next.start));
        own.at = Range::new(name.start, self.piece.1);
        own.reversed = !table && tokens.take_word("reversed");
        while tokens.next.kind != Kind::End {
            tokens.take_if(Kind::Comma);
            let attribute = tokens.next;
            let word = if attribute.kind == Kind::Id { tokens.text(attribute) } else { "" };
            let known = matches!(word, "limit" | "offset") || (table && word == "cols");
            if !known {
                self.loose("limit or offset", attribute);
                if !table {
                    break;
                }
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
        self.open(Owner { name, ..Owner::new(Block::Capture) });
    }

    /// The name of a variable that gets a value, the first that stands there. It may stand between quotes.
    fn target(&mut self, markup: Markup) -> Id {
        let written = self.text.get(markup.0..markup.1).unwrap_or_default();
        let start = written.find(is_part).unwrap_or(written.len());
        let name = written.get(start..).unwrap_or_default().split(|c| !is_part(c)).next().unwrap_or_default();
        if name.is_empty() {
            self.expected(Code::TemplateSyntax, self.piece, "the name of a variable");
        }
        let start = markup.0 + start;
        self.name((start, start + name.len()))
    }

    /// What stands right before the first `=` is the name.
    fn assignment(&mut self, (from, to): Markup) {
        let written = self.text.get(from..to).unwrap_or_default();
        let (left, _) = written.split_once('=').unwrap_or_default();
        let left = left.trim_end();
        let name = left.rsplit(|c| !is_part(c)).next().unwrap_or_default();
        if name.is_empty() {
            return self.expected(Code::TemplateSyntax, self.piece, ASSIGNMENT);
        }
        if name.len() < left.len() {
            self.expected(Code::TemplateLooseSyntax, (from, from + left.len()), ASSIGNMENT);
        }
        let (equals, end) = (from + written.find('=').unwrap_or_default(), from + left.len());
        let name = self.name((end - name.len(), end));
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
                        self.ends("a comma, or the end", &tokens);
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
