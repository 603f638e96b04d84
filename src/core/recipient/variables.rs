//! Variables: what a recipient's values give to the names that templates use.
//!
//! Names are matched once a row and go by number from then on. Rows have their variables in the same order mostly, so
//! that a name is looked for where the row before had it.

use crate::text::Text;

/// What a name stands for in the present row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Slot {
    /// Nothing: the row lacks it.
    #[default]
    Missing,
    /// A text, by its place among those of the row.
    Text { start: usize, end: usize },
    /// A text that holds a reference to a stored person's value, which is known only to the service.
    Reference { start: usize, end: usize },
    /// Something that is no text.
    Unknown,
}

/// A reference to a stored person's value begins like this, as `${Twilio.Profile.firstName}`.
///
/// Source: <https://docs.comms.twilio.com/comms-api-reference/messages/send>.
pub(crate) const REFERENCE: &[u8] = b"${Twilio.Profile.";

/// The names that templates use, and what they stand for in the present row.
#[derive(Default)]
pub(crate) struct Variables {
    names: Vec<String>,
    slots: Vec<Slot>,
    /// The texts of the row, one after the other.
    texts: String,
    /// By their order in the row, which name each variable of the row before had.
    guesses: Vec<u32>,
    /// How many variables the row has so far.
    count: usize,
    /// How many of them no template uses.
    pub unused: usize,
}

/// No name at all.
const NONE: u32 = u32::MAX;

/// How many variables of a row have their order noted.
const GUESSES: usize = 64;

impl Variables {
    /// The number of a name, which is added if need be.
    pub(crate) fn intern(&mut self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.slots.push(Slot::Missing);
            self.names.len() - 1
        })
    }

    /// The number of a name, if any template has it.
    pub(crate) fn find(&self, name: &str) -> Option<u32> {
        self.names.iter().position(|known| known == name).map(|number| number as u32)
    }

    /// Forgets the row before.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(Slot::Missing);
        self.texts.clear();
        self.count = 0;
        self.unused = 0;
    }

    /// Takes a variable of the row: its name, and its value if that is a text.
    pub(crate) fn add(&mut self, name: &Text<'_>, value: Option<&Text<'_>>) {
        let guess = self.guesses.get(self.count).copied();
        let is = |number: &u32| self.names.get(*number as usize).is_some_and(|known| name.is(known));
        let number = guess
            .filter(is)
            .unwrap_or_else(|| self.names.iter().position(|known| name.is(known)).map_or(NONE, |number| number as u32));
        if self.guesses.len() == self.count && self.count < GUESSES {
            self.guesses.push(number);
        } else if let Some(guess) = self.guesses.get_mut(self.count) {
            *guess = number;
        }
        self.count += 1;
        let Some(slot) = self.slots.get_mut(number as usize) else {
            // That no text can use an empty name is said where it stands.
            self.unused += usize::from(!name.raw.is_empty());
            return;
        };
        let Some(value) = value else {
            *slot = Slot::Unknown;
            return;
        };
        let start = self.texts.len();
        self.texts.push_str(&value.decode());
        let end = self.texts.len();
        *slot = match value.raw.starts_with(REFERENCE) {
            true => Slot::Reference { start, end },
            false => Slot::Text { start, end },
        };
    }

    /// What a name stands for.
    fn slot(&self, number: usize) -> Slot {
        self.slots.get(number).copied().unwrap_or_default()
    }

    /// The text of a name; none where there is none. A reference is nothing, unless it is to be shown as it stands.
    pub(crate) fn text(&self, number: usize, references: bool) -> Option<&str> {
        match self.slot(number) {
            Slot::Text { start, end } => self.texts.get(start..end),
            Slot::Reference { start, end } if references => self.texts.get(start..end),
            Slot::Reference { .. } | Slot::Unknown => Some(""),
            Slot::Missing => None,
        }
    }

    /// Whether a template's text is not known, as one of its names is not. References count for stored persons only.
    pub(crate) fn is_unknown(&self, names: &[u32], stored: bool) -> bool {
        names.iter().any(|number| match self.slot(*number as usize) {
            Slot::Unknown => true,
            Slot::Reference { .. } => stored,
            Slot::Missing | Slot::Text { .. } => false,
        })
    }
}
