//! Carries a template's program out. A flat loop over its steps: what is nested lies on a stack of frames.

use super::budget::Budget;
use super::cycling::Cycles;
use super::failure::Failure;
use super::filter::{Arguments, Call, Filter, Length};
use super::integer::int_text;
use super::looping::Frame;
use super::program::{Called, Expression, FilterCall, Id, NONE, Op, Range, Root};
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
    /// The paths that had no value where one was put out, or went into a text that was.
    pub missing: Vec<Id>,
    /// By key: where the last loop ended.
    pub offsets: Vec<i64>,
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
    /// The paths that had no value when this one was assigned.
    pub missing: Vec<Id>,
}

/// A rendering that runs.
pub(super) struct Machine<'a, 'b> {
    pub template: &'a Template,
    pub scope: &'a dyn Scope<'a>,
    pub buffers: &'b mut Buffers,
    /// What the filters work on, one after another.
    pub call: Call<'a>,
    /// The step that is carried out next.
    pub next: Id,
    /// Where in the text that stands which is computed; nothing for the template as a whole.
    pub place: Range,
    /// By name; empty where the template keeps nothing.
    pub kept: Vec<Kept<'a>>,
    pub frames: Vec<Frame<'a>>,
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
        options: &RenderOptions,
        buffers: &'b mut Buffers,
    ) -> Self {
        buffers.out.clear();
        buffers.issues.clear();
        buffers.missing.clear();
        buffers.offsets.clear();
        buffers.offsets.resize(template.program.loop_keys.len(), 0);
        let mut kept = Vec::new();
        if template.program.keeps {
            kept.resize_with(template.names.all().len(), Kept::default);
        }
        let call = Call {
            value: Value::Nil,
            arguments: Arguments::default(),
            flag: false,
            now: options.now,
            budget: Budget::new(options.budgets),
            spare: std::mem::take(&mut buffers.spare),
        };
        Self {
            template,
            scope,
            buffers,
            call,
            next: 0,
            place: Range::default(),
            kept,
            frames: Vec::new(),
            loops: 0,
            cycles: Cycles::default(),
            changed: None,
        }
    }

    /// Carries everything out.
    pub(super) fn run(mut self) {
        let template = self.template;
        while let Some(op) = template.program.ops.get(self.next as usize) {
            self.next += 1;
            // What takes no expression cannot fail but by its budget, which is the whole template's.
            self.place = Range::default();
            let behind = self.next;
            // What could not be computed is left out.
            if let Err(failure) = self.step(op) {
                let over = failure.is_final();
                self.report(failure);
                if over {
                    break;
                }
                // A block whose head failed is passed over.
                self.next = match op {
                    Op::Branch { otherwise: behind, .. } | Op::Loop { empty: behind, .. } => *behind,
                    _ => behind,
                };
            }
        }
        self.buffers.steps = self.call.budget.steps_taken();
        self.buffers.spare = self.call.spare;
    }

    /// Carries one step out, and says which one is next if it is not the one behind.
    fn step(&mut self, op: &Op) -> Result<(), Failure> {
        self.call.budget.step(1)?;
        match *op {
            Op::Text(range) => {
                self.place = range;
                self.push(range.of(&self.template.text))
            }
            Op::Output(id) => self.output(id),
            Op::Assign { name, chain } => {
                let before = self.buffers.missing.len();
                let value = self.chain(chain)?;
                self.assign(name, value, before)
            }
            Op::Jump(target) => {
                self.next = target;
                Ok(())
            }
            Op::Branch { condition, negated, otherwise } => {
                if self.condition(condition)? == negated {
                    self.next = otherwise;
                }
                Ok(())
            }
            Op::CaseBegin => {
                self.frames.push(Frame::Case { matched: false, back: NONE });
                Ok(())
            }
            Op::When { left, right, body } => {
                self.place = self.place_of(right);
                if self.equal(left, right)?
                    && let Some(Frame::Case { matched, back }) = self.frames.last_mut()
                {
                    (*matched, *back) = (true, self.next);
                    self.next = body;
                }
                Ok(())
            }
            Op::WhenEnd => {
                if let Some(Frame::Case { back, .. }) = self.frames.last() {
                    self.next = *back;
                }
                Ok(())
            }
            Op::Else { otherwise } => {
                if let Some(Frame::Case { matched, back }) = self.frames.last_mut() {
                    if *matched {
                        self.next = otherwise;
                    } else {
                        *back = otherwise;
                    }
                }
                Ok(())
            }
            Op::Loop { id, empty } => self.begin_loop(id, empty),
            Op::Next { body } => self.go_on(body),
            Op::Break => self.leave(false),
            Op::Continue => self.leave(true),
            Op::CaptureBegin { name } => {
                let missing = self.buffers.missing.len();
                self.frames.push(Frame::Capture { start: self.buffers.out.len(), missing, name });
                Ok(())
            }
            Op::ChangedBegin => {
                self.frames.push(Frame::Changed { start: self.buffers.out.len() });
                Ok(())
            }
            Op::CaseEnd | Op::CaptureEnd | Op::ChangedEnd => match self.frames.pop() {
                Some(frame) => self.close(frame),
                None => Ok(()),
            },
            Op::Count { name, down } => self.count(name, down),
            Op::Cycle(id) => self.cycle(id),
        }
    }

    /// Appends to the output.
    #[inline]
    pub(super) fn push(&mut self, text: &str) -> Result<(), Failure> {
        // What is long takes time, also where it is taken away again.
        if text.len() >= 64 {
            self.call.budget.step(text.len() / 64)?;
        }
        self.call.budget.output(self.buffers.out.len() + text.len())?;
        self.buffers.out.push_str(text);
        Ok(())
    }

    fn output(&mut self, id: Id) -> Result<(), Failure> {
        let value = self.chain(id)?;
        match &value {
            Value::Text(text) => {
                let put = self.push(text);
                self.call.spare(value);
                put
            }
            value => self.push_value(value),
        }
    }

    /// Notes what an expression lacks: its own value, or what was lacking when it was assigned.
    #[cold]
    fn trace(&mut self, id: Id, is_nil: bool) {
        if !is_nil && !self.template.program.keeps {
            return;
        }
        let Some(Expression::Path { root, .. }) = self.template.program.expressions.get(id as usize) else { return };
        let kept = if let Root::Name(name) = root { self.kept.get(*name as usize) } else { None };
        let paths = match kept {
            Some(Kept { local: None, assigned: Some(_), missing, .. }) => &**missing,
            _ if is_nil => &[id],
            _ => return,
        };
        let missing = &mut self.buffers.missing;
        for path in paths {
            if missing.len() < TEMPLATE_LISTED && !missing.contains(path) {
                missing.push(*path);
            }
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
                self.call.budget.step(1)?;
                self.push_value(value)
            }),
            other => {
                self.call.budget.memory(other.size())?;
                let mut text = String::new();
                other.push_text(&mut text);
                self.push(&text)
            }
        }
    }

    /// The value of a chain; what it lacks is noted. What goes wrong with it afterwards stands where it does.
    fn chain(&mut self, id: Id) -> Result<Value<'a>, Failure> {
        let program = &self.template.program;
        let Some(chain) = program.chains.get(id as usize) else { return Ok(Value::Nil) };
        self.place = chain.at;
        let value = self.evaluate(chain.value)?;
        let before = self.buffers.missing.len();
        self.trace(chain.value, matches!(value, Value::Nil));
        if chain.filters.count == 0 {
            return Ok(value);
        }
        self.call.value = value;
        for call in chain.filters.of(&program.calls) {
            match call.filter {
                Called::Known(filter) => {
                    self.place = call.at;
                    self.filter(filter, call, before)?;
                }
                Called::Unknown => {}
                Called::Miscounted => return Ok(Value::Nil),
            }
        }
        self.place = chain.at;
        Ok(std::mem::take(&mut self.call.value))
    }

    /// Has a filter make something of the value in front of it, which lacks what was noted since there were so many.
    fn filter(&mut self, filter: &Filter, call: &'a FilterCall, before: usize) -> Result<(), Failure> {
        let size = self.call.value.size();
        self.call.budget.step(1 + size / 64)?;
        let program = &self.template.program;
        self.call.arguments.clear();
        for id in call.arguments.of(&program.values) {
            let argument = self.evaluate(*id)?;
            self.call.arguments.push(argument);
        }
        let mut flag = None;
        for (name, id) in call.named.of(&program.named) {
            let value = self.evaluate(*id)?;
            if name.of(&self.template.text) == filter.named {
                flag.get_or_insert(value.is_truthy());
            }
        }
        self.call.flag = flag.unwrap_or_default();
        let place = filter.inserts(&self.call);
        if filter.length == Length::Either {
            self.buffers.missing.truncate(before);
        }
        let before = self.buffers.missing.len();
        if let Some(id) = call.arguments.of(&program.values).get(place) {
            self.trace(*id, matches!(self.call.arguments.get(place), Some(Value::Nil)));
        }
        filter.call(&mut self.call)?;
        // What `replace` did not find stands where it stood.
        if place > 0 && self.call.value.size() == size {
            self.buffers.missing.truncate(before);
        }
        Ok(())
    }

    /// Keeps a value under a name, and with it what was noted as missing since there was so much.
    fn assign(&mut self, name: Id, value: Value<'a>, before: usize) -> Result<(), Failure> {
        let missing = self.buffers.missing.split_off(before);
        if let Value::Text(Str::Owned(text)) = &value {
            self.call.budget.memory(text.len())?;
        }
        if let Some(kept) = self.kept.get_mut(name as usize) {
            kept.assigned = Some(value.shared());
            kept.missing = missing;
        }
        Ok(())
    }

    /// Ends a capture or `ifchanged`, also when a loop is left out of its middle.
    pub(super) fn close(&mut self, frame: Frame<'a>) -> Result<(), Failure> {
        match frame {
            Frame::Capture { start, missing, name } => {
                let text = self.buffers.out.get(start..).unwrap_or_default().to_owned();
                self.buffers.out.truncate(start);
                self.assign(name, text.into(), missing)
            }
            Frame::Changed { start } => {
                let text = self.buffers.out.get(start..).unwrap_or_default();
                if self.changed.as_deref() == Some(text) {
                    self.buffers.out.truncate(start);
                } else {
                    self.call.budget.memory(text.len())?;
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

    fn cycle(&mut self, id: Id) -> Result<(), Failure> {
        let program = &self.template.program;
        let Some(cycle) = program.cycles.get(id as usize) else { return Ok(()) };
        self.place = cycle.at;
        let values = cycle.values.of(&program.values);
        let name = if cycle.name == NONE { None } else { Some(self.evaluate(cycle.name)?.shared()) };
        self.call.budget.step(name.as_ref().map_or(0, Value::size) / 64)?;
        let turn = self.cycles.turn(cycle.group, name, values.len(), &mut self.call.budget)?;
        let id = values.get(turn).copied().unwrap_or(NONE);
        let value = self.evaluate(id)?;
        self.trace(id, matches!(value, Value::Nil));
        self.push_value(&value)
    }

    /// Where an expression stands.
    fn place_of(&self, id: Id) -> Range {
        match self.template.program.expressions.get(id as usize) {
            Some(Expression::Path { at, .. } | Expression::Text(at)) => *at,
            _ => Range::default(),
        }
    }

    #[cold]
    fn report(&mut self, failure: Failure) {
        if self.buffers.issues.len() >= TEMPLATE_LISTED && !failure.is_final() {
            return;
        }
        let (code, params) = failure.into_parts();
        let place = self.place;
        let whole = place == Range::default();
        let span = (!whole).then(|| Span::of(&self.template.text, place.start as usize, place.end as usize));
        // One that repeats itself in a loop is one.
        let is_known = |known: &Issue| known.code == code && known.span == span && known.params == params;
        if !self.buffers.issues.iter().any(is_known) {
            self.buffers.issues.push(Issue { code, at: String::new(), offset: 0, span, params });
        }
    }
}
