//! What becomes no row: why, where, up to which bounds, and as which rejects.

use super::*;

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
fn what_the_columns_are_is_told_where_they_do_not_do() {
    for (table, mapping) in [
        (&b"name;town\nAnn;Ulm\n"[..], Mapping::default()),
        (b"phone;phone\n+14155550100;+14155550101\n", Mapping::default()),
        (b"name;phone\nAnn;+14155550100\n", Mapping::from_json(br#"{"address":"mobile"}"#).unwrap()),
    ] {
        let (made, report) = made_by(table, &mapping);
        assert!(!report.complete && made.rows.is_empty());
        assert_eq!(report.columns().len(), 2);
        let json = report.to_json();
        assert!(
            json.contains(r#""mapping":{"format":"csv","delimiter":";","header":true,"defaultChannel":"PHONE"}"#),
            "{json}"
        );
        assert!(json.contains(r#""guessed":["format","delimiter","header"]"#), "{json}");
    }
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
fn a_line_that_becomes_a_cell_is_no_formula() {
    let lines = [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2", "'-2"),
        (" \t+x", "'+x"),
        ("=A(\"x\")", "\"'=A(\"\"x\"\")\""),
        ("x=1", "x=1"),
        ("{\"phone\":", "\"{\"\"phone\"\":\""),
    ];
    let ndjson = Mapping { format: Some(Format::Ndjson), ..Mapping::default() };
    let table = lines.map(|(line, _)| line).join("\n");
    let csv = String::from_utf8(made_by(table.as_bytes(), &ndjson).0.csv).unwrap();
    let begins = |(row, cell): (&str, &str)| row.strip_prefix(cell).is_some_and(|rest| rest.starts_with(','));
    let rows: Vec<(&str, &str)> = csv.lines().skip(1).zip(lines.map(|(_, cell)| cell)).collect();
    assert!(rows.len() == lines.len() && rows.iter().all(|row| begins(*row)), "{rows:?}");
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
