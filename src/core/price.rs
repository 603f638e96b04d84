//! What a send costs, by prices that the caller gives. None are shipped: they differ by account, and change.

use std::fmt;

use crate::channel::MessageChannel;
use crate::finding::pointer::Pointer;
use crate::json::{Json, number};
use crate::limits::PRICES;
use crate::phone::Region;
use crate::range::Range;
use crate::reader::scan::{Kind, Reader, Stop};
use crate::text::{Text, digits};

/// Digits after an amount's point. Amounts are counted in millionths of the currency, so that sums are exact.
const DECIMALS: usize = 6;

/// Most digits before the point. A million texts of 100 segments each still fit into 64 bits.
const WHOLE_DIGITS: usize = 5;

/// Whose messages a price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Whose {
    /// Those to numbers of a region.
    Region([u8; 2]),
    /// Those to numbers of a calling code.
    Code(u16),
    /// Those to all others.
    Others,
}

/// A table of prices.
///
/// ```
/// use postgate_core::{MessageChannel, Prices, Region};
///
/// let json = br#"{"currency": "USD", "sms": {"US": "0.0079", "+44": "0.04", "*": "0.1"}, "whatsapp": "0.005"}"#;
/// let prices = Prices::parse(json)?;
/// assert_eq!(prices.of(MessageChannel::Sms, Region::named("US"), 1), Some(7_900));
/// assert_eq!(prices.of(MessageChannel::Sms, Region::named("JE"), 44), Some(40_000));
/// assert_eq!(prices.of(MessageChannel::WhatsApp, None, 49), Some(5_000));
/// assert_eq!(prices.of(MessageChannel::Rcs, None, 49), None);
/// # Ok::<(), postgate_core::PriceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    currency: String,
    /// In millionths of the currency, sorted by what and whose they are.
    entries: Vec<((MessageChannel, Whose), u64)>,
}

/// Why something is no table of prices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceError {
    /// JSON Pointer into the table.
    pub at: String,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for PriceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "prices must be {}; {:?} is not right", self.expected, self.at)
    }
}

impl std::error::Error for PriceError {}

const TABLE: &str = "an object with currency, and sms, mms, rcs, whatsapp where they have prices";
const CURRENCY: &str = "a table whose currency is three capitals, as in ISO 4217";
const PLACE: &str =
    "a table by regions such as US, calling codes such as +44, and *, each once and at most 2000 in all";
const AMOUNT: &str = "a table of amounts below 100000 with at most six decimals, such as \"0.0079\"";

impl Prices {
    /// Reads a table: `{"currency": "USD", "sms": {"US": "0.0079", "+44": "0.04", "*": "0.1"}, "whatsapp": "0.005"}`.
    ///
    /// Each channel has the price of one segment (`sms`) or one message (`mms`, `rcs`, `whatsapp`): by the region of the
    /// recipient's number, else by its calling code, else by `*`. An amount in place of the object stands for `*`.
    /// Amounts are decimals, in quotes or as numbers, and are read to the digit. What has no price is counted as such.
    ///
    /// # Errors
    ///
    /// Where anything stands that is not as above, or stands there twice.
    pub fn parse(json: &[u8]) -> Result<Self, PriceError> {
        let mut table = Table { prices: Self { currency: String::new(), entries: Vec::new() }, wrong: None };
        let mut reader = Reader::new(json, 0);
        let read = table.members(&mut reader);
        let behind = json.get(reader.at()..).unwrap_or_default();
        if read.is_err() || !behind.trim_ascii().is_empty() {
            table.refuse(&Pointer::Root, TABLE);
        } else if table.prices.currency.is_empty() {
            table.refuse(&Pointer::Name(&Pointer::Root, "currency"), CURRENCY);
        }
        table.wrong.map_or(Ok(table.prices), Err)
    }

    /// The currency: three capitals.
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// The price of a segment or message in millionths of the currency, by the region and calling code of the number it
    /// goes to. None where the table has none.
    pub fn of(&self, channel: MessageChannel, region: Option<Region>, calling_code: u16) -> Option<u64> {
        let region = region.and_then(|region| region.as_str().as_bytes().try_into().ok()).map(Whose::Region);
        let places = [region, Some(Whose::Code(calling_code)), Some(Whose::Others)];
        let found = places.into_iter().flatten().find_map(|whose| self.place(channel, whose).ok())?;
        self.entries.get(found).map(|(_, price)| *price)
    }

    /// The prices of a segment or message to a number that is not known. None where a number may have no price.
    pub(crate) fn anywhere(&self, channel: MessageChannel) -> Option<Range> {
        self.of(channel, None, 0)?;
        let prices = self.entries.iter().filter(|((other, _), _)| *other == channel);
        prices.map(|(_, price)| Range::exactly(*price)).reduce(Range::or)
    }

    fn place(&self, channel: MessageChannel, whose: Whose) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&(channel, whose), |(key, _)| *key)
    }
}

/// A table that is read, and the first thing in it that cannot be.
struct Table {
    prices: Prices,
    wrong: Option<PriceError>,
}

impl Table {
    fn refuse(&mut self, at: &Pointer<'_>, expected: &'static str) -> Stop {
        self.wrong.get_or_insert_with(|| PriceError { at: at.text(), expected });
        Stop
    }

    fn members(&mut self, reader: &mut Reader<'_>) -> Result<(), Stop> {
        let mut members = reader.object()?;
        while let Some(name) = members.next(reader)? {
            self.member(reader, &name)?;
        }
        Ok(())
    }

    fn member(&mut self, reader: &mut Reader<'_>, name: &Text<'_>) -> Result<(), Stop> {
        let decoded = name.decode();
        let at = &Pointer::Name(&Pointer::Root, &decoded);
        if decoded == "currency" {
            let (kind, _) = reader.peek()?;
            let currency = if kind == Kind::String { reader.string()?.decode().into_owned() } else { String::new() };
            let fits = currency.len() == 3 && currency.bytes().all(|byte| byte.is_ascii_uppercase());
            if !fits || !self.prices.currency.is_empty() {
                return Err(self.refuse(at, CURRENCY));
            }
            self.prices.currency = currency;
            return Ok(());
        }
        let Some(&channel) = MessageChannel::ALL.iter().find(|channel| decoded == channel.as_str()) else {
            return Err(self.refuse(at, TABLE));
        };
        if reader.peek()?.0 != Kind::Object {
            return self.price(reader, at, (channel, Whose::Others));
        }
        let mut members = reader.object()?;
        while let Some(name) = members.next(reader)? {
            let decoded = name.decode();
            let at = &Pointer::Name(at, &decoded);
            match whose(&decoded) {
                Some(whose) => self.price(reader, at, (channel, whose))?,
                None => return Err(self.refuse(at, PLACE)),
            }
        }
        Ok(())
    }

    fn price(
        &mut self,
        reader: &mut Reader<'_>,
        at: &Pointer<'_>,
        (channel, whose): (MessageChannel, Whose),
    ) -> Result<(), Stop> {
        let amount = match reader.peek()?.0 {
            Kind::String => millionths(&reader.string()?.decode()),
            Kind::Number => millionths(reader.number_text()?),
            _ => None,
        };
        let Some(amount) = amount else { return Err(self.refuse(at, AMOUNT)) };
        match self.prices.place(channel, whose) {
            Err(place) if self.prices.entries.len() < PRICES => {
                self.prices.entries.insert(place, ((channel, whose), amount));
                Ok(())
            }
            _ => Err(self.refuse(at, PLACE)),
        }
    }
}

/// Whose messages a name in the table stands for.
fn whose(name: &str) -> Option<Whose> {
    if name == "*" {
        return Some(Whose::Others);
    }
    if let Some(code) = name.strip_prefix('+') {
        let code = digits(code).filter(|_| code.len() <= 3 && !code.starts_with('0'));
        return code.map(|code| Whose::Code(code as u16));
    }
    Region::named(name).and_then(|region| region.as_str().as_bytes().try_into().ok()).map(Whose::Region)
}

/// Reads a decimal to the digit, in millionths.
pub(crate) fn millionths(text: &str) -> Option<u64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    if whole.len() > WHOLE_DIGITS || decimals.len() > DECIMALS {
        return None;
    }
    let decimal = digits(decimals)? * 10_u64.pow((DECIMALS - decimals.len()) as u32);
    Some(digits(whole)? * 1_000_000 + decimal)
}

/// What messages cost, in millionths of the currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// With the fewest segments.
    pub min: u64,
    /// With the most segments.
    pub max: u64,
    /// How many messages may go over a channel for which there is no price.
    pub unpriced: u64,
}

impl Cost {
    /// Adds a message: what it costs, if it has a price. Stops at the highest number, which no send reaches.
    pub fn add(&mut self, paid: Option<Range>) {
        match paid {
            Some(paid) => {
                self.min = self.min.saturating_add(paid.min);
                self.max = self.max.saturating_add(paid.max);
            }
            None => self.unpriced = self.unpriced.saturating_add(1),
        }
    }

    /// The canonical JSON, with amounts as decimals in quotes: `{"currency":"USD","min":"79","max":"86.9","unpriced":0}`.
    pub fn to_json(&self, prices: &Prices) -> String {
        let mut json = Json::default();
        self.write(prices, &mut json);
        json.finish()
    }

    /// Writes it into a larger JSON text.
    pub(crate) fn write(&self, prices: &Prices, json: &mut Json) {
        json.open('{').name("currency").text(&prices.currency);
        json.name("min").text(&decimal(self.min)).name("max").text(&decimal(self.max));
        json.member("unpriced", self.unpriced).close('}');
    }
}

/// Millionths as a decimal, without zeros that say nothing.
fn decimal(millionths: u64) -> String {
    let (mut out, mut rest) = (number(millionths / 1_000_000), millionths % 1_000_000);
    let mut place = 100_000;
    if rest > 0 {
        out.push('.');
    }
    while rest > 0 {
        out.push(char::from(b'0' + (rest / place) as u8));
        rest %= place;
        place /= 10;
    }
    out
}

#[cfg(test)]
mod tests;
