//! What stops an account, and who tries behind it.

use super::*;
use crate::machine::pacer::halt::SILENCE;

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
