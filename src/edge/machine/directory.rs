//! The directory of a tenant: a row an operation, for listing, and for finding those whose alarm was lost.
//!
//! Rules only; rows lie in SQLite in production and in a map in the simulation. A row is written before the seal, so
//! that no operation exists that nobody can find. What an operation tells carries the number of its change, and an older
//! one is passed over: calls may come twice, late, and in any order.

use serde::{Deserialize, Serialize};

use crate::clock::{HOUR, MINUTE, Millis};
use crate::machine::counters::Counters;
use crate::machine::record::{Status, Wait};
use crate::mutation::broken;

/// How long an operation is left alone before it is poked.
const PATIENCE: Millis = 5 * MINUTE;
/// The same for one that is over; by then it has deleted itself.
const OVER: Millis = 33 * 24 * HOUR;
/// How long a row may wait for its seal.
const INTAKE: Millis = HOUR;

/// An operation as it last told of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// The whole operation id.
    pub id: String,
    /// When it was sealed; before that, when its intake began.
    pub created: Millis,
    /// Which of its changes this is; 0 before the seal.
    pub change: u64,
    /// None before the seal.
    pub status: Option<Status>,
    /// When anything last changed.
    pub updated: Millis,
    /// Its counters.
    pub stats: Counters,
    /// Recipients in batches that the upstream may have.
    #[serde(default)]
    pub unknown: u64,
    /// Why it waits, if it does.
    #[serde(default)]
    pub paused: Option<Wait>,
    /// Whether nothing will change any more.
    pub finished: bool,
}

impl Entry {
    /// The row of an operation that is not sealed yet.
    pub fn begun(id: &str, now: Millis) -> Self {
        Self {
            id: id.to_owned(),
            created: now,
            change: 0,
            status: None,
            updated: now,
            stats: Counters::default(),
            unknown: 0,
            paused: None,
            finished: false,
        }
    }
}

/// Which operations are asked for. Instants are those of the seal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// At or after this one.
    pub start: Option<Millis>,
    /// Before this one.
    pub end: Option<Millis>,
    /// With this status.
    pub status: Option<Status>,
    /// After this one, as [`Page::next`] named it.
    pub after: Option<(Millis, String)>,
    /// Most of them.
    pub limit: u32,
}

/// Some operations, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The operations.
    pub operations: Vec<Entry>,
    /// The last of them, if there are more after it.
    pub next: Option<(Millis, String)>,
}

/// Where the rows lie. Each call is one transaction.
pub trait Rows {
    /// What can go wrong with storage.
    type Error;
    /// The row of an operation.
    fn get(&self, id: &str) -> Result<Option<Entry>, Self::Error>;
    /// Writes a row, and when the operation is to be poked.
    fn put(&mut self, entry: &Entry, poke_at: Millis) -> Result<(), Self::Error>;
    /// Sets when it is to be poked.
    fn poke_at(&mut self, id: &str, at: Millis) -> Result<(), Self::Error>;
    /// Deletes a row.
    fn delete(&mut self, id: &str) -> Result<(), Self::Error>;
    /// Those that are to be poked at this moment, and those that are not over and would be only behind the other one. The
    /// earliest first.
    fn overdue(&self, now: Millis, behind: Millis, limit: u32) -> Result<Vec<String>, Self::Error>;
    /// Sealed operations by seal and id, the newest first.
    fn list(&self, filter: &Filter) -> Result<Vec<Entry>, Self::Error>;
}

/// The directory over its rows.
pub struct Directory<R>(pub R);

impl<R: Rows> Directory<R> {
    /// An intake has begun.
    pub fn begin(&mut self, now: Millis, id: &str) -> Result<(), R::Error> {
        if self.0.get(id)?.is_none() {
            self.0.put(&Entry::begun(id, now), now + INTAKE)?;
        }
        Ok(())
    }

    /// An operation tells how it stands.
    pub fn tell(&mut self, now: Millis, entry: &Entry) -> Result<(), R::Error> {
        let known = self.0.get(&entry.id)?.map_or(0, |known| known.change);
        if known < entry.change || broken!(TellAnyOrder) {
            self.0.put(entry, now + if entry.finished { OVER } else { PATIENCE })?;
        }
        Ok(())
    }

    /// An operation deleted itself, or its intake was given up.
    pub fn forget(&mut self, id: &str) -> Result<(), R::Error> {
        self.0.delete(id)
    }

    /// Operations that are to be poked; each will be again after a while, so that none keeps the others from it.
    pub fn overdue(&mut self, now: Millis, limit: u32) -> Result<Vec<String>, R::Error> {
        // No row waits longer for its seal: what does was written by a clock that has been turned back since.
        let behind = if broken!(TrustTheClock) { Millis::MAX } else { now + 2 * INTAKE };
        let ids = self.0.overdue(now, behind, limit)?;
        for id in &ids {
            self.0.poke_at(id, now + PATIENCE)?;
        }
        Ok(ids)
    }

    /// A poked operation does not exist: its intake never came to the seal, or it is over and deleted.
    pub fn missing(&mut self, now: Millis, id: &str) -> Result<(), R::Error> {
        match self.0.get(id)? {
            Some(entry) if entry.created + INTAKE <= now => self.0.delete(id),
            _ => Ok(()),
        }
    }

    /// A page of sealed operations.
    pub fn list(&self, filter: &Filter) -> Result<Page, R::Error> {
        // One more than asked for tells whether there are more.
        let mut operations = self.0.list(&Filter { limit: filter.limit + 1, ..filter.clone() })?;
        let more = operations.len() > filter.limit as usize;
        operations.truncate(filter.limit as usize);
        let last = operations.last().map(|entry| (entry.created, entry.id.clone()));
        Ok(Page { operations, next: last.filter(|_| more) })
    }
}

/// Rows of tests and of the simulation.
#[cfg(test)]
pub mod memory {
    use std::collections::BTreeMap;

    use super::{Entry, Filter, Millis, Rows};

    /// Rows in memory.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct InMemory(BTreeMap<String, (Entry, Millis)>);

    impl Rows for InMemory {
        type Error = std::convert::Infallible;

        fn get(&self, id: &str) -> Result<Option<Entry>, Self::Error> {
            Ok(self.0.get(id).map(|(entry, _)| entry.clone()))
        }

        fn put(&mut self, entry: &Entry, poke_at: Millis) -> Result<(), Self::Error> {
            self.0.insert(entry.id.clone(), (entry.clone(), poke_at));
            Ok(())
        }

        fn poke_at(&mut self, id: &str, at: Millis) -> Result<(), Self::Error> {
            if let Some((_, poke_at)) = self.0.get_mut(id) {
                *poke_at = at;
            }
            Ok(())
        }

        fn delete(&mut self, id: &str) -> Result<(), Self::Error> {
            self.0.remove(id);
            Ok(())
        }

        fn overdue(&self, now: Millis, behind: Millis, limit: u32) -> Result<Vec<String>, Self::Error> {
            let due = self.0.iter().filter(|(_, (entry, at))| *at <= now || *at > behind && !entry.finished);
            let mut due: Vec<(Millis, String)> = due.map(|(id, (_, at))| (*at, id.clone())).collect();
            due.sort();
            Ok(due.into_iter().take(limit as usize).map(|(_, id)| id).collect())
        }

        fn list(&self, filter: &Filter) -> Result<Vec<Entry>, Self::Error> {
            let mut entries: Vec<Entry> = self.0.values().map(|(entry, _)| entry.clone()).collect();
            entries.sort_by(|a, b| (b.created, &b.id).cmp(&(a.created, &a.id)));
            entries.retain(|entry| {
                entry.status.is_some_and(|status| filter.status.is_none_or(|wanted| wanted == status))
                    && filter.start.is_none_or(|start| start <= entry.created)
                    && filter.end.is_none_or(|end| entry.created < end)
                    && filter.after.as_ref().is_none_or(|(at, id)| (entry.created, &entry.id) < (*at, id))
            });
            entries.truncate(filter.limit as usize);
            Ok(entries)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::memory::InMemory;
    use super::*;
    use crate::machine::record::Cause;

    fn entry(id: u32, change: u64, status: Status) -> Entry {
        let id = format!("comms_operation_{id:03}");
        let finished = status == Status::Completed;
        Entry { change, status: Some(status), finished, ..Entry::begun(&id, 1_000) }
    }

    fn ids(page: &Page) -> Vec<&str> {
        page.operations.iter().map(|entry| &entry.id["comms_operation_".len()..]).collect()
    }

    #[test]
    fn what_is_older_is_passed_over_whenever_it_comes() {
        let mut directory = Directory(InMemory::default());
        directory.tell(0, &entry(1, 3, Status::Completed)).unwrap();
        directory.tell(0, &entry(1, 2, Status::Processing)).unwrap();
        directory.begin(0, "comms_operation_001").unwrap();
        let page = directory.list(&Filter { limit: 10, ..Filter::default() }).unwrap();
        assert_eq!(page.operations, [entry(1, 3, Status::Completed)]);
        assert_eq!(page.next, None);
    }

    #[test]
    fn what_was_written_before_there_was_a_pause_is_read() {
        let entry = Entry { paused: Some(Wait { by: Cause::Pace, until: Some(9) }), ..entry(1, 3, Status::Processing) };
        let mut written = serde_json::to_value(&entry).unwrap();
        assert_eq!(serde_json::from_value::<Entry>(written.clone()).unwrap(), entry);
        written.as_object_mut().unwrap().remove("paused");
        assert_eq!(serde_json::from_value::<Entry>(written).unwrap(), Entry { paused: None, ..entry });
    }

    #[test]
    fn what_is_not_sealed_is_not_listed_and_goes_when_nothing_came_of_it() {
        let mut directory = Directory(InMemory::default());
        directory.begin(0, "a").unwrap();
        assert_eq!(directory.list(&Filter { limit: 10, ..Filter::default() }).unwrap(), Page::default());
        assert_eq!(directory.overdue(INTAKE - 1, 10).unwrap(), [""; 0]);
        assert_eq!(directory.overdue(INTAKE, 10).unwrap(), ["a"]);
        assert_eq!(directory.overdue(INTAKE, 10).unwrap(), [""; 0]);
        directory.missing(INTAKE - 1, "a").unwrap();
        assert!(directory.0.get("a").unwrap().is_some());
        directory.missing(INTAKE, "a").unwrap();
        assert!(directory.0.get("a").unwrap().is_none());
    }

    #[test]
    fn the_longest_overdue_are_poked_first_and_in_turns() {
        let mut directory = Directory(InMemory::default());
        for id in 0..5 {
            directory.tell(u64::from(id), &entry(id, 1, Status::Processing)).unwrap();
        }
        directory.tell(0, &entry(9, 1, Status::Completed)).unwrap();
        let tails = |ids: Vec<String>| ids.iter().map(|id| id[id.len() - 1..].to_owned()).collect::<String>();
        let now = PATIENCE + 10;
        assert_eq!(tails(directory.overdue(now, 2).unwrap()), "01");
        assert_eq!(tails(directory.overdue(now, 9).unwrap()), "234");
        assert_eq!(tails(directory.overdue(now, 9).unwrap()), "");
        assert_eq!(tails(directory.overdue(now + PATIENCE, 9).unwrap()), "01234");
        assert_eq!(tails(directory.overdue(OVER, 9).unwrap()), "012349");
    }

    #[test]
    fn what_a_clock_put_ahead_that_is_turned_back_is_overdue_unless_it_is_over() {
        let mut directory = Directory(InMemory::default());
        let then = 10 * OVER;
        for (id, status) in [(0, Status::Processing), (1, Status::Completed)] {
            directory.tell(then, &entry(id, 1, status)).unwrap();
        }
        assert_eq!(directory.overdue(then, 9).unwrap(), [""; 0]);
        let now = OVER;
        assert_eq!(directory.overdue(now, 9).unwrap(), ["comms_operation_000"]);
        assert_eq!(directory.overdue(now, 9).unwrap(), [""; 0]);
        assert_eq!(directory.overdue(now + PATIENCE, 9).unwrap(), ["comms_operation_000"]);
    }

    #[test]
    fn pages_hold_everything_once_newest_first() {
        let mut directory = Directory(InMemory::default());
        for id in 0..7 {
            let status = if id % 2 == 0 { Status::Completed } else { Status::Processing };
            directory.tell(0, &Entry { created: u64::from(id / 2), ..entry(id, 1, status) }).unwrap();
        }
        let mut filter = Filter { limit: 3, ..Filter::default() };
        let first = directory.list(&filter).unwrap();
        assert_eq!(ids(&first), ["006", "005", "004"]);
        filter.after = first.next;
        let second = directory.list(&filter).unwrap();
        assert_eq!(ids(&second), ["003", "002", "001"]);
        filter.after = second.next;
        let last = directory.list(&filter).unwrap();
        assert_eq!((ids(&last), last.next.clone()), (vec!["000"], None));

        let some = Filter { start: Some(1), end: Some(3), status: Some(Status::Completed), limit: 10, after: None };
        assert_eq!(ids(&directory.list(&some).unwrap()), ["004", "002"]);
    }
}
