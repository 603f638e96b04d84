//! The end of a send that is not sent whole: taken back, or past its deadline.

use serde_json::json;

use super::*;
use crate::machine::ledger::closing::Canceled;
use crate::machine::ledger::tally::Tally;

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
    let part = |first, is| json!({ "first": first, "recipients": 10, "is": is });
    let parts = [part(0, "canceled"), part(10, "accepted"), part(20, "canceled")];
    assert_eq!(resource(&ledger, NOW)["postgate"]["parts"], json!(parts));
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
    // One batch that was cut, and what never was.
    assert_eq!(shown["postgate"]["parts"], json!([{ "first": 0, "recipients": 20, "is": "expired" }]));
}

#[test]
fn rows_that_a_crash_left_there_go_before_the_alarm_is_set_and_anything_is_called() {
    let mut refused = ledger(20, 2);
    claim(&mut refused, NOW, 0, 1);
    let answer = Answer::Refused { status: 400, errors: Vec::new() };
    assert!(refused.handle(NOW, answered(0, 1, answer)).contains(&Effect::Forget(Vec::new())));
    let mut canceled = ledger(20, 2);
    claim(&mut canceled, NOW, 0, 1);
    assert!(canceled.cancel(NOW).1.contains(&Effect::Forget(Vec::new())));
    for mut ledger in [refused, canceled] {
        let effects = ledger.handle(NOW, Event::Loaded);
        let at = |is: fn(&Effect) -> bool| effects.iter().position(is);
        let gone = at(|effect| *effect == Effect::Forget(Vec::new())).expect("they go");
        let set = at(|effect| matches!(effect, Effect::Wake(_))).expect("the alarm is set");
        let called = at(|effect| matches!(effect, Effect::Report { .. }));
        assert!(gone < set && called.is_none_or(|called| set < called), "{effects:?}");
    }
    // One for which there is nothing else to do, too.
    let mut over = ledger(10, 1);
    over.cancel(NOW);
    assert_eq!(over.handle(NOW, Event::Loaded), [Effect::Forget(Vec::new())]);
}
