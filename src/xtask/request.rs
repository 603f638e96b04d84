//! A valid request of any number of recipients, the same bytes for the same numbers. Stands alone, so that the case
//! suite makes its large requests with it too.

use std::io::{self, Write};

/// Beyond this the numbers of a country would come round again.
pub const MOST: u64 = 20_000_000;

/// A country's mobile numbers: `+`, its code, one of the beginnings, then any `digits` digits.
///
/// The beginnings are ranges that are in use for mobile phones (in the US, area codes), so that numbers stay valid
/// when they are looked at closer than their form.
struct Country {
    code: &'static str,
    beginnings: &'static [&'static str],
    digits: u32,
    cities: &'static [&'static str],
}

#[rustfmt::skip]
const COUNTRIES: &[Country] = &[
    // In the US an exchange begins with 2 to 9; 2 to 4 followed by 3 stay clear of 211, 311 and 411.
    Country { code: "1", digits: 5, cities: &["Austin", "Boston", "Chicago", "Denver", "Seattle"],
        beginnings: &["20223", "20233", "20243", "21223", "21233", "21243", "21323", "21333", "21343", "30323",
            "30333", "30343", "30523", "30533", "30543", "31223", "31233", "31243", "40423", "40433", "40443",
            "41523", "41533", "41543", "50323", "50333", "50343", "51223", "51233", "51243", "61723", "61733",
            "61743", "64623", "64633", "64643", "70223", "70233", "70243", "71323", "71333", "71343"] },
    Country { code: "44", digits: 6, cities: &["Bristol", "Glasgow", "Leeds", "London"],
        beginnings: &["7400", "7415", "7425", "7710", "7725", "7740", "7765", "7801", "7850", "7900", "7920"] },
    Country { code: "49", digits: 7, cities: &["Berlin", "Köln", "München", "Nürnberg"],
        beginnings: &["160", "162", "163", "170", "171", "172", "173", "174", "175", "177", "178", "179"] },
    Country { code: "33", digits: 7, cities: &["Angoulême", "Lyon", "Orléans", "Paris"],
        beginnings: &["60", "61", "62", "64", "66", "67", "68"] },
    Country { code: "91", digits: 8, cities: &["Chennai", "Delhi", "मुंबई", "Pune"], beginnings: &["98", "99"] },
    Country { code: "55", digits: 7, cities: &["Belém", "Curitiba", "Rio de Janeiro", "São Paulo"],
        beginnings: &["1198", "1199", "2198", "2199", "3198", "3199", "4198", "4199", "5198", "5199"] },
    Country { code: "81", digits: 7, cities: &["京都", "Osaka", "札幌", "Tokyo"],
        beginnings: &["901", "902", "903", "801", "802", "803", "701", "702"] },
    Country { code: "61", digits: 7, cities: &["Brisbane", "Hobart", "Perth", "Sydney"],
        beginnings: &["40", "41", "42", "43"] },
];

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "Ada", "Amélie", "Björn", "Chloé", "Daniel", "Elif", "Fatima", "Grace", "Hiroshi", "Inés", "Jürgen", "Kofi",
    "Léa", "Mateus", "Noah", "Olivia", "Priya", "Quentin", "Renée", "Sofía", "Tomás", "Ümit", "Violet", "William",
    "Xenia", "Yuki", "Zoë", "さくら", "मीरा", "Siobhán", "O'Neil", "André",
];

/// Writes a request of `recipients` recipients.
///
/// # Errors
///
/// When `out` cannot be written to.
pub fn write(recipients: u64, seed: u64, out: &mut impl Write) -> io::Result<()> {
    let mut chance = Chance(seed);
    let starts: Vec<u64> = COUNTRIES.iter().map(|_| chance.next()).collect();
    let mut counts = vec![0_u64; COUNTRIES.len()];
    out.write_all(b"{\"to\":[")?;
    for index in 0..recipients {
        if index > 0 {
            out.write_all(b",")?;
        }
        let at = chance.below(COUNTRIES.len());
        let country = &COUNTRIES[at];
        let (beginning, rest) = country.number(starts[at], counts[at]);
        counts[at] += 1;
        write!(
            out,
            "{{\"address\":\"+{}{beginning}{rest:0digits$}\",\"channel\":\"PHONE\",\"variables\":{{\
             \"firstName\":\"{}\",\"code\":\"{:06}\",\"city\":\"{}\",\"order\":\"{}-{:05}\",\"points\":\"{}\"}}}}",
            country.code,
            NAMES[chance.below(NAMES.len())],
            chance.below(1_000_000),
            country.cities[chance.below(country.cities.len())],
            2024 + chance.below(3),
            chance.below(100_000),
            chance.below(5_000),
            digits = country.digits as usize,
        )?;
    }
    // No text is longer than one segment, and nothing in it is worth a warning.
    out.write_all(
        br#"],"from":{"address":"+15017122661","channel":"SMS"},"content":{"text":"{{ firstName | default: 'Hi' }}, order {{ order | default: 'ready' }} in {{ city | default: 'store' }}: code {{ code | default: 'none' }}, {{ points | default: 0 }} points"},"tags":{"campaign":"sample","team":"growth"}}"#,
    )
}

impl Country {
    /// The `count`-th number. A step that has no divisor in common with the number of numbers visits each once.
    fn number(&self, start: u64, count: u64) -> (&'static str, u64) {
        const STEP: u64 = 2_654_435_761;
        let each = 10_u64.pow(self.digits);
        let all = each * self.beginnings.len() as u64;
        let at = (start % all + (count % all) * (STEP % all) % all) % all;
        (self.beginnings[(at / each) as usize], at % each)
    }
}

/// SplitMix64, <https://prng.di.unimi.it/splitmix64.c>: small, and the same on every machine.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}
