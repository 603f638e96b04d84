//! Why something is no phone number.

use std::fmt;

/// Why something is no phone number. No variant holds what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneError {
    /// There is nothing, or nothing that can be seen.
    Empty,
    /// It holds something that no number holds.
    NotANumber {
        /// What that is.
        found: Foreign,
        /// Where, in bytes from the start of the text.
        at: usize,
    },
    /// An extension follows the number. Messages go to numbers, and leaving the extension out could reach another
    /// person than the one who was meant.
    Extension {
        /// Where, in bytes from the start of the text.
        at: usize,
    },
    /// A `tel:` URI of a number that counts only within its `phone-context`. The context may be a domain, which says
    /// nothing of the number, so the global form is asked for: `tel:+…`.
    ///
    /// Source: RFC 3966, section 5.1.5, <https://www.rfc-editor.org/rfc/rfc3966#section-5.1.5>.
    Context {
        /// Where, in bytes from the start of the text.
        at: usize,
    },
    /// A national number, and no region is given whose rules would apply.
    NeedsRegion,
    /// No country and no service has this calling code.
    NoCallingCode,
    /// It has fewer digits than any number of its calling code.
    TooShort {
        /// Fewest digits that are possible, with the calling code.
        fewest: u8,
    },
    /// It has more digits than any number of its calling code, or than E.164 allows.
    TooLong {
        /// Most digits that are possible, with the calling code.
        most: u8,
    },
    /// Numbers of its calling code are shorter or longer, but never have this many digits.
    Impossible,
}

/// What a text holds that is no phone number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// A letter. Numbers spelled on the keypad (1-800-FLOWERS) are not guessed.
    Letter,
    /// A plus that is not at the front.
    Plus,
    /// Another sign.
    Sign,
    /// No digit at all.
    NoDigit,
}

impl fmt::Display for PhoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there is no number"),
            Self::NotANumber { at, .. } => write!(f, "byte {at} begins something that no phone number holds"),
            Self::Extension { at } => write!(f, "an extension follows the number at byte {at}"),
            Self::Context { at } => write!(f, "the number counts only within the context at byte {at}"),
            Self::NeedsRegion => f.write_str("a national number, and no region to read it by"),
            Self::NoCallingCode => f.write_str("no country and no service has this calling code"),
            Self::TooShort { fewest } => write!(f, "numbers of this calling code have at least {fewest} digits"),
            Self::TooLong { most } => write!(f, "numbers of this calling code have at most {most} digits"),
            Self::Impossible => f.write_str("no number of this calling code has this many digits"),
        }
    }
}

impl std::error::Error for PhoneError {}
