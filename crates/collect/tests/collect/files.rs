//! Files of every format into facts; rows that cannot be read beside rows that can.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use collect::files::{ImportContext, Mapping, OpenError, Quarantine, Row, open};
use expect_test::{Expect, expect};
use kit::{Coded, Timestamp};
use model::Fact;

const RECORD: &str = r#"
version: 1
empty: ["-"]
skip_when: { column: status, is: test }
record:
  key: "{id}"
  version: "{changed}"
  delete_when: { column: status, is: deleted }
  identifiers: { crm_id: "{id}", email: "{mail}" }
  traits: { email: "{mail}", score: { column: score, as: number } }
"#;

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path
    }
}

fn mapping(text: &str) -> Mapping {
    let (mapping, problems) = Mapping::parse(text);
    mapping.unwrap_or_else(|| panic!("{problems:?}"))
}

fn context() -> ImportContext {
    ImportContext::new("crm".into(), Timestamp::parse("2026-02-01").expect("a time"))
}

fn rows(path: &Path, map: &str) -> Vec<Row> {
    open(path, &mapping(map), context()).unwrap_or_else(|error| panic!("{error}")).collect()
}

/// One line a row: the fact in short, or the refusal.
fn shown(rows: &[Row]) -> String {
    let lines: Vec<_> = rows.iter().map(line).collect();
    lines.join("\n")
}

fn line(row: &Row) -> String {
    match row {
        Row::Skipped => "skipped".to_owned(),
        Row::Refused(error) => format!("line {} row {}: {} ({})", error.line, error.row, error.code, error.message),
        Row::Fact(fact) => match &**fact {
            Fact::Record(record) => {
                let traits = record.traits.as_ref().map_or("-", model::Raw::text);
                format!("{:?} {} at {} of {} {traits}", record.change, record.key, record.version, ids(fact))
            }
            Fact::Event(event) => {
                let properties = event.properties.as_ref().map_or("-", model::Raw::text);
                format!("{} {} at {} of {} {properties}", event.label(), event.message_id, event.time, ids(fact))
            }
            Fact::Link(_) => "link".to_owned(),
        },
    }
}

fn ids(fact: &Fact) -> String {
    let ids: Vec<_> = fact.identifiers().iter().map(ToString::to_string).collect();
    ids.join("+")
}

fn check(name: &str, content: impl AsRef<[u8]>, map: &str, expected: Expect) {
    let world = World::new();
    expected.assert_eq(&shown(&rows(&world.file(name, content), map)));
}

#[test]
fn records_are_upserted_and_deleted_by_key() {
    check(
        "people.csv",
        "id,mail,score,status,changed\n\
         1,ANN@x.example,2.50,,2026-01-01\n\
         2,-,007,test,2026-01-01\n\
         1,,,deleted,2026-01-02 10:00:00\n\
         3,not an address,-,,\n",
        RECORD,
        expect![[r#"
            Upsert 1 at 2026-01-01T00:00:00.000Z of crm_id:1+email:ann@x.example {"email":"ANN@x.example","score":2.50}
            skipped
            Delete 1 at 2026-01-02T10:00:00.000Z of crm_id:1 -
            Upsert 3 at 2026-02-01T00:00:00.000Z of crm_id:3 {"email":"not an address"}"#]],
    );
}

#[test]
fn a_broken_row_stands_alone() {
    let content = [
        b"\xef\xbb\xbfid,mail,score,status,changed\r\n1,a@x,1,,2026-01-01\r\n2,b@x,lots,,2026-01-01\r\n".as_slice(),
        b"3,c@x\r\n\r\n,d@x,1,,2026-01-01\r\n4,\xff,1,,2026-01-01\r\n5,e@x,1,,soon\r\n",
        b"6,\"two\r\nlines\",1,,2026-01-01\r\n7,\"open@x,1,,2026-01-01\r\n8,f@x,1,,2026-01-01\r\n9,5\" pipe,1,,2026-01-01",
    ];
    check(
        "people.csv",
        content.concat(),
        RECORD,
        expect![[r#"
            Upsert 1 at 2026-01-01T00:00:00.000Z of crm_id:1+email:a@x {"email":"a@x","score":1}
            line 3 row 2: wrong_type (column `score` is not a number)
            line 4 row 3: wrong_columns (the row has 2 columns instead of 5)
            line 6 row 4: missing_field (`key` is empty (from column `id`))
            line 7 row 5: invalid_utf8 (the row is not valid UTF-8)
            line 8 row 6: wrong_type (column `changed` is not a time)
            Upsert 6 at 2026-01-01T00:00:00.000Z of crm_id:6 {"email":"two\r\nlines","score":1}
            line 11 row 8: unclosed_quote (a quote is opened and not closed at the end of its field)
            Upsert 8 at 2026-01-01T00:00:00.000Z of crm_id:8+email:f@x {"email":"f@x","score":1}
            Upsert 9 at 2026-01-01T00:00:00.000Z of crm_id:9 {"email":"5\" pipe","score":1}"#]],
    );
}

#[test]
fn a_version_that_cannot_be_is_refused_and_what_is_taken_can_be_read_again() {
    let map = RECORD.replace(r#"version: "{changed}""#, "version: { column: changed, as: time, format: epoch_s }");
    let world = World::new();
    let content = "id,mail,score,status,changed\n\
        1,,,,1735689600\n\
        2,,,,631151999\n\
        3,,,,1770076801\n\
        4,,,,253402300799\n\
        5,,,,300000000000\n\
        6,,,,-1\n";
    let rows = rows(&world.file("people.csv", content), &map);
    expect![[r#"
        Upsert 1 at 2025-01-01T00:00:00.000Z of crm_id:1 -
        line 3 row 2: invalid_time (the record's version lies before 1990)
        line 4 row 3: invalid_time (the record's version lies more than 24 hours in the future)
        line 5 row 4: wrong_type (column `changed` is not a time)
        line 6 row 5: wrong_type (column `changed` is not a time)
        line 7 row 6: invalid_time (the record's version lies before 1990)"#]]
    .assert_eq(&shown(&rows));
    for row in &rows {
        let Row::Fact(fact) = row else { continue };
        let text = serde_json::to_string(fact).expect("a fact is JSON");
        assert_eq!(serde_json::from_str::<Fact>(&text).expect("and is read again"), **fact);
    }
}

#[test]
fn an_open_quote_costs_its_line_only() {
    let many: String = (10..400_000).map(|id| format!("{id},,,,2026-01-01\n")).collect();
    let world = World::new();
    let path = world.file("people.csv", format!("id,mail,score,status,changed\n1,\"open,,,2026-01-01\n{many}"));
    let rows = rows(&path, RECORD);
    assert_eq!(line(&rows[0]), "line 2 row 1: row_too_long (the row is longer than 1048576 bytes)");
    assert_eq!(rows.len(), 1 + 399_990);
    assert!(rows[1..].iter().all(|row| matches!(row, Row::Fact(_))));
    check(
        "people.csv",
        "id,mail,score,status,changed\n1,\"open,,,2026-01-01\n2,,,,2026-01-01\n",
        RECORD,
        expect![[r#"
            line 2 row 1: unclosed_quote (a quote is opened and not closed at the end of its field)
            Upsert 2 at 2026-01-01T00:00:00.000Z of crm_id:2 -"#]],
    );
}

#[test]
fn a_row_of_many_megabytes_is_not_held() {
    let world = World::new();
    let huge = "x".repeat(5 << 20);
    let csv = world.file("people.csv", format!("id,mail,score,status,changed\n1,{huge},,,\n2,,,,2026-01-01\n"));
    let json = world
        .file("people.ndjson", format!("{{\"id\":1,\"mail\":\"{huge}\"}}\n{{\"id\":2,\"changed\":\"2026-01-01\"}}\n"));
    for path in [csv, json] {
        let rows = rows(&path, RECORD);
        assert_eq!(rows.len(), 2, "{path:?}");
        let Row::Refused(error) = &rows[0] else { panic!("{path:?}") };
        assert_eq!((error.code, error.raw.len()), ("row_too_long", 1 << 20));
        assert_eq!(line(&rows[1]), "Upsert 2 at 2026-01-01T00:00:00.000Z of crm_id:2 -");
    }
}

#[test]
fn ndjson_reaches_inside_and_keeps_json() {
    check(
        "orders.ndjson",
        r#"{"id":7,"who":{"mail":"Ann@x.example"},"total":8911407.90,"tags":["a",{"b":1}],"note":null,"paid":true,"at":"2026-01-01T00:00:00Z"}

{"id":"8","who":"nobody","total":"1.10","tags":"x"}
{"id":9
[1]
{"who":{"mail":"b@x"},"total":{},"id":10,"a":"\ud800"}
"#,
        r#"
version: 1
event:
  name: Bought
  message_id: "o-{id}"
  time: "{at}"
  identifiers: { email: "{who.mail}" }
  fallback_identifiers: { order_id: "{id}" }
  properties:
    total: { column: total, as: number }
    tags: { column: tags, as: json }
    note: "{note}"
    paid: { column: paid, as: boolean }
    shop.country: { text: "NO" }
    shop.id: "{id}"
"#,
        expect![[r#"
            Bought o-7 at 2026-01-01T00:00:00.000Z of email:ann@x.example {"total":8911407.90,"tags":["a",{"b":1}],"paid":true,"shop":{"country":"NO","id":"7"}}
            Bought o-8 at 2026-02-01T00:00:00.000Z of order_id:8 {"total":1.10,"tags":"x","shop":{"country":"NO","id":"8"}}
            line 4 row 3: invalid_json (not valid JSON at line 1, column 7)
            line 5 row 4: wrong_type (the row is not a JSON object)
            line 6 row 5: invalid_json (not valid JSON at line 1, column 53)"#]],
    );
}

#[test]
fn values_are_chosen_and_consents_are_read() {
    check(
        "orders.tsv",
        "id\tstate\topt\n1\tpaid\tY\n2\tback\tN\n3\todd\tY\n4\tpaid\t?\n5\tpaid\tU\n",
        r#"
version: 1
event:
  name: { column: state, map: { paid: Order Paid, back: Order Returned } }
  identifiers: { order_id: "{id}" }
  message_id: "{id}"
  properties: { step: { column: state, map: { paid: "1" }, default: "0", as: integer } }
  consents: [{ purpose: mail, column: opt, granted: [Y], denied: [N], neither: [U] }]
"#,
        expect![[r#"
            Order Paid 1 at 2026-02-01T00:00:00.000Z of order_id:1 {"step":1}
            Order Returned 2 at 2026-02-01T00:00:00.000Z of order_id:2 {"step":0}
            line 4 row 3: unknown_value (column `state` has a value that is not in its `map`)
            line 5 row 4: unknown_value (column `opt` has a value that is none of `granted`, `denied` and `neither`)
            Order Paid 5 at 2026-02-01T00:00:00.000Z of order_id:5 {"step":1}"#]],
    );
}

#[test]
fn messages_of_the_spec_keep_their_times_and_ids() {
    let content = r#"{"type":"track","event":"e","userId":"u","timestamp":"2025-12-01T00:00:00Z","sentAt":"2025-12-01T00:00:09Z"}
{"type":"track","event":"e","userId":"u","timestamp":"2025-12-01T00:00:00Z","sentAt":"2025-12-01T00:00:09Z"}
{"type":"purchase","userId":"u"}
{"type":"track","event":"e","context":{"traits":{"email":"A@x"}},"messageId":"m"}
"#;
    let world = World::new();
    let path = world.file("events.jsonl", content);
    let first = rows(&path, "{version: 1, segment: {}}");
    assert_eq!(first, rows(&path, "{version: 1, segment: }"), "reading again gives the same facts");
    let ids: Vec<_> =
        first.iter().map(line).map(|line| line.split(" at ").next().unwrap_or_default().to_owned()).collect();
    assert_ne!(ids[0], ids[1], "equal rows are two messages");
    assert!(line(&first[0]).contains(" at 2025-12-01T00:00:00.000Z of user_id:u"), "{}", line(&first[0]));
    assert!(ids[2].starts_with("line 3 row 3: unknown_type"), "{}", ids[2]);
    assert_eq!(line(&first[3]), "e m at 2026-02-01T00:00:00.000Z of email:a@x -");
}

#[test]
fn gzip_and_formats_are_recognised_by_contents() {
    let world = World::new();
    let packed = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    };
    let csv = packed("id,mail,score,status,changed\n1,,,,2026-01-01\n");
    let json = packed("{\"id\":1,\"changed\":\"2026-01-01\"}\n");
    let expected = "Upsert 1 at 2026-01-01T00:00:00.000Z of crm_id:1 -";
    for (name, content) in [("a.csv.gz", &csv), ("b.gz", &csv), ("c", &json), ("d.jsonl", &json)] {
        assert_eq!(shown(&rows(&world.file(name, content), RECORD)), expected, "{name}");
    }
    let long: String = (0..50_000).map(|id| format!("{id},,,,2026-01-01\n")).collect();
    let whole = packed(&format!("id,mail,score,status,changed\n{long}"));
    let cut = rows(&world.file("cut.csv.gz", &whole[..whole.len() / 2]), RECORD);
    assert!(cut.len() > 1_000);
    let Some(Row::Refused(error)) = cut.last() else { panic!("a cut file ends with a refusal") };
    assert_eq!(error.code, "unreadable_file");
}

#[test]
fn parquet_rows_are_rows() {
    use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray, TimestampMillisecondArray};
    let world = World::new();
    let path = world.folder.path().join("people.parquet");
    let columns: [(&str, ArrayRef); 5] = [
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ("mail", Arc::new(StringArray::from(vec![Some("ann@x.example"), None, Some("c@x")]))),
        ("score", Arc::new(Float64Array::from(vec![Some(2.55), Some(7.0), None]))),
        ("status", Arc::new(BooleanArray::from(vec![None, Some(true), None]))),
        (
            "changed",
            Arc::new(TimestampMillisecondArray::from(vec![Some(1_767_225_600_000), None, Some(1_767_225_600_000)])),
        ),
    ];
    let batch = arrow::record_batch::RecordBatch::try_from_iter(columns).expect("columns of one length");
    let file = std::fs::File::create(&path).expect("a file");
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).expect("a schema");
    writer.write(&batch).expect("a batch");
    writer.close().expect("a file");
    expect![[r#"
        Upsert 1 at 2026-01-01T00:00:00.000Z of crm_id:1+email:ann@x.example {"email":"ann@x.example","score":2.55}
        Upsert 2 at 2026-02-01T00:00:00.000Z of crm_id:2 {"score":7.0}
        Upsert 3 at 2026-01-01T00:00:00.000Z of crm_id:3+email:c@x {"email":"c@x"}"#]]
    .assert_eq(&shown(&rows(&path, RECORD)));
    let broken = world.file("broken.parquet", b"PAR1 and then nothing");
    let error = open(&broken, &mapping(RECORD), context()).expect_err("it is broken");
    assert_eq!(error.code(), "not_parquet");
}

#[test]
fn what_cannot_be_opened_says_why() {
    let world = World::new();
    let code = |path: &Path, map: &str| open(path, &mapping(map), context()).map(|_| ()).map_err(|error| error.code());
    assert_eq!(code(&world.folder.path().join("none.csv"), RECORD), Err("unreadable_file"));
    assert_eq!(code(&world.file("empty.csv", ""), RECORD), Err("no_header"));
    assert_eq!(code(&world.file("rows.csv", "a\n1\n"), "{version: 1, segment: {}}"), Err("segment_needs_json"));
    assert_eq!(code(&world.file("empty.jsonl", ""), RECORD), Ok(()));
    let error =
        open(&world.file("few.csv", "id,mail,other\n"), &mapping(RECORD), context()).expect_err("columns are missing");
    assert!(matches!(&error, OpenError::MissingColumns { missing, .. } if missing.len() == 3));
    assert_eq!(
        error.to_string(),
        "the mapping reads `status`, `changed`, `score`, but the file has `id`, `mail`, `other`"
    );
}

#[test]
fn refused_rows_are_kept_as_they_are() {
    let world = World::new();
    let path = world.file("people.csv", b"id,mail,score,status,changed\n1,\xff,,,\n2,x\n3,,,,2026-01-01\n");
    let mut quarantine = Quarantine::at(world.folder.path().join("quarantine/crm-1.ndjson"));
    let mut import = open(&path, &mapping(RECORD), context()).expect("a header");
    let mut facts = 0;
    for row in import.by_ref() {
        match row {
            Row::Refused(error) => quarantine.keep(&error).expect("the disk takes it"),
            Row::Fact(_) => facts += 1,
            Row::Skipped => {}
        }
    }
    let progress = import.progress();
    assert_eq!((facts, quarantine.rows(), progress.bytes_read), (1, 2, progress.bytes_total));
    let kept = quarantine.finish().expect("the disk takes it").expect("there are refused rows");
    expect![[r#"
        {"line":2,"row":1,"code":"invalid_utf8","message":"the row is not valid UTF-8","raw_base64":"MSz/LCws"}
        {"line":3,"row":2,"code":"wrong_columns","message":"the row has 2 columns instead of 5","raw":"2,x"}
    "#]]
    .assert_eq(&std::fs::read_to_string(kept).expect("a file"));
    let unused = Quarantine::at(world.folder.path().join("unused.ndjson"));
    assert!(unused.finish().expect("nothing to do").is_none());
}
