//! What is unknown: looked for, proven, held, and settled by a person.

use super::*;
use crate::clock::rfc3339;
use crate::machine::ledger::doubt::TRIES;
use crate::machine::record::Closed;

#[test]
fn a_restart_makes_what_was_in_flight_unknown_and_never_posts_it_again() {
    let mut ledger = ledger(20, 2);
    claim(&mut ledger, NOW, 0, 1);
    ledger.handle(NOW, answered(0, 1, accepted(0)));
    claim(&mut ledger, NOW, 1, 1);
    // The others may wait for what becomes of it.
    let loaded = ledger.handle(NOW + 9, Event::Loaded);
    assert!(loaded.contains(&Effect::Keep(1)) && loaded.contains(&Effect::Leave));
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
        // What may still arrive is the pacer's to let lapse.
        let report = Effect::Report { turn: u64::from(batch) + 1, outcome: Outcome::Doubtful, last: batch == 1 };
        assert!(effects.contains(&report));
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
    for (tries, wait) in (0..).zip(TRIES) {
        assert_eq!(wake(&effects), NOW + wait);
        let search = Effect::Search { batch: 0, attempt: 1, posted: NOW, rows: 10, tries };
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
fn an_acceptance_without_an_id_is_never_posted_again_and_its_id_is_looked_for() {
    let mut ledger = ledger(10, 1);
    claim(&mut ledger, NOW, 0, 1);
    let effects = ledger.handle(NOW, answered(0, 1, Answer::Accepted { operation: None }));
    assert_eq!(wake(&effects), NOW + 250);
    assert!(!ledger.finished());
    let search = Effect::Search { batch: 0, attempt: 1, posted: NOW, rows: 10, tries: 0 };
    assert!(ledger.handle(NOW + 250, Event::Rang).contains(&search));
    let effects = ledger.handle(NOW + 260, Event::Searched { batch: 0, attempt: 1, found: None });
    assert_eq!(wake(&effects), NOW + TRIES[1]);
    ledger.handle(NOW + TRIES[1], Event::Searched { batch: 0, attempt: 1, found: Some(Some("upstream_7".into())) });
    assert_eq!(ledger.operations(), ["upstream_7"]);
}

#[test]
fn of_many_operations_the_likeliest_are_looked_at_first_and_all_in_turns() {
    let listed = |id: &str, seconds: i64, recipients| {
        let created = rfc3339(NOW.saturating_add_signed(seconds * 1_000));
        Listed { id: id.into(), created, recipients }
    };
    let ids = |listed: Vec<Listed>, known: &[String], tries| likeliest(listed, known, NOW + 900, 10, tries);
    // The newest first, as the API lists them.
    let few = || {
        [
            ("late", 100, 10),
            ("other", 2, 9),
            ("soon", 1, 10),
            ("ours", 1, 10),
            ("same second", 0, 10),
            ("before", -1, 10),
        ]
        .map(|(id, seconds, recipients)| listed(id, seconds, recipients))
        .to_vec()
    };
    for tries in 0..3 {
        let expected = ["same second", "soon", "late", "before", "other"];
        assert_eq!(ids(few(), &["ours".to_owned()], tries), expected);
    }
    // Whatever way it writes moments, and where it writes none.
    let mut odd = few();
    odd[0].created = "2025-11-23T16:01:40Z".into();
    odd[1].created = String::new();
    assert_eq!(ids(odd, &[], 0), ["same second", "soon", "ours", "late", "before", "other"]);

    let many: Vec<Listed> = (0..20).rev().map(|n| listed(&format!("{n}"), 1 + n, 10)).collect();
    let looked: Vec<Vec<String>> = (0..3).map(|tries| ids(many.clone(), &[], tries)).collect();
    let all: Vec<String> = (0..24).map(|n| (n % 20).to_string()).collect();
    assert_eq!(looked.concat(), all);
    assert_eq!(ids(Vec::new(), &[], 7), [""; 0]);
}
