//! The course of a message: over which senders it is tried, and what comes of each try, by the number it goes to.
//!
//! A course has no time of its own. Messages of one course pass the same moments after they leave, so that a course
//! is kept once for all that share it, and where each stands is arithmetic.

use serde::{Deserialize, Serialize};

use crate::recipient::Channel;

/// From the carrier to the handset.
const DELIVERY_MILLIS: i64 = 300;
/// From the handset to the eye.
const READ_MILLIS: i64 = 200;
/// From a failed try to the next channel.
const FALLBACK_MILLIS: i64 = 100;

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Status {
    /// Waiting for its time.
    Scheduled,
    /// Waiting its turn.
    Queued,
    /// Handed to the carrier.
    Sent,
    /// On the handset.
    Delivered,
    /// Opened.
    Read,
    /// Sent, but not delivered.
    Undelivered,
    /// Refused while processing.
    Failed,
    /// Taken back.
    Canceled,
}

impl Status {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Queued => "QUEUED",
            Self::Sent => "SENT",
            Self::Delivered => "DELIVERED",
            Self::Read => "READ",
            Self::Undelivered => "UNDELIVERED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
        }
    }
}

/// What comes of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Ending {
    /// It arrives, after so many milliseconds more than usual.
    Delivered(u32),
    /// It arrives and is opened.
    Read,
    /// It leaves and does not arrive, with this number of Twilio's.
    Undelivered(u32),
    /// It does not leave, with this number of Twilio's.
    Failed(u32),
}

/// The exchange whose numbers have a meaning, as Twilio's own numbers for tests have.
const TEST_EXCHANGE: &str = "+1500555";

impl Ending {
    /// What comes of a try at an address. The numbers are listed in the README.
    pub fn of(address: &str, channel: Channel) -> Self {
        if !is_number(address) {
            return Self::Failed(21211);
        }
        let Some(line) = address.strip_prefix(TEST_EXCHANGE).filter(|line| line.len() == 4) else {
            return Self::Delivered(0);
        };
        match (line, channel) {
            ("0001", _) => Self::Failed(21211),
            ("0004", _) => Self::Failed(21610),
            ("0009", Channel::Sms) => Self::Failed(21614),
            ("2106", Channel::Rcs) => Self::Failed(63106),
            ("2337", Channel::Rcs) => Self::Failed(61337),
            ("2005", Channel::Rcs | Channel::Whatsapp) => Self::Read,
            ("3003", _) => Self::Undelivered(30003),
            ("3005", _) => Self::Undelivered(30005),
            ("3006", Channel::Sms) => Self::Undelivered(30006),
            ("3007", _) => Self::Undelivered(30007),
            ("6003", Channel::Whatsapp) => Self::Failed(63003),
            ("6016", Channel::Whatsapp) => Self::Failed(63016),
            _ => match line.strip_prefix('1').map(str::parse::<u32>) {
                Some(Ok(seconds)) => Self::Delivered(seconds * 1000),
                _ => Self::Delivered(0),
            },
        }
    }

    fn arrives(self) -> bool {
        matches!(self, Self::Delivered(_) | Self::Read)
    }

    /// The number of Twilio's that it ends with.
    pub fn code(self) -> Option<u32> {
        match self {
            Self::Delivered(_) | Self::Read => None,
            Self::Undelivered(code) | Self::Failed(code) => Some(code),
        }
    }
}

fn is_number(address: &str) -> bool {
    address
        .strip_prefix('+')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// One try of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Try {
    /// The sender, by its place among the operation's.
    pub sender: u16,
    /// The address, by its place among the recipient's.
    pub address: u8,
    /// What comes of it.
    pub ending: Ending,
}

/// A message reaches a state, so long after it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds after it leaves.
    pub after: i64,
    /// The state it is in from then on.
    pub status: Status,
    /// Tries begun by then.
    pub tries: u32,
}

/// The tries of a message in their order; none where no sender reaches any address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Course {
    /// From the first channel to the last that is reached.
    pub tries: Vec<Try>,
}

impl Course {
    /// The course over these tries: it ends with the first that arrives.
    pub fn of(mut tries: Vec<Try>) -> Self {
        if let Some(last) = tries.iter().position(|attempt| attempt.ending.arrives()) {
            tries.truncate(last + 1);
        }
        Self { tries }
    }

    /// What a try goes through: from its beginning on, and the last is its end.
    fn stages(ending: Ending) -> Vec<(i64, Status)> {
        match ending {
            Ending::Delivered(late) => {
                vec![(0, Status::Sent), (DELIVERY_MILLIS + i64::from(late), Status::Delivered)]
            }
            Ending::Read => vec![
                (0, Status::Sent),
                (DELIVERY_MILLIS, Status::Delivered),
                (DELIVERY_MILLIS + READ_MILLIS, Status::Read),
            ],
            Ending::Undelivered(_) => vec![(0, Status::Sent), (DELIVERY_MILLIS, Status::Undelivered)],
            Ending::Failed(_) => vec![(0, Status::Failed)],
        }
    }

    /// When the try begins, after the message leaves.
    fn beginning(&self, index: usize) -> i64 {
        let end = |attempt: &Try| Self::stages(attempt.ending).last().map_or(0, |&(after, _)| after);
        self.tries.iter().take(index).map(|attempt| end(attempt) + FALLBACK_MILLIS).sum()
    }

    /// All moments of the message, in their order.
    pub fn moments(&self) -> Vec<Moment> {
        if self.tries.is_empty() {
            return vec![Moment { after: 0, status: Status::Failed, tries: 0 }];
        }
        let mut moments: Vec<Moment> = Vec::new();
        for (index, attempt) in self.tries.iter().enumerate() {
            let beginning = self.beginning(index);
            let last = index + 1 == self.tries.len();
            for (after, status) in Self::stages(attempt.ending) {
                // A try that another follows is no end of the message: it stays where it was.
                let before = moments.last().map_or(Status::Queued, |moment| moment.status);
                let is_end = matches!(status, Status::Failed | Status::Undelivered);
                let status = if is_end && !last { before } else { status };
                // There are at most ten tries.
                moments.push(Moment { after: beginning + after, status, tries: index as u32 + 1 });
            }
        }
        moments
    }

    /// The tries begun, each with its state and since when, so long after the message left.
    pub fn attempts(&self, elapsed: i64) -> Vec<(Try, Status, i64)> {
        let mut attempts = Vec::new();
        for (index, &attempt) in self.tries.iter().enumerate() {
            let beginning = self.beginning(index);
            let reached = Self::stages(attempt.ending).into_iter().rfind(|(after, _)| beginning + after <= elapsed);
            if let Some((_, status)) = reached {
                attempts.push((attempt, status, beginning));
            }
        }
        attempts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(endings: &[Ending]) -> Course {
        let attempt = |(sender, &ending)| Try { sender, address: 0, ending };
        Course::of((0..).zip(endings).map(attempt).collect())
    }

    fn way(endings: &[Ending]) -> Vec<(i64, &'static str, u32)> {
        course(endings).moments().iter().map(|moment| (moment.after, moment.status.as_str(), moment.tries)).collect()
    }

    #[test]
    fn numbers_have_their_documented_ends() {
        let sms = |address| Ending::of(address, Channel::Sms);
        assert_eq!(sms("+14155550100"), Ending::Delivered(0));
        assert_eq!(sms("+15005550006"), Ending::Delivered(0));
        assert_eq!(sms("+15005550001"), Ending::Failed(21211));
        assert_eq!(sms("+15005550004"), Ending::Failed(21610));
        assert_eq!(sms("+15005550009"), Ending::Failed(21614));
        assert_eq!(sms("+15005551045"), Ending::Delivered(45_000));
        assert_eq!(sms("+15005553003"), Ending::Undelivered(30003));
        assert_eq!(sms("+15005552106"), Ending::Delivered(0));
        assert_eq!(Ending::of("+15005552106", Channel::Rcs), Ending::Failed(63106));
        assert_eq!(Ending::of("+15005552005", Channel::Whatsapp), Ending::Read);
        for address in ["", "+", "14155550100", "+1 415", "whatsapp:+1", "+１"] {
            assert_eq!(sms(address), Ending::Failed(21211), "{address}");
        }
    }

    #[test]
    fn a_message_passes_its_states_in_order() {
        use Ending::{Delivered, Failed, Read, Undelivered};
        assert_eq!(way(&[Delivered(0)]), [(0, "SENT", 1), (300, "DELIVERED", 1)]);
        assert_eq!(way(&[Delivered(45_000)]), [(0, "SENT", 1), (45_300, "DELIVERED", 1)]);
        assert_eq!(way(&[Read]), [(0, "SENT", 1), (300, "DELIVERED", 1), (500, "READ", 1)]);
        assert_eq!(way(&[Failed(21610)]), [(0, "FAILED", 1)]);
        assert_eq!(way(&[Undelivered(30003)]), [(0, "SENT", 1), (300, "UNDELIVERED", 1)]);
        assert_eq!(way(&[]), [(0, "FAILED", 0)]);
    }

    #[test]
    fn a_failed_channel_leads_to_the_next() {
        use Ending::{Delivered, Failed, Undelivered};
        assert_eq!(way(&[Failed(63106), Delivered(0)]), [(0, "QUEUED", 1), (100, "SENT", 2), (400, "DELIVERED", 2)]);
        assert_eq!(way(&[Undelivered(30003), Failed(21614)]), [(0, "SENT", 1), (300, "SENT", 1), (400, "FAILED", 2)]);
        assert_eq!(course(&[Delivered(0), Failed(1)]).tries.len(), 1);
    }

    #[test]
    fn attempts_are_those_begun() {
        let course = course(&[Ending::Failed(63106), Ending::Delivered(0)]);
        let seen = |elapsed| -> Vec<(u16, &str)> {
            course.attempts(elapsed).iter().map(|(attempt, status, _)| (attempt.sender, status.as_str())).collect()
        };
        assert_eq!(seen(-1), []);
        assert_eq!(seen(50), [(0, "FAILED")]);
        assert_eq!(seen(100), [(0, "FAILED"), (1, "SENT")]);
        assert_eq!(seen(400), [(0, "FAILED"), (1, "DELIVERED")]);
    }
}
