//! The ledger's transitions, step by step, with the object and the upstream played by the test.

use super::*;
use crate::resource::Resource;

const NOW: Millis = 1_763_913_600_000;

fn ledger(rows: u32, batches: u32) -> Ledger {
    Ledger::new(Sealed {
        id: "comms_operation_0".into(),
        tenant: "acme".into(),
        created: NOW,
        fingerprint: String::new(),
        bytes: 1,
        rows,
        pieces: 1,
        batch_rows: 10_000,
        batch_bytes: 10_000_000,
        batches,
        first_look: 250,
        refused: 0,
        warnings: Vec::new(),
    })
}

fn resource(ledger: &Ledger, now: Millis) -> serde_json::Value {
    serde_json::to_value(Resource::of(ledger, now)).unwrap()
}

fn cut(batch: u32, rows: u32) -> Event {
    Event::Cut { batch, rows, hash: format!("hash of {batch}") }
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

/// Claims the next batch of 10 rows, as an alarm does.
fn claim(ledger: &mut Ledger, now: Millis, batch: u32, attempt: u32) {
    let first = batch * 10;
    assert_eq!(ledger.handle(now, Event::Rang), [Effect::Wake(now + WATCHDOG), Effect::Cut { batch, first }]);
    assert_eq!(ledger.handle(now, cut(batch, 10)), [Effect::Keep(batch), Effect::Post { batch, attempt }]);
}

#[test]
fn batches_go_in_order_and_rows_are_forgotten_behind_them() {
    let mut ledger = ledger(30, 3);
    for batch in 0..3 {
        claim(&mut ledger, NOW, batch, 1);
        let next = if batch < 2 { NOW } else { NOW + 250 };
        assert_eq!(
            ledger.handle(NOW, answered(batch, 1, accepted(batch))),
            [Effect::Keep(batch), Effect::Forget(10 * (batch + 1)), Effect::Wake(next)]
        );
    }
    let looks = ledger.handle(NOW + 250, Event::Rang);
    assert_eq!(looks.len(), 5);
    assert_eq!(looks[3], Effect::Look { batch: 2, operation: "upstream_2".into() });
    for batch in 0..3 {
        let counters = Counters { delivered: 10, ..Counters::of(10) };
        let effects = ledger.handle(NOW + 300, Event::Looked { batch, seen: Some((counters, true)) });
        assert_eq!(effects.last() == Some(&Effect::Rest), batch == 2);
    }
    assert!(ledger.finished());
    let shown = resource(&ledger, NOW + 400);
    assert_eq!((&shown["status"], &shown["stats"]["delivered"]), (&"COMPLETED".into(), &30.into()));
    assert_eq!(shown["postgate"]["operations"].as_array().unwrap().len(), 3);
}

#[test]
fn one_batch_is_in_flight_at_a_time() {
    let mut ledger = ledger(30, 3);
    claim(&mut ledger, NOW, 0, 1);
    let watch = Effect::Wake(NOW + 1 + WATCHDOG);
    assert_eq!(ledger.handle(NOW + 1, Event::Rang), [watch.clone(), watch]);
    assert_eq!(ledger.handle(NOW + 1, cut(0, 10)), []);
    assert_eq!(ledger.handle(NOW + 1, cut(1, 10)), []);
}

#[test]
fn a_restart_makes_what_was_in_flight_unknown_and_never_posts_it_again() {
    let mut ledger = ledger(30, 3);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    claim(&mut ledger, NOW, 1, 1);
    assert_eq!(ledger.handle(NOW + 9, Event::Loaded), [Effect::Keep(1), Effect::Wake(NOW + 250)]);
    assert_eq!(ledger.handle(NOW + 9, Event::Loaded), []);
    for rings in 0..100 {
        let effects = ledger.handle(NOW + rings * HOUR, Event::Rang);
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Cut { .. } | Effect::Post { .. })));
    }
    assert!(!ledger.finished());
    let shown = resource(&ledger, NOW + 9);
    assert_eq!(shown["status"], "PROCESSING");
    assert_eq!(shown["postgate"]["halted"]["by"], "unknown");
    assert_eq!(shown["postgate"]["batches"]["ready"], 1);
    assert_eq!(shown["stats"]["total"], 30);
}

#[test]
fn an_answer_counts_for_its_own_attempt_only() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, Answer::TooMany { wait: None }));
    claim(&mut ledger, NOW + TOO_MANY.0, 0, 2);
    let before = ledger.clone();
    assert_eq!(ledger.handle(NOW + HOUR, answered(0, 1, accepted(0))), []);
    assert_eq!(ledger.handle(NOW + HOUR, answered(0, 3, accepted(0))), []);
    assert_eq!(ledger.handle(NOW + HOUR, answered(7, 1, accepted(0))), []);
    assert_eq!(ledger, before);
}

#[test]
fn a_late_acceptance_is_believed_and_nothing_else_that_is_late() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, Event::Loaded);
    assert_eq!(ledger.handle(NOW, answered(0, 1, Answer::Refused { status: 400, code: None })), []);
    assert_eq!(ledger.handle(NOW, answered(0, 1, Answer::NotCalled)), []);
    assert!(!ledger.handle(NOW, answered(0, 1, accepted(0))).is_empty());
    let known = ledger.clone();
    assert_eq!(ledger.handle(NOW, answered(0, 1, unknown())), []);
    assert_eq!(ledger, known);
}

#[test]
fn only_what_was_not_taken_is_posted_again() {
    for (answer, wait, status) in [
        (Answer::NotCalled, BEFORE_CALL, None),
        (Answer::TooMany { wait: Some(7 * SECOND) }, 7 * SECOND, Some(429)),
        (Answer::TooMany { wait: Some(48 * HOUR) }, HOUR, Some(429)),
        (Answer::TooMany { wait: None }, TOO_MANY.0, Some(429)),
        (Answer::Credentials { status: 401 }, CREDENTIALS, Some(401)),
    ] {
        let mut ledger = ledger(20, 2);
        claim(&mut ledger, NOW, 0, 1);
        let effects = ledger.handle(NOW, answered(0, 1, answer));
        assert_eq!(effects, [Effect::Keep(0), Effect::Forget(0), Effect::Wake(NOW + wait)]);
        assert_eq!(ledger.pause, Some(Pause { until: NOW + wait, status }));
        let early = ledger.handle(NOW + wait - 1, Event::Rang);
        assert_eq!(early, [Effect::Wake(NOW + wait - 1 + WATCHDOG), Effect::Wake(NOW + wait)]);
        claim(&mut ledger, NOW + wait, 0, 2);
        assert_eq!(ledger.pause, None);
    }
}

#[test]
fn an_unknown_batch_halts_and_keeps_its_rows() {
    let mut ledger = ledger(30, 3);
    claim(&mut ledger, NOW, 0, 1);
    assert_eq!(ledger.handle(NOW, answered(0, 1, unknown())), [Effect::Keep(0), Effect::Forget(0), Effect::Rest]);
    assert_eq!(ledger.handle(NOW, Event::Rang), [Effect::Wake(NOW + WATCHDOG), Effect::Rest]);
}

#[test]
fn a_refused_batch_ends_the_send_once_the_others_are_final() {
    let mut ledger = ledger(30, 3);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    claim(&mut ledger, NOW, 1, 1);
    assert_eq!(
        ledger.handle(NOW, answered(1, 1, Answer::Refused { status: 422, code: Some(20001) })),
        [Effect::Keep(1), Effect::Forget(30), Effect::Wake(NOW + 250)]
    );
    assert!(!ledger.finished());
    ledger.handle(NOW + 250, Event::Looked { batch: 0, seen: Some((Counters::of(10), true)) });
    assert!(ledger.finished());
    let shown = resource(&ledger, NOW + 250);
    assert_eq!(shown["status"], "COMPLETED");
    let stats = &shown["stats"];
    assert_eq!((&stats["total"], &stats["failed"], &stats["canceled"]), (&30.into(), &10.into(), &10.into()));
    assert_eq!(shown["postgate"]["halted"]["code"], 20001);
    assert_eq!(shown["postgate"]["batches"]["ready"], 0);
}

#[test]
fn counters_are_asked_for_ever_more_rarely_and_at_last_not_at_all() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    let (mut now, mut interval_before) = (NOW, 0);
    for _ in 0..30 {
        let Effect::Wake(at) = ledger.rearm(now) else { panic!() };
        assert!(at - now >= interval_before && at - now <= LONGEST);
        interval_before = at - now;
        now = at;
        assert!(ledger.handle(now, Event::Rang).contains(&Effect::Look { batch: 0, operation: "upstream_0".into() }));
        // An unreadable answer is no reason to ask less, nor to forget what was seen.
        ledger.handle(now, Event::Looked { batch: 0, seen: None });
    }
    assert_eq!(interval_before, LONGEST);
    let effects = ledger.handle(NOW + FORGOTTEN, Event::Rang);
    assert_eq!(effects, [Effect::Wake(NOW + FORGOTTEN + WATCHDOG), Effect::Keep(0), Effect::Rest]);
    assert!(ledger.finished());
}

#[test]
fn an_acceptance_without_an_id_is_never_posted_again() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    let effects = ledger.handle(NOW, answered(0, 1, Answer::Accepted { operation: None }));
    assert_eq!(effects, [Effect::Keep(0), Effect::Forget(10), Effect::Wake(NOW + FORGOTTEN)]);
    assert!(!ledger.finished());
}

#[test]
fn many_looks_are_spread_over_steps() {
    let mut ledger = ledger(500, 50);
    for batch in 0..50 {
        claim(&mut ledger, NOW, batch, 1);
        ledger.handle(NOW, answered(batch, 1, accepted(batch)));
    }
    let later = NOW + SECOND;
    let effects = ledger.handle(later, Event::Rang);
    let looks = effects.iter().filter(|effect| matches!(effect, Effect::Look { .. })).count();
    assert_eq!((looks, effects.last()), (LOOKS, Some(&Effect::Wake(later))));
}

#[test]
fn what_is_written_is_read_back() {
    let mut ledger = ledger(20, 2);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    ledger.handle(NOW, Event::Looked { batch: 0, seen: Some((Counters::of(10), false)) });
    claim(&mut ledger, NOW, 1, 1);
    for batch in &ledger.batches {
        let text = serde_json::to_string(batch).unwrap();
        assert_eq!(&serde_json::from_str::<Batch>(&text).unwrap(), batch);
    }
}
