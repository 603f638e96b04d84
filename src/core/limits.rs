//! Every number the judgement rests on, each with the page it was read from.

/// Largest body of one request to the Communications API, in bytes.
///
/// The page says "10 MB"; this is its smaller reading.
/// Source: <https://www.twilio.com/docs/bulk-messaging/overview>.
pub const REQUEST_BYTES: u64 = 10_000_000;

/// Most recipients in one request to the Communications API.
///
/// Source: <https://www.twilio.com/docs/bulk-messaging/overview>.
pub const REQUEST_RECIPIENTS: u32 = 10_000;

/// Most recipients of one campaign; it is split into requests.
///
/// Source: <https://www.twilio.com/docs/bulk-messaging/overview>, which names it for stored groups.
pub const CAMPAIGN_RECIPIENTS: u32 = 1_000_000;

/// Largest body of one campaign, in bytes: about 500 for each of its recipients. Our own choice.
pub const CAMPAIGN_BYTES: u64 = 512_000_000;

/// Deepest nesting of arrays and objects that is read. Our own choice; `{"a":{}}` is 2 deep.
pub const MAX_DEPTH: usize = 1_000;

/// Most tags of a send.
///
/// Source: <https://www.twilio.com/docs/bulk-messaging/tags>.
pub const TAGS: usize = 10;

/// Longest key of a tag, in characters. Source: as [`TAGS`].
pub const TAG_KEY: usize = 128;

/// Longest value of a tag, in characters. Source: as [`TAGS`].
pub const TAG_VALUE: usize = 256;

/// Most media of a message. Not stated by Twilio; read out of two client programs, hence a warning.
pub const MEDIA: usize = 10;

/// Longest text over SMS, MMS and WhatsApp, in characters.
///
/// Source: <https://www.twilio.com/docs/api/errors/21658>.
pub const TEXT: usize = 1_600;

/// Septets of a text that is one SMS in the GSM 7-bit alphabet, and of each of several, which carry a header.
///
/// Source: <https://www.twilio.com/docs/glossary/what-sms-character-limit>.
pub const SEGMENT_GSM7: (usize, usize) = (160, 153);

/// UTF-16 code units of a text that is one SMS in UCS-2, and of each of several. Source: as [`SEGMENT_GSM7`].
pub const SEGMENT_UCS2: (usize, usize) = (70, 67);

/// How many segments a content template is taken for over SMS, where its text is not known. Our own choice.
pub const SEGMENTS_ASSUMED: u32 = 2;

/// How many rows an estimate names as those with the most segments. Our own choice.
pub const DEAREST_ROWS: usize = 10;

/// Most rows of which a preview is made at once. Our own choice.
pub const PREVIEWS: usize = 20;

/// How many parts of a text, and characters outside the GSM 7-bit alphabet, are listed. Our own choice: a text of
/// [`TEXT`] characters has at most 49 parts.
pub const SEGMENTS_LISTED: usize = 100;

/// Longest text over RCS, in characters. Not a Twilio page, hence a warning.
///
/// Source: <https://docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-rcs.html>.
pub const TEXT_RCS: usize = 3_072;

/// Most addresses of the person for whom senders are resolved.
///
/// Source: <https://www.twilio.com/docs/bulk-messaging/api/resolve-sender-resource>.
pub const RESOLVED_ADDRESSES: usize = 100;

/// Most senders with which a pool is made.
///
/// Source: <https://www.twilio.com/docs/bulk-messaging/api/sender-pool-resource>.
pub const POOL_SENDERS: usize = 10_000;

/// Most modules of a message, one a channel. Read out of a client program, hence a warning.
pub const MODULES: usize = 4;

/// Most addresses of one connected recipient. Read out of a client program, hence a warning.
pub const ADDRESSES: usize = 10;

/// Most texts with Liquid in one message. Our own choice: a carousel of ten cards has some 200 places for them.
pub const TEMPLATES: usize = 500;

/// Most names of variables in the texts of one message, a name counted in each text. Our own choice.
pub const TEMPLATE_NAMES: usize = 1_000;

/// Most steps of all renderings of one send. Our own choice: 200 for each of a million recipients, where a greeting takes
/// about three.
pub const SEND_STEPS: u64 = 200_000_000;

/// Longest template, in bytes. Our own choice: some 20 times the longest text over any channel.
pub const TEMPLATE_BYTES: usize = 100_000;

/// Deepest nesting of a template's blocks, and of the expressions in them.
///
/// Source: <https://github.com/Shopify/liquid>, whose blocks may be as deep.
pub const TEMPLATE_DEPTH: usize = 100;

/// Most steps of one rendering. Our own choice: about two milliseconds.
pub const TEMPLATE_STEPS: u32 = 200_000;

/// Longest output of one rendering, in bytes. Our own choice.
pub const TEMPLATE_OUTPUT: u32 = 1_000_000;

/// Most bytes that one rendering makes on the way, together. Our own choice.
pub const TEMPLATE_MEMORY: u32 = 4_000_000;

/// Most numbers of a range that is gone through. Our own choice.
pub const TEMPLATE_RANGE: u64 = 100_000;

/// Largest variables that a template is rendered with by itself, in bytes of JSON. Our own choice.
pub const TEMPLATE_VARIABLES: usize = 1_000_000;

/// Deepest nesting of variables that a template is rendered with by itself. Our own choice.
pub const TEMPLATE_VARIABLES_DEPTH: usize = 100;

/// How many findings are listed for a template, and for a rendering. Our own choice.
pub const TEMPLATE_LISTED: usize = 100;

/// Longest value of a variable of a content template, in characters.
///
/// Source: <https://www.twilio.com/docs/api/errors/21658>.
pub const TEMPLATE_VALUE: usize = 1_600;

/// Longest WhatsApp template with its values, in characters.
///
/// Source: <https://www.twilio.com/docs/api/errors/63021>.
pub const WHATSAPP_TEMPLATE: usize = 1_024;

/// Most spaces in a row in a value of a WhatsApp template.
///
/// Source: <https://www.twilio.com/docs/api/errors/63013>.
pub const WHATSAPP_SPACES: usize = 4;

/// Longest name of a medium's file, in characters. A piece of advice, hence a warning.
///
/// Source: <https://www.twilio.com/docs/messaging/guides/accepted-mime-types>.
pub const MEDIA_NAME: usize = 20;

/// Longest address of a medium over RCS, in characters. Source: as [`TEXT_RCS`].
pub const MEDIA_URL_RCS: usize = 2_000;

/// Longest title of a card, in characters; a longer one is moved into the description.
///
/// Source: <https://www.twilio.com/en-us/changelog/rcs-title-and-description-in-rich-card>.
pub const CARD_TITLE: usize = 200;

/// Longest description of a card, in characters. Source: as [`TEXT_RCS`].
pub const CARD_DESCRIPTION: usize = 2_000;

/// Fewest and most cards of a carousel. Source: as [`TEXT_RCS`].
pub const CAROUSEL_CARDS: (usize, usize) = (2, 10);

/// Most suggestions of one card. Source: as [`TEXT_RCS`].
pub const CARD_SUGGESTIONS: usize = 4;

/// Most suggestions of an RCS message. Source: as [`TEXT_RCS`].
pub const SUGGESTIONS: usize = 11;

/// Longest text of a suggestion, in characters. Source: as [`TEXT_RCS`].
pub const CHIP_TEXT: usize = 25;

/// Longest data that a suggestion posts back, in characters. Source: as [`TEXT_RCS`].
pub const POSTBACK: usize = 2_048;

/// How many days ahead a send may be scheduled. Read out of a client program, hence a warning; records live as long.
pub const SCHEDULE_DAYS: u64 = 7;

/// Fewest and most digits of a short code.
///
/// Source: <https://www.twilio.com/docs/glossary/what-is-a-short-code>; other countries have shorter and longer ones.
pub const SHORT_CODE_DIGITS: (usize, usize) = (3, 8);

/// Longest alphanumeric sender, in characters.
///
/// Source: <https://www.twilio.com/docs/glossary/what-alphanumeric-sender-id>.
pub const ALPHANUMERIC: usize = 11;

/// Most addresses and ids among which duplicates are looked for. Our own choice: 15 MB.
pub const IDENTITIES: usize = 1_250_000;

/// Most prices in a table of them. Our own choice: some 240 regions over four channels, and as many again.
pub const PRICES: usize = 2_000;

/// Most errors of refused rows that are listed. Ours.
pub const REFUSALS: usize = 100_000;

/// How many rows are named for a rule that needs the whole request; the rest is only counted. Our own choice.
pub const ROWS_NAMED: usize = 20;

/// Most columns of a table. Our own choice; a spreadsheet has up to 16,384, most of them empty.
pub const COLUMNS: usize = 1_000;

/// By how many of its first bytes a table's form is told. Our own choice.
pub const TABLE_SAMPLE: usize = 65_536;

/// Digits of an E.164 number after its `+`: fewest and most.
///
/// Source: ITU-T E.164, <https://www.twilio.com/docs/glossary/what-e164>.
pub const E164_DIGITS: (usize, usize) = (2, 15);

/// How many errors, warnings and notes a verdict lists; the rest is only counted. Our own choice.
pub const LISTED: [usize; 3] = [1_000, 500, 100];

/// Longest member name that a pointer spells out, in bytes; after it the pointer ends at the parent.
pub const POINTER_NAME: usize = 256;

/// What one upstream request may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// Most recipients.
    pub rows: u32,
    /// Most bytes of the body.
    pub bytes: u64,
}

/// What a request may hold, and into what it is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most recipients in `to`.
    pub recipients: u32,
    /// Most bytes of the body as it was sent.
    pub bytes: u64,
    /// What one batch may hold.
    pub batch: BatchLimits,
}

impl Limits {
    /// The real API's own limits for one request.
    pub const fn request() -> Self {
        Self { recipients: REQUEST_RECIPIENTS, bytes: REQUEST_BYTES, ..Self::campaign() }
    }

    /// A send of up to a million recipients, split into requests. The default at every door.
    pub const fn campaign() -> Self {
        Self {
            recipients: CAMPAIGN_RECIPIENTS,
            bytes: CAMPAIGN_BYTES,
            batch: BatchLimits { rows: REQUEST_RECIPIENTS, bytes: REQUEST_BYTES },
        }
    }

    /// The limits of that name: `campaign` or `request`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "campaign" => Some(Self::campaign()),
            "request" => Some(Self::request()),
            _ => None,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::campaign()
    }
}
