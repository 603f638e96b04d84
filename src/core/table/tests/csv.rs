//! How CSV is read, by oddity.

use super::*;

#[test]
fn records_end_in_lf_crlf_or_cr_and_the_last_one_anyhow() {
    for end in ["\n", "\r\n", "\r"] {
        for last in ["", end] {
            let table = ["phone,name", "+14155550100,Ann", "+14155550101,Bob"].join(end) + last;
            rows(table.as_bytes(), &["2 {+14155550100,PHONE,{name:Ann}}", "3 {+14155550101,PHONE,{name:Bob}}"]);
        }
    }
}

#[test]
fn quotes_are_doubled_inside_and_plain_signs_mid_cell() {
    let (made, report) = made(
        b"phone,name\n\"+14155550100\",\"Ann \"\"A\"\" Lee\"\n+14155550101,O\"Neill\n+14155550102,\"B\"ob\n+14155550103,\"a, b\"\n+14155550104,\"\"\n",
    );
    let names: Vec<_> = made.rows.iter().map(|(_, json)| json.split_once("\"name\":").map(|(_, name)| name)).collect();
    let expected = [r#""Ann \"A\" Lee"}}"#, r#""O\"Neill"}}"#, r#""Bob"}}"#, r#""a, b"}}"#];
    assert_eq!(names[..4], expected.map(Some));
    assert_eq!(names[4], None, "an empty cell is no variable");
    assert!(report.ok());
}

#[test]
fn a_cell_may_have_several_lines_and_its_record_is_one_row() {
    rows(
        b"phone,text\n+14155550100,\"a\nb\r\nc\"\n+14155550101,d\n",
        &["2 {+14155550100,PHONE,{text:a\\nb\\r\\nc}}", "3 {+14155550101,PHONE,{text:d}}"],
    );
}

#[test]
fn the_line_that_a_record_begins_in_is_told_beside_its_number() {
    let (_, report) =
        made(b"sep=,\r\nphone,text\r\n+14155550100,\"a\r\nb\nc\"\r\n,\"x\ny\"\r\n\r\n+14155550101,d\r\n,e\r\n");
    let places = |numbers: &Numbers| (0..numbers.len()).map(|row| numbers.get(row).unwrap()).collect::<Vec<_>>();
    assert_eq!((places(&report.numbers), places(&report.lines)), (vec![2, 5], vec![3, 9]));
    let named = report.issues.iter().map(|issue| issue.params.clone()).collect::<Vec<_>>();
    let place = |row: u32, line: u32| vec![("row", row.into()), ("line", line.into())];
    assert_eq!(named, [place(3, 6), place(6, 10)]);
    let (_, list) = made(b"+14155550100, +14155550101\n\n+14155550102");
    assert_eq!((places(&list.numbers), places(&list.lines)), (vec![1, 1, 3], vec![1, 1, 3]));
}

#[test]
fn empty_rows_are_passed_over_but_counted() {
    rows(
        b"\n\nphone,name\n\n+14155550100,Ann\n,\n  \n\" \",\n+14155550101,Bob\r\n\r\n\r\n",
        &["5 {+14155550100,PHONE,{name:Ann}}", "9 {+14155550101,PHONE,{name:Bob}}"],
    );
}

#[test]
fn a_byte_order_mark_and_a_line_that_names_the_delimiter_are_no_cells() {
    rows("\u{feff}phone,name\n+14155550100,Ann\n".as_bytes(), &["2 {+14155550100,PHONE,{name:Ann}}"]);
    rows("\u{feff}sep=|\r\nphone|name\r\n+14155550100|A,n\r\n".as_bytes(), &["2 {+14155550100,PHONE,{name:A,n}}"]);
}

#[test]
fn the_delimiter_is_the_one_that_cuts_alike() {
    rows(
        b"phone;price\n+14155550100;1,5\n+14155550101;2,5\n",
        &["2 {+14155550100,PHONE,{price:1,5}}", "3 {+14155550101,PHONE,{price:2,5}}"],
    );
    rows(b"name\tphone\nLee, Ann; MD\t+14155550100\n", &["2 {+14155550100,PHONE,{name:Lee, Ann; MD}}"]);
    rows(b"name|phone\na,b|+14155550100\n", &["2 {+14155550100,PHONE,{name:a,b}}"]);
    rows(
        b"name,phone\n\"a;b;c\",+14155550100\n\"d;e\",+14155550101\n",
        &["2 {+14155550100,PHONE,{name:a;b;c}}", "3 {+14155550101,PHONE,{name:d;e}}"],
    );
}

#[test]
fn a_trailing_delimiter_is_no_cell() {
    rows(
        b"phone,name,\n+14155550100,Ann,\n+14155550101,Bob,,,\n",
        &["2 {+14155550100,PHONE,{name:Ann}}", "3 {+14155550101,PHONE,{name:Bob}}"],
    );
}

#[test]
fn what_spreadsheets_put_around_numbers_is_taken_off() {
    rows(
        "phone,x\n\"=\"\"+14155550100\"\"\",1\n'+14155550101,2\n\u{a0}+14155550102\u{a0},3\n".as_bytes(),
        &["2 {+14155550100,PHONE,{x:1}}", "3 {+14155550101,PHONE,{x:2}}", "4 {+14155550102,PHONE,{x:3}}"],
    );
}
