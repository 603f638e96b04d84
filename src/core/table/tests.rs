//! What tables become, by oddity.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop")]

use super::*;
use crate::code::Severity;
use crate::issue::Issue;

/// What a table becomes: each row's number and JSON, each reject's number, code and raw bytes; the report.
#[derive(Default)]
struct Made {
    rows: Vec<(u32, String)>,
    rejects: Vec<(u32, Code, Vec<u8>)>,
    csv: Vec<u8>,
    writer: Rejects,
}

impl Records for Made {
    fn row(&mut self, row: TableRow<'_>) {
        assert_eq!(row.index as usize, self.rows.len());
        assert_eq!(row.element().first(), Some(if row.index == 0 { &b'{' } else { &b',' }));
        self.rows.push((row.record.number, String::from_utf8(row.json().to_vec()).unwrap()));
    }

    fn reject(&mut self, record: Record<'_>, issue: &Issue) {
        self.rejects.push((record.number, issue.code, record.raw.to_vec()));
        self.writer.add(&record, &issue.sentence(), &mut self.csv);
    }
}

fn read(table: &[u8], chunk: usize, mapping: Mapping) -> (Made, TableReport) {
    let mut made = Made::default();
    let mut reader = Table::new(mapping);
    table.chunks(chunk).for_each(|piece| reader.push(piece, &mut made));
    let report = reader.finish(&mut made);
    (made, report)
}

/// Reads a table whole and in pieces, which has to come to the same.
fn made_by(table: &[u8], mapping: &Mapping) -> (Made, TableReport) {
    let whole = read(table, table.len().max(1), mapping.clone());
    for chunk in [1, 3, 4096] {
        let pieces = read(table, chunk, mapping.clone());
        assert_eq!(pieces.0.rows, whole.0.rows, "in pieces of {chunk}");
        assert_eq!(pieces.0.rejects, whole.0.rejects, "in pieces of {chunk}");
        assert_eq!(pieces.0.csv, whole.0.csv, "in pieces of {chunk}");
        assert_eq!(pieces.1.to_json(), whole.1.to_json(), "in pieces of {chunk}");
        assert_eq!(pieces.1.numbers, whole.1.numbers, "in pieces of {chunk}");
    }
    whole
}

fn made(table: &[u8]) -> (Made, TableReport) {
    made_by(table, &Mapping::default())
}

/// Rows as `number address channel name=value …`, for short tables.
fn short(made: &Made) -> Vec<String> {
    let shorten = |json: &str| {
        json.replace("\"variables\":", "").replace("\"address\":", "").replace("\"channel\":", "").replace('"', "")
    };
    made.rows.iter().map(|(number, json)| format!("{number} {}", shorten(json))).collect()
}

#[track_caller]
fn rows(table: &[u8], expected: &[&str]) {
    let (made, report) = made(table);
    assert_eq!(short(&made), expected);
    assert_eq!(report.issues, [], "{}", report.to_json());
    assert!(report.ok());
}

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
fn without_a_header_the_column_of_numbers_is_found() {
    let (made, report) = made(b"Ann,+14155550100,x\nBob,+14155550101,y\n");
    assert_eq!(short(&made), ["1 {+14155550100,PHONE}", "2 {+14155550101,PHONE}"]);
    assert_eq!(report.columns(), [] as [&str; 0]);
    assert!(
        report
            .to_json()
            .contains(r#""header":false,"defaultChannel":"PHONE","address":1,"channel":null,"variables":{}"#)
    );
}

#[test]
fn the_column_of_numbers_is_told_by_name_and_cells() {
    for (table, address) in [
        ("Address,Phone type,Mobile No.\n1 Main St,home,+14155550100\n", "2"),
        ("address\n+14155550100\n", "0"),
        ("id,kontakt\n12345678,+4915123456789\n", "1"),
        ("e-mail,Handy\na@example.com,015123456789\n", "1"),
        ("phone,mobile\n,+14155550100\n", "1"),
        ("phone,name\nn/a,Ann\n", "0"),
    ] {
        let (_, report) = made(table.as_bytes());
        assert!(report.to_json().contains(&format!("\"address\":{address},")), "{table}: {}", report.to_json());
    }
}

#[test]
fn a_trailing_delimiter_is_no_cell() {
    rows(
        b"phone,name,\n+14155550100,Ann,\n+14155550101,Bob,,,\n",
        &["2 {+14155550100,PHONE,{name:Ann}}", "3 {+14155550101,PHONE,{name:Bob}}"],
    );
}

#[test]
fn the_channel_is_the_rows_own_or_that_of_its_prefix_or_the_default() {
    let table = b"phone,Channel\n+14155550100,WHATSAPP\n+14155550101,\nwhatsapp:+14155550102,\n";
    let rows = ["{+14155550100,WHATSAPP}", "{+14155550101,PHONE}", "{whatsapp:+14155550102,WHATSAPP}"];
    let (made, _) = made(table);
    assert_eq!(short(&made), [0, 1, 2].map(|at| format!("{} {}", at + 2, rows[at])));
    let mapping =
        Mapping { default_channel: Some("WHATSAPP".to_owned()), channel: Channel::None, ..Mapping::default() };
    let (made, _) = made_by(table, &mapping);
    assert_eq!(short(&made)[1], "3 {+14155550101,WHATSAPP}");
}

#[test]
fn what_spreadsheets_put_around_numbers_is_taken_off() {
    rows(
        "phone,x\n\"=\"\"+14155550100\"\"\",1\n'+14155550101,2\n\u{a0}+14155550102\u{a0},3\n".as_bytes(),
        &["2 {+14155550100,PHONE,{x:1}}", "3 {+14155550101,PHONE,{x:2}}", "4 {+14155550102,PHONE,{x:3}}"],
    );
}

#[test]
fn a_mapping_names_columns_or_counts_them() {
    let table = b"a,b,c\n+14155550100,Ann,+14155550199\n";
    let named = |name: &str, column| (name.to_owned(), column);
    let mapping = Mapping {
        address: Some(Column::Name(" c ".to_owned())),
        variables: Variables::Named(vec![named("first", Column::Index(1)), named("b", Column::Name("a".to_owned()))]),
        ..Mapping::default()
    };
    let (made, report) = made_by(table, &mapping);
    assert_eq!(short(&made), ["2 {+14155550199,PHONE,{first:Ann,b:+14155550100}}"]);
    assert!(
        report.to_json().contains(r#""guessed":["format","delimiter","header","channel"]"#),
        "{}",
        report.to_json()
    );
    let header = Mapping { header: Some(false), address: Some(Column::Index(0)), ..Mapping::default() };
    assert_eq!(short(&made_by(table, &header).0), ["1 {a,PHONE}", "2 {+14155550100,PHONE}"]);
}

/// Tables of which not every record, or none, becomes a row; with the code, the row it names, and how many rows there are.
const REFUSED: &[(&[u8], Code, Option<u32>, usize)] = &[
    (b"", Code::TableEmpty, None, 0),
    (b"\r\n\r\n", Code::TableEmpty, None, 0),
    (b"phone,name\n", Code::TableEmpty, None, 0),
    (b"name", Code::TableEmpty, None, 0),
    (b"PK\x03\x04\x14\x00", Code::TableOtherFormat, None, 0),
    (b"\xD0\xCF\x11\xE0\xA1\xB1", Code::TableOtherFormat, None, 0),
    (b"\xFF\xFEp\0h\0", Code::TableOtherFormat, None, 0),
    (b"p\0h\0o\0n\0e\0\n\0", Code::TableOtherFormat, None, 0),
    (b"[{\"address\":\"+14155550100\"}]", Code::TableOtherFormat, None, 0),
    (b"T\xE9l\xE9phone,name\n+14155550100,Ann\n", Code::TableNotUtf8, None, 0),
    (b"phone,name\n+14155550100,Zo\xEB\n+14155550101,Ann\n", Code::TableNotUtf8, Some(2), 1),
    (b"phone,name\n+14155550100,A\0nn\n+14155550101,Ann\n", Code::TableNul, Some(2), 1),
    (b"phone,name\n+14155550101,Ann\n+14155550100,\"Bob\n+14155550102,Cy\n", Code::TableUnclosedQuote, None, 1),
    (b"\"phone,name\n+14155550101,Ann\n", Code::TableUnclosedQuote, None, 0),
    (b"phone,phone\n+14155550100,+14155550101\n", Code::TableRepeatedColumn, None, 0),
    (b"phone,,name\n+14155550100,x,Ann\n", Code::TableUnnamedColumn, None, 1),
    (b"name,town\nAnn,Ulm\n", Code::TableNoAddressColumn, None, 0),
    (b"phone,name\n+14155550100,Lee, Ann\n+14155550101,Bob\n", Code::TableExtraCells, Some(2), 1),
    (b"phone,name\n+14155550100\n+14155550101,Bob\n", Code::TableMissingCells, Some(2), 2),
    (b"phone,name\n+14155550100,Ann\n,Bob\n", Code::TableNoAddress, Some(3), 1),
    (b"phone,name\n4.91512E+12,Ann\n+14155550101,Bob\n", Code::TableRoundedNumber, Some(2), 1),
    (b"phone,name\n4.91512E12,Ann\n+14155550101,Bob\n", Code::TableRoundedNumber, Some(2), 1),
    (b"{\"phone\":\"+14155550100\"}\n{\"phone\":}\n", Code::TableNotJson, Some(2), 1),
    (b"{\"phone\":\"+14155550100\"} {}\n{\"phone\":\"+1\"}\n", Code::TableNotJson, Some(1), 1),
    (b"{\"phone\":\"+14155550100\"}\n{\"phone\":\"+14155550101\",\"a\":[]}\n", Code::TableNestedValue, Some(2), 1),
    (b"{\"phone\":\"+14155550100\"}\n{\"phone\":\"+1\",\"phone\":\"+2\"}\n", Code::RepeatedField, Some(2), 1),
    (b"{\"phone\":\"+14155550100\"}\n\n{\"name\":\"Ann\"}\n", Code::TableNoAddress, Some(3), 1),
    (b"{\"phone\":\"+14155550100\"}\n{\"phone\":\"\xFF\"}\n", Code::TableNotUtf8, Some(2), 1),
];

#[test]
fn what_is_refused_is_named_and_the_rest_goes_on() {
    for &(table, code, row, count) in REFUSED {
        let (made, report) = made(table);
        let shown = String::from_utf8_lossy(table);
        let [issue] = &report.issues[..] else { panic!("{shown}: {}", report.to_json()) };
        assert_eq!(issue.code, code, "{shown}");
        let named = issue.params.iter().find(|(name, _)| *name == "row").map(|(_, number)| number.clone());
        assert_eq!(named, row.map(Into::into), "{shown}");
        assert_eq!(made.rows.len(), count, "{shown}");
        assert_eq!(report.ok(), code.severity() == Severity::Warning, "{shown}");
        assert_eq!(report.complete, code.severity() == Severity::Warning || row.is_some() || code == Code::TableEmpty);
        assert!(!issue.sentence().contains(['{', '}']), "{}", issue.sentence());
    }
}

#[test]
fn bounds_are_kept_at_the_limit_and_one_above() {
    let wide = |columns: usize| {
        let names: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
        format!("phone,{}\n+14155550100\n", names[1..].join(","))
    };
    let limits = [(wide(COLUMNS), None), (wide(COLUMNS + 1), Some(Code::TableTooManyColumns))];
    for (table, code) in limits {
        let (_, report) = made(table.as_bytes());
        assert_eq!(report.issues.iter().map(|issue| issue.code).find(|code| code.severity() == Severity::Error), code);
    }
    let bare = |columns: usize| format!("+14155550100{}\n", ",x".repeat(columns - 1));
    assert!(made(bare(COLUMNS).as_bytes()).1.complete);
    assert_eq!(made(bare(COLUMNS + 1).as_bytes()).1.issues[0].code, Code::TableTooManyColumns);

    let members = |count: usize| {
        let members: Vec<String> = (0..count).map(|at| format!("\"m{at}\":\"+1415555{at:04}\"")).collect();
        format!("{{{}}}\n{{\"m0\":\"+14155550100\"}}", members.join(","))
    };
    for (count, rejected) in [(COLUMNS, 0), (COLUMNS + 1, 1)] {
        let (_, report) = made(members(count).as_bytes());
        assert_eq!((report.rejected, report.numbers.len()), (rejected, 2 - rejected as u32));
    }

    // The line end counts.
    let huge = |length: usize| {
        let mut table = b"phone,text\n+14155550100,".to_vec();
        table.resize(table.len() + length - "+14155550100,\n".len(), b'x');
        table.extend_from_slice(b"\n+14155550101,y\n");
        table
    };
    for chunk in [10_000, usize::MAX >> 1] {
        let (made, report) = read(&huge(LARGEST), chunk, Mapping::default());
        assert_eq!((made.rows.len(), report.ok()), (2, true));
        let (made, report) = read(&huge(LARGEST + 1), chunk, Mapping::default());
        assert_eq!((made.rows.len(), report.complete), (0, false));
        assert_eq!(report.issues[0].code, Code::TableRowTooLarge);
        assert_eq!(report.issues[0].params[0], ("line", 2u64.into()));
    }
    // Quotes around it make the record larger and not the cell.
    let mut open = b"phone,text\n+14155550100,\"".to_vec();
    open.resize(LARGEST + 100, b'\n');
    assert_eq!(read(&open, 65_536, Mapping::default()).1.issues[0].code, Code::TableRowTooLarge);
    let unbroken = vec![b'x'; TABLE_SAMPLE + 1];
    assert_eq!(read(&unbroken, 1_000, Mapping::default()).1.issues[0].code, Code::TableRowTooLarge);
}

#[test]
fn the_line_where_a_quote_opens_is_named() {
    let table = b"phone,a,b\r\n+14155550100,\"x\r\ny\",z\r\n+14155550101,\"one\r\ntwo\",\"three\r\nfour\r\n";
    let (made, report) = made(table);
    assert_eq!(made.rows.len(), 1);
    assert_eq!(report.issues[0].params, [("line", 5u64.into())]);
    assert_eq!(report.issues[0].offset, 34);
}

#[test]
fn a_column_that_is_not_there_is_named_by_its_use() {
    let name = |name: &str| Column::Name(name.to_owned());
    let table: &[u8] = b"phone,name\n+14155550100,Ann\n";
    for (field, mapping) in [
        ("address", Mapping { address: Some(name("tel")), ..Mapping::default() }),
        ("address", Mapping { address: Some(Column::Index(2)), ..Mapping::default() }),
        ("channel", Mapping { channel: Channel::Column(name("kind")), ..Mapping::default() }),
        ("variables", Mapping { variables: Variables::Named(vec![("a".to_owned(), name(""))]), ..Mapping::default() }),
    ] {
        let (_, report) = made_by(table, &mapping);
        assert_eq!(report.issues[0].code, Code::TableNoSuchColumn);
        assert_eq!(report.issues[0].params, [("field", field.into())]);
    }
    let twice = Mapping { variables: Variables::Named(vec![("a".to_owned(), name("x"))]), ..Mapping::default() };
    let (_, report) = made_by(b"phone,x,x\n+14155550100,1,2\n", &twice);
    assert_eq!(report.issues[0].code, Code::TableRepeatedColumn);
    assert_eq!(report.issues[0].params, [("first", 2u32.into()), ("column", 3u32.into())]);
}

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
fn rejects_keep_their_bytes_and_gain_a_column() {
    let reason = |code: Code, count: u32, limit: u32| {
        let sentence = code.sentence().replace("{count}", &count.to_string());
        format!("\"{}\"", sentence.replace("{limit}", &limit.to_string()))
    };
    let table = b"\xEF\xBB\xBFsep=;\r\nphone;\"the name\";note\r\n;=1+1;\"a\nb\"\r\n+14155550100;Ann\r\n\r\n;B\xEB\r\n1;2;3;4\r\n";
    let (made, report) = made(table);
    assert_eq!((made.rows.len(), report.rejected), (1, 3));
    let mut expected = b"\xEF\xBB\xBFsep=;\r\nphone;\"the name\";note;postgate_reason\r\n".to_vec();
    expected
        .extend_from_slice(b";=1+1;\"a\nb\";This row has no address.\r\n;B\xEB;;This row has no address.\r\n1;2;3;4;");
    expected.extend_from_slice(reason(Code::TableExtraCells, 4, 3).as_bytes());
    expected.extend_from_slice(b"\r\n");
    assert_eq!(made.csv, expected);
    assert_eq!(made.rejects.iter().map(|(number, ..)| *number).collect::<Vec<_>>(), [2, 5, 6]);

    // Corrected and dropped again, the added column is no variable.
    let again = String::from_utf8_lossy(&made.csv).replace("\r\n;=1", "\r\n+14155550100;=1");
    let (made, _) = self::made(again.as_bytes());
    assert!(made.rows[0].1.ends_with(r#""variables":{"the name":"=1+1","note":"a\nb"}}"#), "{:?}", made.rows);

    let (made, _) = self::made(b"{\"phone\":\"+14155550100\"}\n{\"name\":\"Ann\"}\n");
    let expected = "record,postgate_reason\r\n\"{\"\"name\"\":\"\"Ann\"\"}\",This row has no address.\r\n";
    assert_eq!(String::from_utf8_lossy(&made.csv), expected);
}

#[test]
fn every_code_of_tables_is_brought_about_above() {
    let of_tables = |code: &&Code| code.as_str().starts_with("table/");
    let elsewhere = [Code::TableTooManyColumns, Code::TableRowTooLarge, Code::TableNoSuchColumn];
    for code in Code::ALL.iter().filter(of_tables) {
        assert!(elsewhere.contains(code) || REFUSED.iter().any(|(_, refused, ..)| refused == code), "{code}");
    }
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

#[test]
fn a_mapping_is_read_from_json_and_comes_back_in_the_report() {
    let written = r#"{"format":"csv","delimiter":";","header":true,"defaultChannel":"WHATSAPP","address":1,"channel":null,"variables":{"name":0}}"#;
    let mapping = Mapping::from_json(written.as_bytes()).unwrap();
    assert_eq!(mapping.variables, Variables::Named(vec![("name".to_owned(), Column::Index(0))]));
    let (_, report) = made_by(b"a;b\nAnn;+14155550100\n", &mapping);
    assert!(report.to_json().contains(&format!("\"mapping\":{written}")), "{}", report.to_json());
    let others = Mapping::from_json(br#"{"channel":"c","variables":"others","header":false}"#).unwrap();
    assert_eq!((others.variables, others.header), (Variables::Others, Some(false)));
    assert_eq!(others.channel, Channel::Column(Column::Name("c".to_owned())));
    for (written, name) in [
        (r#"{"format":"tsv"}"#, "format"),
        (r#"{"delimiter":"::"}"#, "delimiter"),
        (r#"{"delimiter":"\""}"#, "delimiter"),
        (r#"{"header":1}"#, "header"),
        (r#"{"address":-1}"#, "address"),
        (r#"{"address":null}"#, "address"),
        (r#"{"channel":true}"#, "channel"),
        (r#"{"defaultChannel":1}"#, "defaultChannel"),
        (r#"{"variables":{"a":[]}}"#, "variables"),
        (r#"{"variables":"all"}"#, "variables"),
        (r#"{"variable":{}}"#, "variable"),
        ("[]", ""),
        ("{", ""),
    ] {
        assert_eq!(Mapping::from_json(written.as_bytes()).unwrap_err().0, name, "{written}");
    }
}

#[test]
fn a_table_that_was_not_read_whole_is_not_to_be_sent() {
    let (made, report) = made(b"phone\n+14155550100\n\"+14155550101\n");
    let refusal = report.refusal().unwrap();
    assert_eq!((made.rows.len(), refusal.ok), (1, false));
    assert_eq!(refusal.issues, report.issues);
    assert_eq!(refusal.issues[0].code, Code::TableUnclosedQuote);
    assert_eq!(self::made(b"phone\n+14155550100\n,\n").1.refusal(), None);
}
