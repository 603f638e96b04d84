//! What comes due after the posts: counters, the directory, the end of what is remembered, and a lost alarm.

use serde_json::json;

use super::*;
use crate::machine::ledger::doubt::TRIES;
use crate::machine::record::{Pause, Refusal};
use crate::object::operation::resource;

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
fn the_directory_is_told_why_a_send_waits_and_not_that_it_still_does() {
    let mut ledger = ledger(10, 1);
    ledger.progress.told = ledger.progress.changes;
    let listed =
        |ledger: &Ledger, now| serde_json::to_value(Resource::listed(&resource::entry(ledger, now), now)).unwrap();
    let (hold, later) = (Appointment::Hold { until: NOW + 30 * SECOND }, Appointment::Hold { until: NOW + MINUTE });
    let pace = |until| Appointment::Wait { until, halt: None };
    let held = json!({ "by": "hold" });
    let paced = |until| json!({ "until": rfc3339(until), "by": "pace" });
    let (soon, late) = (NOW + 2 * MINUTE, NOW + 3 * MINUTE);
    for (appointment, told, why) in [
        (hold, true, held.clone()),
        (later, false, held.clone()),
        (pace(soon), true, paced(soon)),
        (pace(soon), false, paced(soon)),
        (pace(late), true, paced(late)),
        (hold, true, held),
    ] {
        let effects = ledger.handle(NOW + 1, Event::Appointed { turn: 1, appointment: Some(appointment) });
        assert_eq!(ledger.progress.told < ledger.progress.changes, told, "{appointment:?}");
        assert!(effects.contains(&Effect::Note));
        assert_eq!(listed(&ledger, NOW + 1)["postgate"], json!({ "paused": why }));
        ledger.progress.told = ledger.progress.changes;
    }
    // That it waited is no reason to remember it for longer.
    assert_eq!(ledger.progress.updated, NOW);

    ledger.handle(NOW, Event::Appointed { turn: 1, appointment: Some(pace(soon)) });
    assert_eq!(listed(&ledger, soon).get("postgate"), None);
    ledger.handle(NOW, Event::Appointed { turn: 1, appointment: Some(hold) });
    ledger.cancel(NOW);
    assert_eq!(listed(&ledger, NOW).get("postgate"), None);
}

#[test]
fn what_turns_out_to_be_taken_waits_no_more() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, Answer::TooMany { wait: None }));
    assert_eq!(resource::entry(&ledger, NOW).paused, ledger.progress.pause.as_ref().map(Pause::wait));
    // By an answer that came in spite of the one before.
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    assert_eq!(resource(&ledger, NOW)["postgate"].get("paused"), None);
    assert_eq!(resource::entry(&ledger, NOW).paused, None);
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
    assert_eq!(ledger.handle(NOW, Event::Poked), [Effect::Wake(NOW + AHEAD)]);
}

#[test]
fn what_a_clock_put_ahead_that_is_turned_back_is_due() {
    let mut ledger = ledger(40, 4);
    for (batch, answer) in [(0, accepted(0)), (1, unknown()), (2, Answer::TooMany { wait: None })] {
        claim(&mut ledger, NOW, batch, 1);
        ledger.handle(NOW, answered(batch, 1, answer));
    }
    ledger.handle(NOW + TRIES[0], Event::Searched { batch: 1, attempt: 1, found: None });
    ledger.progress.tell_at = NOW + TELL;
    // By a clock that goes right nothing of this is early.
    assert_eq!(ledger.clone().handle(NOW + TRIES[0], Event::Poked).len(), 1);
    let before = NOW - 10 * 24 * HOUR;
    let effects = ledger.handle(before, Event::Poked);
    assert_eq!(effects, [Effect::Keep(0), Effect::Keep(1), Effect::Note, Effect::Wake(before)]);
    assert_eq!(ledger.progress.pause, None);
    let rang = ledger.handle(before, Event::Rang);
    let search = rang.iter().find(|effect| matches!(effect, Effect::Search { .. }));
    assert!(matches!(search, Some(Effect::Search { batch: 1, tries: 1, .. })), "{rang:?}");
    // The next try is as long after this one as it would have been.
    ledger.handle(before, Event::Searched { batch: 1, attempt: 1, found: None });
    let State::Unknown(doubt) = &ledger.batches[1].state else { panic!() };
    assert_eq!((doubt.tries, doubt.due), (2, before + TRIES[2] - TRIES[1]));
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
