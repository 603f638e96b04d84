//! Numbers in the tables that are made by `cargo xtask`.

/// Reads a number of seven bits a byte, the lowest first, and where the next one begins.
pub(crate) const fn number(bytes: &[u8], mut at: usize) -> (u32, usize) {
    let (mut number, mut shift) = (0, 0);
    while at < bytes.len() && shift < 28 {
        number |= ((bytes[at] & 0x7F) as u32) << shift;
        at += 1;
        if bytes[at - 1] < 0x80 {
            break;
        }
        shift += 7;
    }
    (number, at)
}
