//! Persons: what there is to know of a row that was judged already, to tell what it gets.

use crate::channel::{PHONE, WHATSAPP};
use crate::field::address;
use crate::field::report::Report;
use crate::finding::pointer::Pointer;
use crate::phone::{Judged, Region};
use crate::reader::scan::{Kind, Reader, Stop};
use crate::text::Text;

/// A row, read once more.
#[derive(Default)]
pub(crate) struct Person {
    /// The channels of its addresses, a bit each.
    pub channels: u8,
    /// Whether it has values that are stored elsewhere: it is named by an id, or is a group.
    pub stored: bool,
    /// Its numbers with their channels' bits, where they are wanted.
    pub numbers: Vec<(Judged, u8)>,
    /// Where its variables stand in the row.
    pub variables_at: Option<usize>,
    /// Swallows what was said of its addresses already.
    report: Report,
}

/// How a row is read once more.
pub(crate) struct Look {
    /// The region of numbers without a country code.
    pub region: Option<Region>,
    /// Whether its numbers are wanted.
    pub numbers: bool,
}

/// Takes a variable: its name, and its value if that is a string.
pub(crate) type Variable<'f, 'a> = dyn FnMut(Text<'a>, Option<Text<'a>>) + 'f;

impl Person {
    /// Reads a row, which may stand for a group; whatever is wrong with it was said already.
    pub(crate) fn read<'a>(
        &mut self,
        reader: &mut Reader<'a>,
        group: bool,
        look: &Look,
        variable: &mut Variable<'_, 'a>,
    ) -> Result<(), Stop> {
        (self.channels, self.stored, self.variables_at) = (0, group, None);
        self.numbers.clear();
        if reader.peek()?.0 != Kind::Object {
            return reader.skip();
        }
        let mut address = Address::default();
        let mut members = reader.object()?;
        while let Some(name) = members.next(reader)? {
            if address.member(&name, reader)? {
                continue;
            }
            if name.is("variables") {
                self.variables(reader, variable)?;
            } else if name.is("addresses") && reader.peek()?.0 == Kind::Array {
                self.addresses(reader, look)?;
            } else {
                self.stored |= name.is("profileId") || name.is("memoryStoreId");
                reader.skip()?;
            }
        }
        self.add(address, look);
        Ok(())
    }

    fn addresses(&mut self, reader: &mut Reader<'_>, look: &Look) -> Result<(), Stop> {
        reader.array(&mut |reader, _| {
            if reader.peek()?.0 != Kind::Object {
                return reader.skip();
            }
            let mut address = Address::default();
            let mut members = reader.object()?;
            while let Some(name) = members.next(reader)? {
                if !address.member(&name, reader)? {
                    reader.skip()?;
                }
            }
            self.add(address, look);
            Ok(())
        })
    }

    fn add(&mut self, address: Address<'_>, look: &Look) {
        self.channels |= address.channel;
        if look.numbers
            && let Some(written) = address.written
        {
            self.report.silent = true;
            let judged = address::number(&written, &Pointer::Root, look.region, &mut self.report);
            self.report.clear();
            self.numbers.extend(judged.map(|judged| (judged, address.channel)));
        }
    }

    fn variables<'a>(&mut self, reader: &mut Reader<'a>, variable: &mut Variable<'_, 'a>) -> Result<(), Stop> {
        let (kind, at) = reader.peek()?;
        if kind != Kind::Object || self.variables_at.is_some() {
            return reader.skip();
        }
        self.variables_at = Some(at);
        let mut members = reader.object()?;
        while let Some(name) = members.next(reader)? {
            if reader.at_string() || reader.peek()?.0 == Kind::String {
                variable(name, Some(reader.string()?));
            } else {
                reader.skip()?;
                variable(name, None);
            }
        }
        Ok(())
    }
}

/// An address and its channel.
#[derive(Default)]
struct Address<'a> {
    written: Option<Text<'a>>,
    channel: u8,
}

impl<'a> Address<'a> {
    /// Reads a member's value if it belongs to an address.
    fn member(&mut self, name: &Text<'_>, reader: &mut Reader<'a>) -> Result<bool, Stop> {
        let (address, channel) = (name.is("address"), name.is("channel"));
        if !address && !channel || reader.peek()?.0 != Kind::String {
            return Ok(false);
        }
        let text = reader.string()?;
        if address {
            self.written = Some(text);
            return Ok(true);
        }
        let word = text.decode();
        self.channel = match &*word {
            word if word.eq_ignore_ascii_case("PHONE") => PHONE,
            word if word.eq_ignore_ascii_case("WHATSAPP") => WHATSAPP,
            _ => 0,
        };
        Ok(true)
    }
}
