//! Expressions, conditions and filters, read from tokens into the program.

use super::integer::{int_text, whole_int};
use super::parser::Parser;
use super::program::{Called, Chain, Comparison, Expression, FilterCall, Id, Join, List, NONE, Range, Root, Step};
use super::space::{is_space, trim_end};
use super::token::{Kind, Token, Tokens};
use super::usage::{Role, Use};
use super::{filter, float};
use crate::finding::code::Code;
use crate::limits::TEMPLATE_DEPTH;

const VALUE: &str = "a variable, a text in quotes or a number";

impl<'t> Parser<'t> {
    /// Reads an expression: a variable, a literal or a range.
    pub(super) fn expression(&mut self, tokens: &mut Tokens<'t>) -> Option<Id> {
        if self.depth >= TEMPLATE_DEPTH {
            self.too_deep();
            return self.lacks(VALUE, tokens.next);
        }
        self.depth += 1;
        let read = self.any_expression(tokens);
        self.depth -= 1;
        read
    }

    fn any_expression(&mut self, tokens: &mut Tokens<'t>) -> Option<Id> {
        let token = tokens.next;
        let text = tokens.text(token);
        let expression = match token.kind {
            Kind::Id if text != "contains" => {
                tokens.take();
                if !matches!(tokens.next.kind, Kind::Dot | Kind::OpenSquare)
                    && let Some(literal) = literal(text)
                {
                    literal
                } else {
                    let root = Root::Name(self.name((token.start, token.end)));
                    return self.path(root, (token.start, token.end), tokens);
                }
            }
            Kind::OpenSquare => {
                tokens.take();
                let name = self.expression(tokens)?;
                let end = self.expect(Kind::CloseSquare, "]", tokens)?.end;
                let root = match self.program.expressions.get(name as usize) {
                    Some(Expression::Text(range)) => Root::Name(self.names.intern(range.of(self.text))),
                    _ => Root::Computed(name),
                };
                return self.path(root, (token.start, end), tokens);
            }
            Kind::Text => {
                tokens.take();
                Expression::Text(Range::new(token.start, token.end))
            }
            Kind::Number => {
                tokens.take();
                if text.contains('.') {
                    Expression::Float(float::parse(text))
                } else {
                    whole_int(text).map_or(Expression::TooLarge, Expression::Int)
                }
            }
            Kind::OpenRound => {
                tokens.take();
                let first = self.expression(tokens)?;
                self.expect(Kind::DotDot, "..", tokens)?;
                let last = self.expression(tokens)?;
                self.expect(Kind::CloseRound, ")", tokens)?;
                Expression::Range(first, last)
            }
            _ => return self.lacks(VALUE, token),
        };
        Some(self.add(expression))
    }

    /// Reads the way into a variable, after the root that stands from `start` to `end`.
    fn path(&mut self, root: Root, (start, mut end): (usize, usize), tokens: &mut Tokens<'t>) -> Option<Id> {
        let mut steps = Vec::new();
        // What stands in brackets is used in its own right.
        let place = self.uses.len();
        loop {
            if tokens.take_if(Kind::Dot).is_some() {
                let name = self.expect(Kind::Id, "a name", tokens)?;
                self.judge_name((name.start, name.end));
                steps.push(Step::Name(Range::new(name.start, name.end)));
                end = name.end;
            } else if tokens.take_if(Kind::OpenSquare).is_some() {
                let role = std::mem::replace(&mut self.role, Role::Argument);
                let index = self.expression(tokens);
                self.role = role;
                steps.push(Step::Index(index?));
                end = self.expect(Kind::CloseSquare, "]", tokens)?.end;
            } else {
                break;
            }
        }
        let at = Range::new(start, end);
        let steps = List::add(&mut self.program.steps, steps);
        let id = self.add(Expression::Path { root, steps, at });
        if let Root::Name(name) = root {
            let local = self.is_local(name);
            self.uses.insert(place, Use { path: id, name, at, role: self.role, has_default: false, local });
        }
        Some(id)
    }

    /// Reads an expression and its filters to the end. What does not fit is reported and skipped, as lenient readers do.
    pub(super) fn chain(&mut self, tokens: &mut Tokens<'t>) -> Id {
        let start = tokens.next.start;
        let place = self.uses.len();
        let mut chain = Chain { value: NONE, filters: List::default(), at: Range::default() };
        let mut has_default = false;
        if tokens.next.kind != Kind::End {
            match self.expression(tokens) {
                Some(value) => chain.value = value,
                None => {
                    self.unexpected(Code::TemplateLooseSyntax);
                    tokens.skip_to_pipe();
                }
            }
        }
        let first = self.program.calls.len();
        loop {
            let token = tokens.next;
            match token.kind {
                Kind::End => break,
                Kind::Pipe => {
                    tokens.take();
                    let role = std::mem::replace(&mut self.role, Role::Argument);
                    match self.call(tokens) {
                        Some(is_default) => has_default |= is_default,
                        None => {
                            self.unexpected(Code::TemplateLooseSyntax);
                            tokens.skip_to_pipe();
                        }
                    }
                    self.role = role;
                }
                _ => {
                    self.loose("| or the end", token);
                    tokens.skip_to_pipe();
                }
            }
        }
        if let Some(used) = self.uses.get_mut(place)
            && used.path == chain.value
        {
            used.has_default = has_default;
        }
        let written = self.text.get(start..tokens.next.start).unwrap_or_default();
        chain.at = Range::new(start, start + trim_end(written, is_space).len());
        chain.filters = List::from(first, self.program.calls.len());
        self.program.chains.push(chain);
        self.program.chains.len() as Id - 1
    }

    /// Reads a filter and its arguments; whether it is `default`.
    fn call(&mut self, tokens: &mut Tokens<'t>) -> Option<bool> {
        let name = self.expect(Kind::Id, "the name of a filter", tokens)?;
        let (first, first_named) = (self.program.values.len(), self.program.named.len());
        if tokens.take_if(Kind::Colon).is_some() {
            // Nothing may follow the colon, and the last comma.
            while !matches!(tokens.next.kind, Kind::Pipe | Kind::End) {
                if tokens.next.kind == Kind::Id && tokens.ahead() == Kind::Colon {
                    let name = tokens.take();
                    tokens.take();
                    let value = self.expression(tokens)?;
                    self.program.named.push((Range::new(name.start, name.end), value));
                } else {
                    let value = self.expression(tokens)?;
                    self.program.values.push(value);
                }
                if tokens.take_if(Kind::Comma).is_none() {
                    break;
                }
            }
        }
        let arguments = List::from(first, self.program.values.len());
        let named = List::from(first_named, self.program.named.len());
        let text = tokens.text(name);
        let filter = match filter::find(text) {
            None => {
                self.issue(Code::TemplateUnknownFilter, name.start, name.end, vec![]);
                Called::Unknown
            }
            Some(filter) if named.count > 0 && filter.named.is_empty() => {
                self.loose("arguments without names", name);
                Called::Miscounted
            }
            Some(filter) => {
                let count = arguments.count as usize;
                let (fewest, most) = (usize::from(filter.arguments.0), usize::from(filter.arguments.1));
                if (fewest..=most).contains(&count) {
                    Called::Known(filter)
                } else {
                    let expected = format_count(fewest, most);
                    let params = vec![("count", count.into()), ("expected", expected.into())];
                    self.issue(Code::TemplateWrongArgumentCount, name.start, name.end, params);
                    Called::Miscounted
                }
            }
        };
        let at = Range::new(name.start, name.end);
        self.program.calls.push(FilterCall { filter, arguments, named, at });
        Some(text == "default")
    }

    /// Reads comparisons joined by `and` and `or`, to the end. None where there is not even a value before it.
    pub(super) fn condition(&mut self, tokens: &mut Tokens<'t>) -> List {
        self.role = Role::Condition;
        let first = self.program.comparisons.len();
        loop {
            let start = tokens.next.start;
            let left = self.expression(tokens);
            let compare = if left.is_some() { tokens.take_operator() } else { None };
            let right = if compare.is_some() { self.expression(tokens) } else { Some(NONE) };
            if let Some(left) = left {
                let end = tokens.next.start.max(start);
                let written = self.text.get(start..end).unwrap_or_default();
                let at = Range::new(start, start + trim_end(written, is_space).len());
                let right = right.unwrap_or(NONE);
                self.program.comparisons.push(Comparison { left, compare, right, join: None, at });
            }
            if left.is_some() && right.is_some() {
                let and = tokens.take_word("and");
                if and || tokens.take_word("or") {
                    self.join(first, Some(if and { Join::And } else { Join::Or }));
                    continue;
                }
            }
            // A sign or word that is no operator no reader takes for one.
            let operator = (compare.is_none() || right.is_none())
                && matches!(tokens.next.kind, Kind::Id | Kind::Other)
                && matches!(tokens.text(tokens.next).as_bytes(), [b'=' | b'!' | b'_' | b'a'..=b'z', ..]);
            if left.is_none() {
                self.unexpected(Code::TemplateSyntax);
            } else if operator {
                self.at_token(Code::TemplateSyntax, "an operator such as ==", tokens.next);
            } else if right.is_none() {
                self.unexpected(Code::TemplateLooseSyntax);
            } else {
                self.ends("and, or, or the end", tokens);
            }
            break;
        }
        // What was left out joins nothing.
        self.join(first, None);
        List::from(first, self.program.comparisons.len())
    }

    /// Says how the rest is joined to the last comparison of those from `first` on.
    fn join(&mut self, first: usize, join: Option<Join>) {
        if let Some(last) = self.program.comparisons.get_mut(first..).and_then(<[Comparison]>::last_mut) {
            last.join = join;
        }
    }

    /// Takes a token of this kind.
    pub(super) fn expect(&mut self, kind: Kind, expected: &'static str, tokens: &mut Tokens<'t>) -> Option<Token> {
        let taken = tokens.take_if(kind);
        if taken.is_none() { self.lacks(expected, tokens.next) } else { taken }
    }

    /// Says what should have stood where a token does not fit, for [`Parser::unexpected`].
    pub(super) fn lacks<T>(&mut self, expected: &'static str, token: Token) -> Option<T> {
        self.lacking = (expected, token);
        None
    }

    pub(super) fn add(&mut self, expression: Expression) -> Id {
        self.program.expressions.push(expression);
        self.program.expressions.len() as Id - 1
    }
}

fn literal(word: &str) -> Option<Expression> {
    Some(match word {
        "nil" | "null" => Expression::Nil,
        "true" => Expression::Bool(true),
        "false" => Expression::Bool(false),
        "empty" => Expression::Empty,
        "blank" => Expression::Blank,
        _ => return None,
    })
}

/// Numbers of arguments, for a sentence.
fn format_count(fewest: usize, most: usize) -> String {
    let mut out = String::new();
    int_text(fewest as i64, &mut out);
    if most > fewest {
        out.push_str(" to ");
        int_text(most as i64, &mut out);
    }
    out
}
