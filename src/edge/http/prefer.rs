//! `Prefer` (RFC 7240): how a caller would like a send to be handled and answered, and what a dry run then adds up. What
//! is unknown there is ignored, as the RFC has it; what was followed is said in `Preference-Applied`.

use worker::Request;

/// What a caller prefers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefer {
    /// `handling`, if it was one of the two words.
    handling: Option<Handling>,
    /// Whether a body is asked for: `return=representation`.
    pub representation: bool,
}

/// What becomes of a send with errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// One error refuses it all.
    Strict,
    /// Rows with errors are left out and listed.
    Lenient,
}

impl Handling {
    fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Lenient => "lenient",
        }
    }
}

impl Prefer {
    /// What the caller of a request prefers.
    pub fn of(request: &Request) -> Self {
        Self::read(&request.headers().get("prefer").ok().flatten().unwrap_or_default())
    }

    /// Reads the header. Of a preference that is there twice, the first counts.
    pub fn read(header: &str) -> Self {
        let mut prefer = Self::default();
        let (mut handled, mut returned) = (false, false);
        for preference in header.split(',') {
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "handling" if !std::mem::replace(&mut handled, true) => {
                    prefer.handling = match value.to_ascii_lowercase().as_str() {
                        "strict" => Some(Handling::Strict),
                        "lenient" => Some(Handling::Lenient),
                        _ => None,
                    };
                }
                "return" if !std::mem::replace(&mut returned, true) => {
                    prefer.representation = value.eq_ignore_ascii_case("representation");
                }
                _ => {}
            }
        }
        prefer
    }

    /// Whether rows with errors are left out; strict is what happens without a word.
    pub fn is_lenient(&self) -> bool {
        self.handling == Some(Handling::Lenient)
    }

    /// Of it, what concerns the handling alone.
    pub fn handled(self) -> Self {
        Self { representation: false, ..self }
    }

    /// `Preference-Applied` for an answer that followed all of it.
    pub fn applied(&self) -> Option<(&'static str, String)> {
        let handling = self.handling.map(|handling| format!("handling={}", handling.as_str()));
        let representation = self.representation.then(|| "return=representation".to_owned());
        let words: Vec<String> = handling.into_iter().chain(representation).collect();
        (!words.is_empty()).then(|| ("preference-applied", words.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_in_any_spelling_and_what_is_unknown_is_ignored() {
        for (header, lenient, representation, applied) in [
            ("", false, false, None),
            ("handling=lenient", true, false, Some("handling=lenient")),
            ("Handling = \"Lenient\" ; x=1, respond-async", true, false, Some("handling=lenient")),
            ("return=representation, handling=strict", false, true, Some("handling=strict, return=representation")),
            ("handling=strict, handling=lenient", false, false, Some("handling=strict")),
            ("handling=loose, handling=lenient, return=minimal", false, false, None),
            ("handling", false, false, None),
        ] {
            let prefer = Prefer::read(header);
            assert_eq!((prefer.is_lenient(), prefer.representation), (lenient, representation), "{header}");
            assert_eq!(prefer.applied().map(|(_, value)| value).as_deref(), applied, "{header}");
        }
    }
}
