//! Carries a template's program out. A flat loop over its steps: what is nested lies on a stack of frames.

use super::budget::Budget;
use super::cycling::Cycles;
use super::failure::Failure;
use super::filter::{Call, Filter};
use super::looping::Frame;
use super::number::int_text;
use super::program::{Called, Chain, Expression, FilterCall, Id, NONE, Op, Range};
use super::scope::Scope;
use super::value::{Str, Value};
use super::{RenderOptions, Template};
use crate::issue::{Issue, Span};
use crate::limits::TEMPLATE_LISTED;

/// What outlives a rendering, so that the next one needs no memory of its own.
#[derive(Default)]
pub(super) struct Buffers {
    pub out: String,
    pub spare: Vec<String>,
    pub issues: Vec<Issue>,
    /// The paths that were put out and had no value.
    pub missing: Vec<Id>,
    pub steps: u32,
}

/// What the template itself knows of a name.
#[derive(Default)]
pub(super) struct Kept<'a> {
    /// By a loop around.
    pub local: Option<Value<'a>>,
    /// By `assign` or `capture`.
    pub assigned: Option<Value<'a>>,
    /// By `increment` or `decrement`.
    pub counter: Option<i64>,
}

/// A rendering that runs.
pub(super) struct Machine<'a, 'b> {
    pub template: &'a Template,
    pub scope: &'a dyn Scope<'a>,
    options: &'b RenderOptions,
    pub buffers: &'b mut Buffers,
    pub budget: Budget,
    /// By name; empty where the template keeps nothing.
    pub kept: Vec<Kept<'a>>,
    pub frames: Vec<Frame<'a>>,
    /// By key: where the last loop ended.
    pub offsets: Vec<i64>,
    /// How many loops were begun.
    pub loops: u32,
    cycles: Cycles<'a>,
    /// What `ifchanged` put out last.
    changed: Option<String>,
}

impl<'a, 'b> Machine<'a, 'b> {
    pub(super) fn new(
        template: &'a Template,
        scope: &'a dyn Scope<'a>,
        options: &'b RenderOptions,
        buffers: &'b mut Buffers,
    ) -> Self {
        buffers.out.clear();
        buffers.issues.clear();
        buffers.missing.clear();
        let mut kept = Vec::new();
        if template.program.keeps {
            kept.resize_with(template.names.all().len(), Kept::default);
        }
        Self {
            template,
            scope,
            options,
            buffers,
            budget: Budget::new(options.budgets),
            kept,
            frames: Vec::new(),
            offsets: Vec::new(),
            loops: 0,
            cycles: Cycles::default(),
            changed: None,
        }
    }

    /// Carries everything out.
    pub(super) fn run(mut self) {
        let mut at = 0;
        while let Some(&op) = self.template.program.ops.get(at as usize) {
            match self.step(op, at) {
                Ok(next) => at = next,
                // What could not be computed is left out.
                Err((failure, place)) => {
                    let over = failure.is_final();
                    self.report(failure, place);
                    if over {
                        break;
                    }
                    at = self.behind_failure(op, at);
                }
            }
        }
        self.buffers.steps = self.budget.steps_taken();
    }

    /// Where to go on when a step failed: a block whose head failed is passed over.
    fn behind_failure(&mut self, op: Op, at: Id) -> Id {
        match op {
            Op::Branch { otherwise, .. } => otherwise,
            Op::Loop { empty, .. } => empty,
            _ => at + 1,
        }
    }

    /// Carries one step out; where to go on.
    fn step(&mut self, op: Op, at: Id) -> Result<Id, (Failure, Range)> {
        // What takes no expression cannot fail but by its budget, which is the whole template's.
        self.budget.step(1).map_err(nowhere)?;
        let next = at + 1;
        match op {
            Op::Text(range) => {
                let text = range.of(&self.template.text);
                self.push(text).map_err(|failure| (failure, range))?;
            }
            Op::Output(id) => self.output(id)?,
            Op::Assign { name, chain } => {
                let value = self.chain(chain)?;
                let at = self.template.program.chains.get(chain as usize).map_or(Range::default(), |chain| chain.at);
                self.assign(name, value).map_err(|failure| (failure, at))?;
            }
            Op::Jump(target) => return Ok(target),
            Op::Branch { condition, negated, otherwise } => {
                let holds = self.condition(condition)? != negated;
                return Ok(if holds { next } else { otherwise });
            }
            Op::CaseBegin => self.frames.push(Frame::Case { matched: false, back: NONE }),
            Op::When { left, right, body } => {
                let equal = self.equal(left, right).map_err(|failure| (failure, self.place(right)))?;
                if equal && let Some(Frame::Case { matched, back }) = self.frames.last_mut() {
                    (*matched, *back) = (true, next);
                    return Ok(body);
                }
            }
            Op::WhenEnd => {
                if let Some(Frame::Case { back, .. }) = self.frames.last() {
                    return Ok(*back);
                }
            }
            Op::Else { otherwise } => {
                if let Some(Frame::Case { matched, back }) = self.frames.last_mut() {
                    if *matched {
                        return Ok(otherwise);
                    }
                    *back = otherwise;
                }
            }
            Op::CaseEnd => drop(self.frames.pop()),
            Op::Loop { id, empty } => return self.begin_loop(id, empty, next),
            Op::Next { body } => return self.next(body, next).map_err(nowhere),
            Op::Break => return self.leave(false).map_err(nowhere),
            Op::Continue => return self.leave(true).map_err(nowhere),
            Op::CaptureBegin { name } => self.frames.push(Frame::Capture { start: self.buffers.out.len(), name }),
            Op::ChangedBegin => self.frames.push(Frame::Changed { start: self.buffers.out.len() }),
            Op::CaptureEnd | Op::ChangedEnd => {
                if let Some(frame) = self.frames.pop() {
                    self.close(frame).map_err(nowhere)?;
                }
            }
            Op::Count { name, down } => self.count(name, down).map_err(nowhere)?,
            Op::Cycle(id) => self.cycle(id)?,
        }
        Ok(next)
    }

    /// Appends to the output.
    #[inline]
    pub(super) fn push(&mut self, text: &str) -> Result<(), Failure> {
        // What is long takes time, also where it is taken away again.
        self.budget.step(text.len() / 64)?;
        self.budget.output(self.buffers.out.len() + text.len())?;
        self.buffers.out.push_str(text);
        Ok(())
    }

    fn output(&mut self, id: Id) -> Result<(), (Failure, Range)> {
        let template = self.template;
        let Some(chain) = template.program.chains.get(id as usize) else { return Ok(()) };
        let value = self.value_of(chain)?;
        let put = match value {
            Value::Text(text) => {
                let put = self.push(&text);
                if let Str::Owned(text) = text
                    && self.buffers.spare.len() < 4
                {
                    self.buffers.spare.push(text);
                }
                put
            }
            Value::Nil => {
                let path = template.program.expressions.get(chain.value as usize);
                if !chain.has_default && matches!(path, Some(Expression::Path { .. })) {
                    self.miss(chain.value);
                }
                Ok(())
            }
            value => self.push_value(&value),
        };
        put.map_err(|failure| (failure, chain.at))
    }

    #[cold]
    fn miss(&mut self, path: Id) {
        if self.buffers.missing.len() < TEMPLATE_LISTED && !self.buffers.missing.contains(&path) {
            self.buffers.missing.push(path);
        }
    }

    /// Appends a value to the output: an array as its elements, one behind the other.
    pub(super) fn push_value(&mut self, value: &Value<'a>) -> Result<(), Failure> {
        match value {
            Value::Nil => Ok(()),
            Value::Text(text) => self.push(text),
            Value::Int(number) => {
                int_text(*number, &mut self.buffers.out);
                self.push("")
            }
            // As deep as values can be, which is bounded.
            Value::Array(values) => values.iter().try_for_each(|value| {
                self.budget.step(1)?;
                self.push_value(value)
            }),
            other => {
                self.budget.memory(other.size())?;
                let mut text = String::new();
                other.push_text(&mut text);
                self.push(&text)
            }
        }
    }

    fn chain(&mut self, id: Id) -> Result<Value<'a>, (Failure, Range)> {
        match self.template.program.chains.get(id as usize) {
            Some(chain) => self.value_of(chain),
            None => Ok(Value::Nil),
        }
    }

    #[inline]
    fn value_of(&mut self, chain: &'a Chain) -> Result<Value<'a>, (Failure, Range)> {
        let mut value = match self.evaluate(chain.value) {
            Ok(value) => value,
            Err(failure) => return Err((failure, chain.at)),
        };
        for call in chain.filters.of(&self.template.program.calls) {
            let filter = match call.filter {
                Called::Known(filter) => filter,
                Called::Unknown => continue,
                Called::Miscounted => return Ok(Value::Nil),
            };
            value = self.call(filter, call, value).map_err(|failure| (failure, call.at))?;
        }
        Ok(value)
    }

    fn call(&mut self, filter: &Filter, call: &'a FilterCall, value: Value<'a>) -> Result<Value<'a>, Failure> {
        self.budget.step(1 + value.size() / 64)?;
        let program = &self.template.program;
        // No filter takes more arguments without a name.
        let mut arguments: [Value<'a>; 2] = Default::default();
        let ids = call.arguments.of(&program.values);
        for (argument, id) in arguments.iter_mut().zip(ids) {
            *argument = self.evaluate(*id)?;
        }
        let mut named = None;
        for (name, id) in call.named.of(&program.named) {
            let value = self.evaluate(*id)?;
            if name.of(&self.template.text) == filter.named && named.is_none() {
                named = Some(value);
            }
        }
        let mut call = Call {
            value,
            arguments: arguments.get(..ids.len()).unwrap_or_default(),
            named: named.unwrap_or_default(),
            now: self.options.now,
            budget: &mut self.budget,
            spare: &mut self.buffers.spare,
        };
        filter.call(&mut call)?;
        Ok(call.value)
    }

    /// Keeps a value under a name.
    fn assign(&mut self, name: Id, value: Value<'a>) -> Result<(), Failure> {
        if let Value::Text(Str::Owned(text)) = &value {
            self.budget.memory(text.len())?;
        }
        if let Some(kept) = self.kept.get_mut(name as usize) {
            kept.assigned = Some(value.shared());
        }
        Ok(())
    }

    /// Ends a capture or `ifchanged`, also when a loop is left out of its middle.
    pub(super) fn close(&mut self, frame: Frame<'a>) -> Result<(), Failure> {
        match frame {
            Frame::Capture { start, name } => {
                let text = self.buffers.out.get(start..).unwrap_or_default().to_owned();
                self.buffers.out.truncate(start);
                self.assign(name, text.into())
            }
            Frame::Changed { start } => {
                let text = self.buffers.out.get(start..).unwrap_or_default();
                if self.changed.as_deref() == Some(text) {
                    self.buffers.out.truncate(start);
                } else {
                    self.budget.memory(text.len())?;
                    self.changed = Some(text.to_owned());
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Puts a counter out, and counts; a variable of that name that is a whole number is where it begins.
    fn count(&mut self, name: Id, down: bool) -> Result<(), Failure> {
        let text = self.template.names.get(name);
        let known = self.kept.get(name as usize).and_then(|kept| kept.counter);
        let value = match known.map_or_else(|| self.scope.variable(Some(name as usize), text), Value::Int) {
            Value::Int(value) => value,
            Value::Nil | Value::Bool(false) => 0,
            _ => return Err(Failure::invalid("a whole number")),
        };
        let moved = if down { value.checked_sub(1) } else { value.checked_add(1) }.ok_or_else(Failure::too_large)?;
        if let Some(kept) = self.kept.get_mut(name as usize) {
            kept.counter = Some(moved);
        }
        self.push_value(&Value::Int(if down { moved } else { value }))
    }

    fn cycle(&mut self, id: Id) -> Result<(), (Failure, Range)> {
        let template = self.template;
        let Some(cycle) = template.program.cycles.get(id as usize) else { return Ok(()) };
        let values = cycle.values.of(&template.program.values);
        let mut turn = || {
            let name = if cycle.name == NONE { None } else { Some(self.evaluate(cycle.name)?.shared()) };
            self.budget.step(name.as_ref().map_or(0, Value::size) / 64)?;
            let turn = self.cycles.turn(cycle.group, name, values.len(), &mut self.budget)?;
            let value = match values.get(turn) {
                Some(value) => self.evaluate(*value)?,
                None => Value::Nil,
            };
            self.push_value(&value)
        };
        turn().map_err(|failure| (failure, cycle.at))
    }

    /// Where an expression stands.
    pub(super) fn place(&self, id: Id) -> Range {
        match self.template.program.expressions.get(id as usize) {
            Some(Expression::Path { at, .. } | Expression::Text(at)) => *at,
            _ => Range::default(),
        }
    }

    #[cold]
    fn report(&mut self, failure: Failure, place: Range) {
        if self.buffers.issues.len() >= TEMPLATE_LISTED && !failure.is_final() {
            return;
        }
        let (code, params) = failure.into_parts();
        let whole = place == Range::default();
        let span = (!whole).then(|| Span::of(&self.template.text, place.start as usize, place.end as usize));
        let issue = Issue { code, at: String::new(), offset: 0, span, params };
        // One that repeats itself in a loop is one.
        if !self.buffers.issues.contains(&issue) {
            self.buffers.issues.push(issue);
        }
    }
}

#[cold]
fn nowhere(failure: Failure) -> (Failure, Range) {
    (failure, Range::default())
}
