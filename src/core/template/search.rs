//! Finds a text in a text, in time that goes with the lengths of both.
//!
//! The algorithm is that of Knuth, Morris and Pratt. std's takes no memory, and is many times the code.

/// Where a pattern stands in a text, one place after another.
pub(super) struct Search<'t> {
    text: &'t str,
    pattern: &'t [u8],
    /// By how much of the pattern has been found, less one: how much of its front that also ends with.
    shorter: Vec<u32>,
    at: usize,
    found: usize,
}

/// Where a pattern first stands in a text.
pub(super) fn find(text: &str, pattern: &str) -> Option<usize> {
    Search::new(text, pattern).next()
}

impl<'t> Search<'t> {
    pub(super) fn new(text: &'t str, pattern: &'t str) -> Self {
        let mut search = Self { text, pattern: pattern.as_bytes(), shorter: vec![0], at: 0, found: 0 };
        let mut found = 0;
        for byte in search.pattern.iter().skip(1) {
            found = search.with(found, *byte);
            search.shorter.push(found as u32);
        }
        search
    }

    /// The next place, which may overlap with the one before it. The empty text is found around every character.
    pub(super) fn next(&mut self) -> Option<usize> {
        while let Some(byte) = self.text.as_bytes().get(self.at).filter(|_| !self.pattern.is_empty()) {
            self.found = self.with(self.found, *byte);
            self.at += 1;
            if self.found == self.pattern.len() {
                return Some(self.at - self.found);
            }
        }
        while self.pattern.is_empty() && self.at <= self.text.len() {
            self.at += 1;
            if self.text.is_char_boundary(self.at - 1) {
                return Some(self.at - 1);
            }
        }
        None
    }

    /// Has the next place be one after this one.
    pub(super) fn pass(&mut self) {
        self.found = 0;
    }

    /// How much of the pattern is found with one byte more.
    fn with(&self, mut found: usize, byte: u8) -> usize {
        while self.pattern.get(found) != Some(&byte) {
            if found == 0 {
                return 0;
            }
            found = self.shorter.get(found - 1).copied().unwrap_or_default() as usize;
        }
        found + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All texts of up to nine letters, and all patterns of up to four, of two letters of one and two bytes.
    #[test]
    fn every_place_is_found() {
        let texts = |longest: u32| {
            (0..=longest).flat_map(|length| {
                (0..1_u32 << length)
                    .map(move |bits| (0..length).map(|at| ['a', 'é'][(bits >> at & 1) as usize]).collect::<String>())
            })
        };
        for text in texts(9) {
            for pattern in texts(4) {
                let (mut search, mut apart) = (Search::new(&text, &pattern), Search::new(&text, &pattern));
                let all: Vec<usize> = std::iter::from_fn(|| search.next()).collect();
                let alone: Vec<usize> = std::iter::from_fn(|| {
                    apart.pass();
                    apart.next()
                })
                .collect();
                assert_eq!(all.first().copied(), text.find(&pattern), "{pattern} in {text}");
                assert_eq!(all.last().copied(), text.rfind(&pattern), "{pattern} in {text}");
                assert!(alone.into_iter().eq(text.match_indices(&pattern).map(|(at, _)| at)), "{pattern} in {text}");
            }
        }
    }
}
