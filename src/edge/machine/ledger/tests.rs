//! The ledger's transitions, step by step, with the object, the pacer and the upstream played by the test.

mod closing;
mod dispatch;
mod doubt;
mod due;

use super::*;
use crate::clock::rfc3339;
use crate::machine::answer::Answer;
use crate::machine::pacer::Appointment;
use crate::machine::record::{Outcome, Settlement, Verdict, WINDOW};
use crate::object::operation::resource::Resource;

const NOW: Millis = 1_763_913_600_000;

fn ledger(rows: u32, batches: u32) -> Ledger {
    let sealed = Sealed {
        id: "comms_operation_0".into(),
        tenant: "acme".into(),
        created: NOW,
        rows,
        units: rows.into(),
        pieces: 1,
        batch_rows: 10_000,
        batch_bytes: 10_000_000,
        batches,
        first_look: 250,
        window: WINDOW,
        tagged: true,
        ..Sealed::default()
    };
    let mut ledger = Ledger::new(sealed, None);
    // The directory and the pacer have heard of it.
    ledger.progress.told = 1_000_000;
    ledger.progress.joined = true;
    ledger
}

fn resource(ledger: &Ledger, now: Millis) -> serde_json::Value {
    serde_json::to_value(Resource::of(ledger, now)).unwrap()
}

fn cut(batch: u32, rows: u32) -> Event {
    Event::Cut { batch, rows, units: rows.into(), hash: format!("hash of {batch}") }
}

fn answered(batch: u32, attempt: u32, answer: Answer) -> Event {
    Event::Answered { batch, attempt, answer }
}

fn accepted(number: u32) -> Answer {
    Answer::Accepted { operation: Some(format!("upstream_{number}")) }
}

fn unknown() -> Answer {
    Answer::Unknown { why: "the upstream answered 500".into() }
}

fn posts(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Post { .. }))
}

fn wake(effects: &[Effect]) -> Millis {
    let wake = effects.iter().rev().find_map(|effect| match effect {
        Effect::Wake(at) => Some(*at),
        _ => None,
    });
    wake.expect("the alarm is set")
}

/// Goes on from an alarm up to a claim, as far as the ledger lets: the effects that the last event led to.
fn post(ledger: &mut Ledger, now: Millis) -> Vec<Effect> {
    let mut effects = ledger.handle(now, Event::Rang);
    loop {
        let next = effects.iter().find_map(|effect| match effect {
            Effect::Join => Some(Event::Joined),
            Effect::Measure { batch, .. } => Some(Event::Measured { batch: *batch, units: 10 }),
            Effect::Ask { turn, units, .. } => {
                let appointment = Some(Appointment::Go { units: *units, until: now + 30 * SECOND, silent: None });
                Some(Event::Appointed { turn: *turn, appointment })
            }
            Effect::Cut { batch, rows, .. } => Some(cut(*batch, rows.unwrap_or(10))),
            _ => None,
        });
        let Some(event) = next else { return effects };
        effects = ledger.handle(now, event);
    }
}

/// Claims the next batch of 10 rows.
fn claim(ledger: &mut Ledger, now: Millis, batch: u32, attempt: u32) {
    assert_eq!(post(ledger, now), [Effect::Keep(batch), Effect::Post { batch, attempt }]);
}

fn settled(batch: u32, attempt: u32, r#as: Verdict) -> Settlement {
    Settlement { batch, attempt, r#as, operation_id: None, key: "dev".into(), at: 0 }
}
