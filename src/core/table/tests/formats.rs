//! Tables that are no CSV, and the request that rows become.

use super::*;

#[test]
fn objects_are_mapped_like_cells_or_pass_as_recipients() {
    let table = concat!(
        "{\"mobile\":\"+14155550100\",\"name\":\"Zo\\u00eb\",\"age\":7,\"vip\":true,\"note\":null,\"x\":\"\"}\n",
        "\r\n",
        " {\"addresses\":[{\"address\":\"+14155550101\",\"channel\":\"PHONE\"}]} \r\n",
        "{\"address\":\"+14155550102\",\"variables\":{\"a\":\"b\"}}\n",
        "{\"cohortId\":\"cmp_cohort_1\"}",
    );
    let (made, report) = made(table.as_bytes());
    let rows: Vec<_> = made.rows.iter().map(|(number, json)| (*number, &**json)).collect();
    assert_eq!(
        rows,
        [
            (1, r#"{"address":"+14155550100","channel":"PHONE","variables":{"name":"Zoë","age":"7","vip":"true"}}"#),
            (3, r#"{"addresses":[{"address":"+14155550101","channel":"PHONE"}]}"#),
            (4, r#"{"channel":"PHONE","address":"+14155550102","variables":{"a":"b"}}"#),
            (5, r#"{"cohortId":"cmp_cohort_1"}"#),
        ]
    );
    assert!(report.ok());
    assert!(report.to_json().contains(r#""address":"mobile","channel":null,"variables":"others""#));
}

#[test]
fn numbers_may_be_pasted_with_any_separator_but_a_space() {
    let rows = ["+1 415 555 0100", "(415) 555-0101", "+14155550102", "+14155550103", "0151 23456789"];
    let (made, report) = made(b"+1 415 555 0100, (415) 555-0101;+14155550102\t\"+14155550103\",0151 23456789");
    assert_eq!(short(&made), rows.map(|number| format!("1 {{{number},PHONE}}")));
    assert_eq!(report.format(), Some(Format::List));
    let list = Mapping { format: Some(Format::List), ..Mapping::default() };
    let (made, _) = made_by(b"abc\n\n+14155550100;\r\n +14155550101,,+14155550102\n", &list);
    assert_eq!(
        short(&made),
        ["1 {abc,PHONE}", "3 {+14155550100,PHONE}", "4 {+14155550101,PHONE}", "4 {+14155550102,PHONE}"]
    );
}

#[test]
fn a_request_is_its_head_and_the_rows() {
    assert_eq!(request_head(b" { } ").unwrap(), b"{ \"to\":[");
    let head = request_head(br#"{"content":{"text":"Hi {{name}}"}}"#).unwrap();
    let (made, _) = made(b"phone,name\n+14155550100,A\x01\\\"\n");
    let rows: Vec<&str> = made.rows.iter().map(|(_, json)| &**json).collect();
    let request = [&*head, rows.join(",").as_bytes(), b"]}"].concat();
    let verdict = crate::check(&request, &crate::Options::default()).verdict;
    assert!(verdict.ok, "{}", verdict.to_json());
    for broken in ["", "[]", "{", "{\"a\":1", "{}}", "nul"] {
        assert_eq!(request_head(broken.as_bytes()), None, "{broken}");
    }
}
