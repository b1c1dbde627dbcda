use std::cmp::Ordering;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, RecordBatch, StringArray, TimestampMillisecondArray, UInt32Array, UInt64Array,
};
use kit::Timestamp;
use model::{Change, Event, EventKind, Link, Ordinal, Record, Seq, Verdict};

use super::LakeError;
use super::table::Table;

/// A row of a table of the lake. The column order is that of the table.
pub trait Row: Sized {
    /// The table's name.
    const TABLE: &'static str;

    /// Compares as the table's sort columns do.
    fn order(a: &Self, b: &Self) -> Ordering;

    fn columns(rows: &[&Self]) -> Vec<ArrayRef>;
}

/// A row of a table that grows with the journal.
pub trait FactRow: Row {
    fn seq(&self) -> Seq;
}

/// Lays rows out as columns.
pub(crate) fn batch<R: Row>(table: &Table, rows: &[&R]) -> Result<RecordBatch, LakeError> {
    Ok(RecordBatch::try_new(table.schema(), R::columns(rows))?)
}

#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    pub seq: Seq,
    pub owner: Ordinal,
    pub event: String,
    pub kind: EventKind,
    pub name: Option<String>,
    pub source: Arc<str>,
    pub message_id: String,
    pub time: Timestamp,
    pub received_at: Timestamp,
    pub properties: Option<String>,
    pub context: Option<String>,
}

impl EventRow {
    pub fn of(seq: Seq, owner: Ordinal, event: &Event) -> Self {
        Self {
            seq,
            owner,
            event: event.label().to_owned(),
            kind: event.kind,
            name: event.name.clone(),
            source: event.source.clone(),
            message_id: event.message_id.clone(),
            time: event.time,
            received_at: event.received_at,
            properties: event.properties.as_ref().map(|json| json.text().to_owned()),
            context: event.context.as_ref().map(|json| json.text().to_owned()),
        }
    }
}

impl Row for EventRow {
    const TABLE: &'static str = "events";

    fn order(a: &Self, b: &Self) -> Ordering {
        (&a.event, a.owner, a.time, a.seq).cmp(&(&b.event, b.owner, b.time, b.seq))
    }

    fn columns(rows: &[&Self]) -> Vec<ArrayRef> {
        vec![
            u64s(rows, |row| row.seq),
            u32s(rows, |row| row.owner),
            texts(rows, |row| &row.event),
            texts(rows, |row| row.kind.as_str()),
            optional_texts(rows, |row| row.name.as_deref()),
            texts(rows, |row| &row.source),
            texts(rows, |row| &row.message_id),
            times(rows, |row| row.time),
            times(rows, |row| row.received_at),
            optional_texts(rows, |row| row.properties.as_deref()),
            optional_texts(rows, |row| row.context.as_deref()),
        ]
    }
}

impl FactRow for EventRow {
    fn seq(&self) -> Seq {
        self.seq
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct RecordRow {
    pub seq: Seq,
    pub source: Arc<str>,
    pub key: String,
    pub version: Timestamp,
    pub change: Change,
    pub owner: Ordinal,
    pub traits: Option<String>,
    pub received_at: Timestamp,
}

impl RecordRow {
    pub fn of(seq: Seq, owner: Ordinal, record: &Record) -> Self {
        Self {
            seq,
            source: record.source.clone(),
            key: record.key.clone(),
            version: record.version,
            change: record.change,
            owner,
            traits: record.traits.as_ref().map(|json| json.text().to_owned()),
            received_at: record.received_at,
        }
    }
}

impl Row for RecordRow {
    const TABLE: &'static str = "records";

    fn order(a: &Self, b: &Self) -> Ordering {
        (&a.source, &a.key, a.version, a.seq).cmp(&(&b.source, &b.key, b.version, b.seq))
    }

    fn columns(rows: &[&Self]) -> Vec<ArrayRef> {
        vec![
            u64s(rows, |row| row.seq),
            texts(rows, |row| &row.source),
            texts(rows, |row| &row.key),
            times(rows, |row| row.version),
            texts(rows, |row| change_word(row.change)),
            u32s(rows, |row| row.owner),
            optional_texts(rows, |row| row.traits.as_deref()),
            times(rows, |row| row.received_at),
        ]
    }
}

impl FactRow for RecordRow {
    fn seq(&self) -> Seq {
        self.seq
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct LinkRow {
    pub seq: Seq,
    /// As `kind:value`.
    pub a: String,
    pub b: String,
    pub verdict: Verdict,
    pub reason: String,
    pub by: String,
    pub received_at: Timestamp,
}

impl LinkRow {
    pub fn of(seq: Seq, link: &Link) -> Self {
        Self {
            seq,
            a: link.a.to_string(),
            b: link.b.to_string(),
            verdict: link.verdict,
            reason: link.reason.clone(),
            by: link.by.clone(),
            received_at: link.received_at,
        }
    }
}

impl Row for LinkRow {
    const TABLE: &'static str = "links";

    fn order(a: &Self, b: &Self) -> Ordering {
        a.seq.cmp(&b.seq)
    }

    fn columns(rows: &[&Self]) -> Vec<ArrayRef> {
        vec![
            u64s(rows, |row| row.seq),
            texts(rows, |row| &row.a),
            texts(rows, |row| &row.b),
            texts(rows, |row| verdict_word(row.verdict)),
            texts(rows, |row| &row.reason),
            texts(rows, |row| &row.by),
            times(rows, |row| row.received_at),
        ]
    }
}

impl FactRow for LinkRow {
    fn seq(&self) -> Seq {
        self.seq
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct IdentifierRow {
    pub ordinal: Ordinal,
    pub kind: String,
    pub value: String,
    pub profile: Ordinal,
}

impl Row for IdentifierRow {
    const TABLE: &'static str = "identifiers";

    fn order(a: &Self, b: &Self) -> Ordering {
        a.ordinal.cmp(&b.ordinal)
    }

    fn columns(rows: &[&Self]) -> Vec<ArrayRef> {
        vec![
            u32s(rows, |row| row.ordinal),
            texts(rows, |row| &row.kind),
            texts(rows, |row| &row.value),
            u32s(rows, |row| row.profile),
        ]
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ProfileRow {
    pub profile: Ordinal,
    /// How many it has.
    pub identifiers: u32,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
}

impl Row for ProfileRow {
    const TABLE: &'static str = "profiles";

    fn order(a: &Self, b: &Self) -> Ordering {
        a.profile.cmp(&b.profile)
    }

    fn columns(rows: &[&Self]) -> Vec<ArrayRef> {
        vec![
            u32s(rows, |row| row.profile),
            u32s(rows, |row| row.identifiers),
            times(rows, |row| row.first_seen),
            times(rows, |row| row.last_seen),
        ]
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct TraitRow {
    pub profile: Ordinal,
    pub name: String,
    /// JSON.
    pub value: String,
    pub source: Arc<str>,
    pub time: Timestamp,
}

impl Row for TraitRow {
    const TABLE: &'static str = "traits";

    fn order(a: &Self, b: &Self) -> Ordering {
        (&a.name, a.profile).cmp(&(&b.name, b.profile))
    }

    fn columns(rows: &[&Self]) -> Vec<ArrayRef> {
        vec![
            u32s(rows, |row| row.profile),
            texts(rows, |row| &row.name),
            texts(rows, |row| &row.value),
            texts(rows, |row| &row.source),
            times(rows, |row| row.time),
        ]
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct MembershipRow {
    pub audience: String,
    pub profile: Ordinal,
    pub since: Timestamp,
}

impl Row for MembershipRow {
    const TABLE: &'static str = "memberships";

    fn order(a: &Self, b: &Self) -> Ordering {
        (&a.audience, a.profile).cmp(&(&b.audience, b.profile))
    }

    fn columns(rows: &[&Self]) -> Vec<ArrayRef> {
        vec![texts(rows, |row| &row.audience), u32s(rows, |row| row.profile), times(rows, |row| row.since)]
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct ConsentRow {
    pub profile: Ordinal,
    pub purpose: String,
    pub granted: bool,
    pub source: Arc<str>,
    pub time: Timestamp,
}

impl Row for ConsentRow {
    const TABLE: &'static str = "consents";

    fn order(a: &Self, b: &Self) -> Ordering {
        (&a.purpose, a.profile).cmp(&(&b.purpose, b.profile))
    }

    fn columns(rows: &[&Self]) -> Vec<ArrayRef> {
        vec![
            u32s(rows, |row| row.profile),
            texts(rows, |row| &row.purpose),
            Arc::new(rows.iter().map(|row| Some(row.granted)).collect::<BooleanArray>()),
            texts(rows, |row| &row.source),
            times(rows, |row| row.time),
        ]
    }
}

fn u64s<R>(rows: &[&R], value: impl Fn(&R) -> u64) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| value(row))))
}

fn u32s<R>(rows: &[&R], value: impl Fn(&R) -> u32) -> ArrayRef {
    Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| value(row))))
}

fn texts<R>(rows: &[&R], value: impl Fn(&R) -> &str) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(rows.iter().map(|row| value(row))))
}

fn optional_texts<R>(rows: &[&R], value: impl Fn(&R) -> Option<&str>) -> ArrayRef {
    Arc::new(rows.iter().map(|row| value(row)).collect::<StringArray>())
}

fn times<R>(rows: &[&R], value: impl Fn(&R) -> Timestamp) -> ArrayRef {
    let times = TimestampMillisecondArray::from_iter_values(rows.iter().map(|row| value(row).as_ms()));
    Arc::new(times.with_timezone("UTC"))
}

fn change_word(change: Change) -> &'static str {
    match change {
        Change::Upsert => "upsert",
        Change::Delete => "delete",
    }
}

fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Always => "always",
        Verdict::Never => "never",
        Verdict::Withdrawn => "withdrawn",
    }
}
