//! Places by an operator's database, over a tiny one that is written here in MaxMind's form.

use collect::enrich::{Enricher, Geo, GeoError, Options, Origin, Truncate};
use expect_test::expect;
use kit::Coded;
use serde_json::{Value, json};

use crate::enrich::event;

/// A database in which every address with a first bit of 0 has the one row, and the others have none.
fn database(row: &Value) -> Vec<u8> {
    let nodes = 1_u32;
    let mut bytes = Vec::new();
    for record in [nodes + 16, nodes] {
        bytes.extend(&record.to_be_bytes()[1..]);
    }
    bytes.extend([0; 16]);
    write(&mut bytes, row);
    bytes.extend(b"\xab\xcd\xefMaxMind.com");
    let metadata = json!({"node_count": nodes, "record_size": 24, "ip_version": 4, "database_type": "Test", "languages": ["en"],
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_768_000_000, "description": {"en": "a test"}});
    write(&mut bytes, &metadata);
    bytes
}

fn write(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(text) => head(bytes, 2, text.len()).extend(text.as_bytes()),
        Value::Object(map) => {
            head(bytes, 7, map.len());
            for (key, value) in map {
                write(bytes, &Value::from(key.as_str()));
                match value.as_u64() {
                    Some(number) => write_number(bytes, key, number),
                    None => write(bytes, value),
                }
            }
        }
        Value::Array(list) => {
            head(bytes, 11, list.len());
            list.iter().for_each(|value| write(bytes, value));
        }
        _ => panic!("no such type in these tests"),
    }
}

/// Numbers have the width that the form says for their key.
fn write_number(bytes: &mut Vec<u8>, key: &str, number: u64) {
    let (kind, width) = match key {
        "build_epoch" => (9, 8),
        "node_count" | "autonomous_system_number" => (6, 4),
        _ => (5, 2),
    };
    head(bytes, kind, width).extend(&number.to_be_bytes()[8 - width..]);
}

/// The control byte: a type and a size under 285. Types from 8 on have a byte of their own.
fn head(bytes: &mut Vec<u8>, kind: u8, size: usize) -> &mut Vec<u8> {
    let (short, more) = if size < 29 { (size as u8, None) } else { (29, Some((size - 29) as u8)) };
    match kind {
        8.. => bytes.extend([short, kind - 7]),
        _ => bytes.push(kind << 5 | short),
    }
    bytes.extend(more);
    bytes
}

fn vienna() -> Vec<u8> {
    database(
        &json!({"country": {"iso_code": "AT", "names": {"en": "Austria"}}, "city": {"names": {"de": "Wien", "en": "Vienna"}},
        "subdivisions": [{"iso_code": "9", "names": {"en": "Vienna State"}}], "location": {"time_zone": "Europe/Vienna"}}),
    )
}

fn network() -> Vec<u8> {
    database(&json!({"autonomous_system_number": 8412, "autonomous_system_organization": "Example Net"}))
}

fn told(geo: Geo, options: Options, sent: &str, origin: &Origin) -> String {
    let mut event = event(sent);
    Enricher::new(options, Some(geo)).enrich(&mut event, origin);
    event.context.map(|raw| raw.text().to_owned()).unwrap_or_default()
}

#[test]
fn each_database_says_what_it_knows() {
    let geo = Geo::new([network(), vienna()]).expect("databases");
    let told = told(geo, Options::default(), r#"{"ip":"8.8.8.8"}"#, &Origin::default());
    expect![[r#"{"ip":"8.8.8.0","enriched":{"ip":{"address":"8.8.8.0","version":4,"truncated":true,"source":"context"},"geo":{"country":"AT","source":"database","region":"Vienna State","region_code":"9","city":"Vienna","timezone":"Europe/Vienna","asn":8412,"organisation":"Example Net"}}}"#]].assert_eq(&told);
}

#[test]
fn the_proxys_word_counts_for_the_connection_alone() {
    let hint = Origin {
        ip: Some([200, 1, 2, 3].into()),
        country_hint: Some("br".into()),
        is_device: true,
        ..Origin::default()
    };
    let never = Options { truncate_ip: Truncate::Never, ..Options::default() };
    let connection = told(Geo::default(), never.clone(), "{}", &hint);
    let said = told(Geo::default(), never, r#"{"ip":"8.8.8.8"}"#, &hint);
    expect![[r#"
        {"enriched":{"ip":{"address":"200.1.2.3","version":4,"truncated":false,"source":"peer"},"geo":{"country":"BR","source":"proxy"}}}
        {"ip":"8.8.8.8","enriched":{"ip":{"address":"8.8.8.8","version":4,"truncated":false,"source":"context"},"geo":{"country":"US","source":"registry"}}}
    "#]].assert_eq(&format!("{connection}\n{said}\n"));
}

#[test]
fn a_row_of_another_form_says_nothing() {
    let strange = database(&json!({"country": "AT", "city": ["a"]}));
    let geo = Geo::new([strange]).expect("a database");
    let told = told(geo, Options::default(), r#"{"ip":"8.8.8.8"}"#, &Origin::default());
    expect![[r#"{"ip":"8.8.8.8","enriched":{"ip":{"address":"8.8.8.8","version":4,"truncated":false,"source":"context"},"geo":{"country":"US","source":"registry"}}}"#]].assert_eq(&told);
}

#[test]
fn a_file_that_is_no_database_is_named_by_its_place() {
    let error = Geo::new([vienna(), b"no database".to_vec()]).expect_err("the second is none");
    assert_eq!((error, error_code()), (GeoError { place: 2 }, "invalid_geo_database"));
}

fn error_code() -> &'static str {
    GeoError { place: 1 }.code()
}

#[test]
fn a_broken_database_never_panics() {
    let whole = vienna();
    for at in 0..whole.len() {
        for byte in [0, 0x7f, 0xff] {
            let mut broken = whole.clone();
            broken[at] = byte;
            let Ok(geo) = Geo::new([broken]) else { continue };
            told(geo, Options::default(), r#"{"ip":"8.8.8.8"}"#, &Origin::default());
        }
    }
}
