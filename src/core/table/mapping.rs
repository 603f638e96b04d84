//! Which column says what: as the caller has it, and guessed where the caller leaves it open.

use super::cell;
use crate::finding::code::Code;
use crate::finding::issue::{Params, param};
use crate::json::push_quoted;
use crate::limits::COLUMNS;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Records of cells, with any delimiter (RFC 4180).
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// Numbers, with line ends, commas, semicolons or tabs between them.
    List,
}

impl Format {
    /// `csv`, `ndjson` or `list`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::List => "list",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Csv, Self::Ndjson, Self::List].into_iter().find(|format| format.as_str() == name)
    }
}

/// The sign between two cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delimiter(u8);

impl Delimiter {
    /// Those that are looked for.
    pub(super) const ALL: [Self; 4] = [Self(b','), Self(b';'), Self(b'\t'), Self(b'|')];

    /// Any ASCII sign but a quote, a line end and NUL; none for those and for anything else.
    pub fn new(sign: char) -> Option<Self> {
        let byte = u8::try_from(sign).ok().filter(u8::is_ascii)?;
        (!matches!(byte, b'"' | b'\r' | b'\n' | 0)).then_some(Self(byte))
    }

    /// Its one byte.
    pub const fn byte(self) -> u8 {
        self.0
    }
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// By its name in the header, or by the name of an object's member; to the letter, but for blanks around it.
    Name(String),
    /// By its place, from 0. NDJSON has no places.
    Index(u32),
}

/// The column of the channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// The one named `channel`, in capitals or not, if there is one.
    #[default]
    Guess,
    /// There is none: each row has the mapping's `default_channel`.
    None,
    /// This one.
    Column(Column),
}

/// The columns of the variables.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Variables {
    /// Every other column that has a name, under that name.
    #[default]
    Others,
    /// These, each under a name.
    Named(Vec<(String, Column)>),
}

/// How rows are made of a table. What is left open is found out from the table's first 65,536 bytes, and
/// [`TableReport`](super::TableReport) says what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// How the table is written.
    pub format: Option<Format>,
    /// The sign between two cells of CSV.
    pub delimiter: Option<Delimiter>,
    /// Whether the first record of CSV names the columns.
    pub header: Option<bool>,
    /// The column of the addresses.
    pub address: Option<Column>,
    /// The column of the channels.
    pub channel: Channel,
    /// The channel of rows that name none; `PHONE` unless given. An address that begins with `whatsapp:` names its own.
    pub default_channel: Option<String>,
    /// The columns of the variables.
    pub variables: Variables,
}

/// A column as it was found: by place in CSV, by name in NDJSON.
pub(super) type Place = Column;

/// The mapping with nothing left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plan {
    pub address: Place,
    pub channel: Option<Place>,
    /// The variables: name, its JSON with the colon, place.
    pub variables: Vec<(String, Vec<u8>, Place)>,
    /// In NDJSON, whether the members of each object that are no address and no channel are variables.
    pub others: bool,
    /// Whether the address, the channel and the variables were left open.
    pub guessed: [bool; 3],
}

/// The name of the column that [`Rejects`](super::Rejects) adds. It is no variable when the table comes again.
pub(super) const REASON: &str = "postgate_reason";

/// Names of a column of phone numbers, without their signs and spaces: the surest first, which are those of mobile ones.
const ADDRESS_NAMES: [&str; 33] = [
    "mobile",
    "mobilenumber",
    "mobilephone",
    "mobilephonenumber",
    "mobileno",
    "cell",
    "cellphone",
    "msisdn",
    "handy",
    "handynummer",
    "mobil",
    "mobilnummer",
    "mobilfunknummer",
    "celular",
    "móvil",
    "phone",
    "phonenumber",
    "phoneno",
    "tel",
    "telephone",
    "telephonenumber",
    "whatsapp",
    "whatsappnumber",
    "number",
    "recipient",
    "to",
    "address",
    "telefon",
    "telefonnummer",
    "telefono",
    "teléfono",
    "telefone",
    "téléphone",
];

/// Parts of such names.
const ADDRESS_PARTS: [&str; 5] = ["phone", "msisdn", "telef", "mobil", "celular"];

/// Why no row can be made of a record, or none of the whole table.
pub(super) type Refusal = (Code, Params);

/// What is known of a table before its rows are made.
pub(super) struct Known<'a> {
    /// The columns' names; an empty one where a column has none.
    pub names: &'a [String],
    /// The first records after the header.
    pub records: &'a [Vec<Vec<u8>>],
    /// Whether columns are known by name only.
    pub by_name: bool,
}

impl Known<'_> {
    fn find(&self, column: &Column, field: &'static str) -> Result<Place, Refusal> {
        let absent = || (Code::TableNoSuchColumn, param("field", field));
        match column {
            Column::Name(name) if self.by_name => Ok(Column::Name(name.clone())),
            Column::Index(_) if self.by_name => Err(absent()),
            Column::Name(name) => {
                let name = name.trim();
                let mut places = (0u32..).zip(self.names).filter(|(_, other)| !name.is_empty() && *other == name);
                let (place, _) = places.next().ok_or_else(absent)?;
                match places.next() {
                    Some((again, _)) => Err(repeated(place, again)),
                    None => Ok(Column::Index(place)),
                }
            }
            Column::Index(index) => {
                // Without a header, a row further down may be longer than the first ones.
                let width = if self.names.is_empty() { COLUMNS } else { self.names.len() };
                if (*index as usize) < width { Ok(Column::Index(*index)) } else { Err(absent()) }
            }
        }
    }

    fn place(&self, index: usize) -> Place {
        match self.names.get(index) {
            Some(name) if self.by_name => Column::Name(name.clone()),
            _ => Column::Index(index as u32),
        }
    }

    /// The column that most likely has the phone numbers: by its name where its cells do not speak against it, else by
    /// its cells.
    fn guess_address(&self) -> Option<Place> {
        let width = self.records.iter().map(Vec::len).max().unwrap_or(0).max(self.names.len());
        let mut best = (0, 0, 0);
        let mut found = None;
        for column in 0..width {
            let rank = self.names.get(column).map_or(0, |name| rank(name));
            let cells = || self.records.iter().filter_map(|record| record.get(column));
            let said = cells().filter(|cell| !cell::trim(cell).is_empty()).count();
            let (mut sum, mut numbers) = (0, 0);
            for cell in cells() {
                let likeness = cell::likeness(cell);
                sum += likeness;
                numbers += usize::from(likeness > 0);
            }
            let sureness = match (rank, numbers) {
                (0, 0) => continue,
                (0, _) if numbers * 2 < said => continue,
                (0, _) => 3,
                (_, 0) if said > 0 => 1,
                (_, 0) => 2,
                _ => 4,
            };
            if (sureness, rank, sum) > best {
                best = (sureness, rank, sum);
                found = Some(self.place(column));
            }
        }
        found
    }
}

/// How surely a column of that name has phone numbers, from 0.
fn rank(name: &str) -> usize {
    // All of Unicode's letters would weigh more than the rest of this file.
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii();
    let plain: Vec<u8> = name.bytes().filter(is_letter).map(|byte| byte.to_ascii_lowercase()).collect();
    match ADDRESS_NAMES.iter().position(|known| known.as_bytes() == plain) {
        Some(at) => ADDRESS_NAMES.len() - at + 1,
        None => {
            let has = |part: &&str| plain.windows(part.len()).any(|window| window == part.as_bytes());
            usize::from(ADDRESS_PARTS.iter().any(has))
        }
    }
}

/// Whether a column of that name is known to mean something here, which makes its row a header.
pub(super) fn is_known(name: &str) -> bool {
    rank(name) > 1
}

fn repeated(first: u32, again: u32) -> Refusal {
    (Code::TableRepeatedColumn, vec![("first", (first + 1).into()), ("column", (again + 1).into())])
}

impl Mapping {
    pub(super) fn default_channel(&self) -> &str {
        self.default_channel.as_deref().unwrap_or("PHONE")
    }

    /// The plan by which rows are made.
    pub(super) fn plan(&self, known: &Known<'_>) -> Result<Plan, Refusal> {
        let address = match &self.address {
            Some(column) => known.find(column, "address")?,
            None => known.guess_address().ok_or((Code::TableNoAddressColumn, vec![]))?,
        };
        let is_channel = |name: &String| name.eq_ignore_ascii_case("channel");
        let channel = match &self.channel {
            Channel::None => None,
            Channel::Column(column) => Some(known.find(column, "channel")?),
            Channel::Guess => known.names.iter().position(is_channel).map(|place| known.place(place)),
        };
        let mut plan = Plan {
            address,
            channel,
            variables: Vec::new(),
            others: false,
            guessed: [self.address.is_none(), self.channel == Channel::Guess, self.variables == Variables::Others],
        };
        match &self.variables {
            Variables::Named(named) => {
                for (name, column) in named {
                    let place = known.find(column, "variables")?;
                    plan.variables.push((name.clone(), key(name), place));
                }
            }
            Variables::Others if known.by_name => plan.others = true,
            Variables::Others => plan.take_others(known)?,
        }
        Ok(plan)
    }
}

impl Plan {
    /// Makes a variable of every column that has a name and no other use.
    fn take_others(&mut self, known: &Known<'_>) -> Result<(), Refusal> {
        for (index, name) in (0u32..).zip(known.names) {
            if name.is_empty() || name == REASON {
                continue;
            }
            if let Some((first, _)) = (0..index).zip(known.names).find(|(_, other)| *other == name) {
                return Err(repeated(first, index));
            }
            let place = Column::Index(index);
            if place != self.address && Some(&place) != self.channel.as_ref() {
                self.variables.push((name.clone(), key(name), place));
            }
        }
        Ok(())
    }
}

/// A member's name as JSON, with its colon.
pub(super) fn key(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 3);
    push_quoted(&mut key, name);
    key.push(b':');
    key
}
