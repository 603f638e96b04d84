//! What a send takes, against a plain model of it: campaigns of many shapes, each added up person by person by the
//! rules of the API's pages, with texts from `render_template` and segments from `count_segments`.

use std::collections::BTreeMap;

use postgate_core::{
    Duplicates, Envelope, Facts, Fault, Need, Options, Row, Sink, Template, Verdict, Wants, count_segments,
    render_template, summarize,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const CHANNELS: [&str; 4] = ["sms", "mms", "rcs", "whatsapp"];

/// What a content template takes as SMS at most, as nobody knows its text.
const ASSUMED: u64 = 2;

/// A stored person's value, which only the service knows.
const REFERENCE: &str = "${Twilio.Profile.firstName}";

/// Numbers without their last two digits, with their regions and calling codes.
const NUMBERS: [(&str, &str, &str); 5] = [
    ("+14155550100", "US", "+1"),
    ("+12045550100", "CA", "+1"),
    ("+447400123400", "GB", "+44"),
    ("+4915123456700", "DE", "+49"),
    ("+919812345600", "IN", "+91"),
];

/// A number of its own for each place, with its region and calling code.
fn number(kind: usize, place: usize) -> (String, &'static str, &'static str) {
    let (number, region, code) = NUMBERS[kind % NUMBERS.len()];
    (format!("{}{place:02}", &number[..number.len() - 2]), region, code)
}

/// A text, with Liquid or without.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => select(&[
            "Hi ", "{{ a }}", "{{ b | default: 'you' }}", "{% if a == 'x' %}{{ c }}{% else %}Soon{% endif %}",
            "{% for i in (1..40) %}{{ a }}{% endfor %}", "{% assign n = b | split: ' ' %}{{ n[1] }}", "\u{1F600}",
            "{{ c | upcase | truncate: 9 }}", "\u{2019}", "\u{20AC}[]", "{% unless c %}\u{2026}{% endunless %}",
            "{{ 'x' | append: c }}", "{% case b %}{% when 'x' %}{{ a }}{% else %}\u{e9}{% endcase %}",
            "{{ b | plus: 1 }}",
        ][..]).prop_map(str::to_owned),
        1 => "[a-z ]{100,170}",
        1 => "\\PC{1,80}",
    ];
    let readable = |text: &String| Template::parse(text).template.is_some();
    prop::collection::vec(part, 1..5).prop_map(|parts| parts.concat()).prop_filter("broken Liquid", readable)
}

fn content() -> impl Strategy<Value = Value> {
    let media = json!([{"url": "https://example.com/a.png"}]);
    let sms = prop_oneof![
        3 => text().prop_map(|text| json!({"sms": {"text": text}})),
        1 => Just(json!({"sms": {"text": "Look", "media": media.clone()}})),
    ];
    let rcs = prop_oneof![
        text().prop_map(|text| json!({"rcs": {"text": text}})),
        Just(json!({"rcs": {"media": {"url": "https://example.com/a.png"}}})),
    ];
    let whatsapp = Just(json!({"whatsapp": {"text": "Hi {{ a }}"}}));
    let module = |module: BoxedStrategy<Value>| prop::collection::vec(module, 0..2);
    let modules =
        (module(sms.boxed()), module(rcs.boxed()), module(whatsapp.boxed())).prop_map(|(sms, rcs, whatsapp)| {
            let modules = [sms, rcs, whatsapp].concat();
            json!({"modules": modules})
        });
    prop_oneof![
        5 => text().prop_map(|text| json!({"text": text})),
        1 => text().prop_map(move |text| json!({"text": text, "media": media})),
        1 => Just(json!({"contentId": "HX0123456789abcdef0123456789abcdef"})),
        3 => modules,
    ]
}

fn sender() -> impl Strategy<Value = Option<Value>> {
    let pool = |channels: Vec<&str>| {
        let id = "comms_senderpool_01h9krwprkeee8fzqspvwy6nq8";
        json!({"senderPoolId": id, "channels": {"filterIn": channels}})
    };
    prop_oneof![
        4 => Just(Some(json!({"address": "+15017122661", "channel": "SMS"}))),
        1 => Just(Some(json!({"address": "brand_agent", "channel": "RCS"}))),
        1 => Just(Some(json!({"address": "+15017122661", "channel": "WHATSAPP"}))),
        1 => Just(Some(pool(vec!["RCS", "SMS"]))),
        1 => Just(Some(pool(vec!["WHATSAPP", "RCS"]))),
        2 => Just(None),
    ]
}

/// Recipients: by number, over WhatsApp, both, stored, a group, or named again.
fn rows() -> impl Strategy<Value = Vec<Value>> {
    let value = prop_oneof![
        3 => select(&["x", "Ada", "Ada King", "", "12", "\u{1F600}\u{1F600}", REFERENCE][..]).prop_map(str::to_owned),
        1 => "[a-z ]{0,120}",
        1 => "\\PC{0,9}",
    ];
    let variables = prop::option::of(prop::collection::btree_map("[abcd]", value, 0..4));
    let row = (0..9_u8, 0..NUMBERS.len(), variables);
    prop::collection::vec(row, 1..16).prop_map(|rows| {
        let mut made: Vec<Value> = Vec::new();
        for (place, (shape, kind, variables)) in rows.into_iter().enumerate() {
            let address = number(kind, place).0;
            let mut row = match shape {
                0..4 => json!({"address": address, "channel": "PHONE"}),
                4 => json!({"address": address, "channel": "WHATSAPP"}),
                5 => {
                    let other = number(kind + 1, 50 + place).0;
                    let phone = json!({"address": address, "channel": "PHONE"});
                    json!({"addresses": [phone, {"address": other, "channel": "WHATSAPP"}]})
                }
                6 => {
                    let id = format!("mem_profile_01h9krwprkeee8fzqspvwy6n{place:02}");
                    json!({"profileId": id, "memoryStoreId": "mem_store_01h9krwprkeee8fzqspvwy6nq8"})
                }
                7 => json!({"cohortId": format!("cmp_cohort_01h9krwprkeee8fzqspvwy6n{place:02}")}),
                _ => match made.iter().find(|row| row["channel"] == "PHONE") {
                    Some(row) => row.clone(),
                    None => json!({"address": address, "channel": "PHONE"}),
                },
            };
            if let Some(variables) = variables {
                row["variables"] = json!(variables);
            }
            made.push(row);
        }
        made
    })
}

fn prices() -> impl Strategy<Value = Option<Value>> {
    let amount = select(&["0.0079", "0.1", "1", "0.000001", "0"][..]);
    let place = select(&["US", "CA", "+1", "+44", "DE", "*"][..]);
    let channel = prop_oneof![
        prop::collection::btree_map(place, amount.clone(), 0..5).prop_map(|places| json!(places)),
        amount.prop_map(|amount| json!(amount)),
    ];
    prop::option::of(prop::collection::btree_map(select(&CHANNELS[..]), channel, 0..5)).prop_map(|prices| {
        prices.map(|prices| {
            let mut table = json!(prices);
            table["currency"] = json!("USD");
            table
        })
    })
}

/// So much at least, and so much at most.
type Span = [u64; 2];

fn or(spans: impl Iterator<Item = Span>) -> Option<Span> {
    spans.reduce(|[a, b], [c, d]| [a.min(c), b.max(d)])
}

fn add(sum: &mut Span, [min, max]: Span) {
    *sum = [sum[0] + min, sum[1] + max];
}

fn span(span: Span) -> Value {
    json!({"min": span[0], "max": span[1]})
}

/// An amount in millionths of the currency.
fn millionths(amount: &Value) -> u64 {
    let (whole, decimals) = amount.as_str().map(|amount| amount.split_once('.').unwrap_or((amount, ""))).expect("text");
    format!("{whole}{decimals:0<6}").parse().expect("digits")
}

/// The price of a message over a channel to a number, or to one that is not known.
fn price(prices: &Value, channel: &str, number: Option<(&str, &str)>) -> Option<Span> {
    let table = &prices[channel];
    let all = |place: &str| if table.is_string() { Some(table) } else { table.get(place) };
    let places = number.map_or(vec!["*"], |(region, code)| vec![region, code, "*"]);
    let found = millionths(places.into_iter().find_map(all)?);
    match (number, table.as_object()) {
        (None, Some(places)) => or(places.values().map(|price| [millionths(price); 2])),
        _ => Some([found; 2]),
    }
}

/// What a campaign takes, added up.
fn model(request: &Value, options: &Options, prices: Option<&Value>, drop: bool) -> Value {
    let of_sender: Vec<&str> = match &request["from"] {
        Value::Null => CHANNELS.to_vec(),
        from => {
            let named = from.get("channel").map_or(&from["channels"]["filterIn"], |channel| channel);
            let has = |word: &str| named == word || named.as_array().is_some_and(|words| words.contains(&json!(word)));
            let behind = [("SMS", 0), ("SMS", 1), ("RCS", 2), ("WHATSAPP", 3)];
            behind.into_iter().filter(|(word, _)| has(word)).map(|(_, place)| CHANNELS[place]).collect()
        }
    };
    let content = &request["content"];
    let modules = content["modules"].as_array();
    let module = |name: &str| modules.and_then(|modules| modules.iter().find_map(|module| module.get(name)));
    let texts = |body: &Value| if body.get("media").is_some() { "mms" } else { "sms" };
    let of_content: Vec<&str> = match modules {
        _ if content.get("contentId").is_some() => CHANNELS.to_vec(),
        None => vec![texts(content), "rcs", "whatsapp"],
        Some(_) => {
            let others = ["rcs", "whatsapp"].into_iter().filter(|name| module(name).is_some());
            module("sms").map(texts).into_iter().chain(others).collect()
        }
    };
    let text = module("sms").map_or(&content["text"], |sms| &sms["text"]).as_str();
    let (mut people, mut at_least, mut unreached) = (0, false, 0);
    let (mut channels, mut segments, mut units) = ([[0, 0]; 4], [0, 0], [0, 0]);
    let mut longest: Option<(usize, Value)> = None;
    let mut dearest: Vec<(u64, Value)> = Vec::new();
    let (mut cost, mut unpriced) = ([0, 0], 0);
    let mut seen: Vec<&Value> = Vec::new();
    for (place, row) in request["to"].as_array().expect("rows").iter().enumerate() {
        let address = &row["address"];
        if drop && !address.is_null() && seen.contains(&address) {
            continue;
        }
        seen.push(address);
        if row.get("cohortId").is_some() {
            at_least = true;
            continue;
        }
        people += 1;
        let stored = row.get("profileId").is_some();
        let addresses = row
            .get("addresses")
            .map_or(vec![row], |addresses| addresses.as_array().expect("addresses").iter().collect());
        let leads = |channel: &str, address: &&&Value| (channel == "whatsapp") == (address["channel"] == "WHATSAPP");
        let reached = |channel: &str| stored || addresses.iter().any(|address| leads(channel, &address));
        let is_open = |channel: &&str| of_sender.contains(channel) && of_content.contains(channel) && reached(channel);
        let open: Vec<&str> = CHANNELS.into_iter().filter(is_open).collect();
        let reads = open.iter().any(|channel| modules.is_none() || ["sms", "mms"].contains(channel));
        let mut sms = [1, 1];
        if content.get("contentId").is_some() {
            sms = [1, ASSUMED];
            at_least |= !open.is_empty();
        } else if let Some(text) = text.filter(|_| reads) {
            let mut values = row.get("variables").cloned().unwrap_or_else(|| json!({}));
            let template = Template::parse(text).template.expect("a template");
            for (name, value) in values.as_object_mut().expect("variables") {
                if stored && value == REFERENCE {
                    *value = json!("");
                    at_least |= template.names().any(|known| known == name);
                }
            }
            let answer = render_template(text, values.to_string().as_bytes(), None);
            let answer: Value = serde_json::from_str(&answer).expect("JSON");
            let read = answer["text"].as_str().expect("a text");
            let counted = count_segments(read, options.segments);
            sms = [counted.min as u64, counted.max as u64];
            let characters = read.chars().count();
            if longest.as_ref().is_none_or(|(most, _)| characters > *most) {
                let encoding = counted.encoding.as_str();
                let json =
                    json!({"row": place, "characters": characters, "encoding": encoding, "units": counted.units});
                longest = Some((characters, json));
            }
        }
        let takes = |channel: &str| if channel == "sms" { sms } else { [1, 1] };
        let certain = open.len() == 1;
        for (channel, sum) in CHANNELS.iter().zip(&mut channels).filter(|(channel, _)| open.contains(*channel)) {
            add(sum, [u64::from(certain), 1]);
            if *channel == "sms" {
                add(&mut segments, [if certain { sms[0] } else { 0 }, sms[1]]);
                dearest.extend((sms[1] > 1).then(|| (sms[1], json!({"row": place, "segments": span(sms)}))));
            }
        }
        match or(open.iter().map(|channel| takes(channel))) {
            Some(takes) => add(&mut units, takes),
            None => unreached += 1,
        }
        if let Some(prices) = prices {
            let mut paid: Vec<Option<Span>> = Vec::new();
            for channel in &open {
                let times = |price: Option<Span>| price.map(|[a, b]| [a * takes(channel)[0], b * takes(channel)[1]]);
                if stored {
                    paid.push(times(price(prices, channel, None)));
                }
                for address in addresses.iter().filter(|address| !stored && leads(channel, address)) {
                    let written = address["address"].as_str().expect("a number");
                    let known = NUMBERS.iter().find(|(number, ..)| written.starts_with(&number[..number.len() - 2]));
                    let (_, region, code) = known.expect("one of the numbers");
                    paid.push(times(price(prices, channel, Some((region, code)))));
                }
            }
            add(&mut cost, or(paid.iter().flatten().copied()).unwrap_or_default());
            unpriced += u64::from(paid.contains(&None));
        }
    }
    dearest.sort_by_key(|(max, _)| std::cmp::Reverse(*max));
    let dearest: Vec<Value> = dearest.into_iter().take(10).map(|(_, row)| row).collect();
    let channels: BTreeMap<&str, Value> =
        CHANNELS.into_iter().zip(channels).filter(|(_, sum)| sum[1] > 0).map(|(name, sum)| (name, span(sum))).collect();
    let mut estimate = json!({
        "people": people, "atLeast": at_least, "channels": channels, "unreached": unreached,
        "segments": span(segments), "dearest": dearest, "units": span(units),
    });
    if let Some((_, longest)) = longest {
        estimate["longest"] = longest;
    }
    if prices.is_some() {
        estimate["cost"] = json!([cost[0], cost[1], unpriced]);
    }
    estimate
}

/// The estimate as the model has it: amounts in millionths.
fn told(verdict: &Verdict, options: &Options) -> Value {
    let estimate = verdict.estimate.as_ref().expect("the request can be read");
    let mut told: Value = serde_json::from_str(&estimate.to_json(options.prices.as_ref())).expect("JSON");
    if let Some(cost) = estimate.cost {
        told["cost"] = json!([cost.min, cost.max, cost.unpriced]);
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_send_takes_what_its_messages_take(
        (to, from, content) in (rows(), sender(), content()),
        (prices, smart, drop) in (prices(), any::<bool>(), any::<bool>()),
    ) {
        let mut request = json!({"to": to, "content": content});
        if let Some(from) = from {
            request["from"] = from;
        }
        let mut options = Options::default();
        let mut set = |name: &str, value: &str| options.set(name, value).expect("an option");
        set("smartEncoding", if smart { "true" } else { "false" });
        set("duplicates", if drop { "drop" } else { "keep" });
        if let Some(prices) = &prices {
            set("prices", &prices.to_string());
        }
        options.previews = (0..to.len() as u64).collect();
        let verdict = summarize(request.to_string().as_bytes(), &options).verdict;
        let told = told(&verdict, &options);
        prop_assert_eq!(&told, &model(&request, &options, prices.as_ref(), drop), "{}", request);
        // What each person is shown is what was added up.
        let mut shown = [0, 0];
        for preview in &verdict.previews {
            let preview: Value = serde_json::from_str(&preview.to_json()).expect("JSON");
            let channels = preview["channels"].as_array().expect("channels");
            for channel in channels.iter().filter(|channel| channel["channel"] == "sms") {
                let [min, max] = ["min", "max"].map(|bound| channel["segments"]["segments"][bound].as_u64());
                let is_template = channel.get("template").is_some();
                prop_assert_eq!(min.is_none() && max.is_none(), is_template);
                let min = if channels.len() == 1 { min.unwrap_or(1) } else { 0 };
                add(&mut shown, [min, max.unwrap_or(ASSUMED)]);
            }
        }
        // A group is shown, and added up as nobody.
        if !to.iter().any(|row| row.get("cohortId").is_some()) {
            prop_assert_eq!(span(shown), told["segments"].clone(), "{}", request);
        }
    }
}

/// The places of the rows that are handed over.
#[derive(Default)]
struct Sent(Vec<u64>);

impl Sink for Sent {
    fn begin(&mut self, _: &Envelope, _: u64) {}

    fn row(&mut self, row: Row<'_>) -> Result<(), Fault> {
        self.0.push(row.index);
        Ok(())
    }
}

/// The rows that are sent where those with errors are left out; none where the rest has errors.
fn sent_without_errors(request: &[u8], options: &Options) -> Vec<u64> {
    let mut facts = Facts::new(options, Wants::Bodies);
    facts.refuse_rows();
    facts.push(request);
    let Need::Again(mut bodies) = facts.finish() else { return Vec::new() };
    let mut sent = Sent::default();
    bodies.push(request, &mut sent);
    let ok = bodies.finish().expect("the same bytes").verdict.ok;
    if ok { sent.0 } else { Vec::new() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_lenient_estimate_is_of_those_who_are_sent_to(
        (mut to, from, content) in (rows(), sender(), content()),
        wrong in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        refuse in any::<bool>(),
    ) {
        for place in wrong {
            let row = place.index(to.len());
            to[row]["address"] = json!("+0");
        }
        let head = |to: Vec<Value>| {
            let mut request = json!({"to": to, "content": content});
            if let Some(from) = &from {
                request["from"] = from.clone();
            }
            request.to_string().into_bytes()
        };
        let duplicates = if refuse { Duplicates::Refuse } else { Duplicates::Keep };
        let strict = Options { duplicates, ..Options::default() };
        let request = head(to.clone());
        let sent = sent_without_errors(&request, &strict);
        let lenient = Options { lenient: true, ..strict.clone() };
        let [found, whole] = [&lenient, &strict].map(|options| summarize(&request, options).verdict);
        prop_assert_eq!(found.to_json(), whole.to_json());
        let estimate = found.estimate.expect("the request can be read");
        prop_assume!(!sent.is_empty());
        let others = head(sent.iter().map(|row| to[*row as usize].clone()).collect());
        let mut expected = summarize(&others, &strict).verdict.estimate.expect("so can this");
        expected.longest.iter_mut().for_each(|longest| longest.row = sent[longest.row as usize]);
        expected.dearest.iter_mut().for_each(|(row, _)| *row = sent[*row as usize]);
        prop_assert_eq!(estimate, expected);
    }
}
