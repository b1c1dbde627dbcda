use std::sync::Arc;

use arrow::array::{ArrayRef, ListBuilder, RecordBatch, StringArray, StringBuilder, TimestampMillisecondArray};
use model::{Action, Delivery};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};

use super::options::Format;

/// The bytes of one file, or why there can be none.
pub fn encode(format: Format, batch: &[&Delivery]) -> Result<Vec<u8>, String> {
    match format {
        Format::Csv => csv(batch),
        Format::Ndjson => Ok(ndjson(batch)),
        Format::Parquet => parquet(batch),
    }
}

fn csv(batch: &[&Delivery]) -> Result<Vec<u8>, String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["id", "action", "audience", "profile", "identifiers", "traits", "at"]).map_err(shown)?;
    for delivery in batch {
        let (profile, at) = (delivery.profile.to_string(), delivery.at.to_string());
        let (identifiers, traits) = (json!(delivery.identifiers).to_string(), traits(delivery).unwrap_or_default());
        let row = [&delivery.id, action(delivery), &delivery.audience, &profile, &identifiers, &traits, &at];
        writer.write_record(row).map_err(shown)?;
    }
    writer.into_inner().map_err(shown)
}

fn ndjson(batch: &[&Delivery]) -> Vec<u8> {
    let line = |delivery: &&Delivery| format!("{}\n", object(delivery));
    batch.iter().map(line).collect::<String>().into_bytes()
}

fn object(delivery: &Delivery) -> Value {
    json!({
        "id": delivery.id,
        "action": delivery.action,
        "audience": delivery.audience,
        "profile": delivery.profile,
        "identifiers": delivery.identifiers,
        "traits": delivery.traits,
        "at": delivery.at,
    })
}

fn parquet(batch: &[&Delivery]) -> Result<Vec<u8>, String> {
    let columns: [(&str, ArrayRef); 7] = [
        ("id", texts(batch.iter().map(|delivery| Some(delivery.id.clone())))),
        ("action", texts(batch.iter().map(|delivery| Some(action(delivery).to_owned())))),
        ("audience", texts(batch.iter().map(|delivery| Some(delivery.audience.clone())))),
        ("profile", texts(batch.iter().map(|delivery| Some(delivery.profile.to_string())))),
        ("identifiers", identifiers(batch)),
        ("traits", texts(batch.iter().map(|delivery| traits(delivery)))),
        ("at", times(batch)),
    ];
    let rows = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, name == "traits")));
    let rows = rows.map_err(shown)?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties)).map_err(shown)?;
    writer.write(&rows).map_err(shown)?;
    writer.into_inner().map_err(shown)
}

fn texts(values: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn identifiers(batch: &[&Delivery]) -> ArrayRef {
    let mut lists = ListBuilder::new(StringBuilder::new());
    for delivery in batch {
        lists.append_value(delivery.identifiers.iter().map(|identifier| Some(identifier.to_string())));
    }
    Arc::new(lists.finish())
}

fn times(batch: &[&Delivery]) -> ArrayRef {
    let times = TimestampMillisecondArray::from_iter_values(batch.iter().map(|delivery| delivery.at.as_ms()));
    Arc::new(times.with_timezone("UTC"))
}

fn action(delivery: &Delivery) -> &'static str {
    match delivery.action {
        Action::Enter => "enter",
        Action::Exit => "exit",
        Action::Forward => "forward",
    }
}

/// The traits as JSON; nothing when the person leaves.
fn traits(delivery: &Delivery) -> Option<String> {
    (delivery.action == Action::Enter).then(|| Value::Object(delivery.traits.clone()).to_string())
}

fn shown(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use arrow::json::LineDelimitedWriter;
    use expect_test::{Expect, expect};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

    use super::*;
    use crate::destinations::tests::{enter, exit};

    fn encoded(format: Format) -> Vec<u8> {
        encode(format, &[&enter(1), &exit(2)]).unwrap()
    }

    fn check(format: Format, expected: Expect) {
        expected.assert_eq(&String::from_utf8(encoded(format)).unwrap());
    }

    #[test]
    fn csv_quotes_its_json() {
        check(
            Format::Csv,
            expect![[r#"
            id,action,audience,profile,identifiers,traits,at
            00000000000000000000000000000001,enter,buyers,P1,"[""email:ann@example.com"",""crm_id:urn:7""]","{""name"":""Ann \""Nan\"" O'Hara, 3rd"",""spent"":12.5,""tags"":[""a"",""ü""]}",2025-11-24T16:00:00.001Z
            00000000000000000000000000000002,exit,buyers,P2,"[""email:ann@example.com"",""crm_id:urn:7""]",,2025-11-24T16:00:00.002Z
        "#]],
        );
    }

    #[test]
    fn ndjson_has_an_object_a_line() {
        check(
            Format::Ndjson,
            expect![[r#"
            {"action":"enter","at":"2025-11-24T16:00:00.001Z","audience":"buyers","id":"00000000000000000000000000000001","identifiers":["email:ann@example.com","crm_id:urn:7"],"profile":"P1","traits":{"name":"Ann \"Nan\" O'Hara, 3rd","spent":12.5,"tags":["a","ü"]}}
            {"action":"exit","at":"2025-11-24T16:00:00.002Z","audience":"buyers","id":"00000000000000000000000000000002","identifiers":["email:ann@example.com","crm_id:urn:7"],"profile":"P2","traits":{}}
        "#]],
        );
    }

    #[test]
    fn parquet_has_a_list_and_a_timestamp() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&encoded(Format::Parquet)).unwrap();
        let batches: Vec<_> = ParquetRecordBatchReader::try_new(file, 10).unwrap().map(Result::unwrap).collect();
        let fields = batches[0].schema();
        let types = fields.fields().iter().map(|field| format!("{}: {}\n", field.name(), field.data_type()));
        let mut rows = LineDelimitedWriter::new(Vec::new());
        rows.write(&batches[0].project(&[0, 1, 2, 3, 4, 5]).unwrap()).unwrap();
        let rows = String::from_utf8(rows.into_inner()).unwrap();
        expect![[r#"
            id: Utf8
            action: Utf8
            audience: Utf8
            profile: Utf8
            identifiers: List(Utf8)
            traits: Utf8
            at: Timestamp(ms, "UTC")
            {"id":"00000000000000000000000000000001","action":"enter","audience":"buyers","profile":"P1","identifiers":["email:ann@example.com","crm_id:urn:7"],"traits":"{\"name\":\"Ann \\\"Nan\\\" O'Hara, 3rd\",\"spent\":12.5,\"tags\":[\"a\",\"ü\"]}"}
            {"id":"00000000000000000000000000000002","action":"exit","audience":"buyers","profile":"P2","identifiers":["email:ann@example.com","crm_id:urn:7"]}
        "#]].assert_eq(&(types.collect::<String>() + &rows));
        let times = batches[0].column(6).as_any().downcast_ref::<TimestampMillisecondArray>().unwrap();
        assert_eq!(times.values()[..], [enter(1).at.as_ms(), exit(2).at.as_ms()]);
    }
}
