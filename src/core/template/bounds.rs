//! How short and how long the text of a template may be, over all its branches.
//!
//! Every branch counts as possible, whatever its condition. One walk over the program from its end to its front adds up
//! what may still come; assignments are gone over again until nothing changes any more.

use super::Template;
use super::filter::Length;
use super::parser::loop_name;
use super::program::{Called, Chain, Expression, Id, List, Loop, NONE, Offset, Op, Root};

/// The fewest and most characters of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The fewest.
    pub shortest: usize,
    /// The most; none where nothing bounds it.
    pub longest: Option<usize>,
}

/// The longest text of a number, or of what a loop says of itself.
const WORD: usize = 24;
/// Most characters that `tablerow` adds to each cell.
const CELL: usize = 80;
/// How often assignments are gone over before what still grows counts as unbounded.
const PASSES: usize = 4;

impl Bounds {
    /// Exactly that many characters.
    pub const fn exactly(length: usize) -> Self {
        Self { shortest: length, longest: Some(length) }
    }

    /// Any number of characters.
    pub const fn any() -> Self {
        Self { shortest: 0, longest: None }
    }

    const fn at_most(length: usize) -> Self {
        Self { shortest: 0, longest: Some(length) }
    }

    /// Either of both.
    fn or(self, other: Self) -> Self {
        let longest = self.longest.zip(other.longest).map(|(a, b)| a.max(b));
        Self { shortest: self.shortest.min(other.shortest), longest }
    }

    /// One after the other.
    fn and(self, other: Self) -> Self {
        let longest = self.longest.zip(other.longest).map(|(a, b)| a.saturating_add(b));
        Self { shortest: self.shortest.saturating_add(other.shortest), longest }
    }
}

/// What a part of the program puts out, and whether it may be left in its middle by `break` or `continue`.
#[derive(Clone, Copy)]
struct Flow {
    bounds: Bounds,
    leaves: bool,
}

impl Flow {
    const NOTHING: Self = Self { bounds: Bounds::exactly(0), leaves: false };
    const LEAVES: Self = Self { leaves: true, ..Self::NOTHING };

    fn of(bounds: Bounds) -> Self {
        Self { bounds, leaves: false }
    }

    fn or(self, other: Self) -> Self {
        Self { bounds: self.bounds.or(other.bounds), leaves: self.leaves || other.leaves }
    }

    fn and(self, other: Self) -> Self {
        let mut bounds = self.bounds.and(other.bounds);
        if self.leaves {
            bounds.shortest = self.bounds.shortest;
        }
        Self { bounds, leaves: self.leaves || other.leaves }
    }
}

/// Finds the bounds of a template, by those of its variables, which are texts.
pub(super) fn of(template: &Template, variables: &dyn Fn(usize) -> Bounds) -> Bounds {
    let mut walk = Walk { template, variables, kept: vec![None; template.names.all().len()] };
    let mut unbounded = vec![false; walk.kept.len()];
    for pass in 0..=2 * PASSES {
        let (flow, found) = walk.pass();
        let mut changed = false;
        for ((old, new), unbounded) in walk.kept.iter_mut().zip(found).zip(&mut unbounded) {
            // What still grows is taken for unbounded, and in the end all of it.
            *unbounded |= new.is_some() && (pass >= PASSES && *old != new || pass >= 2 * PASSES - 1);
            let new = if *unbounded { Some(Bounds::any()) } else { new };
            changed |= *old != new;
            *old = new;
        }
        if !changed {
            return flow.bounds;
        }
    }
    Bounds::any()
}

struct Walk<'t> {
    template: &'t Template,
    variables: &'t dyn Fn(usize) -> Bounds,
    /// By name: what the template may assign it.
    kept: Vec<Option<Bounds>>,
}

impl Walk<'_> {
    /// Goes over the program from its end: what it puts out, and what is assigned to each name.
    fn pass(&self) -> (Flow, Vec<Option<Bounds>>) {
        let program = &self.template.program;
        let mut assigned: Vec<Option<Bounds>> = vec![None; self.kept.len()];
        let mut assign = |name: Id, bounds: Bounds| {
            if let Some(slot) = assigned.get_mut(name as usize) {
                *slot = Some(slot.map_or(bounds, |before| before.or(bounds)));
            }
        };
        // By step: what is put out from there on, up to the end of the innermost loop, capture or body around.
        let mut flows = vec![Flow::NOTHING; program.ops.len() + 1];
        // The ends of the captures that the walk is inside of, as it runs backwards.
        let mut ends: Vec<usize> = Vec::new();
        for (at, op) in program.ops.iter().enumerate().rev() {
            let from = |place: usize| flows.get(place).copied().unwrap_or(Flow::NOTHING);
            let to = |place: Id| from(place as usize);
            let next = from(at + 1);
            let flow = match *op {
                Op::Text(range) => Flow::of(Bounds::exactly(range.of(&self.template.text).chars().count())).and(next),
                Op::Output(chain) => Flow::of(self.chain(chain)).and(next),
                Op::Assign { name, chain } => {
                    assign(name, self.chain(chain));
                    next
                }
                Op::Jump(target) => to(target),
                Op::Branch { otherwise, .. } => next.or(to(otherwise)),
                Op::CaseBegin | Op::CaseEnd => next,
                Op::When { body, .. } => to(body).and(next).or(next),
                Op::Else { otherwise } => next.and(to(otherwise)).or(to(otherwise)),
                Op::WhenEnd | Op::Next { .. } => Flow::NOTHING,
                Op::Break | Op::Continue => Flow::LEAVES,
                Op::Loop { id, empty } => match program.loops.get(id as usize) {
                    Some(own) => {
                        assign(own.name, self.item(own.values));
                        // A loop that a broken template leaves open has no end to go on after.
                        self.turns(own, next).and(to(own.next.saturating_add(1))).or(to(empty))
                    }
                    None => next,
                },
                Op::CaptureEnd | Op::ChangedEnd => {
                    ends.push(at);
                    Flow::NOTHING
                }
                Op::CaptureBegin { name } => {
                    let behind = ends.pop().map_or(Flow::NOTHING, |end| from(end + 1));
                    assign(name, next.bounds);
                    Flow { leaves: next.leaves, ..Flow::NOTHING }.and(behind)
                }
                Op::ChangedBegin => {
                    let behind = ends.pop().map_or(Flow::NOTHING, |end| from(end + 1));
                    let bounds = Bounds { shortest: 0, ..next.bounds };
                    Flow { bounds, leaves: next.leaves }.and(behind)
                }
                Op::Count { name, .. } => {
                    assign(name, Bounds::at_most(WORD));
                    Flow::of(Bounds { shortest: 1, longest: Some(WORD) }).and(next)
                }
                Op::Cycle(id) => {
                    let values = program.cycles.get(id as usize).map_or(List::default(), |cycle| cycle.values);
                    let values = values.of(&program.values).iter().map(|value| self.value(*value));
                    // Cycles of one name may differ in how many values they have.
                    Flow::of(values.fold(Bounds::exactly(0), Bounds::or)).and(next)
                }
            };
            if let Some(slot) = flows.get_mut(at) {
                *slot = flow;
            }
        }
        let all = flows.first().copied().unwrap_or(Flow::NOTHING);
        (all, assigned)
    }

    /// All passes through a loop.
    fn turns(&self, own: &Loop, body: Flow) -> Flow {
        let (fewest, most) = self.count(own);
        let table = own.table.is_some();
        let each = if table { body.bounds.and(Bounds::at_most(CELL)) } else { body.bounds };
        let longest = match (each.longest, most) {
            (Some(0), _) => Some(0),
            (each, most) => each.zip(most).map(|(each, most)| each.saturating_mul(most)),
        };
        let fewest = if body.leaves { fewest.min(1) } else { fewest };
        let bounds = Bounds { shortest: each.shortest.saturating_mul(fewest), longest };
        Flow::of(if table { bounds.and(Bounds::at_most(CELL)) } else { bounds })
    }

    /// How often a loop is gone through, where it is at all.
    fn count(&self, own: &Loop) -> (usize, Option<usize>) {
        let int = |id: Id| match self.template.program.expressions.get(id as usize) {
            Some(Expression::Int(number)) => usize::try_from(*number).ok(),
            _ => None,
        };
        let bounded = own.limit != NONE || !matches!(own.offset, Offset::Value(NONE));
        let limit = int(own.limit);
        let (fewest, most) = match self.template.program.expressions.get(own.values as usize) {
            Some(Expression::Range(first, last)) => match (int(*first), int(*last)) {
                (Some(first), Some(last)) => {
                    let count = (last + 1).saturating_sub(first);
                    (count, Some(count))
                }
                _ => (1, None),
            },
            Some(Expression::Path { root: Root::Name(name), steps: List { count: 0, .. }, .. })
                if self.kept.get(*name as usize).is_some_and(Option::is_none) =>
            {
                // A text is one item, whatever bounds the loop.
                return (1, Some(1));
            }
            _ => (1, None),
        };
        // What is gone through may be a text all the same, where it is no range.
        let limit = limit.map(|limit| if most.is_some() { limit } else { limit.max(1) });
        let most = [most, limit].into_iter().flatten().min();
        (if bounded { fewest.min(1) } else { fewest }, most)
    }

    /// What a loop's variable may be.
    fn item(&self, values: Id) -> Bounds {
        let bounds = self.value(values);
        match self.template.program.expressions.get(values as usize) {
            Some(Expression::Range(..)) => Bounds { shortest: 1, longest: Some(WORD) },
            _ => Bounds { shortest: 0, ..bounds },
        }
    }

    fn chain(&self, id: Id) -> Bounds {
        let program = &self.template.program;
        let Some(Chain { value, filters, .. }) = program.chains.get(id as usize) else { return Bounds::exactly(0) };
        let mut bounds = self.value(*value);
        // A list that is not empty may have nothing to show; a text has.
        let mut text = self.is_text(*value);
        for call in filters.of(&program.calls) {
            let filter = match call.filter {
                Called::Known(filter) => filter,
                Called::Unknown => continue,
                Called::Miscounted => return Bounds::exactly(0),
            };
            let first = call.arguments.of(&program.values).first();
            let argument = first.map_or(Bounds::exactly(0), |argument| self.value(*argument));
            bounds = match filter.length {
                Length::Shorter => Bounds { shortest: 0, ..bounds },
                Length::Times(times) => {
                    let longest = bounds.longest.map(|longest| longest.saturating_mul(times.into()));
                    Bounds { shortest: 0, longest }
                }
                Length::AtMost(length) => Bounds::at_most(length as usize),
                Length::Either if bounds.shortest > 0 => bounds,
                Length::Either => Bounds { shortest: usize::from(text), ..bounds }.or(argument),
                Length::Sum => bounds.and(argument),
                Length::Any => Bounds::any(),
            };
            text = match filter.length {
                Length::Either => text && first.is_none_or(|argument| self.is_text(*argument)),
                Length::Times(_) | Length::AtMost(_) | Length::Sum => true,
                Length::Shorter | Length::Any => false,
            };
        }
        bounds
    }

    /// Whether a value is a text, if it is anything: what is given is, and what is assigned may be a list.
    fn is_text(&self, id: Id) -> bool {
        match self.template.program.expressions.get(id as usize) {
            Some(Expression::Text(_)) => true,
            Some(Expression::Path { root: Root::Name(name), steps, .. }) => {
                steps.count == 0 && self.kept.get(*name as usize).is_none_or(Option::is_none)
            }
            _ => false,
        }
    }

    fn value(&self, id: Id) -> Bounds {
        let template = self.template;
        match template.program.expressions.get(id as usize) {
            None | Some(Expression::Nil | Expression::Empty | Expression::Blank) => Bounds::exactly(0),
            Some(Expression::Text(range)) => Bounds::exactly(range.of(&template.text).chars().count()),
            Some(Expression::Path { root: Root::Name(name), steps, .. }) => {
                let own = self.kept.get(*name as usize).copied().flatten();
                let given = if [true, false].map(loop_name).contains(&template.names.get(*name)) {
                    Bounds::at_most(WORD)
                } else {
                    (self.variables)(*name as usize)
                };
                // It may not have been assigned yet, or no longer be what a loop gave it.
                let whole = own.map_or(given, |own| own.or(given));
                if steps.count == 0 { whole } else { Bounds::at_most(WORD).or(Bounds { shortest: 0, ..whole }) }
            }
            Some(Expression::Path { .. }) => Bounds::any(),
            // False may be taken for nothing.
            Some(Expression::Bool(_) | Expression::Int(_) | Expression::TooLarge | Expression::Float(_)) => {
                Bounds::at_most(WORD)
            }
            Some(Expression::Range(..)) => Bounds::at_most(2 * WORD),
        }
    }
}
