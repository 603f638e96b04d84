//! Doubt: a batch that the upstream may have is looked for, and a look only ever proves that it was taken.

use super::{Effect, FORGOTTEN, Ledger};
use crate::clock::{HOUR, MINUTE, Millis, SECOND, rfc3339};
use crate::machine::record::{Accepted, Batch, Doubt, State};
use crate::mutation::broken;

/// How long after it became unknown a batch is looked for. After the last one it is held for a person.
pub(super) const TRIES: [Millis; 6] = [15 * SECOND, MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR];
/// Most batches that are looked for in one step.
const SEARCHES: usize = 2;
/// Most of the upstream's operations whose messages are looked at for a batch: with two lists before, for each batch of a
/// step, and what is told to others after it, as many as the 25 calls of a step leave.
const CANDIDATES: usize = 8;
/// When that leaves a batch without an answer, it is looked for again.
pub(super) const AGAIN: Millis = 30 * SECOND;

/// A message that the upstream returned, as far as it can prove anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The value of its own reserved tag.
    pub tag: Option<String>,
    /// The operation that it belongs to.
    pub operation: Option<String>,
}

/// The value of the reserved tag of a batch.
pub fn tag(operation: &str, batch: u32, attempt: u32) -> String {
    format!("{operation}.{batch}.{attempt}")
}

/// Whether one of the messages proves that the upstream has the batch of this tag, and its operation if it says so.
///
/// That the upstream returned it for that tag proves nothing: a filter may be ignored, or match a part.
pub fn proof(seen: &[Seen], tag: &str) -> Option<Option<String>> {
    let carries = |seen: &&Seen| seen.tag.as_deref() == Some(tag) || broken!(TrustTheFilter);
    seen.iter().find(carries).map(|seen| seen.operation.clone())
}

/// An operation as the upstream lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// When it was made, in RFC 3339.
    pub created: String,
    /// How many recipients it has.
    pub recipients: u64,
}

/// Which of the upstream's operations are looked at for a batch of so many rows, as none of the `known` ones can be its.
///
/// The account may have made any number since: one for each send that has a batch in flight, ours and others'. So the
/// likeliest come first, those of as many recipients and then those made soonest after the post; and where they are more
/// than one look has calls for, the next look goes on from there, until it is through and begins anew.
pub fn likeliest(listed: Vec<Listed>, known: &[String], posted: Millis, rows: u32, tries: u32) -> Vec<String> {
    // To the second, which both write alike.
    let second = |moment: &str| moment.get(..19).unwrap_or_default().to_owned();
    let posted = second(&rfc3339(posted));
    let mut listed: Vec<Listed> = listed.into_iter().filter(|listed| !known.contains(&listed.id)).collect();
    listed.sort_by_cached_key(|listed| {
        let created = second(&listed.created);
        (listed.recipients != u64::from(rows), created < posted, created)
    });
    if listed.len() > CANDIDATES {
        let behind = (tries as usize).saturating_mul(CANDIDATES) % listed.len();
        listed.rotate_left(behind);
        listed.truncate(CANDIDATES);
    }
    listed.into_iter().map(|listed| listed.id).collect()
}

/// The state of a batch that has just become unknown.
pub(super) fn begun(now: Millis, why: String) -> State {
    State::Unknown(Doubt { why, since: now, tries: 0, due: now + TRIES[0] })
}

impl Ledger {
    /// Looks for what is due: unknown batches, and those that were accepted without an id.
    pub(super) fn searches(&mut self, now: Millis) -> Vec<Effect> {
        if !self.sealed.tagged {
            return self.hold_untagged(now);
        }
        let mut effects = Vec::new();
        for (number, batch) in (0..).zip(&mut self.batches) {
            let (due, tries) = match &mut batch.state {
                State::Unknown(Doubt { due, tries, .. }) => (due, *tries),
                State::Accepted(Accepted { operation: None, due, looks, frozen: false, .. })
                    if (*looks as usize) < TRIES.len() =>
                {
                    (due, *looks)
                }
                _ => continue,
            };
            if *due <= now && effects.len() < SEARCHES {
                // Not at once again should the answer get lost; the tries count answers.
                *due = now + AGAIN;
                let Batch { attempt, claimed: posted, rows, .. } = *batch;
                effects.push(Effect::Search { batch: number, attempt, posted, rows, tries });
            }
        }
        effects
    }

    /// Nothing can be found without a tag: a person is asked at once.
    fn hold_untagged(&mut self, now: Millis) -> Vec<Effect> {
        let mut effects = Vec::new();
        for (number, batch) in (0..).zip(&mut self.batches) {
            if let State::Unknown(doubt) = &batch.state {
                batch.state = State::Held(doubt.clone());
                effects.push(Effect::Keep(number));
            }
        }
        if !effects.is_empty() {
            self.changed(now);
        }
        effects
    }

    pub(super) fn searched(
        &mut self,
        now: Millis,
        number: u32,
        attempt: u32,
        found: Option<Option<String>>,
    ) -> Vec<Effect> {
        if let Some(operation) = found {
            return self.proven(now, number, attempt, operation);
        }
        let Some(batch) = self.batches.get_mut(number as usize).filter(|batch| batch.attempt == attempt) else {
            return Vec::new();
        };
        match &mut batch.state {
            State::Unknown(doubt) => {
                doubt.tries += 1;
                match TRIES.get(doubt.tries as usize) {
                    Some(wait) => doubt.due = (doubt.since + wait).max(now + SECOND),
                    None if broken!(AbsenceProves) => batch.state = State::Ready,
                    None => batch.state = State::Held(doubt.clone()),
                }
                self.changed(now);
            }
            State::Accepted(accepted) if accepted.operation.is_none() => {
                accepted.looks += 1;
                let wait = TRIES.get(accepted.looks as usize);
                accepted.due = (accepted.at + wait.unwrap_or(&FORGOTTEN)).max(now + SECOND);
            }
            _ => return Vec::new(),
        }
        vec![Effect::Keep(number), self.rearm(now)]
    }

    /// The upstream has it: known by a late answer, or by a message that says so. Counts whatever was thought since.
    pub(super) fn proven(&mut self, now: Millis, number: u32, attempt: u32, known: Option<String>) -> Vec<Effect> {
        let first_look = self.sealed.first_look;
        let Some(batch) = self.batches.get_mut(number as usize).filter(|batch| batch.attempt == attempt) else {
            return Vec::new();
        };
        match &mut batch.state {
            // Posted again meanwhile it cannot be: that would be another attempt.
            State::InFlight | State::Refused(_) => return Vec::new(),
            State::Accepted(Accepted { operation, due, looks, .. }) => {
                if operation.is_some() || known.is_none() {
                    return Vec::new();
                }
                (*operation, *due, *looks) = (known, now + first_look, 0);
            }
            State::Ready | State::Unknown(_) | State::Held(_) | State::Canceled | State::Expired => {
                let due = now + first_look;
                let accepted = Accepted { operation: known, at: now, looks: 0, due, seen: None, frozen: false };
                batch.state = State::Accepted(accepted);
            }
        }
        self.changed(now);
        let mut effects = vec![Effect::Keep(number), Effect::Forget(self.kept_rows())];
        effects.extend(self.leave());
        effects.push(self.rearm(now));
        effects
    }
}
