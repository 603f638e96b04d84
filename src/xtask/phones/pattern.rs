//! The small dialect of regular expressions in libphonenumber's metadata: digits, classes, groups, alternatives and
//! bounded repeats.
//!
//! A pattern is an expression in a [`Forest`], where equal expressions have equal ids. Reading a digit off its front
//! gives another expression (Brzozowski's derivative), so the expressions reached from a pattern are the states of its
//! automaton: the subset construction without an automaton in between.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};

/// An expression, by its place in the forest. Equal ids are equal expressions.
pub type Id = u32;

/// Matches nothing.
pub const NEVER: Id = 0;
/// Matches the empty text.
pub const EMPTY: Id = 1;
/// Matches every text.
pub const REST: Id = 2;

#[derive(Clone, PartialEq, Eq, Hash)]
enum Expression {
    Never,
    Empty,
    Rest,
    /// One digit of a set, the digit `d` being the bit `1 << d`.
    Digit(u16),
    Sequence(Id, Id),
    /// Any one of at least two, sorted.
    Choice(Vec<Id>),
    /// At least and at most so many times.
    Repeat(Id, u32, u32),
}

/// All expressions met, each once.
pub struct Forest {
    expressions: Vec<Expression>,
    ids: HashMap<Expression, Id>,
    derived: HashMap<(Id, u8), Id>,
}

impl Forest {
    pub fn new() -> Self {
        let mut forest = Self { expressions: Vec::new(), ids: HashMap::new(), derived: HashMap::new() };
        for (expression, id) in [(Expression::Never, NEVER), (Expression::Empty, EMPTY), (Expression::Rest, REST)] {
            assert_eq!(forest.intern(expression), id);
        }
        forest
    }

    /// The expression of a pattern that has to match from end to end.
    pub fn parse(&mut self, pattern: &str) -> Result<Id> {
        let mut rest = pattern.as_bytes();
        let whole = self.choice(&mut rest).with_context(|| format!("in the pattern {pattern}"))?;
        if !rest.is_empty() {
            bail!("a bracket is closed that was not opened, in the pattern {pattern}");
        }
        Ok(whole)
    }

    /// The expression of a pattern that has to match at the front, whatever follows.
    pub fn parse_front(&mut self, pattern: &str) -> Result<Id> {
        let front = self.parse(pattern)?;
        Ok(self.sequence(front, REST))
    }

    /// What remains of an expression after that digit.
    pub fn derive(&mut self, id: Id, digit: u8) -> Id {
        if let Some(&known) = self.derived.get(&(id, digit)) {
            return known;
        }
        let derived = match self.expressions[id as usize].clone() {
            Expression::Never | Expression::Empty => NEVER,
            Expression::Rest => REST,
            Expression::Digit(set) => {
                if set >> digit & 1 == 1 {
                    EMPTY
                } else {
                    NEVER
                }
            }
            Expression::Sequence(first, second) => {
                let derived = self.derive(first, digit);
                let mut ways = vec![self.sequence(derived, second)];
                if self.is_empty(first) {
                    ways.push(self.derive(second, digit));
                }
                self.any(ways)
            }
            Expression::Choice(ways) => {
                let ways = ways.into_iter().map(|way| self.derive(way, digit)).collect();
                self.any(ways)
            }
            Expression::Repeat(inner, fewest, most) => {
                let derived = self.derive(inner, digit);
                let others = self.repeat(inner, fewest.saturating_sub(1), most - 1);
                self.sequence(derived, others)
            }
        };
        self.derived.insert((id, digit), derived);
        derived
    }

    /// Whether the expression matches the empty text.
    pub fn is_empty(&self, id: Id) -> bool {
        match &self.expressions[id as usize] {
            Expression::Never | Expression::Digit(_) => false,
            Expression::Empty | Expression::Rest => true,
            Expression::Sequence(first, second) => self.is_empty(*first) && self.is_empty(*second),
            Expression::Choice(ways) => ways.iter().any(|way| self.is_empty(*way)),
            Expression::Repeat(inner, fewest, _) => *fewest == 0 || self.is_empty(*inner),
        }
    }

    fn intern(&mut self, expression: Expression) -> Id {
        if let Some(&id) = self.ids.get(&expression) {
            return id;
        }
        let id = self.expressions.len() as Id;
        self.expressions.push(expression.clone());
        self.ids.insert(expression, id);
        id
    }

    fn sequence(&mut self, first: Id, second: Id) -> Id {
        match (first, second) {
            (NEVER, _) | (_, NEVER) => return NEVER,
            (EMPTY, other) | (other, EMPTY) => return other,
            (REST, REST) => return REST,
            _ => {}
        }
        // Leaning to the right, so that equal texts are equal expressions.
        if let Expression::Sequence(front, back) = self.expressions[first as usize] {
            let second = self.sequence(back, second);
            return self.sequence(front, second);
        }
        self.intern(Expression::Sequence(first, second))
    }

    fn any(&mut self, ways: Vec<Id>) -> Id {
        let mut flat = Vec::new();
        for way in ways {
            match &self.expressions[way as usize] {
                Expression::Never => {}
                Expression::Rest => return REST,
                Expression::Choice(inner) => flat.extend(inner),
                _ => flat.push(way),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        match flat[..] {
            [] => NEVER,
            [only] => only,
            _ => self.intern(Expression::Choice(flat)),
        }
    }

    fn repeat(&mut self, inner: Id, fewest: u32, most: u32) -> Id {
        match (fewest, most) {
            (_, 0) => EMPTY,
            (1, 1) => inner,
            _ => self.intern(Expression::Repeat(inner, fewest, most)),
        }
    }

    /// Reads alternatives up to the end or to a closing bracket.
    fn choice(&mut self, rest: &mut &[u8]) -> Result<Id> {
        let mut ways = vec![self.terms(rest)?];
        while let [b'|', behind @ ..] = *rest {
            *rest = behind;
            ways.push(self.terms(rest)?);
        }
        Ok(self.any(ways))
    }

    fn terms(&mut self, rest: &mut &[u8]) -> Result<Id> {
        let mut terms = Vec::new();
        while !matches!(rest, [] | [b'|' | b')', ..]) {
            let term = self.term(rest)?;
            let (fewest, most) = times(rest)?;
            terms.push(self.repeat(term, fewest, most));
        }
        Ok(terms.into_iter().rev().fold(EMPTY, |behind, term| self.sequence(term, behind)))
    }

    fn term(&mut self, rest: &mut &[u8]) -> Result<Id> {
        let (expression, behind) = match *rest {
            [digit @ b'0'..=b'9', behind @ ..] => (self.intern(Expression::Digit(1 << (digit - b'0'))), behind),
            [b'\\', b'd', behind @ ..] => (self.intern(Expression::Digit(0x3ff)), behind),
            [b'[', behind @ ..] => {
                let end = behind.iter().position(|&byte| byte == b']').context("a class without an end")?;
                (self.intern(Expression::Digit(class(&behind[..end])?)), &behind[end + 1..])
            }
            [b'(', b'?', b':', behind @ ..] | [b'(', behind @ ..] => {
                let mut inner = behind;
                let group = self.choice(&mut inner)?;
                (group, inner.strip_prefix(b")").context("a bracket is not closed")?)
            }
            [other, ..] => bail!("{} is not part of the dialect", other.escape_ascii()),
            [] => bail!("it ends too early"),
        };
        *rest = behind;
        Ok(expression)
    }
}

/// Reads how often the term in front may stand: `?`, `{n}`, `{n,m}`, or once.
fn times(rest: &mut &[u8]) -> Result<(u32, u32)> {
    match *rest {
        [b'?', behind @ ..] => {
            *rest = behind;
            Ok((0, 1))
        }
        [b'{', behind @ ..] => {
            let end = behind.iter().position(|&byte| byte == b'}').context("a repeat without an end")?;
            *rest = &behind[end + 1..];
            let text = str::from_utf8(&behind[..end])?;
            let (fewest, most) = text.split_once(',').unwrap_or((text, text));
            Ok((fewest.parse()?, most.parse()?))
        }
        _ => Ok((1, 1)),
    }
}

/// The digits of a class: `2-47-9`.
pub fn class(text: &[u8]) -> Result<u16> {
    let mut set = 0;
    let mut rest = text;
    while let [first @ b'0'..=b'9', behind @ ..] = rest {
        let last;
        (last, rest) = match behind {
            [b'-', last @ b'0'..=b'9', behind @ ..] => (*last, behind),
            _ => (*first, behind),
        };
        for digit in *first..=last {
            set |= 1 << (digit - b'0');
        }
    }
    if !rest.is_empty() || set == 0 {
        bail!("the class [{}] is not one of digits", text.escape_ascii());
    }
    Ok(set)
}
