//! Loops: how they begin, go on, and are left.

use super::failure::Failure;
use super::frame::{Frame, LoopFrame};
use super::integer::leading_int;
use super::machine::Machine;
use super::program::{Id, NONE, Offset};
use super::value::Value;
use crate::limits::TEMPLATE_RANGE;

impl<'a> Machine<'a, '_> {
    /// Begins a loop, or goes on at `empty`.
    pub(super) fn begin_loop(&mut self, id: Id, empty: Id) -> Result<(), Failure> {
        let behind = std::mem::replace(&mut self.next, empty);
        let Some(own) = self.template.program.loops.get(id as usize) else { return Ok(()) };
        self.place = own.at;
        let values = self.evaluate(own.values)?;
        if own.table.is_some() && !values.is_truthy() {
            return Ok(());
        }
        let offset = match own.offset {
            Offset::Continue => self.buffers.offsets.get(own.key as usize).copied().unwrap_or(0),
            Offset::Value(id) if own.table.is_some() => self.loose_bound(id)?.unwrap_or(0),
            Offset::Value(id) => self.bound(id)?.unwrap_or(0),
        };
        let limit = if own.table.is_some() { self.loose_bound(own.limit)? } else { self.bound(own.limit)? };
        // A text is one item, whatever the bounds.
        let (from, length) = match values {
            Value::Text(_) => (0, values.items()),
            _ => slice(values.items(), offset, limit),
        };
        if matches!(values, Value::Range(..)) && length > TEMPLATE_RANGE {
            return Err(Failure::range_too_long());
        }
        if own.table.is_none()
            && let Some(kept) = self.buffers.offsets.get_mut(own.key as usize)
        {
            *kept = offset.saturating_add_unsigned(length);
        }
        if length == 0 && own.table.is_none() {
            return Ok(());
        }
        let columns = match own.table {
            None => None,
            Some(columns) => {
                let columns = self.loose_bound(columns)?;
                self.push("<tr class=\"row1\">\n")?;
                if length == 0 {
                    return self.push("</tr>\n");
                }
                self.push("<td class=\"col1\">")?;
                Some(columns.unwrap_or(length as i64))
            }
        };
        let outer = self.part();
        self.trace(own.values, false);
        let missing = self.parted(outer);
        self.loops += 1;
        let mut frame = LoopFrame {
            values: values.shared(),
            from,
            length: length as usize,
            index: 0,
            reversed: own.reversed,
            serial: self.loops,
            id,
            name: own.name,
            next: own.next,
            missing,
            outer: [None, None],
            columns,
        };
        let names = self.loop_names(&frame);
        let values = [frame.item(), Value::Loop(frame.serial)];
        for ((outer, name), value) in frame.outer.iter_mut().zip(names).zip(values) {
            if let Some(kept) = name.and_then(|name| self.kept.get_mut(name as usize)) {
                *outer = kept.local.replace(value);
            }
        }
        self.frames.push(Frame::Loop(frame));
        self.next = behind;
        Ok(())
    }

    /// The names that a loop gives values: its variable, and `forloop` or `tablerowloop` where the template uses that.
    fn loop_names(&self, frame: &LoopFrame<'a>) -> [Option<Id>; 2] {
        [Some(frame.name), self.template.loop_names[usize::from(frame.columns.is_some())]]
    }

    /// What `tablerow` reads as a number: whatever the text begins with.
    fn loose_bound(&mut self, id: Id) -> Result<Option<i64>, Failure> {
        Ok(match self.evaluate_through(id)? {
            _ if id == NONE => None,
            Value::Nil => Some(0),
            Value::Int(number) => Some(number),
            Value::Float(number) => Some(number as i64),
            Value::Text(text) => Some(leading_int(&text).ok_or_else(Failure::too_large)?),
            _ => return Err(Failure::invalid("a whole number")),
        })
    }

    /// At the end of a loop's body: its next item, or what is after the loop.
    #[inline(always)]
    pub(super) fn go_on(&mut self, body: Id) -> Result<(), Failure> {
        let Some(Frame::Loop(frame)) = self.frames.last_mut() else { return Ok(()) };
        frame.index += 1;
        let (name, item) = (frame.name, (frame.index < frame.length).then(|| frame.item()));
        if let Some(columns) = frame.columns {
            let cell = item.is_some().then(|| frame.cell(columns));
            self.next_cell(cell)?;
        }
        let Some(item) = item else {
            self.end_loop();
            return Ok(());
        };
        if let Some(kept) = self.kept.get_mut(name as usize) {
            kept.local = Some(item);
        }
        self.next = body;
        Ok(())
    }

    /// What `tablerow` puts between two cells, and after the last.
    fn next_cell(&mut self, cell: Option<(i64, i64)>) -> Result<(), Failure> {
        self.push("</td>")?;
        let Some((row, column)) = cell else { return self.push("</tr>\n") };
        if row > 1 && column == 1 {
            self.push("</tr>\n<tr class=\"row")?;
            self.push_value(&Value::Int(row))?;
            self.push("\">")?;
        }
        self.push("<td class=\"col")?;
        self.push_value(&Value::Int(column))?;
        self.push("\">")
    }

    /// Takes a loop's frame away; its names stand for what they stood for around it.
    fn end_loop(&mut self) {
        let Some(Frame::Loop(mut frame)) = self.frames.pop() else { return };
        let names = self.loop_names(&frame);
        // In reverse, should both be one name.
        for (outer, name) in frame.outer.iter_mut().zip(names).rev() {
            if let Some(kept) = name.and_then(|name| self.kept.get_mut(name as usize)) {
                kept.local = outer.take();
            }
        }
    }

    /// `break` and `continue`: leaves all blocks inside the loop, and then goes on with it or not. Outside of a loop
    /// the rendering ends.
    pub(super) fn leave(&mut self, goes_on: bool) -> Result<(), Failure> {
        loop {
            match self.frames.last_mut() {
                None => {
                    self.next = NONE;
                    return Ok(());
                }
                Some(Frame::Loop(frame)) => {
                    self.next = frame.next;
                    if !goes_on {
                        self.next += 1;
                        if frame.columns.is_some() {
                            self.push("</td></tr>\n")?;
                        }
                        self.end_loop();
                    }
                    return Ok(());
                }
                Some(_) => {
                    if let Some(frame) = self.frames.pop() {
                        self.close(frame)?;
                    }
                }
            }
        }
    }
}

/// The part of `length` items that begins at `offset` and has at most `limit`: where it begins and how many it has.
fn slice(length: u64, offset: i64, limit: Option<i64>) -> (u64, u64) {
    // As the reference counts: items from `offset` on and before `offset + limit`, of which negative ones are none.
    let to = limit.map_or(length, |limit| u64::try_from(offset.saturating_add(limit)).unwrap_or(0).min(length));
    let from = u64::try_from(offset).unwrap_or(0);
    (from, to.saturating_sub(from))
}
