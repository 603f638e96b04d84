//! Several byte strings in one body, for the calls between the Worker and its objects: how many, the length of each, and
//! the bytes. Put together and taken apart outside of this module's memory.

use worker::js_sys::Uint8Array;

/// Bytes of a number.
const NUMBER: u32 = 4;

/// Puts parts together.
pub fn join(parts: &[&[u8]]) -> Uint8Array {
    let numbers = std::iter::once(parts.len()).chain(parts.iter().map(|part| part.len()));
    let head: Vec<u8> = numbers.flat_map(|number| (number as u32).to_le_bytes()).collect();
    let length = head.len() + parts.iter().map(|part| part.len()).sum::<usize>();
    let joined = Uint8Array::new_with_length(length as u32);
    let mut at = 0;
    for part in std::iter::once(head.as_slice()).chain(parts.iter().copied()) {
        let end = at + part.len() as u32;
        joined.subarray(at, end).copy_from(part);
        at = end;
    }
    joined
}

/// Takes parts apart again, without copying them; none if that is not what was put together.
pub fn split(joined: &Uint8Array) -> Option<Vec<Uint8Array>> {
    let number = |place: u32| -> Option<u32> {
        let at = place.checked_mul(NUMBER)?;
        let end = at.checked_add(NUMBER).filter(|end| *end <= joined.length())?;
        let mut bytes = [0; NUMBER as usize];
        joined.subarray(at, end).copy_to(&mut bytes);
        Some(u32::from_le_bytes(bytes))
    };
    let count = number(0)?;
    let mut at = count.checked_add(1)?.checked_mul(NUMBER)?;
    let mut parts = Vec::new();
    for place in 1..=count {
        let end = at.checked_add(number(place)?).filter(|end| *end <= joined.length())?;
        parts.push(joined.subarray(at, end));
        at = end;
    }
    (at == joined.length()).then_some(parts)
}
