//! Dropping views under faults: a process that stops at any write finds all views, or none, when it opens the store again.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use store::{Backend, Memory, Range, Read, ReadExt, Store, StoreError, Table, Write};

use crate::{LASTING, TABLES, WORDS};

/// A backend that takes some commits and then none, as if the process had been killed; it also notes where scans start.
#[derive(Debug)]
struct Dying {
    memory: Arc<Memory>,
    commits_left: AtomicUsize,
    starts: Mutex<Vec<Option<Vec<u8>>>>,
}

impl Dying {
    fn over(memory: &Arc<Memory>, commits_left: usize) -> Arc<Self> {
        let memory = Arc::clone(memory);
        Arc::new(Self { memory, commits_left: commits_left.into(), starts: Mutex::default() })
    }
}

impl Backend for Dying {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.memory.get(table, key)
    }

    fn scan(
        &self,
        table: &Table,
        range: Range<'_>,
        visit: &mut dyn FnMut(&[u8], &[u8]) -> Result<bool, StoreError>,
    ) -> Result<(), StoreError> {
        if table.name == WORDS.name {
            self.starts.lock().expect("one thread").push(range.after.map(<[u8]>::to_vec));
        }
        self.memory.scan(table, range, visit)
    }

    fn apply(&self, writes: Vec<Write>, sync: bool) -> Result<(), StoreError> {
        let left = self.commits_left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map_err(|_| StoreError::Backend("killed".to_owned()))?;
        self.memory.apply(writes, sync)
    }

    fn snapshot(&self) -> Box<dyn Read + '_> {
        self.memory.snapshot()
    }

    fn disk_bytes(&self) -> u64 {
        0
    }
}

/// A house with rows enough for three strokes of emptying, at position 9.
fn filled() -> Arc<Memory> {
    let memory = Arc::new(Memory::default());
    let store = Store::over(memory.clone(), TABLES).expect("opens");
    let mut draft = store.draft();
    for number in 0..25_000u32 {
        draft.put_bytes(&WORDS, number.to_be_bytes(), Vec::new());
    }
    draft.put(&LASTING, *b"rules", &1u32);
    store.commit_through(draft, 9).expect("commits");
    memory
}

fn words(store: &Store) -> usize {
    store.rows(&WORDS, Range::default(), usize::MAX).expect("rows").len()
}

#[test]
fn a_kill_at_any_commit_leaves_all_views_or_none() {
    let mut killed = 0;
    for commits in 0.. {
        let memory = filled();
        let dying = Store::over(Dying::over(&memory, commits), TABLES).expect("opens");
        let mut draft = dying.draft();
        draft.put(&LASTING, *b"rules", &2u32);
        let dropped = dying.commit_and_drop_views(draft);
        let again = Store::over(memory, TABLES).expect("opens again");
        let rules = again.read::<u32>(&LASTING, b"rules").expect("reads").expect("stays");
        let seen = (words(&again), again.applied().expect("reads"), rules);
        let expected = if commits == 0 { (25_000, 9, 1) } else { (0, 0, 2) };
        assert_eq!(seen, expected, "after {commits} commits");
        if dropped.is_ok() {
            break;
        }
        killed += 1;
    }
    assert!(killed > 4, "each stroke of emptying is a commit: {killed}");
}

#[test]
fn views_without_a_position_are_emptied_when_a_store_is_opened() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for position in [None, Some(3)] {
        let store = Store::open(dir.path(), TABLES).expect("opens");
        assert_eq!(words(&store), 0);
        let mut draft = store.draft();
        draft.put_bytes(&WORDS, *b"k", Vec::new());
        match position {
            None => store.commit(draft).expect("commits"),
            Some(seq) => store.commit_through(draft, seq).expect("commits"),
        }
    }
    let store = Store::open(dir.path(), TABLES).expect("opens");
    assert_eq!((words(&store), store.applied().expect("reads")), (1, 3));
}

#[test]
fn emptying_goes_on_behind_what_it_removed() {
    let backend = Dying::over(&filled(), usize::MAX);
    Store::over(backend.clone(), TABLES).expect("opens").drop_views().expect("drops");
    let starts = backend.starts.lock().expect("one thread").clone();
    assert_eq!(starts.len(), 4);
    assert!(starts.is_sorted() && starts.iter().skip(1).all(Option::is_some), "{starts:?}");
}
