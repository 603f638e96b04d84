//! Messages: what each recipient gets, whether it is complete, and what it takes.
//!
//! Part of the second pass, when the head is known. Rows are read once more only where something depends on them: a text
//! with Liquid, the values of a WhatsApp template, values too long for any, an estimate, a preview.

pub(crate) mod estimate;
pub(crate) mod preview;
pub(crate) mod value;
mod wordings;

use crate::batch::Envelope;
use crate::channel::{Channels, MessageChannel, PHONE, WHATSAPP};
use crate::field::report::Report;
use crate::finding::code::Code;
use crate::finding::findings::Findings;
use crate::finding::issue::{Issue, param};
use crate::finding::pointer::{Pointer, TO};
use crate::json::Json;
use crate::limits::{SEGMENTS_ASSUMED, TEMPLATE_VALUE};
use crate::message::estimate::{Estimate, SmsText};
use crate::message::preview::{Modules, Preview, Previews, Shown};
use crate::message::value::{judge_whatsapp_value, judge_whatsapp_values};
use crate::message::wordings::Wordings;
use crate::options::Options;
use crate::price::{Cost, Prices};
use crate::range::Range;
use crate::reader::scan::{Reader, Stop};
use crate::recipient::person::{Look, Person};
use crate::recipient::rows::Rows;
use crate::request::{Head, SendMessages};
use crate::segment::{self, SegmentOptions};
use crate::text::{Text, is_fixed};

/// What a caller wants to know of the messages beside what is wrong with them.
#[derive(Default)]
pub(crate) struct Asked {
    /// What all of them take.
    pub estimate: bool,
    /// What some of them look like.
    pub previews: Previews,
    /// The errors of each row, as rows are refused one by one.
    pub refusals: bool,
    /// What each takes of the pace.
    pub units: bool,
    /// Where the values are that are longer than a template's may be, as there are some.
    pub long_values: bool,
}

/// What everybody's message is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// A content template, whose text is not known.
    Template,
    /// A text that is the same for everybody; none where there are media only.
    Fixed(Option<SmsText>),
    /// A text with Liquid: as the row that was judged last gets it, and whether all of it is known.
    Liquid(Option<(SmsText, bool)>),
}

/// Everybody's message, and the sums over those that were judged.
pub(crate) struct Message {
    /// The channels that sender and content leave open.
    open: Channels,
    /// What it says as SMS.
    body: Body,
    /// The channels over which that is read.
    read: Channels,
    segments: SegmentOptions,
    look: Look,
    person: Person,
    report: Report,
    prices: Option<Prices>,
    rate: Option<u64>,
    estimate: Option<Estimate>,
    previews: Previews,
    /// Whether all issues have to be told where they are, as refused rows are listed.
    lists_all: bool,
    /// Whether some values are longer than a template's may be, and this is one.
    long_values: bool,
    /// Whether texts are measured as SMS.
    measures: bool,
    wordings: Wordings,
    /// How many rows have a variable that no text uses, and the first of them; none where that is not known.
    unused: Option<(u64, Place)>,
    tells_unused: bool,
    /// The modules' JSON by their channels, where there are previews.
    modules: Modules,
}

/// Where a row stands.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub index: u64,
    pub offset: u64,
    /// Whether its only channel is WHATSAPP.
    pub whatsapp: bool,
    /// Whether it stands for a stored group, of however many people.
    pub group: bool,
}

impl Message {
    pub(crate) fn new(head: &mut Head, envelope: &Envelope, options: &Options, asked: Asked) -> Self {
        let content = head.value.content.as_ref();
        let module = content.and_then(|content| content.modules.as_ref()).and_then(|modules| modules.sms.as_ref());
        let text = module.map_or(content.and_then(|content| content.text.as_ref()), |module| module.text.as_ref());
        let media = module.map_or(content.map(|content| &content.media), |module| Some(&module.media));
        let body = match text {
            _ if content.is_some_and(|content| content.content_id.is_some()) => Body::Template,
            Some(text) if !is_fixed(text) => Body::Liquid(None),
            text => Body::Fixed(text.map(|text| sms_text(text, options.segments))),
        };
        let media = media.is_some_and(|media| !media.is_empty());
        let knows = head.knows_its_variables();
        let wordings = Wordings::new(std::mem::take(&mut head.wordings), options.now, media);
        // Without a text that is rendered, the first pass has told what there is to tell.
        let tells_unused = knows && !wordings.is_empty();
        let prices = options.prices.clone().filter(|_| asked.estimate);
        let cost = prices.as_ref().map(|_| Cost::default());
        let mut message = Self {
            open: Channels::by_head(head.value.from.as_ref(), head.value.content.as_ref()),
            body,
            read: if module.is_some() { Channels::TEXTS } else { Channels::ALL },
            segments: options.segments,
            look: Look { region: options.default_region, numbers: prices.is_some() },
            person: Person::default(),
            report: Report::default(),
            prices,
            rate: options.rate,
            estimate: asked.estimate.then(|| Estimate { cost, ..Estimate::default() }),
            measures: asked.estimate || asked.units,
            wordings,
            unused: None,
            tells_unused,
            modules: if asked.previews.is_empty() { Modules::default() } else { Modules::of(envelope) },
            previews: asked.previews,
            lists_all: asked.refusals,
            long_values: asked.long_values && body == Body::Template,
        };
        message.modules.note(&mut message.wordings);
        message
    }

    /// Whether something is left to be said of some of the rows.
    pub(crate) fn judges(&self, rows: &Rows) -> bool {
        let values = self.body == Body::Template && (self.is_whatsapp() || !rows.whatsapp.is_empty());
        self.reads_rows() || values
    }

    /// Whether the sender leaves nothing but WhatsApp to everybody.
    fn is_whatsapp(&self) -> bool {
        self.open == Channels::WHATSAPP
    }

    /// Whether every row has to be read once more.
    fn reads_rows(&self) -> bool {
        !self.wordings.is_empty() || self.long_values || self.estimate.is_some() || !self.previews.is_empty()
    }

    /// Judges what a row gets, which `bytes` begin with.
    pub(crate) fn judge(&mut self, place: Place, bytes: &[u8], findings: &Findings) -> Result<(), Stop> {
        self.person.channels = if place.whatsapp { WHATSAPP } else { 0 };
        let values = self.body == Body::Template && (place.whatsapp || self.is_whatsapp());
        if !values && !self.reads_rows() {
            return Ok(());
        }
        let listed = self.lists_all || self.previews.wants(place.index);
        self.report.only_counted = if listed { [false; 3] } else { findings.only_counted(place.offset) };
        let row = &Pointer::Index(&TO, place.index);
        let at = &Pointer::Name(row, "variables");
        let Self { person, look, report, wordings, long_values, .. } = self;
        wordings.variables.clear();
        let (mut characters, mut too_long) = (0, false);
        let mut judge = |name: Text<'_>, value: Option<Text<'_>>| {
            if let Some(value) = value.filter(|_| values || *long_values) {
                let text = value.decode();
                let length = text.chars().count();
                let at = &Pointer::Written(at, name);
                if length > TEMPLATE_VALUE {
                    report.issue(Code::LongTemplateValue, at, value.at, param("limit", TEMPLATE_VALUE));
                }
                if values {
                    characters += length;
                    judge_whatsapp_value(&text, &mut |code, span, params| {
                        too_long |= code == Code::LongOnWhatsApp;
                        report.spanned(code, at, value.at, span, params);
                    });
                }
            }
            wordings.variables.add(&name, value.as_ref());
        };
        person.read(&mut Reader::new(bytes, 2), place.group, look, &mut judge)?;
        if let (Some((code, params)), Some(offset)) = (judge_whatsapp_values(characters), person.variables_at)
            // One that is too long by itself is said of that one.
            && !too_long
        {
            report.issue(code, at, offset, params);
        }
        let mut sms = None;
        let open = self.open.and(Channels::by_recipient(person.channels));
        let (measures, segments) = (self.measures, self.segments);
        wordings.judge(open, person, row, report, &mut |text, known| {
            sms = measures.then(|| (sms_text(text, segments), known));
        });
        if let Body::Liquid(text) = &mut self.body {
            *text = sms;
        }
        if self.tells_unused && self.wordings.variables.unused > 0 {
            self.unused.get_or_insert((0, place)).0 += 1;
        }
        Ok(())
    }

    /// What was found about the row that was judged last, with offsets into the row.
    pub(crate) fn issues(&mut self) -> &mut Vec<Issue> {
        &mut self.report.issues
    }

    /// Takes the row that was judged last, into the sums if it counts. The result is what it takes of the pace.
    pub(crate) fn take(&mut self, place: Place, bytes: &[u8], head: &SendMessages, counts: bool) -> u32 {
        if self.reads_rows() {
            let open = self.open.and(Channels::by_recipient(self.person.channels));
            if counts {
                self.add(place, open);
            }
            if self.previews.wants(place.index) {
                self.preview(place.index, bytes, head, open);
            }
        }
        self.units(self.person.channels)
    }

    /// What a recipient's message takes of the pace, by the bits of the channels of its addresses.
    fn units(&self, channels: u8) -> u32 {
        let open = self.open.and(Channels::by_recipient(channels));
        match self.body {
            _ if !open.has(MessageChannel::Sms) => 1,
            Body::Template => SEGMENTS_ASSUMED,
            Body::Fixed(Some(text)) | Body::Liquid(Some((text, _))) => {
                u32::try_from(text.segments.max).unwrap_or(u32::MAX).max(1)
            }
            Body::Fixed(None) | Body::Liquid(None) => 1,
        }
    }

    /// Adds the row that was read last to the estimate.
    fn add(&mut self, row: Place, open: Channels) {
        let Some(estimate) = &mut self.estimate else { return };
        let (text, segments, known) = match self.body {
            Body::Template => (None, Range { min: 1, max: SEGMENTS_ASSUMED.into() }, false),
            Body::Fixed(text) => (text, text.map_or(Range::exactly(1), |text| text.segments), true),
            Body::Liquid(Some((text, known))) => (Some(text), text.segments, known),
            Body::Liquid(None) => (None, Range::exactly(1), false),
        };
        if row.group {
            estimate.at_least = true;
            return;
        }
        // A text that this person does not read is not the longest, and makes nothing unknown.
        let unread = open.and(self.read).is_none();
        estimate.add(row.index, open, text.filter(|_| !unread), segments, known || unread);
        if let (Some(cost), Some(prices)) = (&mut estimate.cost, &self.prices) {
            add_cost(cost, prices, &self.person, open, segments);
        }
    }

    /// Makes the preview of the row that was read last.
    fn preview(&mut self, row: u64, bytes: &[u8], head: &SendMessages, open: Channels) {
        let Some(content) = &head.content else { return };
        let Self { person, wordings, segments, .. } = self;
        let mut shown = Shown { json: Json::default(), wordings, person, segments: *segments };
        shown.json.open('[');
        for &channel in MessageChannel::ALL.iter().filter(|channel| open.has(**channel)) {
            shown.json.open('{').name("channel").text(channel.as_str());
            let texts = matches!(channel, MessageChannel::Sms | MessageChannel::Mms);
            let module = content.modules.as_ref().and_then(|modules| modules.sms.as_ref()).filter(|_| texts);
            if let Some(id) = &content.content_id {
                shown.template(id, bytes);
            } else if let Some(module) = module {
                shown.text(channel, module.text.as_deref(), &module.media);
            } else if let Some(module) = self.modules.of_channel(channel) {
                shown.module(module);
            } else {
                shown.text(channel, content.text.as_deref(), &content.media);
            }
            shown.json.close('}');
        }
        let channels = shown.json.close(']').finish();
        self.previews.add(row, channels);
    }

    /// What all messages take, and what some look like.
    pub(crate) fn finish(&mut self, findings: &mut Findings) -> (Option<Estimate>, Vec<Preview>) {
        if let Some((count, place)) = self.unused {
            findings.add(unused(count, place.index, place.offset));
        }
        if let (Some(estimate), Some(rate)) = (&mut self.estimate, self.rate) {
            estimate.time(rate);
        }
        (self.estimate.take(), self.previews.take_made())
    }
}

/// The warning that variables are given which no text uses: how many rows have such, and the first of them.
pub(crate) fn unused(count: u64, row: u64, offset: u64) -> Issue {
    let at = Pointer::Index(&TO, row).text();
    Issue { code: Code::UnusedVariables, at, offset, span: None, params: param("count", count) }
}

/// A text as SMS.
fn sms_text(text: &str, options: SegmentOptions) -> SmsText {
    let segment::Segments { encoding, units, min, max, .. } = segment::count(text, options);
    let segments = Range { min: min as u64, max: max as u64 };
    SmsText { encoding, units: units as u64, segments, characters: text.chars().count() as u64 }
}

/// Adds what a person's message costs, over whichever of the open channels and to whichever of the numbers it goes.
fn add_cost(cost: &mut Cost, prices: &Prices, person: &Person, open: Channels, segments: Range) {
    let mut sum: Option<Range> = None;
    let mut unpriced = false;
    for &channel in MessageChannel::ALL.iter().filter(|channel| open.has(**channel)) {
        let bit = if channel == MessageChannel::WhatsApp { WHATSAPP } else { PHONE };
        let times = if channel == MessageChannel::Sms { segments } else { Range::exactly(1) };
        let mut add = |price: Option<Range>| {
            let Some(price) = price else { return unpriced = true };
            let price = price.times(times);
            sum = Some(sum.map_or(price, |sum| sum.or(price)));
        };
        if person.stored {
            add(prices.anywhere(channel));
            continue;
        }
        for (judged, _) in person.numbers.iter().filter(|(_, channel)| channel & bit > 0) {
            add(prices.of(channel, judged.region, judged.calling_code).map(Range::exactly));
        }
    }
    sum.into_iter().for_each(|sum| cost.add(Some(sum)));
    if unpriced {
        cost.add(None);
    }
}
