//! The journal at its boundary.

use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use expect_test::{Expect, expect};
use kit::{Coded, ManualClock, Timestamp};
use lake::journal::{Entry, Folder, Frames, Journal, JournalError, MAX_FACT_BYTES, Options, Recovery, disk_ceiling};
use model::Fact;

use crate::faulty::{Fault, FaultyDisk};

/// Small segments, and a clock that stands still.
pub fn options() -> Options {
    Options { segment_bytes: 4096, clock: Arc::new(ManualClock::at(Timestamp::from_ms(0))), ..Options::default() }
}

pub fn event(message_id: &str) -> Fact {
    let event = serde_json::json!({"event": {
        "message_id": message_id, "source": "web", "kind": "track", "name": "Order Completed",
        "identifiers": ["email:ann@example.com"],
        "time": "2026-01-31T08:00:00Z", "received_at": "2026-01-31T08:00:01Z",
        "properties": {"revenue": 12.5, "note": "ü".repeat(message_id.len() * 7)},
    }});
    serde_json::from_value(event).expect("a fact")
}

pub fn message_id(fact: &Fact) -> String {
    match fact {
        Fact::Event(event) => event.message_id.clone(),
        other => panic!("only events are appended here, not a {}", other.kind()),
    }
}

fn open(disk: &FaultyDisk) -> (Journal, Recovery) {
    Journal::open_on(Arc::new(disk.clone()), options()).expect("the journal opens")
}

fn append(journal: &Journal, ids: &[&str]) -> Result<std::ops::RangeInclusive<u64>, &'static str> {
    let facts: Vec<Fact> = ids.iter().map(|id| event(id)).collect();
    let receipt = journal.append_blocking(Frames::of(&facts).expect("facts are JSON"));
    receipt.map(|receipt| receipt.first_seq..=receipt.last_seq).map_err(|error| error.code())
}

/// The journal from a fact on, in words.
fn story(journal: &Journal, from_seq: u64) -> Vec<String> {
    let word = |entry: Result<Entry, JournalError>| match entry {
        Ok(Entry::Fact { seq, fact }) => format!("{seq} {}", message_id(&fact)),
        Ok(Entry::Damage(damage)) => format!("{}..={} lost", damage.first_missing_seq, damage.last_missing_seq),
        Err(error) => error.code().to_owned(),
    };
    journal.reader(from_seq).map(word).collect()
}

#[test]
fn facts_come_back_as_they_went_in_over_many_segments() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, recovery) = Journal::open(folder.path(), options()).expect("an empty folder");
    assert_eq!(recovery, Recovery::default());
    let facts: Vec<Fact> = (0..100).map(|number| event(&format!("m{number}"))).collect();
    for (number, facts) in facts.chunks(7).enumerate() {
        let receipt = journal.append_blocking(Frames::of(facts).expect("facts are JSON")).expect("the disk is fine");
        assert_eq!(receipt.first_seq, number as u64 * 7 + 1);
    }
    drop(journal);

    let (journal, recovery) = Journal::open(folder.path(), options()).expect("the folder is whole");
    assert_eq!((recovery.last_seq, recovery.cut_bytes, journal.durable_seq()), (100, 0, 100));
    assert!(recovery.segments > 5, "{recovery:?}");
    let read: Vec<Fact> = journal
        .reader(1)
        .map(|entry| match entry {
            Ok(Entry::Fact { fact, .. }) => fact,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read, facts);
    assert_eq!(story(&journal, 99), ["99 m98", "100 m99"]);
    assert_eq!(story(&journal, 101), Vec::<String>::new());
}

#[test]
fn one_process_at_a_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let _journal = Journal::open(folder.path(), options()).expect("an empty folder");
    assert_eq!(Journal::open(folder.path(), options()).err().map(|error| error.code()), Some("journal_in_use"));
}

#[test]
fn an_append_larger_than_a_segment_is_fine_and_an_absurd_fact_is_not() {
    let disk = FaultyDisk::default();
    let (journal, _) = open(&disk);
    let long = "x".repeat(5_000);
    assert_eq!(append(&journal, &[&long, "small"]), Ok(1..=2));
    let nothing = append(&journal, &[]).expect("nothing is easily written");
    assert_eq!((*nothing.start(), *nothing.end()), (3, 2));
    let mut frames = Frames::of(&[event("a")]).expect("facts are JSON");
    let before = frames.bytes();
    let refused = frames.push(&event(&"x".repeat(MAX_FACT_BYTES)));
    assert!(matches!(refused, Err(JournalError::TooLarge { .. })));
    assert_eq!((frames.count(), frames.bytes()), (1, before));
    drop(journal);
    assert_eq!(story(&open(&disk).0, 2), ["2 small"]);
}

#[test]
fn a_full_disk_refuses_and_later_appends_work_again() {
    let disk = FaultyDisk::default();
    let (journal, _) = open(&disk);
    assert_eq!(append(&journal, &["a"]), Ok(1..=1));
    disk.fail(Fault::Write, 0, u32::MAX);
    assert_eq!(append(&journal, &["b"]), Err("journal_unavailable"));
    assert_eq!(append(&journal, &["c"]), Err("journal_unavailable"));
    disk.heal();
    assert_eq!(append(&journal, &["d"]), Ok(2..=2));
    // All of them: the next segment, which is being made meanwhile, syncs too.
    disk.fail(Fault::Sync, 0, u32::MAX);
    assert_eq!(append(&journal, &["e"]), Err("journal_unavailable"));
    disk.heal();
    assert_eq!(append(&journal, &["f"]), Ok(3..=3));
    assert_eq!(story(&journal, 1), ["1 a", "2 d", "3 f"]);
    let stats = journal.stats();
    assert_eq!((stats.appends, stats.facts, stats.failed_groups), (3, 3, 3));
    drop(journal);
    assert_eq!(story(&open(&disk).0, 1), ["1 a", "2 d", "3 f"]);
}

#[test]
fn a_crowd_is_told_that_the_journal_is_busy() {
    let disk = FaultyDisk::default();
    let options = Options { max_waiting_bytes: 1, ..options() };
    let (journal, _) = Journal::open_on(Arc::new(disk.clone()), options).expect("the journal opens");
    disk.hold_syncs();
    let mut first = Box::pin(journal.append(vec![event("a")]));
    assert!(poll(&mut first).is_pending());
    disk.wait_until_a_sync_is_held();
    let mut second = Box::pin(journal.append(vec![event("b")]));
    assert!(poll(&mut second).is_pending());
    let refused = poll(&mut Box::pin(journal.append(vec![event("c")])));
    let Poll::Ready(Err(error)) = refused else { panic!("{refused:?}") };
    assert_eq!((error.code(), error.is_retryable()), ("journal_busy", true));
    disk.release();
    assert_eq!(block_on(first).map(|receipt| receipt.last_seq).ok(), Some(1));
    assert_eq!(block_on(second).map(|receipt| receipt.last_seq).ok(), Some(2));
}

#[test]
fn a_reader_follows_the_tail_through_a_failure() {
    let disk = FaultyDisk::default();
    let (journal, _) = open(&disk);
    let mut reader = journal.reader(0);
    let mut read = |journal: &Journal| -> Vec<String> {
        let seen = block_on(journal.wait_past(reader.position()));
        let facts = reader.by_ref().map(|entry| match entry {
            Ok(Entry::Fact { fact, .. }) => message_id(&fact),
            other => panic!("{other:?}"),
        });
        let facts = facts.collect();
        assert_eq!(reader.position(), seen);
        facts
    };
    append(&journal, &["a", "b"]).expect("the disk is fine");
    assert_eq!(read(&journal), ["a", "b"]);
    for (fault, lost, kept) in [(Fault::Sync, "c", "d"), (Fault::Write, "e", "f")] {
        disk.fail(fault, 0, u32::MAX);
        append(&journal, &[lost]).expect_err("the disk refuses");
        disk.heal();
        append(&journal, &[kept]).expect("the disk is fine again");
        assert_eq!(read(&journal), [kept]);
    }
}

/// Appends groups of facts, edits the last segment, and tells what a new process finds.
fn damaged(groups: &[&[&str]], edit: impl FnOnce(&mut Vec<u8>), expected: Expect) {
    let disk = FaultyDisk::default();
    let (journal, _) = Journal::open_on(Arc::new(disk.clone()), Options { segment_bytes: 1 << 20, ..options() })
        .expect("the journal opens");
    for ids in groups {
        append(&journal, ids).expect("the disk is fine");
    }
    drop(journal);
    disk.edit("00000000000000000001.seg", edit);
    let (journal, recovery) = open(&disk);
    let mut told = story(&journal, 1);
    told.push(format!("damages {:?}", recovery.damages));
    told.push(format!("then {:?}", append(&journal, &["z"])));
    assert_eq!(journal.verify().ok(), Some(recovery.damages));
    drop(journal);
    let reopened = story(&open(&disk).0, 1);
    assert_eq!(reopened[..reopened.len() - 1], told[..told.len() - 2], "a second start finds the same");
    expected.assert_eq(&told.join("\n"));
}

#[test]
fn a_corrupt_frame_is_reported_and_the_rest_is_read() {
    let groups: &[&[&str]] = &[&["a", "b", "c"], &["d"]];
    damaged(
        groups,
        |bytes| flip(bytes, "\"b\""),
        expect![[r#"
        1 a
        2..=2 lost
        3 c
        4 d
        damages [Damage { segment: 1, offset: 316, bytes: 284, first_missing_seq: 2, last_missing_seq: 2 }]
        then Ok(5..=5)"#]],
    );
    damaged(
        groups,
        |bytes| bytes[..340].fill(7),
        expect![[r#"
        1..=2 lost
        3 c
        4 d
        damages [Damage { segment: 1, offset: 32, bytes: 568, first_missing_seq: 1, last_missing_seq: 2 }]
        then Ok(5..=5)"#]],
    );
}

#[test]
fn a_corrupt_frame_of_the_last_group_is_damage_too() {
    damaged(
        &[&["a", "b", "c"]],
        |bytes| flip(bytes, "\"b\""),
        expect![[r#"
        1 a
        2..=2 lost
        3 c
        damages [Damage { segment: 1, offset: 316, bytes: 284, first_missing_seq: 2, last_missing_seq: 2 }]
        then Ok(4..=4)"#]],
    );
    damaged(
        &[&["a", "b", "c"]],
        |bytes| flip(bytes, "\"c\""),
        expect![[r#"
        1 a
        2 b
        3..=3 lost
        damages [Damage { segment: 1, offset: 600, bytes: 284, first_missing_seq: 3, last_missing_seq: 3 }]
        then Ok(4..=4)"#]],
    );
}

#[test]
fn a_torn_tail_is_cut() {
    let tear = |bytes: &mut Vec<u8>, id: &str| {
        let torn = find(bytes, id);
        bytes[torn..].fill(0);
    };
    damaged(
        &[&["a"], &["b", "c"]],
        |bytes| tear(bytes, "\"c\""),
        expect![[r#"
        1 a
        2 b
        damages []
        then Ok(3..=3)"#]],
    );
    damaged(
        &[&["a"], &["b", "c"]],
        |bytes| bytes.truncate(500),
        expect![[r#"
        1 a
        damages []
        then Ok(2..=2)"#]],
    );
}

#[test]
fn what_stands_behind_a_tear_is_wiped() {
    let disk = FaultyDisk::default();
    let (journal, _) = open(&disk);
    append(&journal, &["a"]).expect("the disk is fine");
    append(&journal, &["b", "c", "d"]).expect("the disk is fine");
    drop(journal);
    let segment = "00000000000000000001.seg";
    disk.edit(segment, |bytes| {
        flip(bytes, "\"b\"");
        // The proof that all four were acknowledged.
        let proof = bytes.iter().rposition(|&byte| byte != 0).expect("there are frames") - 31;
        bytes[proof..].fill(0);
    });
    let (journal, recovery) = open(&disk);
    assert_eq!((recovery.last_seq, recovery.damages.len()), (1, 0));
    assert!(recovery.cut_bytes > 500);
    disk.edit(segment, |bytes| assert!(!bytes.windows(3).any(|text| text == b"\"c\"" || text == b"\"d\"")));
    assert_eq!(append(&journal, &["z"]), Ok(2..=2));
    assert_eq!(story(&journal, 1), ["1 a", "2 z"]);
}

#[test]
fn a_lost_segment_is_reported_and_a_later_format_is_refused() {
    let disk = FaultyDisk::default();
    let (journal, _) = open(&disk);
    for number in 0..40 {
        append(&journal, &[&format!("m{number}")]).expect("the disk is fine");
    }
    drop(journal);
    let lost = disk.segments().remove(1);
    lake::journal::Disk::remove(&disk, &lost).expect("it is there");
    let (journal, _) = open(&disk);
    let story = story(&journal, 1);
    assert!(story.iter().any(|line| line.ends_with("lost")) && story.last().is_some_and(|line| line == "40 m39"));
    drop(journal);

    let first = disk.segments().remove(0);
    disk.edit(&first, |bytes| {
        bytes[8] = 2;
        let crc = crc32fast::hash(&bytes[..28]);
        bytes[28..32].copy_from_slice(&crc.to_le_bytes());
    });
    let refused = Journal::open_on(Arc::new(disk), options());
    assert_eq!(refused.err().map(|error| error.code()), Some("journal_version_unknown"));
}

#[test]
fn the_disk_is_measured_and_left_clean() {
    let folder = tempfile::tempdir().expect("a folder");
    let ceiling = disk_ceiling(folder.path(), 1_000, 3).expect("the disk is fine");
    assert!(ceiling.writes_per_s > 0.0 && ceiling.bytes_per_s > ceiling.writes_per_s);
    let disk = Folder::open(folder.path()).expect("nobody holds it");
    assert_eq!(lake::journal::Disk::list(&disk).ok(), Some(vec!["lock".to_owned()]));
}

fn find(bytes: &[u8], text: &str) -> usize {
    bytes.windows(text.len()).position(|window| window == text.as_bytes()).expect("the text is there")
}

fn flip(bytes: &mut [u8], text: &str) {
    let at = find(bytes, text);
    bytes[at] ^= 1;
}

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    std::pin::Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(future)
}
