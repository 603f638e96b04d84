//! Recipients: one row of `to`.

use crate::address;
use crate::code::Code;
use crate::pointer::Pointer;
use crate::scan::{Kind, Reader, Stop, Text};
use crate::shape::{self, Report, Shape};

/// The channels of a recipient's address.
///
/// Source: <https://docs.comms.twilio.com/comms-api-reference/messages/send>. PHONE is SMS, MMS and RCS: which of them
/// is the sender's matter.
const CHANNELS: &[&str] = &["PHONE", "WHATSAPP"];

const SHAPE: Shape = Shape {
    known: &["address", "channel", "variables", "cohortId"],
    unjudged: &["addresses", "profileId", "memoryStoreId"],
};
const ADDRESS: usize = 0;
const CHANNEL: usize = 1;
const VARIABLES: usize = 2;
const COHORT: usize = 3;

/// Who a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recipient {
    /// One person.
    Person,
    /// A stored group of people, however many.
    Group,
}

/// Judges one row.
pub(crate) fn judge(reader: &mut Reader<'_>, at: Pointer<'_>, report: &mut Report) -> Result<Recipient, Stop> {
    let (_, offset) = reader.peek()?;
    let seen = shape::object(reader, at, report, &SHAPE, |reader, at, report, member| match member {
        ADDRESS => {
            if let Some(text) = shape::text(reader, at, report)? {
                address::number(&text, at, report);
            }
            Ok(())
        }
        CHANNEL => shape::word(reader, at, report, CHANNELS).map(drop),
        VARIABLES => variables(reader, at, report),
        COHORT => {
            let (_, offset) = reader.peek()?;
            report.issue(Code::NotJudged, at, offset, vec![]);
            reader.skip()
        }
        _ => reader.skip(),
    })?;
    let Some(seen) = seen else { return Ok(Recipient::Person) };
    // A stored recipient or a group has no address of its own.
    let stored = (seen.unjudged || seen.has(COHORT)) && !seen.has(ADDRESS) && !seen.has(CHANNEL);
    for (member, field) in [(ADDRESS, "address"), (CHANNEL, "channel")] {
        if !seen.has(member) && !stored {
            shape::missing(report, at, offset, field);
        }
    }
    Ok(if seen.has(COHORT) { Recipient::Group } else { Recipient::Person })
}

/// Judges a recipient's values for the template: names to strings.
fn variables(reader: &mut Reader<'_>, at: Pointer<'_>, report: &mut Report) -> Result<(), Stop> {
    if shape::expect(reader, at, report, Kind::Object)?.is_none() {
        return Ok(());
    }
    let mut names = Names::default();
    reader.object(|reader, name| {
        let decoded = name.decode();
        let at = Pointer::Name(&at, &decoded);
        let (_, offset) = reader.peek()?;
        if decoded.is_empty() {
            report.issue(Code::EmptyVariableName, at, offset, vec![]);
        }
        if let Some(value) = shape::text(reader, at, report)?
            && value.raw.is_empty()
        {
            report.issue(Code::EmptyVariable, at, offset, vec![]);
        }
        names.push(name, offset);
        Ok(())
    })?;
    names.report_repeated(at, report);
    Ok(())
}

/// The names of one recipient's variables, each with the offset of its value. As few as are usual cost no allocation.
#[derive(Default)]
struct Names<'a> {
    few: [Option<(Text<'a>, usize)>; 16],
    more: Vec<(Text<'a>, usize)>,
    count: usize,
}

impl<'a> Names<'a> {
    fn push(&mut self, name: Text<'a>, offset: usize) {
        match self.few.get_mut(self.count) {
            Some(place) => *place = Some((name, offset)),
            None => self.more.push((name, offset)),
        }
        self.count += 1;
    }

    fn report_repeated(&self, at: Pointer<'_>, report: &mut Report) {
        let mut repeated = |name: Text<'_>, offset| {
            let decoded = name.decode();
            report.issue(Code::RepeatedField, Pointer::Name(&at, &decoded), offset, vec![]);
        };
        let few = self.few.iter().flatten();
        if self.more.is_empty() {
            for (index, (name, offset)) in few.clone().enumerate() {
                if few.clone().take(index).any(|(earlier, _)| earlier.same_as(name)) {
                    repeated(*name, *offset);
                }
            }
            return;
        }
        // Sorted, so that a row of a million names costs no more than its share.
        let mut all: Vec<_> = few.chain(&self.more).map(|(name, offset)| (name.decode(), *offset, *name)).collect();
        all.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        for pair in all.windows(2) {
            if let [(earlier, ..), (decoded, offset, name)] = pair
                && earlier == decoded
            {
                repeated(*name, *offset);
            }
        }
    }
}
