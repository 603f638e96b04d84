//! A template's program: what is carried out one after another, and what that refers to by index.

use super::filter::Filter;

/// A range of the template's text, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub start: u32,
    pub end: u32,
}

impl Range {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    /// The part of the template's text.
    #[inline(always)]
    pub(super) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// Elements of one of the program's lists: the first, and how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    pub first: u32,
    pub count: u32,
}

impl List {
    /// The elements.
    #[inline]
    pub(super) fn of<T>(self, all: &[T]) -> &[T] {
        let first = self.first as usize;
        all.get(first..first + self.count as usize).unwrap_or_default()
    }

    /// What was added to one of the program's lists since it had that many elements.
    pub(super) fn from(first: usize, behind: usize) -> Self {
        Self { first: first as u32, count: (behind - first) as u32 }
    }

    /// Adds elements to a list of the program's.
    pub(super) fn add<T>(all: &mut Vec<T>, elements: Vec<T>) -> Self {
        let list = Self { first: all.len() as u32, count: elements.len() as u32 };
        all.extend(elements);
        list
    }
}

/// The place of something in one of the program's lists.
pub(super) type Id = u32;

/// No place: a jump whose target is not known yet, or nothing.
pub(super) const NONE: Id = Id::MAX;

/// One step of the program.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// Text as it stands.
    Text(Range),
    /// The value of a chain.
    Output(Id),
    Assign {
        name: Id,
        chain: Id,
    },
    Jump(Id),
    /// Goes on if the condition is true, or false where it is negated; else jumps.
    Branch {
        condition: List,
        negated: bool,
        otherwise: Id,
    },
    CaseBegin,
    /// Where both are equal, the body runs, and then what stands after this.
    When {
        left: Id,
        right: Id,
        body: Id,
    },
    WhenEnd,
    /// Jumps where a body was carried out.
    Else {
        otherwise: Id,
    },
    CaseEnd,
    /// Begins a loop, or jumps where there is nothing to go through.
    Loop {
        id: Id,
        empty: Id,
    },
    /// Goes through the loop's body again, or ends it.
    Next {
        body: Id,
    },
    Break,
    Continue,
    CaptureBegin {
        name: Id,
    },
    CaptureEnd,
    ChangedBegin,
    ChangedEnd,
    Count {
        name: Id,
        down: bool,
    },
    Cycle(Id),
}

/// An expression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Expression {
    Nil,
    Bool(bool),
    /// `empty` and `blank`, which ask something where they are compared, and are no text elsewhere.
    Empty,
    Blank,
    Int(i64),
    /// A whole number beyond 64 bits.
    TooLarge,
    Float(f64),
    Text(Range),
    /// Of whole numbers, both of them expressions.
    Range(Id, Id),
    /// A variable and the way into it.
    Path {
        root: Root,
        steps: List,
        at: Range,
    },
}

/// Where a path begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Root {
    Name(Id),
    /// The name is what this expression says.
    Computed(Id),
}

/// A step of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step {
    /// `.name`
    Name(Range),
    /// `[expression]`
    Index(Id),
}

/// An expression with its filters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chain {
    pub value: Id,
    pub filters: List,
    pub at: Range,
}

/// A filter that is called.
#[derive(Clone, Copy, Debug)]
pub(super) struct FilterCall {
    pub filter: Called,
    pub arguments: List,
    pub named: List,
    pub at: Range,
}

/// Which filter.
#[derive(Clone, Copy, Debug)]
pub(super) enum Called {
    Known(&'static Filter),
    /// The value passes as it is, as with lenient readers.
    Unknown,
    /// The value is lost, and what stands after it too, as with all readers.
    Miscounted,
}

/// A comparison, or one value alone, and how the next one is joined to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comparison {
    pub left: Id,
    pub compare: Option<Compare>,
    pub right: Id,
    pub join: Option<Join>,
    pub at: Range,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Unequal,
    Less,
    More,
    AtMost,
    AtLeast,
    Contains,
}

/// How the rest of a condition is joined to a comparison: from right to left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    And,
    Or,
}

/// A loop of `for` or `tablerow`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loop {
    pub name: Id,
    pub values: Id,
    pub offset: Offset,
    pub limit: Id,
    pub reversed: bool,
    /// Loops over the same expression with the same variable share it.
    pub key: u32,
    /// Of `tablerow`: how many columns.
    pub table: Option<Id>,
    /// The place of its [`Op::Next`].
    pub next: Id,
    pub at: Range,
}

/// Where a loop begins.
#[derive(Clone, Copy, Debug)]
pub(super) enum Offset {
    Value(Id),
    /// After where the last one of the same key ended.
    Continue,
}

/// A `cycle`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cycle {
    pub name: Id,
    /// Which of those without a name turn together.
    pub group: u32,
    pub values: List,
    pub at: Range,
}

/// Everything that the program refers to.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub ops: Vec<Op>,
    pub expressions: Vec<Expression>,
    pub steps: Vec<Step>,
    pub chains: Vec<Chain>,
    pub calls: Vec<FilterCall>,
    /// Arguments of filters and values of cycles.
    pub values: Vec<Id>,
    pub named: Vec<(Range, Id)>,
    pub comparisons: Vec<Comparison>,
    pub loops: Vec<Loop>,
    /// What tells loops apart: the variable's name and the expression.
    pub loop_keys: Vec<String>,
    pub cycles: Vec<Cycle>,
    /// Whether anything is kept while it runs: assigned, counted or gone through.
    pub keeps: bool,
}
