//! What a run has seen, so that one that shows nothing is noticed.

/// How often what happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Steps taken.
    pub steps: u64,
    /// Sends sealed.
    pub sends: u64,
    /// Sends whose first turn was granted before the seal.
    pub granted: u64,
    /// Sends that were admitted and not sealed.
    pub unsealed: u64,
    /// Sends for which there was no room.
    pub turned_away: u64,
    /// Batches that the upstream took.
    pub taken: u64,
    /// Objects that ended in the middle of something.
    pub crashes: u64,
    /// Batches that became unknown.
    pub unknown: u64,
    /// Batches that were proven by a search.
    pub found: u64,
    /// Batches that a person settled.
    pub settled: u64,
    /// Sends taken back, expired, or after a refusal.
    pub closed: u64,
    /// Alarms that the platform gave up on.
    pub lost_alarms: u64,
    /// Times a send had to wait for its turn.
    pub waits: u64,
    /// Most calls of a step.
    pub most_calls: u32,
    /// Most batches that were posted in an outage.
    pub unreached: u32,
    /// Large requests that came in.
    pub intakes: u64,
    /// Large requests for which there was no place.
    pub crowded: u64,
    /// Intakes that another one took over.
    pub taken_over: u64,
    /// Requests that were told that they are kept.
    pub kept: u64,
}

impl Counts {
    /// Adds those of another world.
    pub fn add(&mut self, other: &Self) {
        let Self {
            steps,
            sends,
            granted,
            unsealed,
            turned_away,
            taken,
            crashes,
            unknown,
            found,
            settled,
            closed,
            lost_alarms,
            waits,
            most_calls,
            unreached,
            intakes,
            crowded,
            taken_over,
            kept,
        } = other;
        self.steps += steps;
        self.sends += sends;
        self.granted += granted;
        self.unsealed += unsealed;
        self.turned_away += turned_away;
        self.taken += taken;
        self.crashes += crashes;
        self.unknown += unknown;
        self.found += found;
        self.settled += settled;
        self.closed += closed;
        self.lost_alarms += lost_alarms;
        self.waits += waits;
        self.intakes += intakes;
        self.crowded += crowded;
        self.taken_over += taken_over;
        self.kept += kept;
        self.most_calls = self.most_calls.max(*most_calls);
        self.unreached = self.unreached.max(*unreached);
    }
}
