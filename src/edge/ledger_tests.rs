//! The ledger's transitions, step by step, with the object, the pacer and the upstream played by the test.

use super::closing::Canceled;
use super::dispatch::{BEFORE_CALL, CREDENTIALS, TOO_MANY};
use super::doubt::TRIES;
use super::tally::Tally;
use super::*;
use crate::record::{Closed, Pause, Refusal, Settlement, Verdict};
use crate::resource::Resource;

const NOW: Millis = 1_763_913_600_000;

fn ledger(rows: u32, batches: u32) -> Ledger {
    let mut ledger = Ledger::new(Sealed {
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
    });
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
                let appointment = Some(Appointment::Go { units: *units, until: now + 30 * SECOND });
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

#[test]
fn a_send_that_begins_at_once_asks_without_joining() {
    let ledger = |send_at| Ledger::new(Sealed { rows: 10, created: NOW, send_at, window: WINDOW, ..Sealed::default() });
    assert!(ledger(None).handle(NOW, Event::Rang).contains(&Effect::Measure { batch: 0, first: 0 }));
    let mut later = ledger(Some(NOW + WINDOW));
    assert!(later.handle(NOW, Event::Rang).contains(&Effect::Join));
    // Taken back, each is nothing that the pacer waits for any more.
    assert!(ledger(None).cancel(NOW).1.contains(&Effect::Leave));
}

#[test]
fn a_post_is_measured_granted_cut_and_kept_first() {
    let mut ledger = ledger(30, 3);
    ledger.progress.joined = false;
    assert_eq!(ledger.handle(NOW, Event::Rang)[1..], [Effect::Join, Effect::Wake(NOW + BEFORE_CALL)]);
    let joined = ledger.handle(NOW, Event::Joined);
    assert_eq!(joined, [Effect::Note, Effect::Measure { batch: 0, first: 0 }]);
    let measured = ledger.handle(NOW, Event::Measured { batch: 0, units: 20 });
    assert_eq!(measured, [Effect::Ask { turn: 1, units: 20, whole: false }]);
    let go = |units| Some(Appointment::Go { units, until: NOW + 9 });
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
fn who_has_to_wait_waits_and_asks_again() {
    let mut ledger = ledger(10, 1);
    ledger.handle(NOW, Event::Rang);
    ledger.handle(NOW, Event::Measured { batch: 0, units: 10 });
    let until = NOW + 70 * SECOND;
    let wait = Event::Appointed { turn: 1, appointment: Some(Appointment::Wait { until }) };
    assert_eq!(ledger.handle(NOW, wait), [Effect::Note, Effect::Wake(until)]);
    assert_eq!(resource(&ledger, NOW)["postgate"]["paused"]["status"], serde_json::Value::Null);
    assert_eq!(wake(&ledger.handle(NOW + SECOND, Event::Rang)), until);
    let silent = Event::Appointed { turn: 1, appointment: None };
    assert_eq!(ledger.handle(until, silent), [Effect::Note, Effect::Wake(until + BEFORE_CALL)]);
    claim(&mut ledger, until + BEFORE_CALL, 0, 1);
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
    assert_eq!(looks[3], Effect::Look { batch: 2, operation: "upstream_2".into() });
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
fn one_batch_is_in_flight_at_a_time() {
    let mut ledger = ledger(30, 3);
    claim(&mut ledger, NOW, 0, 1);
    let watch = Effect::Wake(NOW + 1 + WATCHDOG);
    assert_eq!(ledger.handle(NOW + 1, Event::Rang), [watch.clone(), watch]);
    for batch in 0..2 {
        assert!(!posts(&ledger.handle(NOW + 1, cut(batch, 10))));
    }
}

#[test]
fn a_restart_makes_what_was_in_flight_unknown_and_never_posts_it_again() {
    let mut ledger = ledger(20, 2);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    claim(&mut ledger, NOW, 1, 1);
    assert!(ledger.handle(NOW + 9, Event::Loaded).contains(&Effect::Keep(1)));
    assert_eq!(ledger.handle(NOW + 9, Event::Loaded), [Effect::Forget(vec![(10, 20)])]);
    let mut now = NOW + 9;
    for _ in 0..100 {
        now += 20 * MINUTE;
        for effect in post(&mut ledger, now) {
            assert!(!matches!(effect, Effect::Cut { .. } | Effect::Post { .. }));
            if let Effect::Search { batch, attempt, .. } = effect {
                ledger.handle(now, Event::Searched { batch, attempt, found: None });
            }
        }
    }
    assert!(!ledger.finished());
    let shown = resource(&ledger, now);
    assert_eq!(shown["status"], "PROCESSING");
    let batches = &shown["postgate"]["batches"];
    assert_eq!((&batches["held"], &batches["unknown"]), (&1.into(), &0.into()));
    assert_eq!(shown["postgate"]["unsettled"][0]["attempt"], 1);
    assert_eq!(shown["stats"]["total"], 20);
}

#[test]
fn one_unknown_batch_lets_the_send_go_on_and_two_halt_it() {
    let mut ledger = ledger(50, 5);
    for batch in 0..2 {
        claim(&mut ledger, NOW, batch, 1);
        let effects = ledger.handle(NOW, answered(batch, 1, unknown()));
        assert_eq!(effects.contains(&Effect::Leave), batch == 1);
        // What may still arrive is the pacer's to let lapse.
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Report { .. })));
        assert!(
            effects.contains(&Effect::Forget(vec![(0, 10), (10, 20), (20, 50)][..=batch as usize].to_vec()))
                || effects.iter().any(|effect| matches!(effect, Effect::Forget(kept) if kept[0] == (0, 10)))
        );
    }
    assert_eq!(resource(&ledger, NOW)["postgate"]["halted"]["by"], "unknown");
    assert!(!posts(&post(&mut ledger, NOW + SECOND)));
    // Found, the first one counts as sent, and the third goes.
    let found = Event::Searched { batch: 0, attempt: 1, found: Some(Some("upstream_0".into())) };
    assert!(ledger.handle(NOW + SECOND, found).contains(&Effect::Keep(0)));
    claim(&mut ledger, NOW + SECOND, 2, 1);
    assert_eq!(ledger.tally().accepted, 10);
}

#[test]
fn an_unknown_batch_is_looked_for_six_times_and_then_held() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    let mut effects = ledger.handle(NOW, answered(0, 1, unknown()));
    for wait in TRIES {
        assert_eq!(wake(&effects), NOW + wait);
        let search = Effect::Search { batch: 0, attempt: 1, posted: NOW };
        assert!(ledger.handle(NOW + wait, Event::Rang).contains(&search));
        effects = ledger.handle(NOW + wait, Event::Searched { batch: 0, attempt: 1, found: None });
    }
    assert!(matches!(ledger.batches[0].state, State::Held(_)));
    // Its rows are kept for a person's word until the deadline.
    assert_eq!(wake(&effects), NOW + WINDOW);
    assert!(ledger.handle(NOW + WINDOW, Event::Rang).contains(&Effect::Forget(Vec::new())));
    assert_eq!(ledger.progress.closed, Some(Closed::Expired));
    assert_eq!(ledger.tally().unknown, 10);
}

#[test]
fn without_a_tag_a_person_is_asked_at_once() {
    let mut ledger = ledger(10, 1);
    ledger.sealed.tagged = false;
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, unknown()));
    ledger.handle(NOW + TRIES[0], Event::Rang);
    assert!(matches!(ledger.batches[0].state, State::Held(_)));
}

#[test]
fn only_the_messages_own_tag_proves_anything() {
    let tag = tag("0abc", 1, 1);
    assert_eq!(tag, "0abc.1.1");
    let seen = |tag: &str| Seen { tag: Some(tag.into()), operation: Some("upstream".into()) };
    assert_eq!(proof(&[], &tag), None);
    for other in ["0abc.1.11", "0abc.1.2", "0abc.11.1", "0abc.1", ""] {
        assert_eq!(proof(&[Seen::default(), seen(other)], &tag), None, "{other}");
    }
    assert_eq!(proof(&[seen("0abc.1.11"), seen("0abc.1.1")], &tag), Some(Some("upstream".into())));
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
    for (answer, wait, status, outcome) in [
        (Answer::NotCalled, BEFORE_CALL, None, Outcome::Unused),
        (Answer::TooMany { wait: Some(7_000) }, 7_000, Some(429), Outcome::TooMany { wait: 7_000 }),
        (Answer::TooMany { wait: Some(48 * HOUR) }, HOUR, Some(429), Outcome::TooMany { wait: HOUR }),
        (Answer::TooMany { wait: None }, TOO_MANY.0, Some(429), Outcome::TooMany { wait: TOO_MANY.0 }),
        (Answer::Credentials { status: 401 }, CREDENTIALS, Some(401), credentials),
    ] {
        let mut ledger = ledger(20, 2);
        claim(&mut ledger, NOW, 0, 1);
        let effects = ledger.handle(NOW, answered(0, 1, answer));
        let report = Effect::Report { turn: 1, outcome, last: false };
        assert!(effects.contains(&report) && !effects.contains(&Effect::Leave));
        assert_eq!(wake(&effects), NOW + wait);
        assert_eq!(ledger.progress.pause, Some(Pause { until: NOW + wait, status }));
        assert_eq!(wake(&ledger.handle(NOW + wait - 1, Event::Rang)), NOW + wait);
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
}

#[test]
fn a_lenient_send_goes_on_behind_a_refused_batch() {
    let mut ledger = ledger(30, 3);
    ledger.sealed.lenient = true;
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, Answer::Refused { status: 400, errors: Vec::new() }));
    claim(&mut ledger, NOW, 1, 1);
    assert_eq!(ledger.tally(), Tally { refused: 10, in_flight: 10, pending: 10, ..Tally::default() });
}

#[test]
fn a_settlement_is_about_one_attempt_and_is_made_once() {
    let mut ledger = ledger(20, 2);
    claim(&mut ledger, NOW, 0, 1);
    assert_eq!(ledger.settle(NOW, settled(0, 1, Verdict::NotSent)), Err(Unsettled::Conflict));
    ledger.handle(NOW, answered(0, 1, unknown()));
    assert_eq!(ledger.settle(NOW, settled(0, 2, Verdict::NotSent)), Err(Unsettled::Conflict));
    assert_eq!(ledger.settle(NOW, settled(7, 1, Verdict::NotSent)), Err(Unsettled::NoBatch));
    assert!(ledger.settle(NOW, settled(0, 1, Verdict::NotSent)).unwrap().contains(&Effect::Keep(0)));
    let known = ledger.clone();
    assert!(ledger.settle(NOW, settled(0, 1, Verdict::NotSent)).is_ok());
    assert_eq!(ledger, known);
    assert_eq!(ledger.settle(NOW, settled(0, 1, Verdict::Accepted)), Err(Unsettled::Conflict));
    claim(&mut ledger, NOW, 0, 2);
    // Now it is the second attempt's to be settled.
    ledger.handle(NOW, answered(0, 2, unknown()));
    let word = Settlement { operation_id: Some("upstream_9".into()), ..settled(0, 2, Verdict::Accepted) };
    ledger.settle(NOW + 5, word).unwrap();
    assert_eq!(ledger.operations(), ["upstream_9"]);
    let shown = resource(&ledger, NOW + 5);
    let settlements = shown["postgate"]["settlements"].as_array().unwrap();
    assert_eq!((settlements.len(), &settlements[1]["as"]), (2, &"accepted".into()));
    assert_eq!((&settlements[1]["key"], &settlements[0]["as"]), (&"dev".into(), &"not-sent".into()));
}

#[test]
fn proof_counts_even_behind_a_persons_word_unless_it_was_posted_again() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, unknown()));
    ledger.settle(NOW, settled(0, 1, Verdict::NotSent)).unwrap();
    let found = |attempt| Event::Searched { batch: 0, attempt, found: Some(None) };
    let mut other = ledger.clone();
    ledger.handle(NOW, found(1));
    assert_eq!(ledger.tally().accepted, 10);
    claim(&mut other, NOW, 0, 2);
    assert_eq!(other.handle(NOW, found(1)), []);
}

#[test]
fn canceling_takes_back_what_is_not_posted_and_a_late_202_is_sent() {
    let mut ledger = ledger(30, 3);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, unknown()));
    claim(&mut ledger, NOW, 1, 1);
    let (canceled, effects) = ledger.cancel(NOW);
    let expected = Canceled { sent: 0, canceled: 10, in_flight: 10, unknown: 10 };
    assert_eq!(canceled, expected);
    assert!(effects.contains(&Effect::Note) && effects.contains(&Effect::Leave));
    let known = ledger.clone();
    assert_eq!(ledger.cancel(NOW).0, expected);
    assert_eq!(ledger, known);
    assert_eq!(ledger.status(NOW), Status::Processing);
    ledger.handle(NOW, answered(1, 1, accepted(1)));
    assert_eq!(ledger.cancel(NOW).0, Canceled { sent: 10, in_flight: 0, ..expected });
    assert_eq!(ledger.status(NOW), Status::Canceled);
    // Nobody sends what is settled as not sent.
    ledger.settle(NOW, settled(0, 1, Verdict::NotSent)).unwrap();
    assert!(!posts(&post(&mut ledger, NOW)));
    assert_eq!(ledger.tally(), Tally { accepted: 10, canceled: 20, ..Tally::default() });
}

#[test]
fn a_429_behind_a_cancel_is_canceled() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    ledger.cancel(NOW);
    ledger.handle(NOW, answered(0, 1, Answer::TooMany { wait: None }));
    assert_eq!(ledger.tally().canceled, 10);
    assert!(ledger.finished());
}

#[test]
fn what_was_sent_is_not_canceled() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    assert_eq!(ledger.cancel(NOW).0, Canceled { sent: 10, ..Canceled::default() });
    assert_eq!(ledger.status(NOW), Status::Processing);
    ledger.handle(NOW, Event::Looked { batch: 0, seen: Some((Counters::of(10), true)) });
    assert_eq!(ledger.status(NOW), Status::Completed);
}

#[test]
fn what_is_unsent_at_the_deadline_expires() {
    let mut ledger = ledger(20, 2);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, Answer::TooMany { wait: None }));
    let effects = ledger.handle(NOW + WINDOW, Event::Rang);
    assert!(effects.contains(&Effect::Leave));
    assert_eq!(ledger.tally(), Tally { expired: 20, ..Tally::default() });
    let shown = resource(&ledger, NOW + WINDOW);
    assert_eq!((&shown["status"], &shown["stats"]["canceled"]), (&"COMPLETED".into(), &20.into()));
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
    assert!(ledger.handle(NOW + FORGOTTEN, Event::Rang).contains(&Effect::Keep(0)));
    assert!(ledger.finished());
}

#[test]
fn an_acceptance_without_an_id_is_never_posted_again_and_its_id_is_looked_for() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    let effects = ledger.handle(NOW, answered(0, 1, Answer::Accepted { operation: None }));
    assert_eq!(wake(&effects), NOW + 250);
    assert!(!ledger.finished());
    assert!(ledger.handle(NOW + 250, Event::Rang).contains(&Effect::Search { batch: 0, attempt: 1, posted: NOW }));
    let effects = ledger.handle(NOW + 260, Event::Searched { batch: 0, attempt: 1, found: None });
    assert_eq!(wake(&effects), NOW + TRIES[1]);
    ledger.handle(NOW + TRIES[1], Event::Searched { batch: 0, attempt: 1, found: Some(Some("upstream_7".into())) });
    assert_eq!(ledger.operations(), ["upstream_7"]);
}

#[test]
fn many_looks_are_spread_over_steps_and_do_not_starve() {
    let mut ledger = ledger(510, 51);
    for batch in 0..50 {
        claim(&mut ledger, NOW, batch, 1);
        ledger.handle(NOW, answered(batch, 1, accepted(batch)));
    }
    let looks = |effects: &[Effect]| effects.iter().filter(|effect| matches!(effect, Effect::Look { .. })).count();
    assert_eq!(looks(&ledger.handle(NOW + SECOND, Event::Rang)), 0);
    let effects = ledger.handle(NOW + 2 * MINUTE, Event::Rang);
    assert_eq!((looks(&effects), wake(&effects)), (LOOKS, NOW + 2 * MINUTE));
}

#[test]
fn the_directory_is_told_until_it_hears_and_of_a_new_status_at_once() {
    let mut ledger = ledger(10, 1);
    ledger.progress.told = 0;
    let tells = |effects: &[Effect]| effects.contains(&Effect::Tell);
    assert!(tells(&ledger.handle(NOW, Event::Rang)));
    assert!(!tells(&ledger.handle(NOW + TELL - 1, Event::Rang)));
    assert!(tells(&ledger.handle(NOW + TELL, Event::Rang)));
    ledger.handle(NOW + TELL, Event::Told(1));
    assert!(!tells(&ledger.handle(NOW + 3 * TELL, Event::Rang)));
    claim(&mut ledger, NOW + 3 * TELL, 0, 1);
    ledger.handle(NOW + 3 * TELL, answered(0, 1, accepted(0)));
    assert!(tells(&ledger.handle(NOW + 3 * TELL, Event::Rang)));
    ledger.handle(NOW + 3 * TELL, Event::Told(ledger.progress.changes));
    let done = Event::Looked { batch: 0, seen: Some((Counters::of(10), true)) };
    let effects = ledger.handle(NOW + 3 * TELL + 1, done);
    assert!(tells(&effects));
    assert_eq!(wake(&effects), NOW + 4 * TELL + 1);
    assert!(!tells(&ledger.handle(NOW + 4 * TELL, Event::Rang)));
    assert!(tells(&ledger.handle(NOW + 4 * TELL + 1, Event::Rang)));
}

#[test]
fn what_is_long_over_vanishes() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    let effects = ledger.handle(NOW, Event::Looked { batch: 0, seen: Some((Counters::of(10), true)) });
    let end = NOW + WINDOW + REMEMBERED;
    assert_eq!(wake(&effects), end);
    assert!(!ledger.handle(end - 1, Event::Rang).contains(&Effect::Vanish));
    assert!(ledger.handle(end, Event::Rang).contains(&Effect::Vanish));
}

#[test]
fn a_lost_alarm_is_set_again_for_what_is_due() {
    let mut ledger = ledger(10, 1);
    assert_eq!(ledger.handle(NOW, Event::Poked), [Effect::Wake(NOW)]);
    claim(&mut ledger, NOW, 0, 1);
    assert_eq!(ledger.handle(NOW, Event::Poked), [Effect::Wake(NOW + WATCHDOG)]);
}

#[test]
fn what_is_written_is_read_back() {
    let mut ledger = ledger(40, 4);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    ledger.handle(NOW, Event::Looked { batch: 0, seen: Some((Counters::of(10), false)) });
    claim(&mut ledger, NOW, 1, 1);
    ledger.handle(NOW, answered(1, 1, unknown()));
    ledger.settle(NOW, settled(1, 1, Verdict::NotSent)).unwrap();
    claim(&mut ledger, NOW, 1, 2);
    ledger.handle(NOW, answered(1, 2, Answer::Refused { status: 400, errors: vec![Refusal::default()] }));
    for batch in &ledger.batches {
        let text = serde_json::to_string(batch).unwrap();
        assert_eq!(&serde_json::from_str::<Batch>(&text).unwrap(), batch);
    }
    let text = serde_json::to_string(&ledger.progress).unwrap();
    assert_eq!(serde_json::from_str::<Progress>(&text).unwrap(), ledger.progress);
}
