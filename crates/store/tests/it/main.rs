//! The embedded backend against its twin in memory, under random writes, drafts and scans.

mod dropping;

use proptest::prelude::*;
use store::{Erasure, Keep, Range, Read, ReadExt, Store, Table};

static WORDS: Table = Table {
    name: "words",
    about: "a word",
    writer: "test",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::View,
};

static LASTING: Table = Table {
    name: "lasting",
    about: "a word that stays",
    writer: "test",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

const TABLES: &[&Table] = &[&WORDS, &LASTING];

#[derive(Debug, Clone)]
enum Step {
    Put(Vec<u8>, u8),
    Remove(Vec<u8>),
    Commit,
    Scan { prefix: Vec<u8>, after: Option<Vec<u8>>, backward: bool },
}

fn key() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(prop_oneof![Just(0u8), Just(1), Just(254), Just(255)], 0..4)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (key().prop_filter("keys are not empty", |key| !key.is_empty()), any::<u8>()).prop_map(|(key, value)| Step::Put(key, value)),
        2 => key().prop_filter("keys are not empty", |key| !key.is_empty()).prop_map(Step::Remove),
        1 => Just(Step::Commit),
        3 => (key(), proptest::option::of(key()), any::<bool>())
            .prop_map(|(prefix, after, backward)| Step::Scan { prefix, after, backward }),
    ]
}

/// Whoever sees how far the views have come sees all that made them so.
#[test]
fn a_commit_is_seen_whole_or_not_at_all() {
    const COMMITS: u64 = 400;
    let dir = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(dir.path(), TABLES).expect("a fresh folder opens");
    let writing = store.clone();
    let writer = std::thread::spawn(move || {
        for commit in 1..=COMMITS {
            let mut draft = writing.draft();
            (0..50u8).for_each(|row| draft.put(&WORDS, [row], &commit));
            writing.commit_through(draft, commit).expect("a sane disk");
        }
    });
    let mut seen = 0;
    while seen < COMMITS {
        seen = store.applied().expect("a sane disk");
        for row in [0u8, 25, 49] {
            let value: u64 = store.read(&WORDS, &[row]).expect("a sane disk").unwrap_or_default();
            assert!(value >= seen, "row {row} says {value}, and the views are at {seen}");
        }
    }
    writer.join().expect("it has committed all");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn disk_and_memory_agree(steps in proptest::collection::vec(step(), 1..60)) {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let disk = Store::open(dir.path(), TABLES).expect("a fresh folder opens");
        let memory = Store::in_memory(TABLES);
        let (mut on_disk, mut in_memory) = (disk.draft(), memory.draft());
        for step in steps {
            match step {
                Step::Put(key, value) => {
                    on_disk.put_bytes(&WORDS, key.clone(), vec![value]);
                    in_memory.put_bytes(&WORDS, key, vec![value]);
                }
                Step::Remove(key) => {
                    on_disk.remove(&WORDS, key.clone());
                    in_memory.remove(&WORDS, key);
                }
                Step::Commit => {
                    disk.commit(std::mem::replace(&mut on_disk, disk.draft())).expect("the disk takes it");
                    memory.commit(std::mem::replace(&mut in_memory, memory.draft())).expect("memory takes it");
                }
                Step::Scan { prefix, after, backward } => {
                    let range = Range { prefix: &prefix, after: after.as_deref(), backward };
                    let seen = on_disk.rows(&WORDS, range, 1_000).expect("rows");
                    prop_assert_eq!(&seen, &in_memory.rows(&WORDS, range, 1_000).expect("rows"));
                    let few = on_disk.rows(&WORDS, range, 2).expect("rows");
                    prop_assert_eq!(&few[..], &seen[..seen.len().min(2)]);
                }
            }
        }
        for (key, value) in in_memory.rows(&WORDS, Range::default(), 1_000).expect("rows") {
            prop_assert_eq!(on_disk.get(&WORDS, &key).expect("a get"), Some(value));
        }
    }
}

#[test]
fn a_draft_is_invisible_until_it_is_committed_with_its_position() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    {
        let store = Store::open(dir.path(), TABLES).expect("opens");
        let mut draft = store.draft();
        draft.put(&WORDS, *b"k", &7u32);
        assert_eq!(draft.read::<u32>(&WORDS, b"k").expect("reads"), Some(7));
        assert_eq!(store.read::<u32>(&WORDS, b"k").expect("reads"), None);
        let before = store.snapshot();
        store.commit_through(draft, 42).expect("commits");
        assert_eq!(before.read::<u32>(&WORDS, b"k").expect("reads"), None, "a snapshot stands still");
    }
    let store = Store::open(dir.path(), TABLES).expect("opens again");
    assert_eq!(store.applied().expect("reads"), 42);
    assert_eq!(store.read::<u32>(&WORDS, b"k").expect("reads"), Some(7));
}

#[test]
fn dropping_views_keeps_what_lasts() {
    let store = Store::in_memory(TABLES);
    let mut draft = store.draft();
    draft.put(&WORDS, *b"k", &1u32);
    draft.put(&LASTING, *b"k", &2u32);
    store.commit_through(draft, 9).expect("commits");
    store.drop_views().expect("drops");
    assert_eq!(store.applied().expect("reads"), 0);
    assert_eq!(store.read::<u32>(&WORDS, b"k").expect("reads"), None);
    assert_eq!(store.read::<u32>(&LASTING, b"k").expect("reads"), Some(2));
}

#[test]
fn a_second_process_is_refused_by_name() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let _open = Store::open(dir.path(), TABLES).expect("opens");
    let refusal = Store::open(dir.path(), TABLES).expect_err("is locked");
    assert_eq!(kit::Coded::code(&refusal), "data_folder_locked");
}
