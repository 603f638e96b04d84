//! Recipients: one row of `to`.

pub(crate) mod identity;
pub(crate) mod pattern;
pub(crate) mod person;
pub(crate) mod rows;
pub(crate) mod variables;

use crate::channel::{PHONE, WHATSAPP};
use crate::field::address;
use crate::field::id;
use crate::field::report::Report;
use crate::field::shape::{Field, Shape};
use crate::finding::code::Code;
use crate::finding::issue::above;
use crate::finding::pointer::Pointer;
use crate::limits::{ADDRESSES, TEMPLATE_VALUE};
use crate::order;
use crate::phone::{Assigned, Judged, Region};
use crate::reader::scan::{Kind, Reader, Stop};
use crate::recipient::identity::{Identity, Named};
use crate::recipient::pattern::{Found, Holes, Patterns};
use crate::recipient::variables::REFERENCE;
use crate::text::Text;

/// The channels of a recipient's address.
///
/// Source: <https://docs.comms.twilio.com/comms-api-reference/messages/send>. PHONE is SMS, MMS and RCS: which of them
/// is the sender's matter.
const CHANNELS: &[&str] = &["PHONE", "WHATSAPP"];

const SHAPE: &Shape = &["address", "channel", "variables", "addresses", "profileId", "memoryStoreId", "cohortId"];
const ADDRESS: usize = 0;
const CHANNEL: usize = 1;
/// The members that an address has, a bit each.
const ADDRESSED: u32 = 1 << ADDRESS | 1 << CHANNEL;
const VARIABLES: usize = 2;
const ADDRESS_LIST: usize = 3;
const PROFILE: usize = 4;
const STORE: usize = 5;
/// The members of a stored profile.
const STORED: u32 = 1 << PROFILE | 1 << STORE;
const COHORT: usize = 6;

/// What the rest of the request has to know of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipient {
    /// Whether it stands for a stored group of people, however many.
    pub group: bool,
    /// The channels of its addresses, a bit each; none where they are stored or unknown.
    pub channels: u8,
    /// Whether it has variables that a text could use.
    pub variables: bool,
    /// Whether a variable is longer than a template's may be.
    pub long_value: bool,
}

/// Judges rows, one after another.
#[derive(Default)]
pub(crate) struct RowJudge {
    /// The region of numbers without a country code.
    region: Option<Region>,
    /// Whom the present row names.
    pub named: Named,
    holes: Holes,
    pub patterns: Patterns<Recipient>,
}

impl RowJudge {
    pub(crate) fn new(region: Option<Region>) -> Self {
        Self { region, ..Self::default() }
    }

    /// Whom a row names that was found among the patterns, if there is nothing to be said of it.
    #[inline(always)]
    pub(crate) fn plain(row: &[u8], found: &Found<Recipient>) -> Option<Identity> {
        let channel = found.known.channels;
        let number =
            Assigned::e164(row.get(found.address.clone())?).filter(|number| address::is_fine(*number, channel))?;
        Some(Identity::number(number.key(), channel))
    }

    /// Judges a row that was found among the patterns.
    pub(crate) fn judge_found(
        &mut self,
        row: &[u8],
        found: &Found<Recipient>,
        at: &Pointer<'_>,
        report: &mut Report,
    ) -> Recipient {
        self.named.clear();
        let address = found.address.start.checked_sub(1).and_then(|start| Reader::string_of(row, start));
        if let Some(address) = address {
            let number = address::number(&address, &Pointer::Name(at, SHAPE[ADDRESS]), self.region, report);
            let channel = found.known.channels;
            judge_number(number.map(|judged| (judged, address.at)), channel, at, report, &mut self.named);
        }
        found.known
    }

    /// Judges one row.
    pub(crate) fn judge(
        &mut self,
        reader: &mut Reader<'_>,
        at: &Pointer<'_>,
        report: &mut Report,
    ) -> Result<Recipient, Stop> {
        match self.patterns.find(reader.rest()) {
            Some(found) => {
                let recipient = self.judge_found(reader.rest(), &found, at, report);
                reader.pass(reader.at() + found.end);
                Ok(recipient)
            }
            None => self.judge_whole(reader, at, report),
        }
    }

    /// Judges a row that is not among the patterns, and keeps how it is written.
    pub(crate) fn judge_whole(
        &mut self,
        reader: &mut Reader<'_>,
        at: &Pointer<'_>,
        report: &mut Report,
    ) -> Result<Recipient, Stop> {
        let Self { region, named, holes, patterns } = self;
        let begin = reader.at();
        named.clear();
        holes.clear();
        patterns.miss();
        let mut row = Field::new(reader, report, *at)?;
        let mut recipient = Recipient::default();
        let mut number = None;
        let mut own_channels = 0;
        let mut references = Vec::new();
        // What is wrong with the address says nothing about how the row is written.
        let mut of_address = 0;
        let seen = row.object(SHAPE, &mut |field, member| {
            match member {
                ADDRESS => {
                    let before = field.report.issues.len();
                    number = address(field, *region)?;
                    of_address = field.report.issues.len() - before;
                    if field.kind == Kind::String {
                        holes.address(field.offset, field.reader.at());
                    }
                }
                CHANNEL => own_channels = channel(field)?,
                VARIABLES => (recipient.variables, recipient.long_value) = values(field, &mut references, holes)?,
                ADDRESS_LIST => recipient.channels |= addresses(field, *region, named)?,
                STORE => named.store(&id::judge(field, id::MEMORY_STORE)?.unwrap_or_default()),
                _ => {
                    let id = id::judge(field, if member == PROFILE { id::PROFILE } else { id::COHORT })?;
                    id.iter().for_each(|id| named.id(id));
                }
            }
            Ok(())
        })?;
        named.add_id();
        let Some(seen) = seen else { return Ok(recipient) };
        recipient.channels |= own_channels;
        let unsaid = !row.report.silent && row.report.issues.len() == of_address && references.is_empty();
        if unsaid && seen.is(ADDRESSED, 1 << VARIABLES) && !recipient.long_value {
            let bytes = row.reader.bytes();
            patterns.keep(bytes.get(begin..row.reader.at()).unwrap_or_default(), holes, recipient);
        }
        judge_number(number, own_channels, &row.at, row.report, named);
        let kinds = seen.kinds(&[ADDRESSED, 1 << ADDRESS_LIST, STORED, 1 << COHORT]);
        match kinds {
            0 if seen.has_unknown() && !row.report.has_misspelled() => {
                row.found(Code::UnknownRecipient);
                recipient.group = true;
            }
            0 | 1 => {}
            _ => row.found(Code::AmbiguousRecipient),
        }
        if kinds == seen.kinds(&[ADDRESSED]) && !recipient.group {
            row.require(Some(seen), SHAPE, ADDRESSED);
        }
        if seen.count(STORED | 1 << COHORT) == 0 && !recipient.group {
            let at = Pointer::Name(&row.at, SHAPE[VARIABLES]);
            for (name, offset) in references {
                row.report.issue(Code::ReferenceWithoutProfile, &Pointer::Written(&at, name), offset, vec![]);
            }
        }
        if seen.has(PROFILE) != seen.has(STORE) {
            row.found(Code::ProfileWithoutStore);
        }
        recipient.group |= seen.has(COHORT);
        Ok(recipient)
    }
}

/// A number and where it stands.
type Placed = Option<(Judged, usize)>;

fn address(field: &mut Field<'_, '_>, region: Option<Region>) -> Result<Placed, Stop> {
    let Some(text) = field.text()? else { return Ok(None) };
    Ok(address::number(&text, &field.at, region, field.report).map(|judged| (judged, text.at)))
}

/// Judges what kind of number the address of `at` is, once its channel is known, which may stand before it or
/// after.
#[inline(always)]
fn judge_number(number: Placed, channel: u8, at: &Pointer<'_>, report: &mut Report, named: &mut Named) {
    let Some((judged, offset)) = number else { return };
    let at = &Pointer::Name(at, SHAPE[ADDRESS]);
    named.number(judged.key(), channel);
    if channel > 0 {
        let own = if channel == PHONE { address::RCS } else { address::WHATSAPP };
        address::judge_prefix(own, at, offset, report);
    }
    address::is_assigned(judged, at, offset, report);
    // WhatsApp runs on landlines too.
    if channel == PHONE {
        address::takes_texts(judged, at, offset, report);
    }
}

fn channel(field: &mut Field<'_, '_>) -> Result<u8, Stop> {
    Ok(field.word(CHANNELS)?.map_or(0, |channel| if channel == 0 { PHONE } else { WHATSAPP }))
}

/// Judges the addresses of one person; the channels among them.
fn addresses(field: &mut Field<'_, '_>, region: Option<Region>, named: &mut Named) -> Result<u8, Stop> {
    let mut channels = 0;
    let count = field.array(&mut |field| {
        let (mut number, mut own_channel) = (None, 0);
        let seen = field.object(&SHAPE[..2], &mut |field, member| {
            if member == ADDRESS {
                number = address(field, region)?;
            } else {
                own_channel = channel(field)?;
            }
            Ok(())
        })?;
        channels |= own_channel;
        judge_number(number, own_channel, &field.at, field.report, named);
        field.require(seen, SHAPE, ADDRESSED);
        Ok(())
    })?;
    match count {
        Some(0) => field.found(Code::NoAddresses),
        Some(count) if count > ADDRESSES => field.issue(Code::TooManyAddresses, above("count", count, ADDRESSES)),
        _ => {}
    }
    Ok(channels)
}

/// Judges a recipient's values for the template, names to strings; whether any has a name, and whether one is longer than
/// a template's may be. Gathers those that refer to stored values.
fn values<'a>(
    field: &mut Field<'_, 'a>,
    references: &mut Vec<(Text<'a>, usize)>,
    holes: &mut Holes,
) -> Result<(bool, bool), Stop> {
    let mut long = false;
    if !field.is(Kind::Object)? {
        return Ok((false, long));
    }
    let begin = field.reader.at();
    let mut names = Names::default();
    let mut any = false;
    field.members(&mut |name, variable| {
        if name.raw.is_empty() {
            variable.found(Code::EmptyVariableName);
        } else {
            any = true;
        }
        if let Some(value) = variable.text()? {
            if value.raw.is_empty() {
                variable.found(Code::EmptyVariable);
            }
            if value.raw.starts_with(REFERENCE) {
                references.push((name, variable.offset));
            }
            // Few values have as many bytes, let alone characters.
            long |= value.raw.len() > TEMPLATE_VALUE && value.decode().chars().count() > TEMPLATE_VALUE;
            holes.value(value.at, value.end());
        }
        names.push(name);
        Ok(())
    })?;
    if names.may_repeat {
        report_repeated(field.reader.again(begin), &field.at, field.report)?;
    }
    Ok((any, long))
}

/// Reads an object again for names that stand there twice.
fn report_repeated(mut reader: Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Result<(), Stop> {
    let mut names = Vec::new();
    Field::new(&mut reader, report, *at)?.members(&mut |name, field| {
        names.push((name.decode(), field.offset));
        field.reader.skip()
    })?;
    // Sorted, so that a row of a million names costs no more than its share.
    for pair in order::places(names.len(), &|a, b| names[a] < names[b]).windows(2) {
        let [(earlier, _), (name, offset)] = [0, 1].map(|place| &names[pair[place]]);
        if earlier == name {
            report.issue(Code::RepeatedField, &Pointer::Name(at, name), *offset, vec![]);
        }
    }
    Ok(())
}

/// Whether an object may have a name twice, told by fingerprints, which suffice for as few names as are usual.
#[derive(Default)]
struct Names {
    seen: [u32; 16],
    count: usize,
    may_repeat: bool,
}

impl Names {
    fn push(&mut self, name: Text<'_>) {
        match (name.fingerprint(), self.seen.get_mut(self.count)) {
            (Some(fingerprint), Some(place)) => {
                *place = fingerprint;
                for earlier in self.seen.iter().take(self.count) {
                    self.may_repeat |= *earlier == fingerprint;
                }
                self.count += 1;
            }
            _ => self.may_repeat = true,
        }
    }
}
