use super::*;

fn parse(json: &str) -> Result<Prices, PriceError> {
    Prices::parse(json.as_bytes())
}

#[test]
fn the_nearest_price_counts() -> Result<(), PriceError> {
    let json = r#" {"currency":"EUR","sms":{"GB":"0.04","+44":0.05,"*":"1"},"mms":{"US":"0.02"},"rcs":0.5} "#;
    let prices = parse(json)?;
    assert_eq!(prices.currency(), "EUR");
    let of = |channel, region, code| prices.of(channel, Region::named(region), code);
    assert_eq!(of(MessageChannel::Sms, "GB", 44), Some(40_000));
    assert_eq!(of(MessageChannel::Sms, "JE", 44), Some(50_000));
    assert_eq!(prices.of(MessageChannel::Sms, None, 44), Some(50_000));
    assert_eq!(of(MessageChannel::Sms, "DE", 49), Some(1_000_000));
    assert_eq!(of(MessageChannel::Mms, "US", 1), Some(20_000));
    assert_eq!(of(MessageChannel::Mms, "CA", 1), None);
    assert_eq!(of(MessageChannel::Rcs, "CA", 1), Some(500_000));
    assert_eq!(of(MessageChannel::WhatsApp, "CA", 1), None);
    Ok(())
}

#[test]
fn amounts_are_read_to_the_digit() {
    let read = |amount: &str| {
        let prices = parse(&format!(r#"{{"currency":"USD","sms":{amount}}}"#));
        prices.ok().and_then(|prices| prices.of(MessageChannel::Sms, None, 1))
    };
    let good = [
        ("0", 0),
        ("\"0\"", 0),
        ("\"0.0079\"", 7_900),
        ("0.0079", 7_900),
        ("\"0.000001\"", 1),
        ("\"99999.999999\"", 99_999_999_999),
        ("1.5", 1_500_000),
    ];
    for (amount, millionths) in good {
        assert_eq!(read(amount), Some(millionths), "{amount}");
    }
    let bad = [
        "\"\"",
        "\".5\"",
        "\"1.\"",
        "\"-1\"",
        "-1",
        "1e3",
        "1E-3",
        "\"0.0000001\"",
        "\"100000\"",
        "\"1,5\"",
        "\" 1\"",
        "\"٣\"",
        "null",
        "true",
        "[]",
    ];
    for amount in bad {
        let error = parse(&format!(r#"{{"currency":"USD","sms":{amount}}}"#));
        assert_eq!(error, Err(PriceError { at: "/sms".into(), expected: AMOUNT }), "{amount}");
    }
}

#[test]
fn what_is_no_table_is_refused_and_told_where() {
    for (json, at, expected) in [
        ("", "", TABLE),
        ("[]", "", TABLE),
        ("null", "", TABLE),
        (r#"{"currency":"USD""#, "", TABLE),
        (r#"{"currency":"USD"} {}"#, "", TABLE),
        ("{}", "/currency", CURRENCY),
        (r#"{"currency":"usd"}"#, "/currency", CURRENCY),
        (r#"{"currency":"EURO"}"#, "/currency", CURRENCY),
        (r#"{"currency":"EU"}"#, "/currency", CURRENCY),
        (r#"{"currency":840}"#, "/currency", CURRENCY),
        (r#"{"currency":"USD","currency":"USD"}"#, "/currency", CURRENCY),
        (r#"{"currency":"USD","fax":"1"}"#, "/fax", TABLE),
        (r#"{"currency":"USD","sms":{"us":"1"}}"#, "/sms/us", PLACE),
        (r#"{"currency":"USD","sms":{"XX":"1"}}"#, "/sms/XX", PLACE),
        (r#"{"currency":"USD","sms":{"001":"1"}}"#, "/sms/001", PLACE),
        (r#"{"currency":"USD","sms":{"+":"1"}}"#, "/sms/+", PLACE),
        (r#"{"currency":"USD","sms":{"+0":"1"}}"#, "/sms/+0", PLACE),
        (r#"{"currency":"USD","sms":{"++1":"1"}}"#, "/sms/++1", PLACE),
        (r#"{"currency":"USD","sms":{"+1234":"1"}}"#, "/sms/+1234", PLACE),
        (r#"{"currency":"USD","sms":{"US":"1","\u0055S":"2"}}"#, "/sms/US", PLACE),
        (r#"{"currency":"USD","sms":"1","sms":{"*":"2"}}"#, "/sms/*", PLACE),
        (r#"{"currency":"USD","sms":{"US":{"a":1}}}"#, "/sms/US", AMOUNT),
    ] {
        assert_eq!(parse(json), Err(PriceError { at: at.into(), expected }), "{json}");
    }
    let error = PriceError { at: "/currency".into(), expected: CURRENCY };
    assert_eq!(
        error.to_string(),
        r#"prices must be a table whose currency is three capitals, as in ISO 4217; "/currency" is not right"#
    );
}

#[test]
fn tables_are_bounded() {
    let codes = |channel: &str| {
        let codes: Vec<String> = (1..=999).map(|code| format!("\"+{code}\":1")).collect();
        format!("\"{channel}\":{{{}}}", codes.join(","))
    };
    let table = |more: &str| format!(r#"{{"currency":"USD",{},{}{more}}}"#, codes("sms"), codes("mms"));
    assert!(parse(&table(r#","rcs":{"US":1,"*":2}"#)).is_ok());
    let error = parse(&table(r#","rcs":{"US":1,"+1":1,"*":2}"#));
    assert_eq!(error, Err(PriceError { at: "/rcs/*".into(), expected: PLACE }));
}

#[test]
fn costs_are_a_range_and_what_has_no_price_is_counted() -> Result<(), PriceError> {
    let prices = parse(r#"{"currency":"USD","sms":{"US":"0.0079"}}"#)?;
    let mut cost = Cost::default();
    let price = prices.of(MessageChannel::Sms, Region::named("US"), 1);
    let one_or_two = Range { min: 1, max: 2 };
    for _ in 0..10_000 {
        cost.add(price.map(|price| Range::exactly(price).times(one_or_two)));
    }
    cost.add(prices.of(MessageChannel::Sms, Region::named("GB"), 44).map(Range::exactly));
    assert_eq!(cost, Cost { min: 79_000_000, max: 158_000_000, unpriced: 1 });
    assert_eq!(cost.to_json(&prices), r#"{"currency":"USD","min":"79","max":"158","unpriced":1}"#);
    cost.add(price.map(Range::exactly));
    assert_eq!(cost.to_json(&prices), r#"{"currency":"USD","min":"79.0079","max":"158.0079","unpriced":1}"#);
    cost.add(Some(Range::exactly(u64::MAX).times(one_or_two)));
    assert_eq!((cost.min, cost.max), (u64::MAX, u64::MAX));
    Ok(())
}

#[test]
fn the_highest_price_of_a_full_campaign_fits() -> Result<(), PriceError> {
    let prices = parse(r#"{"currency":"USD","sms":99999.999999}"#)?;
    let mut cost = Cost::default();
    let price = prices.of(MessageChannel::Sms, None, 1);
    cost.add(price.map(|price| Range::exactly(price).times(Range { min: 1, max: 100 * 1_000_000 })));
    assert_eq!(cost.max, 99_999_999_999 * 100_000_000);
    assert_eq!(decimal(1), "0.000001");
    assert_eq!(decimal(0), "0");
    assert_eq!(decimal(10_500_000), "10.5");
    Ok(())
}

#[test]
fn a_number_that_is_not_known_costs_one_of_the_prices() -> Result<(), PriceError> {
    let json = r#"{"currency":"USD","sms":{"US":2,"+44":4,"*":3},"mms":{"US":1},"rcs":5}"#;
    let prices = parse(json)?;
    let millions = |min: u64, max: u64| Some(Range { min: min * 1_000_000, max: max * 1_000_000 });
    assert_eq!(prices.anywhere(MessageChannel::Sms), millions(2, 4));
    assert_eq!(prices.anywhere(MessageChannel::Rcs), millions(5, 5));
    // Elsewhere than in the US there is none.
    assert_eq!(prices.anywhere(MessageChannel::Mms), None);
    assert_eq!(prices.anywhere(MessageChannel::WhatsApp), None);
    Ok(())
}
