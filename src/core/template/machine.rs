//! What is known while a template is rendered: what was put out and kept so far, and the blocks that run.

use super::budget::Budget;
use super::cycling::Cycles;
use super::failure::Failure;
use super::filter::{Arguments, Call};
use super::frame::Frame;
use super::integer::int_text;
use super::program::{Id, Range};
use super::scope::Scope;
use super::usage::Gap;
use super::value::Value;
use super::{RenderOptions, Template};
use crate::finding::issue::Issue;

/// What outlives a rendering, so that the next one needs no memory of its own.
#[derive(Default)]
pub(super) struct Buffers {
    pub out: String,
    pub spare: Vec<String>,
    pub issues: Vec<Issue>,
    /// What had no value where one was put out, or went into a text or number that was.
    pub missing: Vec<Gap>,
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
    /// What had no value when this one was assigned.
    pub missing: Vec<Gap>,
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
    /// From where on what is missing goes into what is being made: all of the text, or a value that is to be kept.
    pub since: usize,
    /// How many loops were begun.
    pub loops: u32,
    pub cycles: Cycles<'a>,
    /// What `ifchanged` put out last.
    pub changed: Option<String>,
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
            since: 0,
            loops: 0,
            cycles: Cycles::default(),
            changed: None,
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

    /// Appends a value to the output: an array as its elements, one after the other.
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
}
