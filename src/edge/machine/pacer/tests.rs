//! The pacer's answers, one by one. That the bound holds whatever happens is the simulation's to show.

mod admission;
mod halt;

use super::*;
use crate::clock::HOUR;

const NOW: Millis = 1_763_913_600_000;
/// Ten units a second.
const RATE: u64 = 10_000;

fn lane() -> Lane {
    Lane { name: "x".into(), rate: RATE, account: None, held: false }
}

fn asking(operation: &str, turn: u64, units: u64) -> Asking {
    Asking { operation: operation.into(), turn, units, whole: false, remaining: units, until: NOW + WINDOW }
}

fn joining(operation: &str, units: u64) -> Joining {
    Joining { operation: operation.into(), units, start: NOW, until: None, first: None }
}

fn go(units: u64, at: Millis) -> Appointment {
    Appointment::Go { units, until: at + FRESH, silent: None }
}

/// What the pace has one wait for.
fn wait(until: Millis) -> Appointment {
    Appointment::Wait { until, halt: None }
}

/// What the account's halt has one wait for.
fn halted(pacer: &Pacer, until: Millis) -> Appointment {
    assert!(pacer.account.halt.is_some());
    Appointment::Wait { until, halt: pacer.account.halt }
}

/// What is granted after silence.
fn probe(pacer: &Pacer, units: u64, at: Millis) -> Appointment {
    let silent = pacer.account.halt.and_then(|halt| halt.silent());
    assert!(silent.is_some());
    Appointment::Go { units, until: at + FRESH, silent }
}

/// Takes turns of 600 units each until one has to wait.
fn fill(pacer: &mut Pacer, now: Millis) -> Millis {
    for turn in 1.. {
        match pacer.ask(now, &lane(), &asking("filler", turn, u64::MAX)) {
            Appointment::Go { units, .. } => {
                assert_eq!(units, 600);
                pacer.report(now, "filler", turn, Outcome::Posted);
            }
            Appointment::Wait { until, .. } | Appointment::Hold { until } => return until,
        }
    }
    unreachable!()
}

#[test]
fn a_lane_takes_its_horizon_and_one_turn_more() {
    let mut pacer = Pacer::default();
    // 120 s may lie there when the next 60 s are granted.
    assert_eq!(fill(&mut pacer, NOW), NOW + QUANTUM);
    assert_eq!(pacer.lanes["x"].done, NOW + HORIZON + QUANTUM);
    assert_eq!(pacer.ask(NOW + QUANTUM, &lane(), &asking("filler", 4, 5)), go(5, NOW + QUANTUM));
}

#[test]
fn a_turn_has_one_grant_however_often_it_is_asked_for() {
    let mut pacer = Pacer::default();
    for later in 0..3 {
        assert_eq!(pacer.ask(NOW + later, &lane(), &asking("a", 1, 900)), go(600, NOW));
    }
    assert_eq!(pacer.grants.len(), 1);
    pacer.report(NOW, "a", 1, Outcome::Posted);
    pacer.report(NOW, "a", 1, Outcome::Posted);
    assert_eq!(pacer.lanes["x"].done, NOW + 60 * SECOND);
}

#[test]
fn a_grant_too_old_is_made_anew_and_both_count() {
    let mut pacer = Pacer::default();
    pacer.ask(NOW, &lane(), &asking("a", 1, 600));
    let late = NOW + FRESH + 1;
    assert_eq!(pacer.ask(late, &lane(), &asking("a", 1, 600)), go(600, late));
    pacer.report(late, "a", 1, Outcome::Posted);
    pacer.sweep(NOW + LAPSE);
    // The one that was reported drains from its report, the lost one from its last moment.
    assert_eq!(pacer.lanes["x"].done, NOW + LAPSE + 60 * SECOND);
    assert_eq!(pacer.grants.len(), 0);
}

#[test]
fn what_was_not_used_is_given_back() {
    let mut pacer = Pacer::default();
    pacer.ask(NOW, &lane(), &asking("a", 1, 600));
    pacer.report(NOW, "a", 1, Outcome::Unused);
    assert_eq!(pacer.lanes["x"].done, 0);
    pacer.ask(NOW, &lane(), &asking("a", 2, 600));
    pacer.report(NOW, "a", 2, Outcome::TooMany { wait: 7 * SECOND });
    let wait = wait(NOW + 7 * SECOND);
    assert_eq!(pacer.ask(NOW, &lane(), &asking("b", 1, 1)), wait);
    assert_eq!(pacer.ask(NOW + 7 * SECOND, &lane(), &asking("b", 1, 1)), go(1, NOW + 7 * SECOND));
}

#[test]
fn turns_go_round_and_who_does_not_come_loses_its_place() {
    let mut pacer = Pacer::default();
    let free = fill(&mut pacer, NOW);
    for operation in ["filler", "a", "b"] {
        pacer.ask(NOW, &lane(), &asking(operation, 4, 600));
    }
    assert_eq!(pacer.ask(free, &lane(), &asking("b", 4, 600)), wait(free + 2 * QUANTUM));
    assert_eq!(pacer.ask(free, &lane(), &asking("filler", 4, 600)), go(600, free));
    pacer.report(free, "filler", 4, Outcome::Posted);
    // The first one's next turn comes after those who wait.
    assert_eq!(pacer.ask(free, &lane(), &asking("filler", 5, 600)), wait(free + 3 * QUANTUM));
    // a does not come when its time has come; b does.
    let missed = free + QUANTUM + GRACE + 1;
    assert_eq!(pacer.ask(missed, &lane(), &asking("b", 4, 600)), go(600, missed));
}

#[test]
fn a_small_send_waits_for_one_turn_of_each_that_waits() {
    let mut pacer = Pacer::default();
    fill(&mut pacer, NOW);
    for n in 0..5 {
        pacer.ask(NOW, &lane(), &asking(&format!("large{n}"), 1, u64::MAX));
    }
    let Appointment::Wait { until, .. } = pacer.ask(NOW, &lane(), &asking("small", 1, 1)) else { panic!() };
    assert!(until <= NOW + HORIZON + QUANTUM * 6, "{}", until - NOW);
}

#[test]
fn the_account_is_a_lane_of_its_own() {
    let mut pacer = Pacer::default();
    let lane = |name: &str| Lane { name: name.into(), rate: RATE, account: Some(15_000), held: false };
    for (turn, units) in [(1, 600), (2, 600), (3, 600)] {
        assert_eq!(pacer.ask(NOW, &lane("x"), &asking("a", turn, u64::MAX)), go(units, NOW));
        pacer.report(NOW, "a", turn, Outcome::Posted);
    }
    // 1,800 units are 120 s of the account: another lane still gets a turn, and then waits for the account.
    assert_eq!(pacer.ask(NOW, &lane("y"), &asking("b", 1, u64::MAX)), go(600, NOW));
    pacer.report(NOW, "b", 1, Outcome::Posted);
    let until = NOW + 40 * SECOND;
    assert_eq!(pacer.ask(NOW, &lane("y"), &asking("b", 2, 1)), wait(until));
}

#[test]
fn a_call_for_a_turn_that_was_reported_is_granted_nothing() {
    let mut pacer = Pacer::default();
    pacer.ask(NOW, &lane(), &asking("a", 1, 5));
    pacer.report(NOW, "a", 1, Outcome::Doubtful);
    let (now, grants) = (NOW + FRESH + SECOND, pacer.grants.len());
    assert!(matches!(pacer.ask(now, &lane(), &asking("a", 1, 5)), Appointment::Wait { .. }));
    assert_eq!(pacer.grants.len(), grants);
}

#[test]
fn what_is_held_is_granted_nothing_and_others_are() {
    let held = Lane { held: true, ..lane() };
    let other = Lane { name: "y".into(), ..lane() };
    let mut pacer = Pacer::default();
    let hold = |now| Appointment::Hold { until: now + HELD };
    assert_eq!(pacer.ask(NOW, &held, &asking("a", 1, 5)), hold(NOW));
    assert_eq!(pacer.ask(NOW, &other, &asking("b", 1, 5)), go(5, NOW));
    assert_eq!(pacer.ask(NOW + HELD, &lane(), &asking("a", 1, 5)), go(5, NOW + HELD));
    // Not even what was granted before, and not claimed so far.
    assert_eq!(pacer.ask(NOW + HELD, &held, &asking("a", 1, 5)), hold(NOW + HELD));
    assert_eq!(pacer.join(NOW, &held, joining("c", 5)), Admission::Admitted);
}

#[test]
fn a_clock_that_is_turned_back_leaves_no_wait_behind() {
    let mut pacer = Pacer::default();
    let ahead = 10 * 24 * 60 * MINUTE;
    let then = NOW + ahead;
    let full = fill(&mut pacer, then);
    pacer.ask(then, &lane(), &asking("b", 1, 600));
    pacer.report(then, "filler", 3, Outcome::TooMany { wait: 0 });
    pacer.join(then, &lane(), joining("unsealed", 5));
    // By no more than the clock: what lies upstream is still there.
    assert_eq!(pacer.ask(NOW, &lane(), &asking("b", 1, 600)), wait(full - ahead));
    assert_eq!(pacer.lanes["x"].done, NOW + HORIZON + QUANTUM);
    assert_eq!(pacer.waiting["unsealed"].until, NOW + ADMITTED);
    pacer.report(NOW, "b", 1, Outcome::Unused);

    pacer.ask(full, &lane(), &asking("c", 1, 5));
    pacer.report(full, "c", 1, Outcome::Credentials { status: 401, wait: HOUR });
    let later = full - MINUTE;
    let until = pacer.account.halt.map(|halt| halt.until);
    assert_eq!(until, Some(full + HOUR));
    pacer.standing(later);
    assert_eq!(pacer.account.halt.map(|halt| (halt.since, halt.until)), Some((later, later + HOUR)));
    // Two machines may differ.
    pacer.standing(later - TURNED + 1);
    assert_eq!(pacer.account.halt.map(|halt| halt.since), Some(later));
}

#[test]
fn another_rate_leaves_the_same_work() {
    let mut pacer = Pacer::default();
    fill(&mut pacer, NOW);
    let slower = Lane { rate: RATE / 2, ..lane() };
    // What lies there, and the turn that waits, at half the rate.
    let until = NOW + 2 * (HORIZON + 2 * QUANTUM) - HORIZON;
    assert_eq!(pacer.ask(NOW, &slower, &asking("b", 1, 1)), wait(until));
}

#[test]
fn a_call_that_was_long_on_its_way_changes_nothing() {
    let mut pacer = Pacer::default();
    pacer.ask(NOW, &lane(), &asking("a", 2, 5));
    pacer.report(NOW, "a", 2, Outcome::Posted);
    pacer.take_changes();
    assert!(matches!(pacer.ask(NOW, &lane(), &asking("a", 1, 5)), Appointment::Wait { .. }));
    assert_eq!(pacer.take_changes(), []);
}

#[test]
fn what_is_written_is_read_back() {
    let mut pacer = Pacer::default();
    fill(&mut pacer, NOW);
    pacer.ask(NOW + QUANTUM, &lane(), &asking("a", 1, 5));
    pacer.ask(NOW + QUANTUM, &Lane { name: "y".into(), account: Some(1), ..lane() }, &asking("b", 1, 5));
    pacer.report(NOW + QUANTUM, "b", 1, Outcome::Doubtful);
    let mut restored = Pacer::default();
    for (kind, key, value) in pacer.take_changes() {
        if let Some(value) = value {
            restored.restore(kind, &key, &value).unwrap();
        }
    }
    assert_eq!(restored, pacer);
}
