//! Tables against an oracle: the `csv` crate, and a reader of a few lines that shares nothing with either.

use postgate_core::{Channel, Code, Column, Delimiter, Format, Mapping, Variables};
use postgate_tests::fuzzing::{self, made_of};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

/// By place, without a header, every cell a variable: nothing is left to a guess.
fn plain(delimiter: char, columns: u32) -> Mapping {
    Mapping {
        format: Some(Format::Csv),
        delimiter: Delimiter::new(delimiter),
        header: Some(false),
        address: Some(Column::Index(0)),
        channel: Channel::None,
        default_channel: None,
        variables: Variables::Named((0..columns).map(|index| (format!("c{index}"), Column::Index(index))).collect()),
    }
}

/// The row that a record's cells have to become.
fn expected(cells: &[String]) -> Option<Value> {
    let trim = |cell: &str| cell.trim_matches([' ', '\n', '\r', '\t', '\u{c}', '\u{a0}']).to_owned();
    let cells: Vec<String> = cells.iter().map(|cell| trim(cell)).collect();
    // What spreadsheets put around numbers is taken off.
    let address = cells.first()?;
    let address = address.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(address);
    let address = trim(address.strip_prefix('\'').unwrap_or(address));
    if address.is_empty() {
        return None;
    }
    let named = cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
    let variables: Map<String, Value> = named.map(|(index, cell)| (format!("c{index}"), json!(cell))).collect();
    Some(json!({"address": address, "channel": "PHONE", "variables": variables}))
}

/// The records of a table, a state a byte. A quote that is not closed ends with the table.
fn reference(table: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut records, mut record, mut cell) = (Vec::new(), Vec::new(), String::new());
    // Whether a quote is open, whether one was just closed, and whether the cell has begun.
    let (mut open, mut closed, mut begun) = (false, false, false);
    for sign in table.chars() {
        match sign {
            '"' if open => (open, closed) = (false, true),
            _ if open => cell.push(sign),
            '"' if closed => {
                cell.push('"');
                (open, closed) = (true, false);
            }
            '"' if !begun => (open, begun) = (true, true),
            '\n' | '\r' => {
                if begun || !record.is_empty() {
                    record.push(std::mem::take(&mut cell));
                    records.push(std::mem::take(&mut record));
                }
                (closed, begun) = (false, false);
            }
            _ if sign == delimiter => {
                record.push(std::mem::take(&mut cell));
                (closed, begun) = (false, false);
            }
            _ => {
                cell.push(sign);
                (closed, begun) = (false, true);
            }
        }
    }
    if begun || !record.is_empty() {
        record.push(cell);
        records.push(record);
    }
    records
}

/// Text in which what matters to CSV is frequent.
fn text() -> impl Strategy<Value = String> {
    let sign = prop_oneof![
        4 => "[a-c1 ]",
        2 => Just("\"".to_owned()),
        2 => Just(",".to_owned()),
        1 => Just(";".to_owned()),
        1 => Just("\r\n".to_owned()),
        1 => Just("\n".to_owned()),
        1 => Just("\r".to_owned()),
        1 => "\\PC",
    ];
    prop::collection::vec(sign, 0..60).prop_map(|signs| signs.concat())
}

fn of_cells(records: &[Vec<String>], end: &str, delimiter: u8) -> Vec<u8> {
    let end = if end == "\r\n" { csv::Terminator::CRLF } else { csv::Terminator::Any(end.as_bytes()[0]) };
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(end).flexible(true).from_writer(vec![]);
    for record in records {
        writer.write_record(record).expect("a record");
    }
    writer.into_inner().expect("CSV")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn records_are_those_of_the_oracles(table in text()) {
        // A byte order mark and `sep=` are taken off by us alone.
        prop_assume!(!table.starts_with(['\u{feff}', 's']));
        let ours = reference(&table, ',');
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table.as_bytes());
        let theirs: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.expect("UTF-8").iter().map(str::to_owned).collect())
            .collect();
        prop_assert_eq!(&ours, &theirs);

        let columns = theirs.iter().map(Vec::len).max().unwrap_or(1);
        let (made, report) = made_of([table.as_bytes()].into_iter(), &plain(',', columns as u32));
        let rows: Vec<Value> = theirs.iter().filter_map(|record| expected(record)).collect();
        let open = report.issues.iter().any(|issue| issue.code == Code::TableUnclosedQuote);
        if open {
            prop_assert!(rows.starts_with(&made.rows));
        } else {
            prop_assert_eq!(&made.rows, &rows);
        }
    }

    #[test]
    fn what_a_program_writes_is_read(
        records in prop::collection::vec(prop::collection::vec("[\\PC\n\",;]{0,8}", 1..5), 1..8),
        end in prop_oneof![Just("\n"), Just("\r\n")],
        delimiter in prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')],
    ) {
        prop_assume!(!records[0][0].starts_with('\u{feff}'));
        let table = of_cells(&records, end, delimiter as u8);
        let columns = records.iter().map(Vec::len).max().unwrap_or(1) as u32;
        let (made, report) = made_of([&*table].into_iter(), &plain(delimiter, columns));
        let rows: Vec<Value> = records.iter().filter_map(|record| expected(record)).collect();
        prop_assert_eq!(&made.rows, &rows, "{}", report.to_json());
    }

    #[test]
    fn any_pieces_come_to_the_same(
        table in prop_oneof![
            text().prop_map(String::into_bytes),
            text().prop_map(|text| format!("phone,name\n+14155550100,{text}\n+14155550101,x").into_bytes()),
            text().prop_map(|text| format!("{{\"phone\":\"+14155550100\",\"a\":{}}}\r\n{text}\n", json!(text)).into_bytes()),
            prop::collection::vec(any::<u8>(), 0..100),
        ],
        cuts in prop::collection::vec(any::<usize>(), 0..20),
    ) {
        fuzzing::same_rows_in_pieces(&table, &cuts);
    }

    #[test]
    fn rejects_are_the_records_themselves(table in text()) {
        let table = format!("phone,b,c\n{table}");
        let (made, report) = made_of([table.as_bytes()].into_iter(), &Mapping::default());
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&*made.rejects);
        let rejects: Vec<csv::StringRecord> = reader.records().map(|record| record.expect("UTF-8")).collect();
        if report.rejected == 0 {
            prop_assert!(rejects.is_empty());
            return Ok(());
        }
        prop_assert_eq!(rejects.len() as u64, 1 + report.rejected);
        prop_assert_eq!(rejects[0].iter().collect::<Vec<_>>(), ["phone", "b", "c", "postgate_reason"]);
        let mut all = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table.as_bytes());
        let all: Vec<csv::StringRecord> = all.records().map(|record| record.expect("UTF-8")).collect();
        for reject in &rejects[1..] {
            let (reason, cells) = (reject.iter().next_back().unwrap_or_default(), reject.len() - 1);
            prop_assert!(cells >= 3 && reason.starts_with("This row has "), "{}", reason);
            let same = |record: &csv::StringRecord| {
                record.iter().chain(std::iter::repeat("")).zip(reject.iter().take(cells)).all(|(a, b)| a == b)
            };
            prop_assert!(all.iter().any(same), "{:?}", reject);
        }
    }

    #[test]
    fn no_issue_repeats_a_cell(secret in "[g-z]{12}") {
        let table = format!("phone,name\n,{secret}\n{secret}E+1,x\n+1,{secret},{secret}\n{secret}\n\"{secret}");
        let (_, report) = made_of([table.as_bytes()].into_iter(), &Mapping::default());
        prop_assert!(report.issues.len() >= 3);
        prop_assert!(report.issues.iter().all(|issue| !issue.to_json().contains(&secret)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_table_says_does_not_depend_on_how_it_is_written(
        people in prop::collection::vec(
            (
                select(&["+14155550100", "+49 151 23456789", "(415) 555-0101", "0044 20 7946 0000"][..]),
                select(&["Ann", "Zo\u{eb}", "O'Brien", "12", "Ann B.", "x y", ""][..]),
                select(&["Bern", "Rome", "St. Gallen", "7"][..]),
            ),
            1..12,
        ),
        columns in select(vec![[0, 1, 2], [1, 0, 2], [2, 1, 0]]),
        names in select(vec![["Phone", "Name", "City"], ["mobile number", "First name", "Ort"], ["Telefon", "a", "b"]]),
        (quoted, marked, hinted) in any::<(bool, bool, bool)>(),
        end in select(vec!["\n", "\r\n", "\r"]),
        delimiter in select(vec![",", ";", "\t", "|"]),
    ) {
        let records: Vec<[&str; 3]> =
            [names].into_iter().chain(people.into_iter().map(|(number, name, city)| [number, name, city])).collect();
        let written = |quoted: bool, delimiter: &str, end: &str| {
            let line = |record: &[&str; 3]| {
                let cells = columns.map(|at| if quoted { format!("\"{}\"", record[at]) } else { record[at].to_owned() });
                cells.join(delimiter) + end
            };
            records.iter().map(line).collect::<String>()
        };
        let (plain, report) = made_of([written(false, ",", "\n").as_bytes()].into_iter(), &Mapping::default());
        let expected: Vec<Value> = records[1..]
            .iter()
            .map(|[number, name, city]| {
                let cells = columns.into_iter().filter(|at| *at > 0).map(|at| (names[at], [number, name, city][at]));
                let variables: Map<String, Value> =
                    cells.filter(|(_, cell)| !cell.is_empty()).map(|(name, cell)| (name.to_owned(), json!(cell))).collect();
                json!({"address": number, "channel": "PHONE", "variables": variables})
            })
            .collect();
        prop_assert_eq!(&plain.rows, &expected, "{}", report.to_json());
        let mark = if marked { "\u{feff}" } else { "" };
        let hint = if hinted { format!("sep={delimiter}{end}") } else { String::new() };
        let table = [mark, &hint, &written(quoted, delimiter, end)].concat();
        let (made, report) = made_of([table.as_bytes()].into_iter(), &Mapping::default());
        prop_assert_eq!(&made.rows, &expected, "{}: {}", table, report.to_json());
        let objects: String = expected.iter().map(|row| {
            let mut object = row["variables"].as_object().expect("variables").clone();
            object.insert(names[0].to_owned(), row["address"].clone());
            json!(object).to_string() + "\n"
        }).collect();
        let (made, report) = made_of([objects.as_bytes()].into_iter(), &Mapping::default());
        prop_assert_eq!(&made.rows, &expected, "{}: {}", objects, report.to_json());
    }
}
