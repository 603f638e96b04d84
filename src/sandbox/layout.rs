//! What is kept of a request beside its bytes: where its parts lie, and who is sent to over which course.
//!
//! A row is kept in twelve bytes that point into the bytes. Ten thousand recipients are one value of 120 KB in the
//! database, and nothing of a recipient is stored twice. A group of stored members is their few kinds, repeated.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::course::{Course, Ending, Try};
use crate::directory::{Directory, Party, SenderRef};
use crate::recipient::{Channel, Parts, Span, addresses, member_address};

/// Recipients of a request through stored groups.
pub const MOST_RECIPIENTS: u32 = 1_000_000;
/// Groups in one request, each with its kinds of member.
const MOST_GROUPS: usize = 10;
/// Tries of one message.
const MOST_TRIES: usize = 10;
const PACKED: usize = 12;

/// One entry of `to`, or one kind of member of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Where the entry lies in the kept bytes.
    pub span: Span,
    /// Its course, by place.
    pub course: u16,
    /// What it takes of a sender's rate.
    pub units: u16,
}

impl Row {
    fn pack(self) -> [u8; PACKED] {
        let mut packed = [0; PACKED];
        packed[..4].copy_from_slice(&self.span.start.to_le_bytes());
        packed[4..8].copy_from_slice(&self.span.length.to_le_bytes());
        packed[8..10].copy_from_slice(&self.course.to_le_bytes());
        packed[10..].copy_from_slice(&self.units.to_le_bytes());
        packed
    }

    fn unpack(packed: &[u8; PACKED]) -> Self {
        let [s0, s1, s2, s3, l0, l1, l2, l3, c0, c1, u0, u1] = *packed;
        Self {
            span: Span { start: u32::from_le_bytes([s0, s1, s2, s3]), length: u32::from_le_bytes([l0, l1, l2, l3]) },
            course: u16::from_le_bytes([c0, c1]),
            units: u16::from_le_bytes([u0, u1]),
        }
    }
}

/// Rows that are sent to so many times, round by round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Index of its first message.
    pub first: u32,
    /// Its first row.
    pub row: u32,
    /// How many rows.
    pub rows: u32,
    /// How many rounds.
    pub times: u32,
    /// The member of the stored group that it begins with; none for recipients of their own.
    pub member: Option<u32>,
}

/// Where the parts of a request lie, and the courses of its recipients.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// `content`.
    pub content: Span,
    /// `from`, if it was given.
    pub from: Option<Span>,
    /// Whoever the messages come from; courses name them by place.
    pub senders: Vec<SenderRef>,
    /// Courses that differ.
    pub courses: Vec<Course>,
    /// Every message belongs to one, in order.
    pub groups: Vec<Group>,
    /// The entries of `to`, and kinds of members, in order.
    #[serde(skip)]
    pub rows: Vec<Row>,
}

/// Why a request has no layout.
#[derive(Debug)]
pub enum Unlaid {
    /// More than ten groups.
    Groups,
    /// More recipients than a send may have.
    Recipients,
    /// The body is not what the schema passed; the sandbox is at fault.
    Unreadable(serde_json::Error),
}

impl From<serde_json::Error> for Unlaid {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl Layout {
    /// All rows in one value.
    pub fn pack_rows(&self) -> Vec<u8> {
        self.rows.iter().flat_map(|row| row.pack()).collect()
    }

    /// The rows again.
    pub fn unpack_rows(packed: &[u8]) -> Vec<Row> {
        let (rows, _) = packed.as_chunks();
        rows.iter().map(Row::unpack).collect()
    }

    /// How many messages there are.
    pub fn total(&self) -> u32 {
        self.groups.last().map_or(0, |group| group.first + group.rows * group.times)
    }

    /// The rows of a group.
    pub fn rows_of(&self, group: &Group) -> &[Row] {
        self.rows.get(group.row as usize..(group.row + group.rows) as usize).unwrap_or_default()
    }

    /// The group of a message, and its place.
    pub fn group_of(&self, index: u32) -> Option<(usize, &Group)> {
        let after = self.groups.partition_point(|group| group.first <= index);
        let number = after.checked_sub(1)?;
        self.groups.get(number).filter(|_| index < self.total()).map(|group| (number, group))
    }
}

/// Makes a layout.
pub struct Builder<'a> {
    directory: &'a Directory,
    length: u32,
    layout: Layout,
    known: HashMap<Course, u16>,
    groups: usize,
    more: Vec<u8>,
}

impl<'a> Builder<'a> {
    /// The layout of `body`, and what is kept after it: recipients as they were stored when they were sent to.
    ///
    /// `request` is the same body as a value that has passed the schema. `units` tells what a recipient takes of the
    /// rate over the senders that it is tried over.
    pub fn build(
        body: &str,
        request: &Value,
        directory: &'a Directory,
        mut units: impl FnMut(&Value, &[&SenderRef]) -> u32,
    ) -> Result<(Layout, Vec<u8>), Unlaid> {
        let parts: Parts<'_> = serde_json::from_str(body)?;
        let to: Vec<&RawValue> = serde_json::from_str(parts.to)?;
        let layout = Layout {
            content: Span::of(parts.content, body),
            from: parts.from.map(|from| Span::of(from, body)),
            senders: directory.senders.clone(),
            ..Layout::default()
        };
        let mut builder =
            Self { directory, length: body.len() as u32, layout, known: HashMap::new(), groups: 0, more: Vec::new() };
        let recipients = request["to"].as_array().map_or(&[][..], Vec::as_slice);
        for (raw, recipient) in to.iter().zip(recipients) {
            match directory.party(recipient) {
                Party::Itself => builder.push(Span::of(raw.get(), body), recipient, &mut units),
                Party::Stored(stored) => {
                    let span = builder.keep(&stored);
                    builder.push(span, &stored, &mut units);
                }
                Party::Group { members, size } => builder.group(&members, size, &mut units)?,
            }
            if builder.layout.total() > MOST_RECIPIENTS {
                return Err(Unlaid::Recipients);
            }
        }
        Ok((builder.layout, builder.more))
    }

    fn keep(&mut self, recipient: &Value) -> Span {
        let text = recipient.to_string();
        // What is stored of a recipient is bounded where it is stored, and so are groups.
        let span = Span { start: self.length + self.more.len() as u32, length: text.len() as u32 };
        self.more.extend_from_slice(text.as_bytes());
        span
    }

    fn row(
        &mut self,
        span: Span,
        recipient: &Value,
        member: Option<u32>,
        units: &mut impl FnMut(&Value, &[&SenderRef]) -> u32,
    ) -> Row {
        let course = self.course(recipient, member);
        let senders: Vec<&SenderRef> =
            course.tries.iter().filter_map(|attempt| self.layout.senders.get(usize::from(attempt.sender))).collect();
        let units = if senders.is_empty() { 0 } else { units(recipient, &senders) };
        let course = match self.known.get(&course) {
            Some(&place) => place,
            None => {
                let place = self.layout.courses.len() as u16;
                self.known.insert(course.clone(), place);
                self.layout.courses.push(course);
                place
            }
        };
        Row { span, course, units: units.try_into().unwrap_or(u16::MAX) }
    }

    /// Adds a recipient of its own to the group of those, which is sent to once.
    fn push(&mut self, span: Span, recipient: &Value, units: &mut impl FnMut(&Value, &[&SenderRef]) -> u32) {
        let row = self.row(span, recipient, None, units);
        let first = self.layout.total();
        let place = self.layout.rows.len() as u32;
        match self.layout.groups.last_mut() {
            Some(group) if group.member.is_none() => group.rows += 1,
            _ => self.layout.groups.push(Group { first, row: place, rows: 1, times: 1, member: None }),
        }
        self.layout.rows.push(row);
    }

    /// Adds a stored group: whole rounds of its kinds of member, then those of the last, which is not whole.
    fn group(
        &mut self,
        members: &[Value],
        size: u32,
        units: &mut impl FnMut(&Value, &[&SenderRef]) -> u32,
    ) -> Result<(), Unlaid> {
        self.groups += 1;
        if self.groups > MOST_GROUPS {
            return Err(Unlaid::Groups);
        }
        if size.saturating_add(self.layout.total()) > MOST_RECIPIENTS {
            return Err(Unlaid::Recipients);
        }
        let row = self.layout.rows.len() as u32;
        let members = members.get(..size as usize).unwrap_or(members);
        for (number, member) in (0..).zip(members) {
            let span = self.keep(member);
            let row = self.row(span, member, Some(number), units);
            self.layout.rows.push(row);
        }
        let kinds = members.len() as u32;
        let (times, rest) = (size.checked_div(kinds).unwrap_or(0), size.checked_rem(kinds).unwrap_or(0));
        for (rows, times, member) in [(kinds, times, 0), (rest, 1, kinds * times)] {
            if rows > 0 && times > 0 {
                let first = self.layout.total();
                // A plan wants every row to be of one group.
                let row = if member == 0 { row } else { self.repeat(row, rows) };
                self.layout.groups.push(Group { first, row, rows, times, member: Some(member) });
            }
        }
        Ok(())
    }

    /// Rows once more, after the others.
    fn repeat(&mut self, row: u32, rows: u32) -> u32 {
        let place = self.layout.rows.len() as u32;
        let again = self.layout.rows[row as usize..(row + rows) as usize].to_vec();
        self.layout.rows.extend(again);
        place
    }

    /// Every sender that reaches an address, the best first. A kind of member is judged by the first of it.
    fn course(&self, recipient: &Value, member: Option<u32>) -> Course {
        let mut tries = Vec::new();
        for (sender, from) in (0_u16..).zip(&self.directory.senders) {
            for (place, address) in (0_u8..MOST_TRIES as u8).zip(addresses(recipient)) {
                let whatsapp = address["channel"] == "WHATSAPP";
                if whatsapp == (from.channel == Channel::Whatsapp) {
                    let number = address["address"].as_str().unwrap_or_default();
                    let ending = match member {
                        Some(member) => Ending::of(&member_address(number, member), from.channel),
                        None => Ending::of(number, from.channel),
                    };
                    tries.push(Try { sender, address: place, ending });
                }
            }
        }
        tries.truncate(MOST_TRIES);
        Course::of(tries)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn directory() -> Directory {
        let sender = |channel| SenderRef { address: "a".into(), channel, sender_id: None, sender_pool_id: None };
        let mut directory = Directory { senders: vec![sender(Channel::Sms)], ..Directory::default() };
        let member = |address: &str| json!({"addresses": [{"address": address, "channel": "PHONE"}]});
        directory
            .cohorts
            .insert("three".into(), json!({"size": 3, "members": [member("+1#"), member("+15005550004")]}));
        directory.cohorts.insert("one".into(), json!({"size": 1, "members": [member("+1#"), member("+2#")]}));
        directory.cohorts.insert("all".into(), json!({"size": 1_000_000, "members": [member("+1#")]}));
        directory.cohorts.insert("none".into(), json!({"size": 0, "members": []}));
        directory
    }

    fn build(to: Value) -> Result<(Layout, Vec<u8>, String), Unlaid> {
        let body = json!({"to": to, "content": {"text": "x"}}).to_string();
        let request = serde_json::from_str(&body).unwrap();
        let (layout, more) = Builder::build(&body, &request, &directory(), |_, _| 1)?;
        Ok((layout, more, body))
    }

    #[test]
    fn recipients_lie_in_the_body_and_stored_ones_behind_it() {
        let phone = |address: &str| json!({"address": address, "channel": "PHONE"});
        let (layout, more, body) =
            build(json!([phone("+1"), {"cohortId": "three"}, phone("x"), phone("+2"), {"cohortId": "none"}])).unwrap();
        let kept = [body.as_bytes(), &more].concat();
        let text = |row: &Row| -> Value {
            serde_json::from_slice(&kept[row.span.start as usize..row.span.end() as usize]).unwrap()
        };
        assert_eq!(text(&layout.rows[0]), phone("+1"));
        assert_eq!(text(&layout.rows[1])["addresses"][0], phone("+1#"));
        assert_eq!(text(&layout.rows[4]), phone("x"));
        let groups: Vec<_> =
            layout.groups.iter().map(|group| (group.first, group.row, group.rows, group.times, group.member)).collect();
        assert_eq!(groups, [(0, 0, 1, 1, None), (1, 1, 2, 1, Some(0)), (3, 3, 1, 1, Some(2)), (4, 4, 2, 1, None)]);
        assert_eq!((layout.total(), layout.rows.len()), (6, 6));
        // Delivered, opted out, no number: three courses for six.
        assert_eq!(layout.courses.len(), 3);
    }

    #[test]
    fn a_group_smaller_than_its_kinds_has_the_first_of_them() {
        let (layout, ..) = build(json!([{"cohortId": "one"}])).unwrap();
        assert_eq!((layout.total(), layout.rows.len(), layout.groups.len()), (1, 1, 1));
    }

    #[test]
    fn a_send_has_an_end() {
        let all = json!({"cohortId": "all"});
        assert_eq!(build(json!([all])).unwrap().0.total(), 1_000_000);
        assert!(matches!(build(json!([all, {"cohortId": "one"}])), Err(Unlaid::Recipients)));
        assert!(matches!(build(json!(vec![json!({"cohortId": "one"}); 11])), Err(Unlaid::Groups)));
    }

    #[test]
    fn packing_loses_nothing() {
        let row =
            |n: u32| Row { span: Span { start: n * 1_000_003, length: u32::MAX - n }, course: n as u16, units: 9 };
        let layout = Layout { rows: (0..100).map(row).collect(), ..Layout::default() };
        let packed = layout.pack_rows();
        assert_eq!(packed.len(), 100 * PACKED);
        assert_eq!(Layout::unpack_rows(&packed), layout.rows);
    }
}
