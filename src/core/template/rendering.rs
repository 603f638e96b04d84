//! Runs a template's program: a flat loop over its steps, in which what is nested lies on a stack of frames.

use super::failure::Failure;
use super::filter::{Filter, Length};
use super::frame::Frame;
use super::machine::Machine;
use super::program::{Called, Expression, FilterCall, Id, NONE, Op, Range};
use super::value::Value;
use crate::finding::issue::{Issue, Span};
use crate::limits::TEMPLATE_LISTED;

impl<'a> Machine<'a, '_> {
    /// Runs all of it.
    pub(super) fn run(mut self) {
        let template = self.template;
        while let Some(op) = template.program.ops.get(self.next as usize) {
            self.next += 1;
            // A step without an expression can only fail by its budget, which is the whole template's.
            self.place = Range::default();
            let behind = self.next;
            // What could not be computed is left out.
            if let Err(failure) = self.step(op) {
                let over = failure.is_final();
                self.report(failure);
                if over {
                    break;
                }
                // A block whose head failed is passed over: where there is another branch, the jump before that leads
                // after the block.
                self.next = match op {
                    Op::Branch { otherwise, .. } | Op::Loop { empty: otherwise, .. } => {
                        match template.program.ops.get((*otherwise as usize).wrapping_sub(1)) {
                            Some(Op::Jump(end)) => *end,
                            _ => *otherwise,
                        }
                    }
                    _ => behind,
                };
            }
        }
        self.buffers.steps = self.call.budget.steps_taken();
        self.buffers.spare = self.call.spare;
    }

    /// Runs one step, and says which one is next if it is not the one after it.
    #[inline(always)]
    fn step(&mut self, op: &Op) -> Result<(), Failure> {
        self.call.budget.step(1)?;
        match *op {
            Op::Text(range) => {
                self.place = range;
                self.push(range.of(&self.template.text))
            }
            Op::Output(id) => self.output(id),
            Op::Assign { name, chain } => {
                let outer = self.part();
                let value = self.chain(chain);
                self.assign(name, value, outer)
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
                let outer = self.part();
                self.frames.push(Frame::Capture { start: self.buffers.out.len(), outer, name });
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

    #[inline(always)]
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

    /// Applies a filter to the value before it. What the value lacks is what was noted beyond the first `before` gaps.
    fn filter(&mut self, filter: &Filter, call: &'a FilterCall, before: usize) -> Result<(), Failure> {
        let size = self.call.value.size();
        self.call.budget.step(1 + size / 64)?;
        let program = &self.template.program;
        self.call.arguments.clear();
        for id in call.arguments.of(&program.values) {
            let argument = self.evaluate_through(*id)?;
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
        if filter.length == Length::Either && place == 0 {
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
        let at = (place != Range::default()).then_some((place.start, place.end));
        // One that repeats itself in a loop is one, and its place is measured once.
        let is_known = |known: &Issue| {
            known.code == code && known.span.map(|span| (span.start, span.end)) == at && known.params == params
        };
        if !self.buffers.issues.iter().any(is_known) {
            let span = at.map(|(start, end)| Span::of(&self.template.text, start as usize, end as usize));
            self.buffers.issues.push(Issue { code, at: String::new(), offset: 0, span, params });
        }
    }
}
