//! Intakes under one idempotency key, whose calls come late, twice or never, and whose senders go away.
//!
//! Lease and places are the very ones that object and Worker have; what the object stages is modelled here. It shows of
//! every round: a send has the rows of one request and no other's; who is told that its send is kept has handed in that
//! send; who goes on in time is not taken over; and no more large requests come in than there are places.

use std::collections::BTreeMap;

use super::counts::Counts;
use super::random::Random;
use super::timeline::Timeline;
use super::world::{BEGIN, Violation};
use crate::clock::{MINUTE, Millis, SECOND};
use crate::http::place::{LARGE, Place};
use crate::http::share::Holder;
use crate::machine::lease::{INTAKE, Lease, Taken};

/// Requests of a round, and how many things they say.
const REQUESTS: usize = 12;
const BODIES: u64 = 2;
/// How long the Worker waits for an answer, before it calls once more or gives up.
const PATIENCE: Millis = 10 * SECOND;

/// A call of the Worker's to the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Begin,
    Piece(u32),
    Seal,
    GiveUp,
}

/// What the object answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Done,
    Busy,
    /// The request that was sealed.
    Sealed(usize),
    TakenOver,
    Failed,
}

/// What happens next. Requests go by their number.
#[derive(Clone, Copy, Debug)]
enum Action {
    /// Somebody hands a request in.
    Come,
    /// A call reaches the object.
    Call(usize, Call),
    /// Its answer reaches the Worker.
    Answer(usize, Call, Answer),
    /// The Worker has waited long enough, for the first or the second time.
    Wait(usize, Call, bool),
    /// The object's alarm, if it is still set to this.
    Alarm(Millis),
}

/// A request, whatever became of it.
#[derive(Debug)]
struct Request {
    body: u64,
    pieces: u32,
    /// When its lease began and was last touched, as the object has it; none if it was given up.
    held: Option<(Millis, Millis)>,
}

/// A request that comes in.
#[derive(Debug)]
struct Coming {
    waits: Call,
    /// Its sender goes away before this piece.
    leaves: Option<u32>,
    _place: Place,
}

/// The object.
#[derive(Debug, Default)]
struct Object {
    lease: Option<Lease>,
    /// The request that each staged piece is of.
    staged: BTreeMap<u32, usize>,
    sealed: Option<usize>,
    alarm: Millis,
}

struct Round<'a> {
    random: &'a mut Random,
    time: Timeline<Action>,
    object: Object,
    requests: Vec<Request>,
    coming: BTreeMap<usize, Coming>,
    seen: Counts,
}

/// Runs rounds of a seed until so many steps were taken.
pub fn run(seed: u64, steps: u64) -> Result<Counts, Violation> {
    let mut random = Random::new(seed);
    let mut counts = Counts::default();
    while counts.steps < steps {
        let mut round = Round {
            random: &mut random,
            time: Timeline::new(BEGIN),
            object: Object::default(),
            requests: Vec::new(),
            coming: BTreeMap::new(),
            seen: Counts::default(),
        };
        round.run()?;
        counts.add(&round.seen);
    }
    Ok(counts)
}

impl Round<'_> {
    fn run(&mut self) -> Result<(), Violation> {
        self.time.push(0, Action::Come);
        while let Some(action) = self.time.next() {
            self.seen.steps += 1;
            match action {
                Action::Come => self.come()?,
                Action::Call(number, call) => {
                    let answer = self.called(number, call)?;
                    let delay = self.delay();
                    if !self.random.once_in(15) {
                        self.time.push(delay, Action::Answer(number, call, answer));
                    }
                }
                Action::Answer(number, call, answer) => self.answered(number, call, answer)?,
                Action::Wait(number, call, again) => self.waited(number, call, again),
                Action::Alarm(at) if at == self.object.alarm => self.wipe(),
                Action::Alarm(_) => {}
            }
        }
        let places = (0..LARGE).map(|_| Place::take(&Holder::default())).collect::<Result<Vec<_>, _>>();
        let given_back = self.coming.is_empty() && places.is_ok();
        if given_back { Ok(()) } else { Err("requests that are over keep their places".into()) }
    }

    /// Mostly short; sometimes so long that another one takes over meanwhile.
    fn delay(&mut self) -> Millis {
        match self.random.below(30) {
            0 => self.random.within(1, 150) * SECOND,
            1..=4 => self.random.within(1, 8) * SECOND,
            _ => self.random.within(1, 200),
        }
    }

    // The Worker.

    fn come(&mut self) -> Result<(), Violation> {
        let number = self.requests.len();
        let (body, pieces) = (self.random.below(BODIES), self.random.within(1, 6) as u32);
        self.requests.push(Request { body, pieces, held: None });
        if self.requests.len() < REQUESTS {
            let most = if self.random.once_in(3) { 4 * MINUTE } else { 15 * SECOND };
            let after = self.random.within(1, most);
            self.time.push(after, Action::Come);
        }
        let Ok(place) = Place::take(&Holder::default()) else {
            self.seen.crowded += 1;
            return Ok(());
        };
        self.seen.intakes += 1;
        let leaves = self.random.once_in(4).then(|| self.random.below(6) as u32);
        self.coming.insert(number, Coming { waits: Call::Begin, leaves, _place: place });
        if self.coming.len() > LARGE as usize {
            return Err(format!("{} large requests come in at a time", self.coming.len()));
        }
        self.call(number, Call::Begin);
        Ok(())
    }

    /// Makes a call and waits for its answer.
    fn call(&mut self, number: usize, call: Call) {
        let Some(coming) = self.coming.get_mut(&number) else { return };
        coming.waits = call;
        self.leave(number, call);
        self.time.push(PATIENCE, Action::Wait(number, call, false));
    }

    /// A call leaves. It may get lost, and it may come twice.
    fn leave(&mut self, number: usize, call: Call) {
        let delay = self.delay();
        if !self.random.once_in(20) {
            self.time.push(delay, Action::Call(number, call));
        }
        if self.random.once_in(20) {
            let late = self.random.within(1, 300) * SECOND;
            self.time.push(late, Action::Call(number, call));
        }
    }

    fn answered(&mut self, number: usize, call: Call, answer: Answer) -> Result<(), Violation> {
        let Some(coming) = self.coming.get(&number).filter(|coming| coming.waits == call) else { return Ok(()) };
        let next = match (call, answer) {
            (Call::Begin, Answer::Done) => 0,
            (Call::Piece(n), Answer::Done) => n + 1,
            (Call::Seal, Answer::Done) => {
                let says = |number: usize| self.requests.get(number).map(|request| request.body);
                if self.object.sealed.and_then(says) != says(number) {
                    return Err(format!("request {number} is told that it is kept, and another one is"));
                }
                self.seen.kept += 1;
                self.over(number, false);
                return Ok(());
            }
            // Taken back is only what may be the caller's own.
            _ => {
                self.over(number, call != Call::Begin);
                return Ok(());
            }
        };
        if coming.leaves == Some(next) {
            // Maybe the Worker ends with it.
            let told = self.random.once_in(2);
            self.over(number, told);
            return Ok(());
        }
        let pieces = self.requests.get(number).map_or(0, |request| request.pieces);
        self.call(number, if next < pieces { Call::Piece(next) } else { Call::Seal });
        Ok(())
    }

    fn waited(&mut self, number: usize, call: Call, again: bool) {
        if self.coming.get(&number).is_none_or(|coming| coming.waits != call) {
            return;
        }
        if again {
            // The caller is told that something failed.
            self.over(number, true);
        } else {
            self.leave(number, call);
            self.time.push(PATIENCE, Action::Wait(number, call, true));
        }
    }

    /// A request is answered.
    fn over(&mut self, number: usize, give_up: bool) {
        self.coming.remove(&number);
        if give_up {
            self.leave(number, Call::GiveUp);
        }
    }

    // The object.

    fn called(&mut self, number: usize, call: Call) -> Result<Answer, Violation> {
        let (now, claim) = (self.time.now, number.to_string());
        if let Some(sealed) = self.object.sealed {
            return Ok(match call {
                Call::Begin => Answer::Sealed(sealed),
                Call::Seal if sealed == number => Answer::Done,
                _ => Answer::TakenOver,
            });
        }
        match call {
            Call::Begin => match Lease::take(self.object.lease.as_ref(), &claim, now) {
                Taken::Again => Ok(Answer::Done),
                Taken::Busy(_) => Ok(Answer::Busy),
                Taken::Open(lease) => {
                    self.seen.taken_over += u64::from(lease.epoch > 1);
                    let alarm = now + INTAKE;
                    self.object = Object { lease: Some(lease), alarm, ..Object::default() };
                    self.time.push(INTAKE, Action::Alarm(alarm));
                    self.hold(number, Some((now, now)));
                    Ok(Answer::Done)
                }
            },
            Call::GiveUp => {
                if self.object.lease.as_ref().is_some_and(|lease| lease.claim == claim) {
                    self.wipe();
                }
                self.hold(number, None);
                Ok(Answer::Done)
            }
            Call::Piece(_) | Call::Seal => {
                let held = self.requests.get(number).and_then(|request| request.held);
                let Some(lease) = Lease::touch(self.object.lease.clone(), &claim, now) else {
                    return match held {
                        Some((begun, touched)) if now < (touched + MINUTE).min(begun + INTAKE) => {
                            Err(format!("request {number} goes on in time, and another one has taken over"))
                        }
                        _ => Ok(Answer::TakenOver),
                    };
                };
                self.object.lease = Some(lease);
                self.hold(number, held.map(|(begun, _)| (begun, now)));
                match call {
                    Call::Piece(n) => {
                        self.object.staged.insert(n, number);
                        Ok(Answer::Done)
                    }
                    _ => self.seal(number),
                }
            }
        }
    }

    fn seal(&mut self, number: usize) -> Result<Answer, Violation> {
        let pieces = self.requests.get(number).map_or(0, |request| request.pieces);
        if self.object.staged.len() != pieces as usize {
            self.wipe();
            self.hold(number, None);
            return Ok(Answer::Failed);
        }
        if self.object.staged.values().any(|of| *of != number) {
            return Err(format!("the send of request {number} has rows of another"));
        }
        self.object.sealed = Some(number);
        Ok(Answer::Done)
    }

    fn hold(&mut self, number: usize, held: Option<(Millis, Millis)>) {
        if let Some(request) = self.requests.get_mut(number) {
            request.held = held;
        }
    }

    /// Throws away what was never sealed.
    fn wipe(&mut self) {
        if self.object.sealed.is_none() {
            self.object = Object::default();
        }
    }
}
