//! Identifiers in the published form: a type prefix, then a ULID-like tail without i, l, o and u.
//!
//! A message's tail is its operation's tail and the row in `to`, so that ten thousand messages need no record each.

/// Crockford's base 32 in lower case.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const OPERATION: &str = "comms_operation_";
const MESSAGE: &str = "comms_message_";
const SENDER: &str = "comms_sender_";
const POOL: &str = "comms_senderpool_";
/// 48 bits of time and 80 of chance make 26 digits, the first of them at most 7.
const TAIL: usize = 26;
/// Four digits count to 1,048,575, the largest send through stored groups.
const ROW: usize = 4;

/// The id of an operation created at `millis` of the Unix epoch.
pub fn operation_id(millis: i64, chance: [u8; 10]) -> String {
    format!("{OPERATION}{}", ulid(millis, chance))
}

/// The id of a sender pool created at `millis` of the Unix epoch.
pub fn pool_id(millis: i64, chance: [u8; 10]) -> String {
    format!("{POOL}{}", ulid(millis, chance))
}

/// The id of the n-th sender of an account.
pub fn sender_id(n: u32) -> String {
    format!("{SENDER}{}", encode(n.into(), TAIL))
}

fn ulid(millis: i64, chance: [u8; 10]) -> String {
    let mut bits = [0; 16];
    bits[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    bits[6..].copy_from_slice(&chance);
    encode(u128::from_be_bytes(bits), TAIL)
}

/// The id of the message for row `row` of an operation.
pub fn message_id(operation_id: &str, row: u32) -> String {
    let tail = operation_id.strip_prefix(OPERATION).unwrap_or(operation_id);
    format!("{MESSAGE}{tail}{}", encode(row.into(), ROW))
}

/// The operation's id and the row that a message's id stands for.
pub fn of_message(message_id: &str) -> Option<(String, u32)> {
    let tail = message_id.strip_prefix(MESSAGE)?;
    if tail.len() != TAIL + ROW || !tail.is_ascii() {
        return None;
    }
    let (operation, row) = tail.split_at(TAIL);
    let row = u32::try_from(decode(row)?).ok()?;
    Some((format!("{OPERATION}{operation}"), row))
}

/// `value` in `digits` base-32 digits, leading zeros kept; higher bits are dropped.
pub fn encode(value: u128, digits: usize) -> String {
    (0..digits)
        .rev()
        .map(|place| {
            let digit = value.checked_shr(5 * place as u32).unwrap_or(0) & 31;
            char::from(ALPHABET[digit as usize])
        })
        .collect()
}

/// The number after at most 25 base-32 digits.
pub fn decode(text: &str) -> Option<u128> {
    if text.len() > 25 {
        return None;
    }
    text.bytes().try_fold(0, |value, byte| {
        let digit = ALPHABET.iter().position(|&known| known == byte)?;
        Some(value << 5 | digit as u128)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published pattern, `[0-7][a-hjkmnpqrstv-z0-9]{25,34}`, with both ends anchored.
    fn well_formed(tail: &str) -> bool {
        (26..=35).contains(&tail.len())
            && tail.starts_with(|first: char| ('0'..='7').contains(&first))
            && tail.bytes().all(|byte| ALPHABET.contains(&byte))
    }

    #[test]
    fn ids_have_the_published_form_at_the_ends_of_their_ranges() {
        for (millis, chance) in [(0, [0; 10]), (1_763_900_000_000, [0xa5; 10]), (i64::MAX, [0xff; 10])] {
            let operation = operation_id(millis, chance);
            assert!(well_formed(operation.strip_prefix(OPERATION).unwrap()), "{operation}");
            for row in [0, 9_999, 999_999] {
                let message = message_id(&operation, row);
                assert!(well_formed(message.strip_prefix(MESSAGE).unwrap()), "{message}");
                assert_eq!(of_message(&message), Some((operation.clone(), row)));
            }
        }
    }

    #[test]
    fn later_operations_sort_behind_earlier_ones() {
        assert!(operation_id(1_000, [0xff; 10]) < operation_id(1_001, [0; 10]));
    }

    #[test]
    fn foreign_message_ids_are_nobodys() {
        let message = message_id(&operation_id(1, [1; 10]), 1);
        for foreign in [
            "",
            "comms_message_",
            &message[..message.len() - 1],
            &format!("{message}0"),
            &message.replace("comms_message_", "comms_operation_"),
            &format!("{}u", &message[..message.len() - 1]),
            &format!("{}é", &message[..message.len() - 2]),
        ] {
            assert_eq!(of_message(foreign), None, "{foreign}");
        }
    }
}
