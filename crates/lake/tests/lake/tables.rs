//! The lake's tables at their boundary: what is written can be read, whole and once.

use std::path::Path;

use arrow::array::RecordBatch;
use expect_test::expect;
use kit::{Coded, DAY_MS, Timestamp};
use lake::{
    Answer, ConsentRow, EventRow, FactRows, IdentifierRow, Lake, LinkRow, MembershipRow, ProfileRow, RecordRow,
    Snapshot, TABLES, Table, TraitRow,
};
use model::{Change, EventKind, Seq, Verdict};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::{FileReader, SerializedFileReader};

fn at(day: i64) -> Timestamp {
    Timestamp::parse("2026-01-30").expect("a date").plus_ms(day * DAY_MS)
}

/// An event whose other values all follow from its number.
fn event(seq: Seq) -> EventRow {
    EventRow {
        seq,
        owner: (seq % 7) as u32,
        event: ["Order Completed", "page", "Add to Cart"][(seq % 3) as usize].to_owned(),
        kind: EventKind::Track,
        name: seq.is_multiple_of(2).then(|| "name".to_owned()),
        source: "web".into(),
        message_id: format!("m{seq}"),
        time: at((seq % 4) as i64),
        received_at: at(4),
        properties: Some(format!("{{\"revenue\":{seq}}}")),
        context: None,
    }
}

fn events(seqs: std::ops::RangeInclusive<Seq>) -> FactRows {
    FactRows { events: seqs.map(event).collect(), ..FactRows::default() }
}

fn read(table: &str, snapshot: &Snapshot) -> Answer {
    let schema = Table::named(table).expect("a table of the lake").schema();
    let batches = snapshot.files(table).iter().flat_map(|file| read_file(file)).collect();
    Answer { schema, batches }
}

fn read_file(file: &Path) -> Vec<RecordBatch> {
    let file = std::fs::File::open(file).expect("a file of a snapshot is there");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("it is Parquet").build().expect("it is whole");
    reader.map(|batch| batch.expect("it is whole")).collect()
}

fn seqs(snapshot: &Snapshot) -> Vec<u64> {
    let mut seqs: Vec<u64> =
        read("events", snapshot).to_objects().iter().filter_map(|row| row["seq"].as_u64()).collect();
    seqs.sort_unstable();
    seqs
}

fn names(files: &[lake::FileEntry]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn events_lie_in_months_sorted_by_event_owner_and_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::open(folder.path()).expect("an empty folder");
    let files = lake.append(&events(1..=9), 9).expect("the disk is fine");
    assert_eq!(names(&files), ["events/month=2026-01/part-1-9-1.parquet", "events/month=2026-02/part-2-7-2.parquet"]);
    expect![[r#"
        seq  owner  event            kind   name  source  message_id  time                      received_at               properties     context
        ───  ─────  ───────────────  ─────  ────  ──────  ──────────  ────────────────────────  ────────────────────────  ─────────────  ───────
          8      1  Add to Cart      track  name  web     m8          2026-01-30T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":8}
          5      5  Add to Cart      track        web     m5          2026-01-31T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":5}
          9      2  Order Completed  track        web     m9          2026-01-31T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":9}
          1      1  page             track        web     m1          2026-01-31T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":1}
          4      4  page             track  name  web     m4          2026-01-30T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":4}
          2      2  Add to Cart      track  name  web     m2          2026-02-01T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":2}
          3      3  Order Completed  track        web     m3          2026-02-02T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":3}
          6      6  Order Completed  track  name  web     m6          2026-02-01T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":6}
          7      0  page             track        web     m7          2026-02-02T00:00:00.000Z  2026-02-03T00:00:00.000Z  {"revenue":7}
    "#]].assert_eq(&read("events", &lake.snapshot()).to_text());

    let file = std::fs::File::open(&lake.snapshot().files("events")[0]).expect("it is there");
    let reader = SerializedFileReader::new(file).expect("it is Parquet");
    let group = reader.metadata().row_group(0);
    let sorted_by: Vec<i32> = group.sorting_columns().into_iter().flatten().map(|column| column.column_idx).collect();
    assert_eq!(sorted_by, [2, 1, 7, 0]);
    assert!(group.column(0).column_index_offset().is_some(), "there is a page index");
}

#[test]
fn a_batch_given_twice_counts_once_and_a_reopened_lake_is_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::open(folder.path()).expect("an empty folder");
    assert_eq!(lake.append(&events(1..=5), 4).map_err(|error| error.code()), Err("lake_rows_beyond_batch"));
    lake.append(&events(1..=5), 6).expect("the disk is fine");
    assert_eq!(lake.append(&events(1..=5), 6).map(|files| files.len()).ok(), Some(0));
    lake.append(&events(4..=8), 8).expect("the disk is fine");
    assert_eq!(Lake::open(folder.path()).err().map(|error| error.code()), Some("lake_in_use"));
    assert_eq!(seqs(&Lake::peek(folder.path()).expect("it may be read")), [1, 2, 3, 4, 5, 7, 8]);
    drop(lake);

    let orphan = folder.path().join("events/month=2026-01/part-9-9-9.parquet");
    std::fs::write(&orphan, "half a file").expect("the folder is there");
    let lake = Lake::open(folder.path()).expect("a sane lake");
    assert!(!orphan.exists());
    assert_eq!((lake.facts_through(), seqs(&lake.snapshot())), (8, vec![1, 2, 3, 4, 5, 7, 8]));
    lake.clear().expect("the disk is fine");
    assert_eq!((lake.facts_through(), seqs(&lake.snapshot())), (0, vec![]));
}

#[test]
fn compaction_equals_what_one_write_gives_and_old_snapshots_stay() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [parts, whole] = [0, 1].map(|index| Lake::open(folders[index].path()).expect("an empty folder"));
    for first in (1..=20_000).step_by(1_000) {
        parts.append(&events(first..=first + 999), first + 999).expect("the disk is fine");
    }
    whole.append(&events(1..=20_000), 20_000).expect("the disk is fine");
    let before = parts.snapshot();
    let merged = parts.compact().expect("the disk is fine");
    assert_eq!(
        names(&merged),
        ["events/month=2026-01/part-1-20000-41.parquet", "events/month=2026-02/part-2-19999-42.parquet"]
    );
    let rows = |lake: &Lake| read("events", &lake.snapshot()).to_objects();
    assert!(rows(&parts) == rows(&whole), "the same rows in the same order");
    assert_eq!(parts.compact().map(|files| files.len()).ok(), Some(0), "nothing is left to do");

    let old = before.files("events");
    assert_eq!(old.len(), 40);
    assert!(seqs(&before).into_iter().eq(1..=20_000), "an old snapshot is whole");
    drop(before);
    assert!(old.iter().all(|file| !file.exists()), "and its files go with it");
    assert!(seqs(&parts.snapshot()).into_iter().eq(1..=20_000));
}

#[test]
fn records_and_links_come_with_their_batch() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::open(folder.path()).expect("an empty folder");
    let record = |seq, key: &str, change| RecordRow {
        seq,
        source: "crm".into(),
        key: key.to_owned(),
        version: at(0),
        change,
        owner: 1,
        traits: Some("{}".to_owned()),
        received_at: at(1),
    };
    let link = LinkRow {
        seq: 3,
        a: "crm_id:1".to_owned(),
        b: "email:ann@example.com".to_owned(),
        verdict: Verdict::Never,
        reason: "brothers".to_owned(),
        by: "operator".to_owned(),
        received_at: at(1),
    };
    let records = vec![record(1, "b", Change::Upsert), record(2, "a", Change::Delete)];
    let files = lake.append(&FactRows { records, links: vec![link], ..FactRows::default() }, 3);
    assert_eq!(names(&files.expect("the disk is fine")), ["records/part-1-2-1.parquet", "links/part-3-3-2.parquet"]);
    expect![[r#"
        seq,source,key,version,change,owner,traits,received_at
        2,crm,a,2026-01-30T00:00:00.000Z,delete,1,{},2026-01-31T00:00:00.000Z
        1,crm,b,2026-01-30T00:00:00.000Z,upsert,1,{},2026-01-31T00:00:00.000Z
    "#]]
    .assert_eq(&read("records", &lake.snapshot()).to_csv().replace("\r\n", "\n"));
    expect![[r#"
        seq,a,b,verdict,reason,by,received_at
        3,crm_id:1,email:ann@example.com,never,brothers,operator,2026-01-31T00:00:00.000Z
    "#]]
    .assert_eq(&read("links", &lake.snapshot()).to_csv().replace("\r\n", "\n"));
}

#[test]
fn views_are_replaced_as_a_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::open(folder.path()).expect("an empty folder");
    let member = |audience: &str, profile| MembershipRow { audience: audience.to_owned(), profile, since: at(0) };
    lake.replace_view(7, [member("b", 1), member("a", 9), member("a", 2)]).expect("the disk is fine");
    let before = lake.snapshot();
    lake.replace_view(8, [member("c", 4)]).expect("the disk is fine");
    expect![[r#"
        audience,profile,since
        a,2,2026-01-30T00:00:00.000Z
        a,9,2026-01-30T00:00:00.000Z
        b,1,2026-01-30T00:00:00.000Z
    "#]]
    .assert_eq(&read("memberships", &before).to_csv().replace("\r\n", "\n"));
    expect![[r#"
        audience,profile,since
        c,4,2026-01-30T00:00:00.000Z
    "#]]
    .assert_eq(&read("memberships", &lake.snapshot()).to_csv().replace("\r\n", "\n"));
    assert_eq!(lake.snapshot().rows("memberships"), 1);

    let identifier = IdentifierRow { ordinal: 1, kind: "email".into(), value: "ann@example.com".into(), profile: 1 };
    lake.replace_view(8, [identifier]).expect("the disk is fine");
    let profile = ProfileRow { profile: 1, identifiers: 2, first_seen: at(0), last_seen: at(1) };
    lake.replace_view(8, [profile]).expect("the disk is fine");
    let consent = ConsentRow { profile: 1, purpose: "ads".into(), granted: false, source: "web".into(), time: at(0) };
    lake.replace_view(8, [consent]).expect("the disk is fine");
    lake.replace_view(8, Vec::<TraitRow>::new()).expect("the disk is fine");
    for (table, files) in lake.snapshot().tables() {
        for batch in files.iter().flat_map(|file| read_file(file)) {
            assert_eq!(batch.schema(), table.schema(), "{}", table.name);
        }
    }
    assert_eq!(lake.snapshot().tables().count(), TABLES.len());
}

#[test]
fn a_view_larger_than_memory_is_sorted_through_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let lake = Lake::open(folder.path()).expect("an empty folder");
    let people = 600_000_u32;
    // A walk over all numbers in no order: the step has no factor in common with how many there are.
    let rows = (0..people).map(|number| IdentifierRow {
        ordinal: (u64::from(number) * 7_919 % u64::from(people)) as u32,
        kind: String::new(),
        value: String::new(),
        profile: number,
    });
    let file = lake.replace_view(1, rows).expect("the disk is fine");
    assert_eq!(file.rows, u64::from(people));
    let ordinals = read("identifiers", &lake.snapshot()).batches.into_iter().flat_map(|batch| {
        let column = batch.column(0).clone();
        arrow::array::AsArray::as_primitive::<arrow::datatypes::UInt32Type>(&column).values().to_vec()
    });
    assert!(ordinals.eq(0..people));
    let left = std::fs::read_dir(folder.path().join("identifiers")).expect("a folder").count();
    assert_eq!(left, 1, "sorted files are gone");
}
