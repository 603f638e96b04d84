//! Where the rows of a request stand in the table they were made from.

use crate::limits::CAMPAIGN_RECIPIENTS;

/// The number, or the line, that each row has in its table. It is kept only where counting on would give another: a table
/// without gaps costs nothing, and one of which every second row is left out costs 8 bytes a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    /// The first row of each stretch: its place in `to`, and its number.
    stretches: Vec<(u32, u32)>,
    rows: u32,
}

impl Numbers {
    /// Notes the number of the next row. After the rows that a campaign may have, numbers are not kept.
    pub(super) fn push(&mut self, number: u32) {
        if self.of(self.rows) != Some(number) && self.rows <= CAMPAIGN_RECIPIENTS {
            self.stretches.push((self.rows, number));
        }
        self.rows = self.rows.saturating_add(1);
    }

    /// The number, in the table, of the row at that place of `to`.
    pub fn get(&self, index: u32) -> Option<u32> {
        if index < self.rows { self.of(index) } else { None }
    }

    /// How many rows there are.
    pub fn len(&self) -> u32 {
        self.rows
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    fn of(&self, index: u32) -> Option<u32> {
        let stretch = self.stretches.partition_point(|(first, _)| *first <= index).checked_sub(1)?;
        let (first, number) = self.stretches.get(stretch)?;
        number.checked_add(index - first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_gaps_are_kept() {
        let mut numbers = Numbers::default();
        let written = [2, 3, 4, 9, 10, 12];
        written.iter().for_each(|number| numbers.push(*number));
        let read: Vec<u32> = (0..numbers.len()).filter_map(|index| numbers.get(index)).collect();
        assert_eq!(read, written);
        assert_eq!(numbers.stretches.len(), 3);
        assert_eq!(numbers.get(6), None);
    }

    #[test]
    fn behind_a_campaign_numbers_are_no_longer_kept() {
        let mut numbers = Numbers::default();
        for number in 0..CAMPAIGN_RECIPIENTS + 10 {
            numbers.push(number * 2);
        }
        assert_eq!(numbers.stretches.len(), CAMPAIGN_RECIPIENTS as usize + 1);
        assert_eq!(numbers.get(CAMPAIGN_RECIPIENTS), Some(CAMPAIGN_RECIPIENTS * 2));
    }
}
