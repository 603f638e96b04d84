//! The registry: one row for each code an issue can carry.
//!
//! Writing a row: the sentence says what is wrong, then what would be right, in at most two short sentences, naming
//! limits through `{params}` and never repeating what a recipient's data says. The source is the page the rule was read
//! from; the help says why it matters. A fact that Twilio states may be an error; what we only believe is a warning.
//! Codes are only ever added: a code that changes its meaning is a new code.

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
    ($($name:ident = $code:literal, $severity:ident, $twilio:expr, $source:literal, $sentence:literal, $help:literal;)*) => {
        /// What an issue is about. Its text form, `area/kebab-name`, is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!("`", $code, "`: ", $sentence)] $name,)*
        }

        impl Code {
            /// Every code, in the registry's order.
            pub const ALL: &'static [Code] = &[$(Self::$name,)*];

            /// The text forms, a line each.
            const NAMES: &'static str = concat!($($code, "\n"),*);

            /// Where the lines end. Texts of their own would take eight bytes each, and only some of them compress.
            const ENDS: [u16; Self::ALL.len()] = {
                let (mut ends, mut line, mut at) = ([0; Self::ALL.len()], 0, 0);
                while at < Self::NAMES.len() {
                    if Self::NAMES.as_bytes()[at] == b'\n' {
                        ends[line] = at as u16;
                        line += 1;
                    }
                    at += 1;
                }
                ends
            };

            /// The stable text form.
            pub fn as_str(self) -> &'static str {
                static ENDS: [u16; Code::ALL.len()] = Code::ENDS;
                let place = self as usize;
                let begin = place.checked_sub(1).and_then(|before| ENDS.get(before)).map_or(0, |end| end + 1);
                let end = ENDS.get(place).copied().unwrap_or_default();
                Self::NAMES.get(begin.into()..end.into()).unwrap_or_default()
            }

            /// How grave it is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// The number of Twilio's error dictionary that fits, where one is documented.
            pub const fn twilio(self) -> Option<u32> {
                match self { $(Self::$name => $twilio,)* }
            }

            /// The page the rule was read from, or that describes what it is about; `ours` where it is our own.
            pub const fn source(self) -> &'static str {
                match self { $(Self::$name => $source,)* }
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
    EmptyBody = "request/empty-body", Error, Some(70002), "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "The body is empty; expected a JSON object with to, from and content.",
        "A send is described by its body: who gets it, from whom, and what it says.";
    NotJson = "request/not-json", Error, Some(70002), "https://www.rfc-editor.org/rfc/rfc8259",
        "This is not JSON: expected {expected}.",
        "The offset is the first byte that cannot belong to a JSON text (RFC 8259).";
    Truncated = "request/truncated", Error, Some(70002), "https://www.rfc-editor.org/rfc/rfc8259",
        "The JSON ends too early: expected {expected}.",
        "Often an upload that was cut off, or a file that was not fully written.";
    NotUtf8 = "request/not-utf8", Error, Some(70002), "https://www.rfc-editor.org/rfc/rfc8259#section-8.1",
        "This text is not UTF-8; save or encode the request as UTF-8.",
        "JSON that is exchanged between systems is UTF-8 (RFC 8259, section 8.1).";
    TooDeep = "request/too-deep", Error, Some(70002), "ours",
        "Arrays and objects are nested too deeply; at most {limit} levels are allowed.",
        "No field of the API is nested anywhere near that deep.";
    TooLarge = "request/too-large", Error, Some(20413), "https://www.twilio.com/docs/bulk-messaging/overview",
        "The body is too large; at most {limit} bytes are allowed.",
        "The Communications API takes 10 MB in a request; a campaign may be larger, as it is split.";
    OutOfMemory = "request/out-of-memory", Error, None, "ours",
        "There is not enough memory to read this; send it in smaller parts.",
        "A field or a recipient of several megabytes is held whole while it is read.";
    WrongType = "request/wrong-type", Error, Some(70002), "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "Expected {expected}, found {found}.",
        "The types of the fields are those of the API's reference.";
    MissingField = "request/missing-field", Error, None, "https://www.twilio.com/docs/comms/getting-started",
        "The field {field} is missing.",
        "The API's reference names it as required.";
    RepeatedField = "request/repeated-field", Error, None, "https://www.rfc-editor.org/rfc/rfc8259",
        "This field appears more than once; keep only one.",
        "JSON readers disagree on which of two equal names counts, so two systems could see two different requests.";
    UnknownField = "request/unknown-field", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "The API's reference has no field of this name here; it is passed on unchanged.",
        "What the API does with it is not documented.";
    MisspelledField = "request/misspelled-field", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "The API's reference has no field of this name here; did you mean {nearest}? It is passed on unchanged.",
        "A misspelled name leaves its value without effect.";
    NullField = "request/null-field", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "The value is null, which counts as missing; give the field a value, or leave it out.",
        "The API's reference does not say what null means.";
    ExpectedField = "request/expected-field", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "The field {field} is missing or empty; API clients send it here.",
        "No page of Twilio's shows this part whole, so it is passed on unchanged.";
    UnusualType = "request/unusual-type", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "API clients send {expected} here; found {found}.",
        "No page of Twilio's shows this part whole, so it is passed on unchanged.";
    UnusualWord = "request/unusual-word", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "API clients send one of {expected} here.",
        "No page of Twilio's shows this part whole, so it is passed on unchanged.";
    IdOfAnotherKind = "id/of-another-kind", Error, None, "https://www.twilio.com/docs/bulk-messaging/api/message-resource",
        "Not an id of this kind; expected {expected}.",
        "The kinds of ids and their characters are stated in the API's reference.";
    UnusualId = "id/unusual", Warning, None, "https://www.twilio.com/docs/content/content-api-resources",
        "An unusual id of this kind; expected {expected}.",
        "Twilio states no pattern for this kind of id, or a narrower one on another page.";
    NotJudged = "request/not-judged", Warning, None, "https://www.twilio.com/docs/comms/channel-fallback",
        "What belongs in this field is not documented, so it is passed on unchanged; check it with care.",
        "Mistakes in it show up only when the API has processed the send.";
    ByteOrderMark = "request/byte-order-mark", Note, None, "https://www.rfc-editor.org/rfc/rfc8259#section-8.1",
        "A byte order mark before the JSON was removed.",
        "Some editors put it there; JSON has none (RFC 8259, section 8.1).";
    WordCase = "request/word-case", Note, None, "https://www.twilio.com/docs/bulk-messaging/api/message-resource",
        "The value was changed to capitals: {expected}.",
        "The API writes these values in capitals.";
    NotOneOf = "request/not-one-of", Error, None, "https://www.twilio.com/docs/comms/getting-started",
        "Not a value that the API knows here; expected one of {expected}.",
        "The values are those of the API's reference.";
    NoRecipient = "recipient/none", Error, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "There are no recipients; expected at least one.",
        "A send to nobody is a mistake that the API reports only later.";
    TooManyRecipients = "recipient/too-many", Error, None, "https://www.twilio.com/docs/bulk-messaging/overview",
        "There are {count} recipients; at most {limit} are allowed.",
        "The Communications API takes 10,000 in a request; a campaign may have up to 1,000,000.";
    RecipientTooLarge = "recipient/too-large", Error, Some(20413), "https://www.twilio.com/docs/bulk-messaging/overview",
        "This part and the rest of the request together exceed the {limit} bytes that one request may have; shorten them.",
        "A request is split between recipients, never inside one.";
    DuplicateRecipient = "recipient/duplicate", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "This recipient is already in row {first} and would get the message twice; remove one of the two.",
        "Rows are counted from 0. Compared in E.164 form and by channel; what the API does with them is not documented. The option duplicates leaves them out or refuses them.";
    DuplicateDropped = "recipient/duplicate-dropped", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "This recipient is already in row {first} and was left out, as the option duplicates asks.",
        "A row is left out only when earlier rows name all of its addresses. The first row counts, with its variables.";
    DuplicateRefused = "recipient/duplicate-refused", Error, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "This recipient is already in row {first}, and the option duplicates refuses repeats; remove one of the two.",
        "Rows are counted from 0. Compared in E.164 form and by channel.";
    NotCompared = "recipient/not-compared", Warning, None, "ours",
        "There are more than {limit} addresses; the rest were not checked for duplicates.",
        "Memory for the comparison is bounded.";
    AmbiguousRecipient = "recipient/ambiguous", Error, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "This recipient is identified in several ways; expected one of address, addresses, profileId with memoryStoreId, or cohortId.",
        "The reference takes one of them, and does not say who would get the message.";
    UnknownRecipient = "recipient/unknown-kind", Warning, None, "https://www.twilio.com/docs/bulk-messaging/send-to-a-cohort",
        "This recipient is identified in a way that is not documented, so it is passed on unchanged; documented are address, addresses, profileId with memoryStoreId, and cohortId.",
        "The name of the field for a cohort's snapshot is not documented.";
    NoAddresses = "recipient/no-addresses", Error, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "This recipient has no address; expected at least one in addresses.",
        "A recipient without an address cannot be reached.";
    TooManyAddresses = "recipient/too-many-addresses", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "This recipient has {count} addresses; API clients send at most {limit}.",
        "Twilio states no number.";
    ProfileWithoutStore = "recipient/profile-without-store", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "One of profileId and memoryStoreId is missing; a stored profile is identified by both.",
        "API clients always send both.";
    AgainstSender = "recipient/against-sender", Error, None, "https://www.twilio.com/docs/bulk-messaging/api/operation-resource",
        "The sender cannot reach this recipient over the recipient's channel; expected {expected}, or another sender.",
        "The API takes it, counts the recipient as unaddressable and makes no attempt: https://www.twilio.com/docs/bulk-messaging/api/operation-resource.";
    NotE164 = "address/not-e164", Error, Some(21211), "https://github.com/google/libphonenumber",
        "Not a phone number; expected E.164 form: + and up to 15 digits, country code first.",
        "The API takes it and reports the failure later, when the message was already counted.";
    NeedsRegion = "address/needs-region", Error, Some(21211), "https://github.com/google/libphonenumber",
        "The number has no country code; expected + and the country code first, or the option defaultRegion.",
        "A national number is a different person in each country.";
    NoCallingCode = "address/no-calling-code", Error, Some(21211), "https://www.twilio.com/docs/glossary/what-e164",
        "The number does not begin with any country's code; expected + and the country code first.",
        "Country codes are assigned by the ITU (E.164).";
    NumberTooShort = "address/too-short", Error, Some(21211), "https://github.com/google/libphonenumber",
        "The number is too short: numbers in its country have at least {limit} digits, country code included.",
        "By the numbering plans that libphonenumber keeps: https://github.com/google/libphonenumber.";
    NumberTooLong = "address/too-long", Error, Some(21211), "https://github.com/google/libphonenumber",
        "The number is too long: numbers in its country have at most {limit} digits, country code included.",
        "By the numbering plans that libphonenumber keeps: https://github.com/google/libphonenumber.";
    ImpossibleNumber = "address/impossible", Error, Some(21211), "https://github.com/google/libphonenumber",
        "No number in its country has this many digits; check for a missing or extra digit.",
        "By the numbering plans that libphonenumber keeps: https://github.com/google/libphonenumber.";
    Extension = "address/extension", Error, Some(21211), "https://github.com/google/libphonenumber",
        "The number has an extension; expected the number alone.",
        "Messages go to numbers; without its extension this one could be another person's.";
    AddressNormalized = "address/normalized", Note, None, "https://github.com/google/libphonenumber",
        "The number was rewritten in E.164 form.",
        "See https://www.twilio.com/docs/glossary/what-e164.";
    UnassignedNumber = "address/unassigned", Warning, None, "https://github.com/google/libphonenumber",
        "The number is in a range that is not known to be assigned; check for a mistyped digit.",
        "New ranges become known late, so it is sent; more often it is a typing mistake.";
    Landline = "address/landline", Warning, Some(21614), "https://www.twilio.com/docs/api/errors/21614",
        "The number is a landline, which seldom receives texts; expected a mobile number.",
        "See https://www.twilio.com/docs/api/errors/21614.";
    PremiumNumber = "address/premium", Warning, Some(21614), "https://github.com/google/libphonenumber",
        "The number is a premium-rate number, which seldom receives texts; expected a mobile number.",
        "See https://www.twilio.com/docs/api/errors/21614.";
    UnlikelyNumber = "address/unlikely", Warning, Some(21614), "https://github.com/google/libphonenumber",
        "The number belongs to a service, which seldom receives texts; expected a person's number.",
        "Toll-free, company, voicemail and pager numbers, by the numbering plans that libphonenumber keeps.";
    PrefixRemoved = "address/prefix-removed", Note, None, "https://www.twilio.com/docs/bulk-messaging/api/message-resource",
        "The prefix {prefix} was removed; in this API the channel has a field of its own.",
        "The older Messages API needs the prefix, the Communications API does not.";
    PrefixAgainstChannel = "address/prefix-against-channel", Warning, None, "https://www.twilio.com/docs/bulk-messaging/api/message-resource",
        "The prefix {prefix} was removed, but the channel is a different one; correct the channel if the prefix is right.",
        "The channel decides which way the message goes.";
    EmptyVariableName = "variables/empty-name", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "A variable has an empty name, so no text can use it; give it a name, or remove it.",
        "API clients refuse it; Twilio does not say.";
    EmptyVariable = "variables/empty-value", Warning, None, "https://www.twilio.com/docs/api/errors/63013",
        "The variable is empty; give it a value, or leave it out where the text has a default.",
        "WhatsApp refuses empty template variables (63013); elsewhere the text has a gap.";
    LongTemplateValue = "variables/too-long", Error, Some(21658), "https://www.twilio.com/docs/api/errors/21658",
        "A variable has more than the {limit} characters that a content template allows; shorten it.",
        "See https://www.twilio.com/docs/api/errors/21658.";
    UnusedVariables = "variables/unused", Warning, None, "https://www.twilio.com/docs/comms/personalization",
        "This recipient has variables that no text uses (recipients with such variables: {count}); compare the names with those in the text.",
        "Often the name is spelled differently in the text, or its braces are missing there.";
    ReferenceWithoutProfile = "variables/reference-without-profile", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "The variable refers to a value of a stored profile, but this recipient is an address; expected the value itself.",
        "Twilio resolves such references for profiles and groups; anybody else would read the reference itself.";
    EmptyOnWhatsApp = "variables/empty-on-whatsapp", Error, Some(63013), "https://www.twilio.com/docs/api/errors/63013",
        "The variable is empty, which WhatsApp refuses in a template; give it a value.",
        "See https://www.twilio.com/docs/api/errors/63013.";
    LineBreakOnWhatsApp = "variables/line-break", Error, Some(63013), "https://www.twilio.com/docs/api/errors/63013",
        "The variable contains a line break or a tab, which WhatsApp refuses in a template; use a space instead.",
        "See https://www.twilio.com/docs/api/errors/63013 and https://www.twilio.com/docs/api/errors/21656.";
    SpacesOnWhatsApp = "variables/spaces", Error, Some(63013), "https://www.twilio.com/docs/api/errors/63013",
        "The variable contains {count} spaces in a row; WhatsApp allows at most {limit} in a template.",
        "See https://www.twilio.com/docs/api/errors/63013 and https://www.twilio.com/docs/api/errors/21656.";
    LongOnWhatsApp = "variables/long-on-whatsapp", Error, Some(63021), "https://www.twilio.com/docs/api/errors/63021",
        "The variable has {length} characters; a WhatsApp template may have {limit} in all.",
        "See https://www.twilio.com/docs/api/errors/63021.";
    LongTogetherOnWhatsApp = "variables/long-together", Warning, Some(63021), "https://www.twilio.com/docs/api/errors/63021",
        "The variables have {length} characters together; a WhatsApp template may have {limit}, its own text included.",
        "See https://www.twilio.com/docs/api/errors/63021. A value that the template does not use does not count.";
    EmptySender = "sender/empty", Error, None, "https://www.twilio.com/docs/bulk-messaging/api/message-resource",
        "The sender's address is empty; expected a number or a sender's name.",
        "To let the service choose, leave out the whole field from.";
    AmbiguousSender = "sender/ambiguous", Error, None, "https://www.twilio.com/docs/bulk-messaging/api/message-resource",
        "The sender is given in several ways; expected one of address with channel, senderId, or senderPoolId.",
        "The reference takes one of them, and does not say which would be used.";
    UnusualSender = "sender/unusual", Warning, None, "https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id",
        "An unusual sender; expected a number in E.164 form, a short code of 3 to 8 digits, or a name of up to 11 letters and digits.",
        "See https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id.";
    ChannelsWithoutPool = "sender/channels-without-pool", Warning, None, "https://www.twilio.com/docs/bulk-messaging/sender-pools",
        "Only a sender pool has channels to choose from; leave them out, or use a pool instead of this sender.",
        "See https://www.twilio.com/docs/bulk-messaging/sender-pools.";
    RepeatedChannel = "sender/repeated-channel", Warning, None, "https://www.twilio.com/docs/comms/rich-content",
        "This channel is already in the list; name each once.",
        "API clients send each channel once.";
    NoMessageChannel = "sender/no-message-channel", Warning, None, "https://www.twilio.com/docs/bulk-messaging/api/message-resource",
        "None of these channels carries messages; expected one of SMS, RCS, WHATSAPP.",
        "A pool may have senders for other kinds of messages as well.";
    PriorityNumber = "sender/priority-number", Error, None, "https://www.twilio.com/docs/comms/rich-content",
        "This is not a priority; expected a whole number, 0 or more. Lower numbers are tried first.",
        "See https://www.twilio.com/docs/comms/rich-content.";
    AmbiguousContent = "content/ambiguous", Error, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "The message is given in several ways; expected one of text with media, contentId, or modules.",
        "The reference takes one of them, and does not say which would be sent.";
    EmptyBeside = "content/empty-beside", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "Beside what the message says, another way to give it stands here empty; leave that out.",
        "It is plain what is meant, but no page says that the API takes it.";
    OpenSessionOnly = "content/open-session-only", Warning, Some(63016), "https://www.twilio.com/docs/bulk-messaging/api/message-resource",
        "WhatsApp takes anything but a template only within 24 hours of the person's last message; at other times, expected a template.",
        "See https://www.twilio.com/docs/api/errors/63016.";
    TooManyModules = "content/too-many-modules", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "There are {count} modules; API clients send at most {limit}.",
        "Twilio states no number.";
    ModuleChannels = "content/module-channels", Warning, None, "https://www.twilio.com/docs/comms/channel-fallback",
        "A module is for one channel; expected one of sms, rcs, whatsapp.",
        "See https://www.twilio.com/docs/comms/channel-fallback.";
    NoModule = "content/no-module", Warning, None, "https://www.twilio.com/docs/comms/channel-fallback",
        "There is no module for the channel that this message takes; expected one for {expected}.",
        "The sender and the recipient's address decide which channels a message can take; each needs its own module.";
    RepeatedModule = "content/repeated-module", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "There is already a module for this channel; keep one of them.",
        "API clients send one for each channel.";
    EmptyModule = "content/empty-module", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "This part has no content, or several kinds at once; expected one of {expected}.",
        "A channel shows text, media or a card.";
    RcsWithoutFallback = "content/rcs-without-fallback", Warning, Some(63106), "https://www.twilio.com/docs/comms/channel-fallback",
        "Phones without RCS get nothing; expected a sender that can send SMS as well, and a module for it where there are modules.",
        "See https://www.twilio.com/docs/comms/channel-fallback.";
    LongForRcs = "content/long-for-rcs", Warning, None, "https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs.html",
        "There are {length} characters; RCS allows at most {limit} here.",
        "The limit is that of the shared RCS back end; a title beyond its own limit is moved into the description by Twilio.";
    CarouselCards = "content/carousel-cards", Warning, None, "https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs.html",
        "A carousel has {fewest} to {most} cards, this one {count}.",
        "The limit is that of the shared RCS back end; Twilio states none.";
    TooManySuggestions = "content/too-many-suggestions", Warning, None, "https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs.html",
        "There are {count} suggestions; at most {limit} are shown here.",
        "The limit is that of the shared RCS back end; Twilio states none.";
    SuggestionKind = "content/suggestion-kind", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "A suggestion is of one kind only; expected one of {expected}.",
        "The shape is that of the RCS back end.";
    ActionKind = "content/action-kind", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "An action does one thing only; expected one of {expected}.",
        "The shape is that of the RCS back end.";
    DialNotE164 = "content/dial-not-e164", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "Not a phone number, so tapping this calls nobody; expected E.164 form: + and up to 15 digits, country code first.",
        "The shape is that of the RCS back end.";
    NoPlace = "content/no-place", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "Not a coordinate; expected a number from -{limit} to {limit}.",
        "Latitudes run from -90 to 90, longitudes from -180 to 180.";
    EmptyContent = "content/empty", Error, Some(21619), "https://www.twilio.com/docs/api/errors/21619",
        "The message is empty; expected text, media, a template or modules.",
        "See https://www.twilio.com/docs/api/errors/21619.";
    TextTooLong = "content/text-too-long", Error, Some(21658), "https://www.twilio.com/docs/api/errors/21658",
        "The text has {length} characters; the channel allows at most {limit}.",
        "See https://www.twilio.com/docs/api/errors/21658. A text with variables is measured for each recipient.";
    TextLongForRcs = "content/text-long-for-rcs", Warning, None, "https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs.html",
        "The text has {length} characters; RCS allows at most {limit}.",
        "The limit is that of the shared RCS back end; Twilio states none.";
    TextLongForSms = "content/text-long-for-sms", Warning, Some(21658), "https://www.twilio.com/docs/api/errors/21658",
        "The text has {length} characters; SMS and WhatsApp allow at most {limit}.",
        "See https://www.twilio.com/docs/api/errors/21658. RCS allows longer ones, but not every phone has it.";
    EmptyText = "content/empty-text", Error, Some(21619), "https://www.twilio.com/docs/api/errors/21619",
        "The text is empty for this recipient; give its variables values or a default.",
        "See https://www.twilio.com/docs/api/errors/21619.";
    TooManyMedia = "content/too-many-media", Warning, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "There are {count} media files; API clients send at most {limit}.",
        "Twilio states no number for this API.";
    MediaNotUrl = "media/not-a-url", Warning, None, "https://www.twilio.com/docs/messaging/guides/accepted-mime-types",
        "Not a web address; expected https:// and a host, without spaces.",
        "Media must be publicly reachable; Twilio fetches it: https://www.twilio.com/docs/messaging/guides/accepted-mime-types.";
    MediaNameLong = "media/long-name", Warning, None, "https://www.twilio.com/docs/messaging/guides/accepted-mime-types",
        "The file name has {length} characters; Twilio recommends at most {limit}.",
        "See https://www.twilio.com/docs/messaging/guides/accepted-mime-types.";
    MediaNameSpaces = "media/name-with-spaces", Warning, None, "https://www.twilio.com/docs/messaging/guides/accepted-mime-types",
        "The file name has spaces; Twilio recommends a name without them.",
        "See https://www.twilio.com/docs/messaging/guides/accepted-mime-types.";
    EmptySchedule = "schedule/empty", Warning, None, "https://www.twilio.com/docs/bulk-messaging/scheduling",
        "The schedule has no time; expected sendAt with one instant.",
        "See https://www.twilio.com/docs/bulk-messaging/scheduling.";
    UnknownExpression = "schedule/not-an-instant", Warning, None, "https://www.twilio.com/docs/bulk-messaging/scheduling",
        "Not a time in RFC 3339 form; expected, for example, 2026-12-01T09:00:00Z.",
        "Twilio's examples show only full times; other expressions are passed on unchanged.";
    NoZone = "schedule/no-zone", Warning, None, "https://www.twilio.com/docs/bulk-messaging/scheduling",
        "The time has no zone, so it is read in each recipient's own zone, or as UTC; add Z for UTC.",
        "See https://www.twilio.com/docs/bulk-messaging/scheduling.";
    InThePast = "schedule/in-the-past", Warning, None, "https://www.twilio.com/docs/bulk-messaging/scheduling",
        "The time has passed, so the send goes out at once or not at all; expected a time in the future.",
        "Twilio does not say what becomes of it.";
    FarAhead = "schedule/far-ahead", Warning, None, "https://www.twilio.com/docs/bulk-messaging/scheduling",
        "The time is too far ahead; API clients send at most {limit} days ahead.",
        "Twilio states no limit, but keeps records no longer.";
    NoCommonTime = "schedule/no-common-time", Warning, None, "https://www.twilio.com/docs/bulk-messaging/scheduling",
        "All times of a schedule have to fit, and this one differs from an earlier one; keep one, and make a send for each other.",
        "Twilio sends at the best moment that fits all of them, not at each.";
    TooManyTags = "tags/too-many", Error, None, "https://www.twilio.com/docs/bulk-messaging/tags",
        "There are {count} tags; at most {limit} are allowed.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagKeyTooLong = "tags/key-too-long", Error, None, "https://www.twilio.com/docs/bulk-messaging/tags",
        "The tag's key has {length} characters; at most {limit} are allowed.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagKeyCharacters = "tags/key-characters", Error, None, "https://www.twilio.com/docs/bulk-messaging/tags",
        "The tag's key is empty or has a character that is not allowed; expected only a-z, A-Z, 0-9 and . _ ~ -.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagValueTooLong = "tags/value-too-long", Error, None, "https://www.twilio.com/docs/bulk-messaging/tags",
        "The tag's value has {length} characters; at most {limit} are allowed.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagValueCharacters = "tags/value-characters", Error, None, "https://www.twilio.com/docs/bulk-messaging/tags",
        "The tag's value is empty or has a character that is not allowed; expected only a-z, A-Z, 0-9 and . _ ~ -.",
        "See https://www.twilio.com/docs/bulk-messaging/tags.";
    TagLiquid = "tags/liquid", Warning, None, "https://www.twilio.com/docs/bulk-messaging/tags",
        "The tag's value contains Liquid, whose braces the API may refuse; expected only a-z, A-Z, 0-9 and . _ ~ -.",
        "Twilio offers Liquid in tags, but does not allow the characters that it is written in.";
    TagNotLiquid = "tags/not-liquid", Warning, None, "https://www.twilio.com/docs/bulk-messaging/tags",
        "The tag's value has Liquid's braces, but cannot be read as Liquid; correct it, or remove the braces.",
        "Nobody reads a tag, so the send goes out; what the API makes of it is not documented.";
    ReservedTag = "tags/reserved", Error, None, "ours",
        "The tag's key is reserved, as this gate marks its own batches with it; choose another key.",
        "With this key a message could pass for part of another send.";
    LoneSurrogate = "text/lone-surrogate", Warning, None, "https://www.rfc-editor.org/rfc/rfc8259#section-8.2",
        "The text contains half a character, which is shown as a replacement sign; write it whole, or remove it.",
        "Half of a surrogate pair: often an emoji that was cut in two, for example by a limit on the number of characters.";
    ControlCharacter = "text/control-character", Warning, None, "ours",
        "The text contains a control character, which nobody sees; remove it.",
        "Any but line breaks and tabs: often left over from another encoding.";
    MissingVariable = "template/missing-variable", Error, None, "https://docs.comms.twilio.com/comms-api-reference/messages/send",
        "The text uses {name}, which this recipient lacks; add it, or give it a default in the text.",
        "The reference asks for each variable on every recipient. Only what the recipient would read counts: a branch that is not taken needs nothing.";
    NoDefault = "template/no-default", Warning, None, "https://www.twilio.com/docs/comms/personalization",
        "{name} has no default here; write, for example, {{ {name} | default: 'friend' }}.",
        "Twilio recommends a default for every variable, so that nobody reads a text with a gap.";
    TooManyTemplates = "template/too-many", Error, None, "ours",
        "Too many texts of the message contain Liquid; at most {limit} may.",
        "Each of them is rendered for each recipient.";
    TooManyNames = "template/too-many-names", Error, None, "ours",
        "The texts of the message use too many variables; at most {limit} are allowed.",
        "Each of them is looked for in each recipient.";
    TemplateUnclosedOutput = "template/unclosed-output", Error, None, "https://shopify.dev/docs/api/liquid/basics",
        "This output is not closed; expected two closing braces after it.",
        "Everything after it would be part of the expression.";
    TemplateUnclosedTag = "template/unclosed-tag", Error, None, "https://shopify.dev/docs/api/liquid/basics",
        "This tag is not closed; expected a percent sign and a closing brace after it.",
        "Everything after it would be part of the tag.";
    TemplateUnknownTag = "template/unknown-tag", Error, None, "https://shopify.dev/docs/api/liquid/tags",
        "Liquid has no tag of this name; check its spelling, or remove it.",
        "Tags are those of Shopify's reference that make sense in a message.";
    TemplatePartial = "template/partial", Error, None, "https://shopify.dev/docs/api/liquid/tags/render",
        "A message has no other templates to include; write the text here.",
        "The tags render and include take their text from files of a theme.";
    TemplateUnbalancedBlock = "template/unbalanced-block", Error, None, "https://shopify.dev/docs/api/liquid/basics",
        "The blocks do not match: expected {expected}, found {found}.",
        "Each tag that opens a block needs its own end, and a block inside another ends inside it.";
    TemplateSyntax = "template/syntax", Error, None, "https://shopify.dev/docs/api/liquid/basics",
        "This is not Liquid: expected {expected}.",
        "No reader of Liquid accepts it.";
    TemplateLooseSyntax = "template/loose-syntax", Warning, None, "https://shopify.dev/docs/api/liquid/basics",
        "Only lenient readers of Liquid accept this: expected {expected}.",
        "A lenient reader passes over what it does not understand, so the text may not be what is meant.";
    TemplateUnknownFilter = "template/unknown-filter", Warning, None, "https://shopify.dev/docs/api/liquid/filters",
        "Liquid has no filter of this name; check its spelling, or remove it.",
        "Some readers refuse it, others pass the value on unchanged.";
    TemplateWrongArgumentCount = "template/wrong-argument-count", Warning, None, "https://shopify.dev/docs/api/liquid/filters",
        "The number of arguments is {count}; this filter expects {expected}.",
        "Where it is rendered, an error stands in place of the value, or nothing.";
    TemplateInvalidArgument = "template/invalid-argument", Error, None, "https://shopify.dev/docs/api/liquid/filters",
        "This cannot be computed: expected {expected}.",
        "Where it is rendered, an error stands in place of the value, or nothing.";
    TemplateNotComparable = "template/not-comparable", Error, None, "https://shopify.dev/docs/api/liquid/basics",
        "A number is compared with a text here, and the two have no order; make both numbers with a filter such as plus.",
        "A recipient's values are texts, even when they look like numbers.";
    TemplateNumberTooLarge = "template/number-too-large", Error, None, "ours",
        "A whole number here is too large; expected one of at most 18 digits.",
        "Readers of Liquid differ in what they make of it.";
    TemplateTooLong = "template/too-long", Error, None, "ours",
        "The template has {length} bytes; at most {limit} are allowed.",
        "No message is nearly as long.";
    TemplateTooDeep = "template/too-deep", Error, None, "https://github.com/Shopify/liquid",
        "Blocks or expressions are nested too deeply; at most {limit} levels are allowed.",
        "The reference stops at the same depth.";
    TemplateTooManySteps = "template/too-many-steps", Error, None, "ours",
        "Rendering takes too long; at most {limit} steps are allowed, so have loops run less often.",
        "A loop runs too often; no message should take so long to make.";
    TemplateTooMuchMemory = "template/too-much-memory", Error, None, "ours",
        "Rendering needs too much memory; at most {limit} bytes are allowed, so join less text in loops.",
        "Often a value that grows with each pass through a loop.";
    TemplateOutputTooLong = "template/output-too-long", Error, None, "ours",
        "The text becomes too long; at most {limit} bytes are allowed.",
        "No channel takes a message nearly as long.";
    TemplateRangeTooLong = "template/range-too-long", Error, None, "ours",
        "A range is too long; at most {limit} numbers are allowed.",
        "The reference holds all of them in memory.";
    TemplateVariablesTooLarge = "template/variables-too-large", Error, None, "ours",
        "The variables have {length} bytes; at most {limit} are allowed.",
        "Memory for rendering is bounded.";
    TemplateVariablesTooDeep = "template/variables-too-deep", Error, None, "ours",
        "The variables are nested too deeply; at most {limit} levels are allowed.",
        "Memory for rendering is bounded.";
    TableEmpty = "table/empty", Error, None, "ours",
        "No row of the table has a recipient; expected at least one number.",
        "The table is empty, or has nothing but a header.";
    TableOtherFormat = "table/other-format", Error, None, "ours",
        "This is {found}; expected CSV in UTF-8, one JSON object per line, or one number per line.",
        "Spreadsheets save it as CSV UTF-8.";
    TableNotUtf8 = "table/not-utf8", Error, None, "ours",
        "This text is not UTF-8; save the table as CSV UTF-8.",
        "In another encoding, letters beyond A to Z are different ones, so names would arrive wrong.";
    TableNul = "table/nul", Error, None, "ours",
        "A cell holds a NUL character, which no message can carry; export the table again.",
        "Often a sign that the file is damaged, or is not text.";
    TableUnclosedQuote = "table/unclosed-quote", Error, None, "https://www.rfc-editor.org/rfc/rfc4180#section-2",
        "The quote that opens a cell in line {line} is never closed; close it, or double it where it belongs to the text.",
        "Everything after it would be one cell.";
    TableRowTooLarge = "table/row-too-large", Error, None, "ours",
        "The row that begins in line {line} has more than {limit} bytes; perhaps a quote in it is not closed.",
        "No recipient of that size fits into a request, and the table's format is read from its first 65,536 bytes.";
    TableTooManyColumns = "table/too-many-columns", Error, None, "ours",
        "There are too many columns; at most {limit} are allowed.",
        "Memory for a row is bounded.";
    TableRepeatedColumn = "table/repeated-column", Error, None, "ours",
        "The columns {first} and {column} have the same name; rename one of them.",
        "A name stands for one value; columns are counted from 1.";
    TableUnnamedColumn = "table/unnamed-column", Warning, None, "ours",
        "Column {column} has no name, so its cells are left out; name it if they are needed.",
        "A variable is known by its name; columns are counted from 1.";
    TableNoAddressColumn = "table/no-address-column", Error, None, "ours",
        "No column looks like phone numbers; say which one has them.",
        "The columns' names and first cells are looked at.";
    TableNoSuchColumn = "table/no-such-column", Error, None, "ours",
        "The table has no column of the name given for the {field}; name one that it has.",
        "A column is named as in the header, or by its number.";
    TableExtraCells = "table/extra-cells", Error, None, "https://www.rfc-editor.org/rfc/rfc4180#section-2",
        "This row has {count} cells, the header {limit}; put quotes around a cell that contains the delimiter.",
        "It is unclear which cell belongs to which column.";
    TableMissingCells = "table/missing-cells", Warning, None, "https://www.rfc-editor.org/rfc/rfc4180#section-2",
        "The header has {limit} cells, this row {count}; the missing ones count as empty.",
        "Some programs leave out the empty cells at the end of a row.";
    TableNoAddress = "table/no-address", Error, None, "ours",
        "This row has no address.",
        "Nobody can be reached through it.";
    TableRoundedNumber = "table/rounded-number", Error, None, "ours",
        "A spreadsheet has rounded this number; format the column as text and enter the number again.",
        "Written as a power of ten, a number has only its first digits left.";
    TableNotJson = "table/not-json", Error, None, "ours",
        "This line is not one JSON object: expected {expected}.",
        "In NDJSON each line is an object of its own.";
    TableNestedValue = "table/nested-value", Error, None, "ours",
        "A member is an array or an object; expected text, as in a cell.",
        "Unless an object is a recipient as it stands in a request, its members are an address and variables.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Code {
    /// The code that stands for it where the shape was not read on a page of Twilio's.
    pub(crate) const fn when_guessed(self) -> Self {
        match self {
            Self::MissingField => Self::ExpectedField,
            Self::WrongType => Self::UnusualType,
            Self::NotOneOf => Self::UnusualWord,
            code => code,
        }
    }
}
