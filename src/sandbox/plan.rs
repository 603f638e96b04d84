//! When each message of an operation leaves, and so where all of them stand at any moment.
//!
//! A sender sends so many units a second, in the order of `to`. Nothing is counted up and nothing can be lost: the
//! state of a message is arithmetic over the units before it and the time. A group of a million members is its
//! few kinds of member, repeated; it costs what they cost.

use crate::course::{Course, Moment, Status};
use crate::layout::{Group, Layout, Row};
use crate::operation::{Operation, Stats};
use crate::pace::QUEUE_MILLIS;

/// The number of a message that the queue has no room for: <https://www.twilio.com/docs/api/errors/30001>.
pub const QUEUE_OVERFLOW: u32 = 30001;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub status: Status,
    /// Since when.
    pub since: i64,
    /// Milliseconds since it left; negative before.
    pub elapsed: i64,
    /// Whether the queue had no room for it.
    pub overflowed: bool,
}

/// One message of an operation: its row, which of the row's repetitions, and the units before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What is kept of the row.
    pub row: Row,
    /// The member of the stored group that it is, from 0.
    pub member: Option<u32>,
    ahead: i64,
}

/// An operation's messages in time.
pub struct Plan<'a> {
    operation: &'a Operation,
    layout: &'a Layout,
    /// Units before each row within one round of its group, and the units of the round.
    ahead: Vec<i64>,
    /// Units of one round of each group, and those before its first round.
    rounds: Vec<(i64, i64)>,
    courses: Vec<Vec<Moment>>,
    /// What the queue has room for, and what left before the operation was canceled: units before it.
    room: i64,
    uncanceled: i64,
}

impl<'a> Plan<'a> {
    /// The plan of an operation; its layout is that of the same.
    pub fn of(operation: &'a Operation, layout: &'a Layout) -> Self {
        let mut ahead = Vec::with_capacity(layout.rows.len());
        let mut rounds = Vec::with_capacity(layout.groups.len());
        let mut before = 0;
        for group in &layout.groups {
            let mut round = 0;
            for row in layout.rows_of(group) {
                ahead.push(round);
                round += i64::from(row.units);
            }
            rounds.push((round, before));
            before += round * i64::from(group.times);
        }
        let mut plan = Self {
            operation,
            layout,
            ahead,
            rounds,
            courses: layout.courses.iter().map(Course::moments).collect(),
            room: i64::MAX,
            uncanceled: i64::MAX,
        };
        plan.room = plan.left_by(operation.due_at + QUEUE_MILLIS);
        plan.uncanceled = operation.canceled_at.map_or(i64::MAX, |at| plan.left_by(at));
        plan
    }

    /// Most units that lie before a message which has left by then; negative if none has.
    fn left_by(&self, time: i64) -> i64 {
        match self.operation.start_at {
            Some(start) if time >= start => ((time - start) as f64 * self.operation.rate / 1000.0) as i64,
            _ => -1,
        }
    }

    fn leaves(&self, ahead: i64) -> i64 {
        let start = self.operation.start_at.unwrap_or(self.operation.due_at);
        start + (ahead as f64 * 1000.0 / self.operation.rate).ceil() as i64
    }

    /// Each row with its group, the units before it in the first round, and the units of a round.
    fn rows(&self) -> impl Iterator<Item = (Row, &Group, i64, i64)> {
        let groups = self.layout.groups.iter().zip(&self.rounds);
        let rows = groups.flat_map(|(group, &(round, before))| {
            self.layout.rows_of(group).iter().map(move |&row| (row, group, before, round))
        });
        rows.zip(&self.ahead).map(|((row, group, before, round), ahead)| (row, group, before + ahead, round))
    }

    fn moments(&self, row: Row) -> &[Moment] {
        self.courses.get(usize::from(row.course)).map_or(&[], Vec::as_slice)
    }

    fn is_reachable(&self, row: Row) -> bool {
        self.moments(row).first().is_some_and(|first| first.tries > 0)
    }

    /// The counters at a moment.
    pub fn stats(&self, now: i64) -> Stats {
        let total = self.layout.total();
        let mut stats = Stats { total, recipients: total, ..Stats::default() };
        if self.operation.start_at.is_none() {
            *match self.operation.canceled_at {
                Some(_) => &mut stats.canceled,
                None if self.operation.is_scheduled(now) => &mut stats.scheduled,
                None => &mut stats.queued,
            } = total;
            return stats;
        }
        // A course has few moments, and the same for every row of it.
        let left: Vec<Vec<i64>> = self
            .courses
            .iter()
            .map(|moments| moments.iter().map(|moment| self.left_by(now - moment.after)).collect())
            .collect();
        for (row, group, first, round) in self.rows() {
            let within = |units: i64| repetitions(units, first, round, group.times);
            let reachable = self.is_reachable(row);
            let with_room = if reachable { within(self.room) } else { group.times };
            let going = with_room.min(within(self.uncanceled));
            stats.failed += group.times - with_room;
            stats.attempts += group.times - with_room;
            stats.canceled += with_room - going;
            let left = left.get(usize::from(row.course)).map_or(&[][..], Vec::as_slice);
            let mut previous = (going, Status::Queued, 0);
            for (moment, &units) in self.moments(row).iter().zip(left) {
                let reached = going.min(within(units));
                stats.add(previous.1, previous.0 - reached);
                stats.attempts += reached * (moment.tries - previous.2);
                previous = (reached, moment.status, moment.tries);
            }
            stats.add(previous.1, previous.0);
            if !reachable {
                stats.unaddressable += previous.0;
            }
        }
        stats
    }

    /// When every message is where it stays; none before the operation has a start.
    pub fn end(&self) -> Option<i64> {
        let start = self.operation.start_at?;
        let limit = self.room.min(self.uncanceled);
        let ends = self.rows().filter_map(|(row, group, first, round)| {
            let going =
                repetitions(if self.is_reachable(row) { limit } else { self.uncanceled }, first, round, group.times);
            let last = first + round * i64::from(going.checked_sub(1)?);
            Some(self.leaves(last) + self.moments(row).last().map_or(0, |moment| moment.after))
        });
        Some(ends.fold(start, i64::max).max(self.operation.canceled_at.unwrap_or(start)))
    }

    /// When the sender is free again.
    pub fn free_at(&self) -> i64 {
        let units: i64 =
            self.rounds.iter().zip(&self.layout.groups).map(|((round, _), group)| round * i64::from(group.times)).sum();
        let full = (self.operation.due_at + QUEUE_MILLIS).max(self.operation.start_at.unwrap_or(self.operation.due_at));
        self.leaves(units).min(full)
    }

    /// The message at an index.
    pub fn place(&self, index: u32) -> Option<Place> {
        let (number, group) = self.layout.group_of(index)?;
        let &(round, before) = self.rounds.get(number)?;
        let member = index - group.first;
        let (times, place) = (member / group.rows, group.row + member % group.rows);
        let ahead = before + round * i64::from(times) + self.ahead.get(place as usize)?;
        Some(Place {
            row: *self.layout.rows.get(place as usize)?,
            member: group.member.map(|from| from + member),
            ahead,
        })
    }

    /// Every state that a message comes to, with when it does and the tries begun by then; none while it has no start.
    pub fn transitions(&self, place: &Place) -> Vec<(i64, Status, u32)> {
        let operation = self.operation;
        let Some(start) = operation.start_at else { return Vec::new() };
        if place.ahead > self.room && self.is_reachable(place.row) {
            return vec![(start.min(operation.due_at), Status::Failed, 1)];
        }
        if place.ahead > self.uncanceled {
            return Vec::new();
        }
        let left_at = self.leaves(place.ahead);
        let mut before = Status::Queued;
        let moments = self.moments(place.row).iter();
        // Another try is no other state.
        let changes = moments.filter(|moment| std::mem::replace(&mut before, moment.status) != moment.status);
        changes.map(|moment| (left_at + moment.after, moment.status, moment.tries)).collect()
    }

    /// Where a message stands at a moment.
    pub fn standing(&self, place: &Place, now: i64) -> Standing {
        let operation = self.operation;
        let still = |status, since| Standing { status, since, elapsed: -1, overflowed: false };
        if operation.start_at.is_none() {
            return match operation.canceled_at {
                Some(at) => still(Status::Canceled, at),
                None if operation.is_scheduled(now) => still(Status::Scheduled, operation.created_at),
                None => still(Status::Queued, operation.created_at),
            };
        }
        if place.ahead > self.room && self.is_reachable(place.row) {
            let since = operation.start_at.unwrap_or(now).min(operation.due_at);
            return Standing { overflowed: true, ..still(Status::Failed, since) };
        }
        if place.ahead > self.uncanceled {
            return still(Status::Canceled, operation.canceled_at.unwrap_or(now));
        }
        // Asked as the counters ask, or the two could differ by a rounding.
        let reached = self.moments(place.row).iter().rfind(|moment| place.ahead <= self.left_by(now - moment.after));
        let left_at = self.leaves(place.ahead);
        match reached {
            None => still(Status::Queued, operation.created_at),
            Some(moment) => Standing {
                status: moment.status,
                since: left_at + moment.after,
                elapsed: (now - left_at).max(moment.after),
                overflowed: false,
            },
        }
    }
}

/// How many of a row's repetitions, `round` units apart, have at most so many units before it.
fn repetitions(units: i64, first: i64, round: i64, times: u32) -> u32 {
    if units < first {
        0
    } else if round == 0 {
        times
    } else {
        u32::try_from(((units - first) / round).saturating_add(1)).map_or(times, |count| count.min(times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::{Ending, Try};
    use crate::recipient::Span;

    const HOUR: i64 = 60 * 60 * 1000;

    fn operation(rate: f64) -> Operation {
        Operation { rate, start_at: Some(1_000), due_at: 1_000, created_at: 1_000, ..Operation::default() }
    }

    /// Delivered, failed, read, nobody, and one that falls back; of one to three units.
    fn layout(groups: &[(u32, u32)]) -> Layout {
        let tries = |endings: &[Ending]| {
            Course::of(endings.iter().map(|&ending| Try { sender: 0, address: 0, ending }).collect())
        };
        let courses = vec![
            tries(&[Ending::Delivered(0)]),
            tries(&[Ending::Failed(21610)]),
            tries(&[Ending::Read]),
            tries(&[]),
            tries(&[Ending::Failed(63106), Ending::Delivered(5_000)]),
        ];
        let mut layout = Layout { courses, ..Layout::default() };
        for &(rows, times) in groups {
            let first = layout.total();
            layout.groups.push(Group { first, row: layout.rows.len() as u32, rows, times, member: Some(0) });
            for row in 0..rows {
                let course = (row % 5) as u16;
                let units = if course == 3 { 0 } else { (1 + row % 3) as u16 };
                layout.rows.push(Row { span: Span { start: 0, length: 0 }, course, units });
            }
        }
        layout
    }

    /// The counters, counted one message at a time.
    fn counted(plan: &Plan<'_>, total: u32, now: i64) -> Stats {
        let mut stats = Stats { total, recipients: total, ..Stats::default() };
        for index in 0..total {
            let place = plan.place(index).unwrap();
            let standing = plan.standing(&place, now);
            stats.add(standing.status, 1);
            let course = &plan.layout.courses[usize::from(place.row.course)];
            stats.attempts += u32::from(standing.overflowed) + course.attempts(standing.elapsed).len() as u32;
            stats.unaddressable += u32::from(course.tries.is_empty() && standing.status == Status::Failed);
        }
        stats
    }

    #[test]
    fn the_counters_are_the_sum_of_the_messages_at_every_moment() {
        for groups in [&[(1, 1)][..], &[(7, 1)], &[(5, 40), (3, 1), (4, 7)], &[(13, 19), (1, 1), (2, 300)]] {
            let layout = layout(groups);
            for rate in [0.7, 3.0, 1000.0 / 7.0, 1_000.0, 1_000_000.0] {
                for canceled_at in [None, Some(1_500)] {
                    let operation = Operation { canceled_at, ..operation(rate) };
                    let plan = Plan::of(&operation, &layout);
                    let end = plan.end().unwrap();
                    for now in (0..60).map(|step| 999 + step * (end - 998) / 59).chain([1_000, 1_001, 1_100, 1_300]) {
                        let stats = plan.stats(now);
                        assert_eq!(stats, counted(&plan, layout.total(), now), "{groups:?} {rate} {now}");
                        assert_eq!(stats.places(), stats.total);
                    }
                }
            }
        }
    }

    #[test]
    fn a_second_sends_what_the_rate_says() {
        let mut layout = layout(&[(1, 1_000_000)]);
        layout.rows[0].units = 2;
        let operation = operation(100.0);
        let plan = Plan::of(&operation, &layout);
        for second in [1, 2, 10, 3_600] {
            let stats = plan.stats(1_000 + second * 1_000 - 1);
            assert_eq!(stats.total - stats.queued, 50 * second as u32);
        }
    }

    #[test]
    fn what_would_wait_more_than_ten_hours_fails_at_once() {
        let layout = layout(&[(1, 100_000)]);
        let operation = operation(1.0);
        let plan = Plan::of(&operation, &layout);
        let stats = plan.stats(1_000);
        assert_eq!((stats.failed, stats.sent, stats.queued), (100_000 - 36_001, 1, 36_000));
        assert_eq!(plan.free_at(), 1_000 + 10 * HOUR);
        assert_eq!(plan.end(), Some(1_000 + 10 * HOUR + 300));
        assert!(plan.standing(&plan.place(99_999).unwrap(), 1_000).overflowed);
    }

    #[test]
    fn the_end_is_when_nothing_moves_any_more() {
        for (rate, groups) in [(3.0, &[(7, 1)][..]), (1_000.0, &[(5, 40), (3, 1)]), (0.5, &[(2, 3)])] {
            let layout = layout(groups);
            let operation = operation(rate);
            let plan = Plan::of(&operation, &layout);
            let end = plan.end().unwrap();
            let last = plan.stats(end);
            assert_eq!(last, plan.stats(end + HOUR));
            assert_eq!(last.queued + last.sent, 0);
            assert_ne!(last, plan.stats(end - 1), "{rate}");
        }
    }

    #[test]
    fn before_the_start_all_wait() {
        let layout = layout(&[(3, 2)]);
        let waiting = Operation { start_at: None, send_at: Some(9_000), due_at: 9_000, ..operation(1.0) };
        let plan = Plan::of(&waiting, &layout);
        assert_eq!((plan.stats(8_999).scheduled, plan.stats(9_000).queued, plan.end()), (6, 6, None));
        let canceled = Operation { canceled_at: Some(2_000), ..waiting };
        assert_eq!(Plan::of(&canceled, &layout).stats(2_000).canceled, 6);
    }

    #[test]
    fn every_index_has_its_place_and_no_other() {
        let layout = layout(&[(2, 3), (1, 1), (4, 2)]);
        let operation = operation(1.0);
        let plan = Plan::of(&operation, &layout);
        let members: Vec<u32> = (0..15).filter_map(|index| plan.place(index)?.member).collect();
        assert_eq!(members, [0, 1, 2, 3, 4, 5, 0, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(plan.place(15), None);
    }
}
