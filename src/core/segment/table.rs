//! Sorted code points with a byte each, as `cargo xtask smart` and `cargo xtask clusters` write them.

use crate::packed::number;

/// How many entries lie between two marks.
const SPACING: usize = 64;

/// A table: differences between code points, and bytes apart from them, as both then compress best. Marks, made when
/// this is compiled, spare the way through all differences.
pub(super) struct Table<const MARKS: usize> {
    bytes: &'static [u8],
    /// Where the values begin, of which there are as many as entries.
    values: usize,
    /// Of every 64th entry: its code point, and where the difference of the next one begins.
    marks: [(u32, u16); MARKS],
}

impl<const MARKS: usize> Table<MARKS> {
    /// Reads a table: a line that names its source, the count of entries, their values, their differences.
    ///
    /// Called at compile time only: a file that is none of these does not compile.
    pub(super) const fn read(bytes: &'static [u8]) -> Self {
        let mut at = 0;
        while bytes[at] != b'\n' {
            at += 1;
        }
        let count = bytes[at + 1] as usize + 256 * bytes[at + 2] as usize;
        let values = at + 3;
        at = values + count;
        let mut marks = [(u32::MAX, 0); MARKS];
        let (mut entry, mut key) = (0, 0);
        while entry < count {
            let difference;
            (difference, at) = number(bytes, at);
            key += difference;
            if entry % SPACING == 0 {
                marks[entry / SPACING] = (key, at as u16);
            }
            entry += 1;
        }
        assert!(at == bytes.len() && count.div_ceil(SPACING) == MARKS);
        Self { bytes, values, marks }
    }

    /// The last entry up to a code point: its own code point, and its value.
    pub(super) fn floor(&self, wanted: char) -> Option<(u32, u8)> {
        let wanted = u32::from(wanted);
        let mark = self.marks.partition_point(|(key, _)| *key <= wanted).checked_sub(1)?;
        let (mut key, at) = *self.marks.get(mark)?;
        let (mut entry, mut at) = (mark * SPACING, usize::from(at));
        while at < self.bytes.len() {
            let (difference, behind) = number(self.bytes, at);
            if key + difference > wanted {
                break;
            }
            key += difference;
            entry += 1;
            at = behind;
        }
        self.bytes.get(self.values + entry).map(|value| (key, *value))
    }
}
