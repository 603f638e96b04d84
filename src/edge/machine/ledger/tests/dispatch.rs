//! Claiming, posting, and what comes of an answer.

use serde_json::json;

use super::*;
use crate::machine::ledger::dispatch::{ANEW, BEFORE_CALL, CREDENTIALS, TOO_MANY};
use crate::machine::ledger::tally::Tally;
use crate::machine::pacer::{Halt, Why};
use crate::machine::record::{Cause, Pause, Refusal, Slot};

#[test]
fn a_send_that_begins_at_once_asks_without_joining() {
    let ledger =
        |send_at| Ledger::new(Sealed { rows: 10, created: NOW, send_at, window: WINDOW, ..Sealed::default() }, None);
    assert!(ledger(None).handle(NOW, Event::Rang).contains(&Effect::Measure { batch: 0, first: 0 }));
    let mut later = ledger(Some(NOW + WINDOW));
    assert!(later.handle(NOW, Event::Rang).contains(&Effect::Join));
    // Taken back, each is nothing that the pacer waits for any more.
    assert!(ledger(None).cancel(NOW).1.contains(&Effect::Leave));
}

#[test]
fn a_first_turn_that_is_granted_is_not_asked_for_while_it_holds() {
    let slot = Slot { turn: 1, units: 7, until: NOW + 9, silent: None };
    let granted = Ledger::new(ledger(10, 1).sealed, Some(slot));
    let measured = Event::Measured { batch: 0, units: 10 };
    let cuts = Effect::Cut { batch: 0, first: 0, rows: None, units: 7, attempt: 1 };
    let asks = Effect::Ask { turn: 1, units: 10, whole: false };
    // Its rows are cut only after the call before: it may be taken back during that.
    let mut rung = granted.clone();
    let rang = rung.handle(NOW + 9, Event::Rang);
    assert_eq!(rang, [Effect::Wake(NOW + 9 + AHEAD), Effect::Tell, Effect::Measure { batch: 0, first: 0 }]);
    assert_eq!(rung.clone().handle(NOW + 9, measured.clone()), [cuts]);
    assert_eq!(rung.clone().handle(NOW + 10, measured.clone())[0], asks);
    rung.cancel(NOW + 9);
    assert!(matches!(rung.handle(NOW + 9, measured.clone())[..], [Effect::Wake(_)]));
    // Nor does it hold behind a clock that has been turned back.
    assert_eq!(granted.clone().handle(NOW - 10 * MINUTE, measured.clone())[0], asks);
    // An object that began anew asks: the operator may hold the send since.
    let mut restarted = granted.clone();
    restarted.handle(NOW, Event::Loaded);
    assert_eq!(restarted.handle(NOW, measured), [asks]);
    // The next turn is another one.
    let mut posted = granted;
    claim(&mut posted, NOW, 0, 1);
    posted.handle(NOW, answered(0, 1, Answer::TooMany { wait: Some(1) }));
    let again = posted.handle(NOW + SECOND, Event::Rang);
    assert!(again.contains(&Effect::Ask { turn: 2, units: 10, whole: true }), "{again:?}");
}

#[test]
fn a_send_that_was_taken_back_before_the_pacer_heard_of_it_says_so_again() {
    // What it decided to call before is called after the pacer was told that it waits no more.
    let mut asks = ledger(10, 1);
    asks.handle(NOW, Event::Measured { batch: 0, units: 10 });
    assert!(asks.cancel(NOW).1.contains(&Effect::Leave));
    let go = Appointment::Go { units: 10, until: NOW + 9, silent: None };
    for appointment in [go, Appointment::Wait { until: NOW + 9, halt: None }] {
        let appointed = Event::Appointed { turn: 1, appointment: Some(appointment) };
        let told = asks.handle(NOW, appointed);
        assert_eq!(told[0], Effect::Report { turn: 1, outcome: Outcome::Unused, last: true });
    }
    let mut joins = ledger(10, 1);
    joins.progress.joined = false;
    assert!(joins.handle(NOW, Event::Rang).contains(&Effect::Join));
    joins.cancel(NOW);
    assert_eq!(joins.handle(NOW, Event::Joined)[0], Effect::Leave);
}

#[test]
fn a_send_without_an_instant_waits_for_no_clock() {
    // It was sealed by one that was ahead by hours.
    let mut ledger = ledger(10, 1);
    let before = NOW - 10 * HOUR;
    claim(&mut ledger, before, 0, 1);
    assert_eq!(resource(&ledger, before)["status"], "PROCESSING");
}

#[test]
fn a_post_is_measured_granted_cut_and_kept_first() {
    let mut ledger = ledger(30, 3);
    ledger.progress.joined = false;
    assert_eq!(ledger.handle(NOW, Event::Rang), [Effect::Wake(NOW + AHEAD), Effect::Join]);
    let joined = ledger.handle(NOW, Event::Joined);
    assert_eq!(joined, [Effect::Note, Effect::Measure { batch: 0, first: 0 }]);
    let measured = ledger.handle(NOW, Event::Measured { batch: 0, units: 20 });
    assert_eq!(measured, [Effect::Ask { turn: 1, units: 20, whole: false }]);
    let go = |units| Some(Appointment::Go { units, until: NOW + 9, silent: None });
    let granted = ledger.handle(NOW, Event::Appointed { turn: 1, appointment: go(10) });
    assert_eq!(granted, [Effect::Cut { batch: 0, first: 0, rows: None, units: 10, attempt: 1 }]);
    // One row that takes more than was granted is asked for as a whole.
    let more = Event::Cut { batch: 0, rows: 1, units: 11, hash: String::new() };
    assert_eq!(ledger.clone().handle(NOW, more), [Effect::Ask { turn: 1, units: 11, whole: true }]);
    // A grant too old is not used.
    assert!(!posts(&ledger.clone().handle(NOW + 10, cut(0, 10))));
    assert_eq!(ledger.handle(NOW + 9, cut(0, 10)), [Effect::Keep(0), Effect::Post { batch: 0, attempt: 1 }]);
    assert_eq!(ledger.remaining_units(), 20);
}

#[test]
fn behind_silence_the_upstream_is_asked_before_a_batch_is_cut() {
    let mut ledger = ledger(10, 1);
    ledger.handle(NOW, Event::Rang);
    ledger.handle(NOW, Event::Measured { batch: 0, units: 10 });
    let until = NOW + 30 * SECOND;
    let go = Event::Appointed {
        turn: 1,
        appointment: Some(Appointment::Go { units: 10, until, silent: Some(NOW - MINUTE) }),
    };
    assert_eq!(ledger.handle(NOW, go.clone()), [Effect::Probe { turn: 1 }]);
    let silent = ledger.handle(NOW, Event::Probed { turn: 1, answers: false });
    let report = Effect::Report { turn: 1, outcome: Outcome::NoAnswer { until }, last: false };
    assert_eq!(silent, [report, Effect::Note, Effect::Wake(NOW + BEFORE_CALL)]);
    let paused = &resource(&ledger, NOW)["postgate"]["paused"];
    assert_eq!((&paused["by"], &paused["since"]), (&"silence".into(), &rfc3339(NOW - MINUTE).into()));
    assert!(ledger.batches.is_empty());
    // What it was granted is no more.
    assert!(!posts(&ledger.clone().handle(NOW, cut(0, 10))));
    assert_eq!(ledger.handle(NOW, Event::Probed { turn: 1, answers: true }), [Effect::Wake(NOW + BEFORE_CALL)]);
    ledger.handle(NOW + BEFORE_CALL, Event::Rang);
    ledger.handle(NOW + BEFORE_CALL, go);
    let cut_it = Effect::Cut { batch: 0, first: 0, rows: None, units: 10, attempt: 1 };
    assert_eq!(ledger.handle(NOW + BEFORE_CALL, Event::Probed { turn: 1, answers: true }), [cut_it]);
    // Taken back meanwhile, nothing is cut.
    ledger.cancel(NOW + BEFORE_CALL);
    assert!(
        !ledger.handle(NOW, Event::Probed { turn: 1, answers: true }).iter().any(|e| matches!(e, Effect::Cut { .. }))
    );
}

#[test]
fn who_has_to_wait_waits_and_asks_again() {
    let mut ledger = ledger(10, 1);
    ledger.handle(NOW, Event::Rang);
    ledger.handle(NOW, Event::Measured { batch: 0, units: 10 });
    let until = NOW + 70 * SECOND;
    let wait = |halt| Event::Appointed { turn: 1, appointment: Some(Appointment::Wait { until, halt }) };
    let since = NOW - MINUTE;
    for (why, by, status) in [
        (Some(Why::Silence { times: 1 }), "silence", None),
        (Some(Why::Credentials { status: 401 }), "credentials", Some(401)),
        (None, "pace", None),
    ] {
        let halt = why.map(|why| Halt { why, since, until });
        assert_eq!(ledger.handle(NOW, wait(halt)), [Effect::Note, Effect::Wake(until)]);
        let mut told = json!({ "until": rfc3339(until), "by": by, "status": status });
        if halt.is_some() {
            told["since"] = rfc3339(since).into();
        }
        assert_eq!(resource(&ledger, NOW)["postgate"]["paused"], told);
    }
    assert_eq!(wake(&ledger.handle(NOW + SECOND, Event::Rang)), until);
    // What a clock named that has been turned back since is not waited for.
    let why = Why::Credentials { status: 401 };
    let halt = Some(Halt { why, since, until });
    let ahead = Some(Appointment::Wait { until: NOW + 30 * WINDOW, halt });
    let waits = ledger.clone().handle(NOW, Event::Appointed { turn: 1, appointment: ahead });
    assert_eq!(wake(&waits), NOW + WINDOW);
    let silent = Event::Appointed { turn: 1, appointment: None };
    assert_eq!(ledger.handle(until, silent), [Effect::Note, Effect::Wake(until + BEFORE_CALL)]);
    claim(&mut ledger, until + BEFORE_CALL, 0, 1);
}

#[test]
fn a_turn_that_is_far_away_is_asked_for_anew_as_the_pace_may_be_another_one_by_then() {
    let mut ledger = ledger(10, 1);
    ledger.handle(NOW, Event::Rang);
    ledger.handle(NOW, Event::Measured { batch: 0, units: 10 });
    let until = NOW + 3 * HOUR;
    let wait = Event::Appointed { turn: 1, appointment: Some(Appointment::Wait { until, halt: None }) };
    assert_eq!(wake(&ledger.handle(NOW, wait.clone())), NOW + ANEW);
    assert_eq!(resource(&ledger, NOW)["postgate"]["paused"]["until"], rfc3339(until));
    let (changes, anew) = (ledger.progress.changes, NOW + ANEW);
    assert!(ledger.handle(anew, Event::Rang).contains(&Effect::Measure { batch: 0, first: 0 }));
    let asks = ledger.handle(anew, Event::Measured { batch: 0, units: 10 });
    assert_eq!(asks, [Effect::Ask { turn: 1, units: 10, whole: false }]);
    // The same answer again is nothing to be told.
    assert_eq!(wake(&ledger.handle(anew, wait)), anew + ANEW);
    assert_eq!(ledger.progress.changes, changes);
    claim(&mut ledger, anew + ANEW, 0, 1);
}

#[test]
fn batches_go_in_order_and_rows_are_forgotten_behind_them() {
    let mut ledger = ledger(30, 3);
    for batch in 0..3 {
        claim(&mut ledger, NOW, batch, 1);
        let effects = ledger.handle(NOW, answered(batch, 1, accepted(batch)));
        let kept = if batch < 2 { vec![(10 * (batch + 1), 30)] } else { Vec::new() };
        let last = batch == 2;
        let report = Effect::Report { turn: u64::from(batch) + 1, outcome: Outcome::Posted, last };
        assert_eq!(effects[..3], [Effect::Keep(batch), Effect::Forget(kept), report]);
        assert!(!effects.contains(&Effect::Leave));
        assert_eq!(wake(&effects), if batch < 2 { NOW } else { NOW + 250 });
    }
    let looks = ledger.handle(NOW + 250, Event::Rang);
    assert!(looks.contains(&Effect::Look { batch: 2, operation: "upstream_2".into() }));
    for batch in 0..3 {
        let counters = Counters { delivered: 10, ..Counters::of(10) };
        ledger.handle(NOW + 300, Event::Looked { batch, seen: Some((counters, true)) });
    }
    assert!(ledger.finished());
    let shown = resource(&ledger, NOW + 400);
    assert_eq!((&shown["status"], &shown["stats"]["delivered"]), (&"COMPLETED".into(), &30.into()));
    assert_eq!(shown["postgate"]["operations"].as_array().unwrap().len(), 3);
}

#[test]
fn how_a_turn_ended_is_told_until_the_pacer_heard() {
    let mut ledger = ledger(20, 2);
    claim(&mut ledger, NOW, 0, 1);
    let report = |outcome| Effect::Report { turn: 1, outcome, last: false };
    assert!(ledger.handle(NOW, answered(0, 1, accepted(0))).contains(&report(Outcome::Posted)));
    // Its object ended after the answer, or the call got lost.
    assert!(ledger.clone().handle(NOW, Event::Loaded).contains(&report(Outcome::Posted)));
    assert!(ledger.handle(NOW, Event::Rang).contains(&report(Outcome::Posted)));
    ledger.handle(NOW, Event::Reported(1));
    for event in [Event::Loaded, Event::Rang] {
        assert!(!ledger.handle(NOW, event).contains(&report(Outcome::Posted)));
    }
}

#[test]
fn one_batch_is_in_flight_at_a_time() {
    let mut ledger = ledger(30, 3);
    claim(&mut ledger, NOW, 0, 1);
    let watch = Effect::Wake(NOW + 1 + AHEAD);
    assert_eq!(ledger.handle(NOW + 1, Event::Rang), [watch.clone(), watch]);
    for batch in 0..2 {
        assert!(!posts(&ledger.handle(NOW + 1, cut(batch, 10))));
    }
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
    let refused = Answer::Refused { status: 400, errors: Vec::new() };
    assert_eq!(ledger.handle(NOW, answered(0, 1, refused)), []);
    assert_eq!(ledger.handle(NOW, answered(0, 1, Answer::NotCalled)), []);
    assert!(!ledger.handle(NOW, answered(0, 1, accepted(0))).is_empty());
    let known = ledger.clone();
    assert_eq!(ledger.handle(NOW, answered(0, 1, unknown())), []);
    assert_eq!(ledger, known);
}

#[test]
fn only_what_was_not_taken_is_posted_again() {
    let credentials = Outcome::Credentials { status: 401, wait: CREDENTIALS };
    for (answer, wait, by, status, outcome) in [
        (Answer::NotCalled, BEFORE_CALL, Cause::Gate, None, Outcome::Unused),
        (Answer::TooMany { wait: Some(7_000) }, 7_000, Cause::TooMany, Some(429), Outcome::TooMany { wait: 7_000 }),
        (Answer::TooMany { wait: Some(48 * HOUR) }, HOUR, Cause::TooMany, Some(429), Outcome::TooMany { wait: HOUR }),
        (Answer::TooMany { wait: None }, TOO_MANY.0, Cause::TooMany, Some(429), Outcome::TooMany { wait: TOO_MANY.0 }),
        (Answer::Credentials { status: 401 }, CREDENTIALS, Cause::Credentials, Some(401), credentials),
    ] {
        let mut ledger = ledger(20, 2);
        claim(&mut ledger, NOW, 0, 1);
        let effects = ledger.handle(NOW, answered(0, 1, answer));
        let report = Effect::Report { turn: 1, outcome, last: false };
        assert!(effects.contains(&report) && !effects.contains(&Effect::Leave));
        assert_eq!(wake(&effects), NOW + wait);
        assert_eq!(ledger.progress.pause, Some(Pause { from: NOW, until: NOW + wait, by, status, since: None }));
        assert_eq!(wake(&ledger.handle(NOW + wait - 1, Event::Rang)), NOW + wait);
        ledger.handle(NOW, Event::Reported(1));
        // The same rows, granted as a whole.
        let again = ledger.handle(NOW + wait, Event::Rang);
        assert_eq!(again[1..], [Effect::Ask { turn: 2, units: 10, whole: true }]);
        claim(&mut ledger, NOW + wait, 0, 2);
        assert_eq!(ledger.progress.pause, None);
    }
}

#[test]
fn a_refused_batch_ends_a_strict_send_once_the_others_are_final() {
    let mut ledger = ledger(30, 3);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    claim(&mut ledger, NOW, 1, 1);
    let errors = vec![Refusal { code: Some(20001), ..Refusal::default() }];
    let effects = ledger.handle(NOW, answered(1, 1, Answer::Refused { status: 422, errors }));
    let last = Effect::Report { turn: 2, outcome: Outcome::Posted, last: true };
    assert!(effects.contains(&Effect::Forget(Vec::new())) && effects.contains(&last));
    assert!(!ledger.finished());
    ledger.handle(NOW + 250, Event::Looked { batch: 0, seen: Some((Counters::of(10), true)) });
    assert!(ledger.finished());
    let shown = resource(&ledger, NOW + 250);
    assert_eq!(shown["status"], "COMPLETED");
    let stats = &shown["stats"];
    assert_eq!((&stats["total"], &stats["failed"], &stats["canceled"]), (&30.into(), &10.into(), &10.into()));
    assert_eq!(shown["postgate"]["halted"]["code"], 20001);
    assert_eq!(shown["postgate"]["closed"], "refused");
    assert_eq!(shown["postgate"]["batches"]["ready"], 0);
    let refused = json!({ "first": 10, "recipients": 10, "is": "refused", "status": 422, "code": 20001 });
    assert_eq!(shown["postgate"]["parts"][1], refused);
}

#[test]
fn a_lenient_send_goes_on_behind_a_refused_batch() {
    let mut ledger = ledger(30, 3);
    ledger.sealed.lenient = true;
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, Answer::Refused { status: 400, errors: Vec::new() }));
    claim(&mut ledger, NOW, 1, 1);
    assert_eq!(ledger.tally(), Tally { refused: 10, in_flight: 10, pending: 10, ..Tally::default() });
    let parts = json!([
        { "first": 0, "recipients": 10, "is": "refused", "status": 400 },
        { "first": 10, "recipients": 20, "is": "pending" },
    ]);
    assert_eq!(resource(&ledger, NOW)["postgate"]["parts"], parts);
}

#[test]
fn a_send_waits_for_its_instant_and_can_be_taken_back_until_then() {
    let mut ledger = ledger(10, 1);
    let start = NOW + 10 * HOUR;
    ledger.sealed.send_at = Some(start);
    assert_eq!(resource(&ledger, NOW)["status"], "SCHEDULED");
    assert_eq!(wake(&ledger.handle(NOW, Event::Rang)), start);
    assert_eq!(wake(&ledger.handle(start - 1, Event::Rang)), start);
    assert_eq!(ledger.sealed.deadline(), start + WINDOW);
    let mut canceled = ledger.clone();
    assert_eq!(canceled.cancel(start - 1).0.canceled, 10);
    assert_eq!(canceled.status(start - 1), Status::Canceled);
    claim(&mut ledger, start, 0, 1);
    assert_eq!(ledger.status(start), Status::Processing);
}

#[test]
fn a_send_that_is_held_says_so_and_asks_again() {
    let mut ledger = ledger(20, 2);
    ledger.handle(NOW, Event::Rang);
    ledger.handle(NOW, Event::Measured { batch: 0, units: 10 });
    let until = NOW + 30 * SECOND;
    let effects = ledger.handle(NOW, Event::Appointed { turn: 1, appointment: Some(Appointment::Hold { until }) });
    assert!(!posts(&effects));
    assert_eq!(wake(&effects), until);
    let paused = serde_json::json!({ "by": "hold", "until": rfc3339(until), "status": null });
    assert_eq!(resource(&ledger, NOW)["postgate"]["paused"], paused);
    claim(&mut ledger, until, 0, 1);
}
