//! The registry: one row for each code an issue can carry.
//!
//! Writing a row: the sentence says what is wrong, then what would be right, in at most two short sentences, naming
//! limits through `{params}` and never repeating what a recipient's data says. The help says why it matters and where
//! the rule comes from. A fact that Twilio states may be an error; what we only believe is a warning. Codes are only
//! ever added: a code that changes its meaning is a new code.

use std::fmt;

/// How grave an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The request is not sent.
    Error,
    /// The request is sent; a person should look.
    Warning,
    /// Something harmless was changed on the way.
    Note,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal, $severity:ident, $twilio:expr, $sentence:literal, $help:literal;)*) => {
        /// What an issue is about. Its text form, `area/kebab-name`, is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`: ", $sentence)] $name,)*
        }

        impl Code {
            /// Every code, in the registry's order.
            pub const ALL: &'static [Code] = &[$(Self::$name,)*];

            /// The stable text form.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// How grave it is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// The number of Twilio's error dictionary that fits, where one is documented.
            pub const fn twilio(self) -> Option<u32> {
                match self { $(Self::$name => $twilio,)* }
            }

            /// What is wrong and what would be right, with `{param}` where a param belongs.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }

            /// Why it matters and where the rule comes from.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }
        }
    };
}

codes! {
    EmptyBody = "request/empty-body", Error, Some(70002),
        "The body is empty; expected a JSON object with to, from and content.",
        "A send is described by its body: who gets it, from whom, and what it says.";
    NotJson = "request/not-json", Error, Some(70002),
        "This is not JSON: expected {expected}.",
        "The offset is the first byte that cannot belong to a JSON text (RFC 8259).";
    Truncated = "request/truncated", Error, Some(70002),
        "The JSON ends too early: expected {expected}.",
        "Often an upload that was cut off, or a file that was not written to its end.";
    NotUtf8 = "request/not-utf8", Error, Some(70002),
        "This text is not UTF-8; save or encode the request as UTF-8.",
        "JSON that is exchanged between systems is UTF-8 (RFC 8259, section 8.1).";
    TooDeep = "request/too-deep", Error, Some(70002),
        "Arrays and objects are nested deeper than {limit}.",
        "No field of the API is nested anywhere near that deep.";
    TooLarge = "request/too-large", Error, Some(20413),
        "The body has more than {limit} bytes.",
        "The Communications API takes 10 MB a request; a campaign may be larger, as it is split.";
    OutOfMemory = "request/out-of-memory", Error, None,
        "There is not enough memory to read this; send it in smaller parts.",
        "A field or a recipient of several megabytes is held whole while it is read.";
    WrongType = "request/wrong-type", Error, Some(70002),
        "Expected {expected}, found {found}.",
        "The types of the fields are those of the API's reference.";
    MissingField = "request/missing-field", Error, None,
        "The field {field} is missing.",
        "The API's reference names it as required.";
    RepeatedField = "request/repeated-field", Error, None,
        "This field stands here a second time; keep one of the two.",
        "JSON readers disagree on which of two equal names counts, so two systems could see two different requests.";
    UnknownField = "request/unknown-field", Warning, None,
        "The API's reference knows no field of this name here; it is passed on as it came.",
        "What the API does with it is not documented.";
    MisspelledField = "request/misspelled-field", Warning, None,
        "The API's reference knows no field of this name here; perhaps {nearest} is meant. It is passed on as it came.",
        "A misspelled name leaves its value without effect.";
    NullField = "request/null-field", Warning, None,
        "The value is null, which counts as left out; leave the field out.",
        "The API's reference does not say what null means.";
    NotJudged = "request/not-judged", Warning, None,
        "This field is known but not judged; it is passed on as it came.",
        "Mistakes in it show up only when the API has processed the send.";
    ByteOrderMark = "request/byte-order-mark", Note, None,
        "A byte order mark in front of the JSON was removed.",
        "Some editors put it there; JSON has none (RFC 8259, section 8.1).";
    WordCase = "request/word-case", Note, None,
        "The word was written in capitals: {expected}.",
        "The API's words are upper-case.";
    NotOneOf = "request/not-one-of", Error, None,
        "Not a word the API knows here; expected one of {expected}.",
        "The words are those of the API's reference.";
    NoRecipient = "recipient/none", Error, None,
        "There is no recipient; expected at least one in to.",
        "A send to nobody is a mistake that the API reports only later.";
    TooManyRecipients = "recipient/too-many", Error, None,
        "There are {count} recipients; at most {limit} are possible.",
        "The Communications API takes 10,000 a request and campaigns of up to 1,000,000.";
    RecipientTooLarge = "recipient/too-large", Error, Some(20413),
        "This recipient and the rest of the request do not fit into one upstream request of {limit} bytes.",
        "A request is split between recipients, never inside one.";
    NotE164 = "address/not-e164", Error, Some(21211),
        "Not a phone number in E.164 form; expected + and up to 15 digits, country code first.",
        "The API takes it and reports the failure later, when the message was already counted.";
    PrefixRemoved = "address/prefix-removed", Note, None,
        "The prefix {prefix} was removed; the channel says it already.",
        "The older Messages API wants the prefix, the Communications API does not.";
    EmptyVariableName = "variables/empty-name", Warning, None,
        "A variable has an empty name; no template can use it.",
        "Client programs refuse it; Twilio does not say.";
    EmptyVariable = "variables/empty-value", Warning, None,
        "The variable is empty; leave it out and give the template a default.",
        "WhatsApp refuses empty template variables (63013); elsewhere the text has a gap.";
    EmptySender = "sender/empty", Error, None,
        "The sender's address is empty; expected a number or a sender's name.",
        "Leave the whole field from out to let the service choose.";
    EmptyContent = "content/empty", Error, Some(21619),
        "The message says nothing; expected a text or media.",
        "See https://www.twilio.com/docs/api/errors/21619.";
    TextTooLong = "content/text-too-long", Error, Some(21617),
        "The text has {length} characters; this channel takes {limit}.",
        "See https://www.twilio.com/docs/api/errors/21658. A text with variables is measured for each recipient.";
    TextLongForRcs = "content/text-long-for-rcs", Warning, None,
        "The text has {length} characters; RCS takes {limit}.",
        "The limit is that of the shared RCS back end; Twilio states none.";
    TooManyMedia = "content/too-many-media", Warning, None,
        "There are {count} media; client programs of the API send at most {limit}.",
        "Twilio states no number for this API.";
    MediaNotUrl = "media/not-a-url", Warning, None,
        "Not a web address; expected one that begins with https://.",
        "Media must be publicly reachable; Twilio fetches it: https://www.twilio.com/docs/messaging/guides/accepted-mime-types.";
    TooManyTags = "tags/too-many", Error, None,
        "There are {count} tags; at most {limit} are possible.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagKeyTooLong = "tags/key-too-long", Error, None,
        "The tag's key has {length} characters; at most {limit} are possible.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagKeyCharacters = "tags/key-characters", Error, None,
        "The tag's key is empty or has a character outside a-z, A-Z, 0-9 and . _ ~ -.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagValueTooLong = "tags/value-too-long", Error, None,
        "The tag's value has {length} characters; at most {limit} are possible.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagValueCharacters = "tags/value-characters", Error, None,
        "The tag's value is empty or has a character outside a-z, A-Z, 0-9 and . _ ~ -.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagLiquid = "tags/liquid", Warning, None,
        "The tag's value holds Liquid; the API may refuse its braces.",
        "Twilio offers Liquid in tags and at the same time bars the characters it is written in.";
    LoneSurrogate = "text/lone-surrogate", Warning, None,
        "The text holds half of a surrogate pair; readers see a replacement character there.",
        "Often an emoji that was cut in two, for example by a limit on the number of characters.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
