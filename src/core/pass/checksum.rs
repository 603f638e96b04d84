//! Tells whether two passes saw the same bytes. It need not withstand anybody who looks for collisions: both passes are fed
//! by the same caller.

/// A sum over bytes in their order, however they are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checksum {
    sum: u64,
    length: u64,
    /// The bytes after the last whole word.
    open: [u8; 8],
}

impl Checksum {
    /// Adds bytes.
    pub(crate) fn add(&mut self, mut bytes: &[u8]) {
        let filled = (self.length % 8) as usize;
        self.length += bytes.len() as u64;
        if filled > 0 {
            let (front, behind) = bytes.split_at(bytes.len().min(8 - filled));
            self.open[filled..filled + front.len()].copy_from_slice(front);
            if filled + front.len() < 8 {
                return;
            }
            self.mix(self.open);
            bytes = behind;
        }
        let (words, rest) = bytes.as_chunks();
        words.iter().for_each(|word| self.mix(*word));
        self.open = [0; 8];
        self.open[..rest.len()].copy_from_slice(rest);
    }

    fn mix(&mut self, word: [u8; 8]) {
        self.sum = (self.sum.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_do_not_matter_and_every_byte_does() {
        let bytes: Vec<u8> = (0..100).collect();
        let sum = |pieces: &mut dyn Iterator<Item = &[u8]>| {
            let mut sum = Checksum::default();
            pieces.for_each(|piece| sum.add(piece));
            sum
        };
        let whole = sum(&mut [&bytes[..]].into_iter());
        for size in 1..bytes.len() {
            assert_eq!(sum(&mut bytes.chunks(size)), whole, "{size}");
        }
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 1;
            assert_ne!(sum(&mut [&other[..]].into_iter()), whole, "{at}");
        }
        assert_ne!(sum(&mut [&bytes[..99]].into_iter()), whole);
    }
}
