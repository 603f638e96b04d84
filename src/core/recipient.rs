//! Recipients: one row of `to`.

use crate::address;
use crate::code::Code;
use crate::glance::Glance;
use crate::id;
use crate::identity::Named;
use crate::issue::above;
use crate::limits::{ADDRESSES, TEMPLATE_VALUE};
use crate::order;
use crate::phone::{self, Judged, Region};
use crate::pointer::Pointer;
use crate::scan::{Kind, Reader, Stop};
use crate::shape::{self, Report, Shape};
use crate::text::Text;
use crate::variables::REFERENCE;

/// The channels of a recipient's address.
///
/// Source: <https://docs.comms.twilio.com/comms-api-reference/messages/send>. PHONE is SMS, MMS and RCS: which of them
/// is the sender's matter.
const CHANNELS: &[&str] = &["PHONE", "WHATSAPP"];

const SHAPE: &Shape = &["address", "channel", "variables", "addresses", "profileId", "memoryStoreId", "cohortId"];
const ADDRESS: usize = 0;
const CHANNEL: usize = 1;
const VARIABLES: usize = 2;
const ADDRESS_LIST: usize = 3;
const PROFILE: usize = 4;
const STORE: usize = 5;
const COHORT: usize = 6;

/// What the rest of the request has to know of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recipient {
    /// Whether it stands for a stored group of people, however many.
    pub group: bool,
    /// The channels of its addresses, a bit each; none where they are stored or unknown.
    pub channels: u8,
    /// Whether it has variables.
    pub variables: bool,
    /// Whether a variable is longer than a template's may be.
    pub long_value: bool,
}

/// The bit of the channel PHONE.
pub(crate) const PHONE: u8 = 1;
/// The bit of the channel WHATSAPP.
pub(crate) const WHATSAPP: u8 = 2;

/// Judges one row.
pub(crate) fn judge<'a>(
    reader: &mut Reader<'a>,
    at: &Pointer<'_>,
    region: Option<Region>,
    report: &mut Report,
    named: &mut Named,
) -> Result<Recipient, Stop> {
    if let Some((judged, address_at, recipient)) = usual(reader) {
        let address = &Pointer::Name(at, "address");
        judge_number(Some((judged, address_at)), recipient.channels, address, report, named);
        return Ok(recipient);
    }
    let (_, offset) = reader.peek()?;
    let mut recipient = Recipient::default();
    let mut number = None;
    let mut own_channels = 0;
    let mut store_at = 0;
    let mut references = Vec::new();
    let seen = shape::object(reader, at, report, SHAPE, &mut |reader, at, report, member| {
        match member {
            ADDRESS => number = address(reader, at, region, report)?,
            CHANNEL => own_channels = channel(reader, at, report)?,
            VARIABLES => (recipient.variables, recipient.long_value) = variables(reader, at, report, &mut references)?,
            ADDRESS_LIST => recipient.channels |= addresses(reader, at, region, report, named)?,
            PROFILE => id(reader, at, report, id::PROFILE, Some(named))?,
            STORE => {
                store_at = reader.peek()?.1;
                id(reader, at, report, id::MEMORY_STORE, None)?;
            }
            _ => id(reader, at, report, id::COHORT, Some(named))?,
        }
        Ok(())
    })?;
    let Some(seen) = seen else { return Ok(recipient) };
    recipient.channels |= own_channels;
    judge_number(number, own_channels, &Pointer::Name(at, "address"), report, named);
    let addressed = seen.has(ADDRESS) || seen.has(CHANNEL);
    let stored = seen.has(PROFILE) || seen.has(STORE);
    let kinds = [addressed, seen.has(ADDRESS_LIST), stored, seen.has(COHORT)];
    match kinds.into_iter().filter(|there| *there).count() {
        0 if seen.has_unknown() && !report.has_misspelled() => {
            report.issue(Code::UnknownRecipient, at, offset, vec![]);
            recipient.group = true;
        }
        0 | 1 => {}
        _ => report.issue(Code::AmbiguousRecipient, at, offset, vec![]),
    }
    if kinds == [true, false, false, false] || (kinds == [false; 4] && !recipient.group) {
        for (member, field) in [(ADDRESS, "address"), (CHANNEL, "channel")] {
            if !seen.has(member) {
                shape::missing(report, at, offset, field);
            }
        }
    }
    if !stored && !seen.has(COHORT) && !recipient.group {
        let at = &Pointer::Name(at, SHAPE[VARIABLES]);
        for (name, offset) in references {
            report.issue(Code::ReferenceWithoutProfile, &Pointer::Written(at, name), offset, vec![]);
        }
    }
    if seen.has(PROFILE) != seen.has(STORE) {
        report.issue(Code::ProfileWithoutStore, at, offset, vec![]);
    }
    recipient.group |= seen.has(COHORT);
    Ok(recipient)
}

/// Reads a row as nearly all are written, with nothing to be said of its form: an assigned number in E.164, a channel,
/// plain values; the number, where it stands, and the rest.
///
/// Of any other row nothing is read: the judges read it from the start, with whatever there is to be said.
fn usual(reader: &mut Reader<'_>) -> Option<(Judged, usize, Recipient)> {
    let mut glance = Glance::new(reader);
    glance.byte(b'{')?;
    glance.text(br#""address""#)?;
    glance.byte(b':')?;
    let address = glance.short_string()?;
    let judged = phone::judge_e164(address.raw).ok().filter(|judged| judged.assigned)?;
    glance.byte(b',')?;
    glance.text(br#""channel""#)?;
    glance.byte(b':')?;
    let word = glance.short_string()?;
    let channels = match word.raw {
        b"PHONE" => PHONE,
        b"WHATSAPP" => WHATSAPP,
        _ => return None,
    };
    let mut recipient = Recipient { channels, ..Recipient::default() };
    if glance.byte(b',').is_some() {
        glance.text(br#""variables""#)?;
        glance.byte(b':')?;
        glance.byte(b'{')?;
        let mut names = Names::default();
        loop {
            let name = glance.string()?;
            glance.byte(b':')?;
            let value = glance.string()?;
            let plain = (1..=TEMPLATE_VALUE).contains(&value.raw.len()) && value.raw.first() != Some(&b'$');
            if name.raw.is_empty() || !plain || value.is_escaped() && value.has_lone_surrogate() {
                return None;
            }
            names.push(name);
            if glance.byte(b',').is_none() {
                break;
            }
        }
        glance.byte(b'}')?;
        if names.may_repeat {
            return None;
        }
        recipient.variables = true;
    }
    glance.byte(b'}')?;
    let end = glance.at();
    reader.pass(end);
    Some((judged, address.at, recipient))
}

/// A number and where it stands.
type Placed = Option<(Judged, usize)>;

fn address(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    region: Option<Region>,
    report: &mut Report,
) -> Result<Placed, Stop> {
    let Some(text) = shape::text(reader, at, report)? else { return Ok(None) };
    Ok(address::number(&text, at, region, report).map(|judged| (judged, text.at)))
}

/// Judges what kind of number it is, once its channel is known, which may stand in front of it or behind.
fn judge_number(number: Placed, channel: u8, at: &Pointer<'_>, report: &mut Report, named: &mut Named) {
    let Some((judged, offset)) = number else { return };
    named.number(judged, channel);
    address::is_assigned(judged, at, offset, report);
    // WhatsApp runs on landlines too.
    if channel == PHONE {
        address::takes_texts(judged, at, offset, report);
    }
}

fn channel(reader: &mut Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Result<u8, Stop> {
    let channel = shape::word(reader, at, report, CHANNELS)?;
    Ok(channel.map_or(0, |channel| if channel == 0 { PHONE } else { WHATSAPP }))
}

fn id(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    report: &mut Report,
    kind: id::Kind,
    named: Option<&mut Named>,
) -> Result<(), Stop> {
    if let Some(text) = shape::text(reader, at, report)? {
        id::judge(&text, kind, at, report);
        named.into_iter().for_each(|named| named.id(&text.decode()));
    }
    Ok(())
}

/// Judges the addresses of one person; the channels among them.
fn addresses(
    reader: &mut Reader<'_>,
    at: &Pointer<'_>,
    region: Option<Region>,
    report: &mut Report,
    named: &mut Named,
) -> Result<u8, Stop> {
    let mut channels = 0;
    let Some(offset) = shape::expect(reader, at, report, Kind::Array)? else { return Ok(channels) };
    let mut count = 0usize;
    reader.array(&mut |reader, index| {
        count += 1;
        let at = &Pointer::Index(at, index);
        let (_, offset) = reader.peek()?;
        let (mut number, mut own_channel) = (None, 0);
        let seen = shape::object(reader, at, report, &SHAPE[..2], &mut |reader, at, report, member| {
            if member == ADDRESS {
                number = address(reader, at, region, report)?;
            } else {
                own_channel = channel(reader, at, report)?;
            }
            Ok(())
        })?;
        channels |= own_channel;
        judge_number(number, own_channel, &Pointer::Name(at, "address"), report, named);
        for (member, field) in [(ADDRESS, "address"), (CHANNEL, "channel")] {
            if seen.is_some_and(|seen| !seen.has(member)) {
                shape::missing(report, at, offset, field);
            }
        }
        Ok(())
    })?;
    if count == 0 {
        report.issue(Code::NoAddresses, at, offset, vec![]);
    } else if count > ADDRESSES {
        let params = above("count", count, ADDRESSES);
        report.issue(Code::TooManyAddresses, at, offset, params);
    }
    Ok(channels)
}

/// Judges a recipient's values for the template, names to strings; whether there are any, and whether one is longer than
/// a template's may be. Gathers those that refer to stored values.
fn variables<'a>(
    reader: &mut Reader<'a>,
    at: &Pointer<'_>,
    report: &mut Report,
    references: &mut Vec<(Text<'a>, usize)>,
) -> Result<(bool, bool), Stop> {
    let mut long = false;
    if shape::expect(reader, at, report, Kind::Object)?.is_none() {
        return Ok((false, long));
    }
    let begin = reader.at();
    let mut names = Names::default();
    let mut any = false;
    let mut members = reader.object()?;
    while let Some(name) = members.next(reader)? {
        any = true;
        let at = &Pointer::Written(at, name);
        let (_, offset) = reader.peek()?;
        if name.raw.is_empty() {
            report.issue(Code::EmptyVariableName, at, offset, vec![]);
        }
        if let Some(value) = shape::text(reader, at, report)? {
            if value.raw.is_empty() {
                report.issue(Code::EmptyVariable, at, offset, vec![]);
            }
            if value.raw.starts_with(REFERENCE) {
                references.push((name, offset));
            }
            // Few values have as many bytes, let alone characters.
            long |= value.raw.len() > TEMPLATE_VALUE && value.decode().chars().count() > TEMPLATE_VALUE;
        }
        names.push(name);
    }
    if names.may_repeat {
        report_repeated(reader.again(begin), at, report)?;
    }
    Ok((any, long))
}

/// Reads an object again for names that stand there twice.
fn report_repeated(mut reader: Reader<'_>, at: &Pointer<'_>, report: &mut Report) -> Result<(), Stop> {
    let mut names = Vec::new();
    let mut members = reader.object()?;
    while let Some(name) = members.next(&mut reader)? {
        let (_, offset) = reader.peek()?;
        names.push((name.decode(), offset));
        reader.skip()?;
    }
    // Sorted, so that a row of a million names costs no more than its share.
    order::sort(&mut names, &|a, b| a < b);
    for pair in names.windows(2) {
        if let [(earlier, _), (name, offset)] = pair
            && earlier == name
        {
            report.issue(Code::RepeatedField, &Pointer::Name(at, name), *offset, vec![]);
        }
    }
    Ok(())
}

/// Whether an object may have a name twice, told by fingerprints; as few names as are usual are told apart by them.
#[derive(Default)]
struct Names {
    seen: [u32; 16],
    count: usize,
    may_repeat: bool,
}

impl Names {
    #[inline(always)]
    fn push(&mut self, name: Text<'_>) {
        match (name.fingerprint(), self.seen.get_mut(self.count)) {
            (Some(fingerprint), Some(place)) => {
                *place = fingerprint;
                for earlier in &self.seen[..self.count] {
                    self.may_repeat |= *earlier == fingerprint;
                }
                self.count += 1;
            }
            _ => self.may_repeat = true,
        }
    }
}
