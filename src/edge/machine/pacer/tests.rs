//! The pacer's answers, one by one. That the bound holds whatever happens is the simulation's to show.

use super::halt::SILENCE;

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
fn room_is_kept_for_who_was_admitted_and_others_are_told_when() {
    let mut pacer = Pacer::default();
    let day = 24 * 3_600 * 10;
    assert_eq!(pacer.join(NOW, &lane(), joining("a", day + 1)), Admission::Never);
    assert_eq!(pacer.join(NOW, &lane(), joining("a", day - 100)), Admission::Admitted);
    assert_eq!(pacer.join(NOW, &lane(), joining("a", day - 100)), Admission::Admitted);
    let later = Admission::Later { at: NOW + 5 * SECOND, units: (day, 100) };
    assert_eq!(pacer.join(NOW, &lane(), joining("b", 150)), later);
    assert_eq!(pacer.join(NOW, &lane(), joining("b", 100)), Admission::Admitted);
    // By its instant the backlog will be gone.
    let scheduled = Joining { start: NOW + WINDOW, ..joining("c", day) };
    assert_eq!(pacer.join(NOW, &lane(), scheduled), Admission::Admitted);
    // What was never sealed gives its room back.
    assert_eq!(pacer.join(NOW + ADMITTED, &lane(), joining("d", day)), Admission::Admitted);
}

#[test]
fn who_need_not_wait_has_its_first_turn_with_its_room() {
    let mut pacer = Pacer::default();
    let first = |operation: &str, units| Joining { first: Some(units), ..joining(operation, 9_000) };
    let granted = Admission::Granted { units: 600, until: NOW + FRESH };
    for later in 0..2 {
        assert_eq!(pacer.join(NOW + later, &lane(), first("a", 9_000)), granted);
    }
    // It is the turn that the sealed send would ask for.
    assert_eq!(pacer.ask(NOW + 2, &lane(), &asking("a", 1, 9_000)), go(600, NOW));
    assert_eq!(pacer.grants.len(), 1);
    pacer.report(NOW, "a", 1, Outcome::Posted);
    assert_eq!(pacer.lanes["x"].done, NOW + QUANTUM);
    // The same call, late.
    assert_eq!(pacer.join(NOW + 3, &lane(), first("a", 9_000)), Admission::Admitted);
    // Who would have to wait takes no place before its seal.
    fill(&mut pacer, NOW);
    pacer.leave(NOW, "filler");
    let tickets = pacer.account.tickets;
    assert_eq!(pacer.join(NOW, &lane(), first("b", 1)), Admission::Admitted);
    assert_eq!((pacer.account.tickets, pacer.grants.len()), (tickets, 0));
    // Nor does who is held, or one behind a halt.
    let held = Pacer::default().join(NOW, &Lane { held: true, ..lane() }, first("b", 1));
    assert_eq!(held, Admission::Admitted);
    let mut silent = Pacer::default();
    silent.ask(NOW, &lane(), &asking("c", 1, 5));
    silent.report(NOW, "c", 1, Outcome::Doubtful);
    assert_eq!(silent.join(NOW, &lane(), first("d", 1)), Admission::Admitted);
    assert_eq!(silent.ask(NOW, &lane(), &asking("e", 1, 5)), probe(&silent, 5, NOW));
    // What is not sealed gives both back.
    pacer = Pacer::default();
    pacer.join(NOW, &lane(), first("f", 600));
    pacer.report(NOW, "f", 1, Outcome::Unused);
    pacer.leave(NOW, "f");
    assert_eq!((pacer.waiting.len(), pacer.grants.len(), pacer.lanes["x"].done), (0, 0, 0));
}

#[test]
fn who_is_heard_of_keeps_its_room_without_another_turn() {
    // The first turn came with the room. After it a send may be quiet for longer than one that is not sealed.
    for outcome in [Outcome::Posted, Outcome::TooMany { wait: HOUR }, Outcome::Doubtful] {
        let mut pacer = Pacer::default();
        pacer.join(NOW, &lane(), Joining { first: Some(5), ..joining("a", 9) });
        pacer.report(NOW, "a", 1, outcome);
        assert_eq!(pacer.standing(NOW + ADMITTED).waiting, 1, "{outcome:?}");
        assert_eq!(pacer.standing(NOW + WINDOW).waiting, 0);
    }
    // One that is held asks for a turn as well.
    let mut pacer = Pacer::default();
    pacer.join(NOW, &lane(), joining("a", 5));
    pacer.ask(NOW, &Lane { held: true, ..lane() }, &asking("a", 1, 5));
    assert_eq!(pacer.standing(NOW + ADMITTED).waiting, 1);
}

#[test]
fn refused_credentials_stop_everybody_and_one_tries_again() {
    let mut pacer = Pacer::default();
    pacer.ask(NOW, &lane(), &asking("a", 1, 5));
    pacer.report(NOW, "a", 1, Outcome::Credentials { status: 401, wait: MINUTE });
    let halt = Halt { why: Why::Credentials { status: 401 }, since: NOW, until: NOW + MINUTE };
    assert_eq!(pacer.standing(NOW).halted, Some(halt));
    let other = Lane { name: "y".into(), ..lane() };
    assert_eq!(pacer.ask(NOW, &other, &asking("b", 1, 5)), halted(&pacer, NOW + MINUTE));
    assert_eq!(pacer.ask(NOW + MINUTE, &other, &asking("b", 1, 5)), go(5, NOW + MINUTE));
    let waits = pacer.ask(NOW + MINUTE, &lane(), &asking("a", 2, 5));
    assert_eq!(waits, halted(&pacer, NOW + MINUTE + TRIED));
    pacer.report(NOW + MINUTE, "b", 1, Outcome::Posted);
    assert_eq!(pacer.standing(NOW + MINUTE).halted, None);
    assert_eq!(pacer.ask(NOW + MINUTE, &lane(), &asking("a", 2, 5)), go(5, NOW + MINUTE));
}

#[test]
fn a_send_alone_that_is_refused_again_stops_nobody_else() {
    let mut pacer = Pacer::default();
    let refused = Outcome::Credentials { status: 403, wait: MINUTE };
    let mut turn = 0;
    let mut tries = |pacer: &mut Pacer, now, operation: &str, outcome| {
        turn += 1;
        assert_eq!(pacer.ask(now, &lane(), &asking(operation, turn, 5)), go(5, now));
        pacer.report(now, operation, turn, outcome);
        pacer.standing(now).halted.is_some()
    };
    assert!(tries(&mut pacer, NOW, "bad", refused));
    // Nothing says yet that it is this send.
    assert!(tries(&mut pacer, NOW + MINUTE, "bad", refused));
    let now = NOW + 2 * MINUTE;
    assert!(!tries(&mut pacer, now, "good", Outcome::Posted));
    assert!(!tries(&mut pacer, now, "bad", refused));
    // Another one that is refused says that it is the account, and so does this one after a batch that was taken.
    assert!(tries(&mut pacer, now, "good", refused));
    assert!(!tries(&mut pacer, now + MINUTE, "bad", Outcome::Posted));
    assert!(tries(&mut pacer, now + MINUTE, "bad", refused));
}

/// What is granted after silence.
fn probe(pacer: &Pacer, units: u64, at: Millis) -> Appointment {
    let silent = pacer.account.halt.and_then(|halt| halt.silent());
    assert!(silent.is_some());
    Appointment::Go { units, until: at + FRESH, silent }
}

#[test]
fn behind_one_doubt_the_next_asks_first_and_alone() {
    let mut pacer = Pacer::default();
    pacer.ask(NOW, &lane(), &asking("before", 1, 5));
    pacer.ask(NOW, &lane(), &asking("a", 1, 5));
    let now = NOW + SECOND;
    for _ in 0..2 {
        // The second is the first once more.
        pacer.report(now, "a", 1, Outcome::Doubtful);
        assert_eq!(pacer.account.halt, Some(Halt { why: Why::Silence { times: 1 }, since: now, until: now }));
    }
    // Nothing waits for it that was granted before, nor for what is in doubt.
    assert_eq!(pacer.ask(now, &lane(), &asking("b", 1, 5)), probe(&pacer, 5, now));
    assert_eq!(pacer.ask(now, &lane(), &asking("b", 1, 5)), probe(&pacer, 5, now));
    assert_eq!(pacer.ask(now, &lane(), &asking("c", 1, 5)), halted(&pacer, now + TRIED));
    assert_eq!(pacer.standing(now).halted, None);
    pacer.report(now, "b", 1, Outcome::Posted);
    assert_eq!(pacer.ask(now, &lane(), &asking("c", 1, 5)), go(5, now));
    // What is in doubt is on its way for as long as it could be.
    pacer.sweep(NOW + LAPSE - 1);
    assert!(pacer.grants.values().any(|grant| grant.operation == "a"));
}

#[test]
fn nobody_waits_for_what_was_granted_before_the_halt_by_whatever_clock() {
    let mut pacer = Pacer::default();
    // The edge was killed after it, so it is never reported; and the clock is back.
    pacer.ask(NOW + SECOND, &lane(), &asking("lost", 1, 5));
    pacer.ask(NOW, &lane(), &asking("a", 1, 5));
    pacer.report(NOW, "a", 1, Outcome::Doubtful);
    let now = NOW + MINUTE;
    assert_eq!(pacer.ask(now, &lane(), &asking("b", 1, 5)), probe(&pacer, 5, now));
    assert_eq!(pacer.ask(now, &lane(), &asking("c", 1, 5)), halted(&pacer, now + TRIED));
}

#[test]
fn silence_grows_and_leaves_nothing_behind() {
    let mut pacer = Pacer::default();
    let mut now = NOW;
    let waits = [0, 0, 15, 30, 60, 120, 240, 300, 300].map(|seconds| seconds * SECOND);
    for (turn, wait) in (1..).zip(waits) {
        pacer.ask(now, &lane(), &asking("a", turn, 5));
        pacer.report(now, "a", turn, Outcome::Doubtful);
        assert_eq!(pacer.account.halt.map(|halt| halt.until), Some(now + wait), "{turn}");
        now += wait;
    }
    assert_eq!(pacer.standing(now).halted, Some(Halt { why: Why::Silence { times: 9 }, since: NOW, until: now }));
    pacer.ask(now, &lane(), &asking("a", 10, 5));
    pacer.report(now, "a", 10, Outcome::TooMany { wait: 0 });
    assert_eq!(pacer.account.halt, None);

    // A question without an answer is a failure that no send can have caused, and nothing was posted.
    pacer.ask(now, &lane(), &asking("b", 1, 5));
    pacer.report(now, "b", 1, Outcome::Doubtful);
    let grants = pacer.grants.len();
    let Appointment::Go { until, .. } = pacer.ask(now, &lane(), &asking("c", 1, 5)) else { panic!() };
    pacer.report(now, "c", 1, Outcome::NoAnswer { until });
    assert_eq!((pacer.account.halt.map(|halt| halt.until), pacer.grants.len()), (Some(now + SILENCE.0), grants));
    now += SILENCE.0;
    assert_eq!(pacer.ask(now, &lane(), &asking("c", 1, 5)), probe(&pacer, 5, now));
    // The report of the turn's first grant, once more: it is not this one.
    pacer.report(now, "c", 1, Outcome::NoAnswer { until });
    assert_eq!(pacer.grants.len(), grants + 1);
    // Where nothing waits, nobody would notice that it is over.
    for operation in ["a", "b", "c"] {
        assert_eq!(pacer.standing(now).halted.map(|halt| halt.why), Some(Why::Silence { times: 3 }));
        pacer.leave(now, operation);
    }
    assert_eq!(pacer.standing(now).halted, None);
}

#[test]
fn a_try_ends_when_its_send_says_so_or_asks_anew_or_leaves() {
    let mut silent = Pacer::default();
    silent.ask(NOW, &lane(), &asking("a", 1, 5));
    silent.report(NOW, "a", 1, Outcome::Doubtful);
    let now = NOW + SECOND;
    let halt = silent.account.halt;
    assert_eq!(silent.ask(now, &lane(), &asking("b", 1, 5)), probe(&silent, 5, now));
    assert_eq!(silent.ask(now, &lane(), &asking("c", 1, 5)), halted(&silent, now + TRIED));
    let ends: [fn(&mut Pacer); 4] = [
        |pacer| pacer.report(NOW + 2 * SECOND, "b", 1, Outcome::Unused),
        |pacer| assert!(matches!(pacer.ask(NOW + 2 * SECOND, &lane(), &asking("b", 2, 5)), Appointment::Go { .. })),
        |pacer| pacer.leave(NOW + 2 * SECOND, "b"),
        |pacer| {
            let held = pacer.ask(NOW + 2 * SECOND, &Lane { held: true, ..lane() }, &asking("b", 1, 5));
            assert!(matches!(held, Appointment::Hold { .. }));
        },
    ];
    for (n, end) in ends.into_iter().enumerate() {
        let mut pacer = silent.clone();
        end(&mut pacer);
        // That says nothing of the upstream; and of what was granted nobody knows whether it was posted.
        assert_eq!(pacer.account.halt, halt, "{n}");
        assert_eq!(pacer.grants.values().any(|grant| grant.operation == "b" && grant.turn == 1), n > 0, "{n}");
        let who = if n == 1 { "b" } else { "c" };
        let later = now + TRIED;
        assert!(matches!(pacer.ask(later, &lane(), &asking(who, 2, 5)), Appointment::Go { .. }), "{n}");
    }
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
