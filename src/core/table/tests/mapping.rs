//! Which column is what: found out, or said.

use super::*;

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
        // Who has both is texted on the mobile phone.
        ("Phone,Mobile\n+493012345678,+4915112345678\n", "1"),
        ("Telefon,Handy\n+493012345678,+4915112345678\n", "1"),
        ("Phone Number,Mobile Phone Number\n+493012345678,+4915112345678\n", "1"),
        ("Telefonnummer;Mobilfunknummer\n+493012345678;+4915112345678\n", "1"),
    ] {
        let (_, report) = made(table.as_bytes());
        assert!(report.to_json().contains(&format!("\"address\":{address},")), "{table}: {}", report.to_json());
    }
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
        (r#"{"defaultChannel":"SMS"}"#, "defaultChannel"),
        (r#"{"variables":{"a":[]}}"#, "variables"),
        (r#"{"variables":"all"}"#, "variables"),
        (r#"{"variable":{}}"#, "variable"),
        ("[]", ""),
        ("{", ""),
    ] {
        assert_eq!(Mapping::from_json(written.as_bytes()).unwrap_err().0, name, "{written}");
    }
}
