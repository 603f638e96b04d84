//! Operation ids: `comms_operation_`, 26 characters that name the object, 9 characters of start time.
//!
//! The tail fits the pattern Twilio publishes for its own ids, `[0-7][a-hjkmnpqrstv-z0-9]{25,34}`, so a client that
//! checks it takes ours. The name is not enough to read an operation: the object compares the whole id.

use crate::clock::Millis;

const PREFIX: &str = "comms_operation_";
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// 128 bits, five a character; the first character holds three.
const NAME: usize = 26;
/// 45 bits of milliseconds, until the year 3084.
const TIME: usize = 9;

/// The id of an operation of this edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationId(String);

impl OperationId {
    /// The id made from 128 bits that nobody else has.
    pub fn new(unique: u128, started: Millis) -> Self {
        let mut id = String::with_capacity(PREFIX.len() + NAME + TIME);
        id.push_str(PREFIX);
        push_digits(&mut id, unique, NAME);
        push_digits(&mut id, started.into(), TIME);
        Self(id)
    }

    /// A random id.
    pub fn random(started: Millis) -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 16];
        getrandom::getrandom(&mut bytes)?;
        Ok(Self::new(u128::from_be_bytes(bytes), started))
    }

    /// The id in a path; `None` when this edge cannot have made it.
    pub fn parse(text: &str) -> Option<Self> {
        let tail = text.strip_prefix(PREFIX)?.as_bytes();
        let known = tail.iter().all(|byte| ALPHABET.contains(byte));
        (tail.len() == NAME + TIME && known && tail[0] <= b'7').then(|| Self(text.to_owned()))
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the operation's object.
    pub fn name(&self) -> &str {
        &self.0[PREFIX.len()..PREFIX.len() + NAME]
    }
}

fn push_digits(out: &mut String, value: u128, digits: usize) {
    for digit in (0..digits).rev() {
        let index = (value >> (5 * digit)) & 31;
        out.push(char::from(ALPHABET[index as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_the_published_pattern_and_are_read_back() {
        for (unique, started) in [(0, 0), (u128::MAX, (1 << 45) - 1), (1 << 127 | 0xABCDEF, 1_763_913_600_123)] {
            let id = OperationId::new(unique, started);
            let tail = id.as_str().strip_prefix(PREFIX).unwrap();
            assert!(matches!(tail.as_bytes(), [b'0'..=b'7', rest @ ..] if (25..=34).contains(&rest.len())));
            assert!(
                tail.chars()
                    .all(|c| matches!(c, '0'..='9' | 'a'..='h' | 'j' | 'k' | 'm' | 'n' | 'p'..='t' | 'v'..='z'))
            );
            assert_eq!(OperationId::parse(id.as_str()), Some(id.clone()));
            assert_eq!(id.name().len(), NAME);
            assert!(tail.starts_with(id.name()));
        }
        assert_eq!(OperationId::new(0, 33).as_str(), "comms_operation_00000000000000000000000000000000011");
    }

    #[test]
    fn other_texts_are_no_ids() {
        let id = OperationId::new(7, 7).as_str().to_owned();
        for text in ["", PREFIX, &id[1..], &id[..id.len() - 1], &format!("{id}0"), &id.to_uppercase()] {
            assert_eq!(OperationId::parse(text), None, "{text}");
        }
        assert_eq!(OperationId::parse(&id.replace("operation_0", "operation_8")), None);
        assert_eq!(OperationId::parse(&id.replace("operation_00", "operation_0i")), None);
    }
}
