//! A journal of every past format version can be read, for ever. `UPDATE_EXPECT=1` writes the newest one if it is missing.

use std::path::{Path, PathBuf};

use expect_test::expect;
use lake::journal::{Entry, FORMAT_VERSION, Frames, Journal};
use model::Fact;

use crate::journal::options;

const FACTS: &str = include_str!("../../fixtures/facts-v1.ndjson");

#[test]
fn version_1_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = "00000000000000000001.seg";
    write_if_missing(&fixture(1).join(name));
    std::fs::copy(fixture(1).join(name), folder.path().join(name)).expect("the fixture is there");
    let (journal, recovery) = Journal::open(folder.path(), options()).expect("version 1 is known");
    let read: Vec<Fact> = journal
        .reader(1)
        .map(|entry| match entry {
            Ok(Entry::Fact { fact, .. }) => fact,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(read, facts());
    expect!["Recovery { segments: 1, last_seq: 7, cut_bytes: 0, damages: [] }"].assert_eq(&format!("{recovery:?}"));
}

fn facts() -> Vec<Fact> {
    FACTS.lines().map(|line| serde_json::from_str(line).expect("a fact of version 1")).collect()
}

fn fixture(version: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/journal-v{version}"))
}

fn write_if_missing(segment: &Path) {
    if segment.exists() || std::env::var_os("UPDATE_EXPECT").is_none() {
        return;
    }
    assert_eq!(FORMAT_VERSION, 1, "this program no longer writes version 1");
    let folder = segment.parent().expect("a folder");
    let (journal, _) = Journal::open(folder, options()).expect("the folder can be made");
    journal.append_blocking(Frames::of(&facts()).expect("facts are JSON")).expect("the disk is fine");
    drop(journal);
    std::fs::remove_file(folder.join("lock")).expect("the lock is there");
}
