//! Who has room in a lane, for how long, and who has a first turn with it.

use super::*;

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
fn room_is_that_of_the_day_on_which_a_send_goes_out() {
    let day = 24 * 3_600 * 10;
    let on = |operation: &str, start, units| Joining { start, ..joining(operation, units) };
    let mut pacer = Pacer::default();
    // A campaign of another day leaves today free, and the day behind it.
    let then = NOW + 3 * WINDOW;
    assert_eq!(pacer.join(NOW, &lane(), on("campaign", then, day)), Admission::Admitted);
    assert_eq!(pacer.join(NOW, &lane(), joining("today", day)), Admission::Admitted);
    assert_eq!(pacer.join(NOW, &lane(), on("before", then - WINDOW, day)), Admission::Admitted);
    assert_eq!(pacer.join(NOW, &lane(), on("behind", then + WINDOW, day)), Admission::Admitted);
    // On its own day, and where they overlap, there is no room for another, though nothing is sent until then.
    let full = Admission::Later { at: NOW + SECOND, units: (day, 0) };
    assert_eq!(pacer.join(NOW, &lane(), on("same", then, 10)), full);
    assert!(matches!(pacer.join(NOW, &lane(), on("overlapping", then - HOUR, 10)), Admission::Later { .. }));
    // What is left at an instant of what began before it counts, and what is sent by then does not.
    let mut pacer = Pacer::default();
    assert_eq!(pacer.join(NOW, &lane(), on("early", NOW + 6 * HOUR, day / 2)), Admission::Admitted);
    let late = NOW + 12 * HOUR;
    let left = Admission::Later { at: NOW + SECOND, units: (day, day * 3 / 4) };
    assert_eq!(pacer.join(NOW, &lane(), on("late", late, day * 3 / 4 + 10)), left);
    assert_eq!(pacer.join(NOW, &lane(), on("late", late, day * 3 / 4)), Admission::Admitted);
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
