use std::collections::HashMap;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use fjall::compaction::Leveled;
use fjall::compaction::filter::Factory;
use fjall::config::{BloomConstructionPolicy, CompressionPolicy, FilterPolicy, FilterPolicyEntry};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode, Readable};

use crate::backend::Visit;
use crate::passing::Passing;
use crate::{Backend, Keep, Range, Read, StoreError, Table, Write};

/// Bytes of one table's memtable before it is written out. Small: there are some twenty tables, and an idle house shall stay under 100 MB.
const MEMTABLE_BYTES: u64 = 8 << 20;
const CACHE_BYTES: u64 = 64 << 20;

/// The embedded backend: an LSM tree a table, one journal, atomic batches over all of them.
///
/// After a write has failed, be it in the background, the database takes no more for good. It is then opened again, as after a kill, as soon as
/// there is room on the disk and nobody reads from the old one.
pub(crate) struct Fjall {
    dir: PathBuf,
    tables: Vec<&'static Table>,
    /// `None` where it could not be opened again yet.
    open: RwLock<Option<Arc<Open>>>,
    failed: AtomicBool,
    passing: Passing,
    /// The number of the last opening.
    opening: AtomicU64,
}

impl std::fmt::Debug for Fjall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fjall({} tables)", self.tables.len())
    }
}

impl Fjall {
    pub fn open(dir: &Path, tables: &[&'static Table]) -> Result<Self, StoreError> {
        let passing = Passing::default();
        let open = Open::at(dir, tables, &passing, 0)?;
        let (dir, tables, open) = (dir.to_owned(), tables.to_vec(), RwLock::new(Some(Arc::new(open))));
        Ok(Self { dir, tables, open, failed: AtomicBool::new(false), passing, opening: AtomicU64::new(0) })
    }

    fn current(&self) -> Result<Arc<Open>, StoreError> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.clone().ok_or_else(|| StoreError::Backend("it could not be opened again yet".to_owned()))
    }

    /// Returns once the database takes writes again. Readers wait meanwhile.
    fn open_again(&self) -> Result<(), StoreError> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if !self.failed.load(Ordering::Acquire) {
            return Ok(());
        }
        find_room(&self.dir).map_err(|error| StoreError::Backend(format!("there is no room on the disk: {error}")))?;
        if let Some(old) = open.take() {
            match alone(old) {
                Ok(old) => drop(old),
                Err(old) => {
                    *open = Some(old);
                    return Err(StoreError::Backend("it is still read from, and cannot be opened again".to_owned()));
                }
            }
        }
        let opening = self.opening.fetch_add(1, Ordering::AcqRel) + 1;
        *open = Some(Arc::new(Open::at(&self.dir, &self.tables, &self.passing, opening)?));
        self.failed.store(false, Ordering::Release);
        Ok(())
    }

    fn apply_to(&self, open: &Open, writes: Vec<Write>, sync: bool) -> Result<(), StoreError> {
        let applied = open.apply(writes, sync);
        if applied.is_err() {
            self.failed.store(true, Ordering::Release);
        }
        applied
    }

    fn sound(&self) -> Result<Arc<Open>, StoreError> {
        if self.failed.load(Ordering::Acquire) {
            self.open_again()?;
        }
        self.current()
    }
}

impl Backend for Fjall {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let open = self.current()?;
        let value = open.table(table.name).get(key).map_err(failed)?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        let open = self.current()?;
        walk(open.table(table.name).range(bounds(range)), range, visit)
    }

    fn apply(&self, writes: Vec<Write>, sync: bool) -> Result<(), StoreError> {
        self.apply_to(&*self.sound()?, writes, sync)
    }

    fn opening(&self) -> u64 {
        self.opening.load(Ordering::Acquire)
    }

    fn apply_in(&self, opening: u64, writes: Vec<Write>, sync: bool) -> Result<(), StoreError> {
        let open = self.sound()?;
        if open.opening != opening {
            return Err(StoreError::Backend("it was opened again meanwhile".to_owned()));
        }
        self.apply_to(&open, writes, sync)
    }

    fn let_go(&self, until: u32) -> Result<(), StoreError> {
        self.sound()?.database.persist(PersistMode::SyncData).map_err(failed)?;
        self.passing.let_go(until);
        Ok(())
    }

    fn snapshot(&self) -> Box<dyn Read + '_> {
        match self.current() {
            Ok(open) => Box::new(Frozen { snapshot: open.database.snapshot(), open }),
            Err(_) => Box::new(Closed),
        }
    }

    fn disk_bytes(&self) -> u64 {
        self.current().map_or(0, |open| open.database.disk_space().unwrap_or_default())
    }
}

/// The database, opened.
struct Open {
    opening: u64,
    database: Database,
    tables: HashMap<&'static str, Keyspace>,
}

impl Open {
    fn at(dir: &Path, tables: &[&'static Table], passing: &Passing, opening: u64) -> Result<Self, StoreError> {
        let builder = Database::builder(dir).cache_size(CACHE_BYTES).worker_threads(1);
        let database = builder.with_compaction_filter_factories(sieves(passing, tables)).open();
        let database = database.map_err(|error| match error {
            fjall::Error::Locked => StoreError::Locked(dir.display().to_string()),
            other => failed(other),
        })?;
        let keyspace = |table: &&'static Table| {
            database.keyspace(table.name, || options(table)).map(|keyspace| (table.name, keyspace)).map_err(failed)
        };
        let tables = tables.iter().map(keyspace).collect::<Result<_, _>>()?;
        Ok(Self { opening, database, tables })
    }

    fn table(&self, name: &str) -> &Keyspace {
        self.tables.get(name).expect("every table is in the list given to `Store::open`")
    }

    fn apply(&self, writes: Vec<Write>, sync: bool) -> Result<(), StoreError> {
        let mut batch = self.database.batch().durability(sync.then_some(PersistMode::SyncData));
        for write in writes {
            let keyspace = self.table(write.table);
            match write.value {
                Some(value) => batch.insert(keyspace, write.key, value),
                None => batch.remove(keyspace, write.key),
            }
        }
        batch.commit().map_err(failed)
    }
}

type Sieves = Arc<dyn Fn(&str) -> Option<Arc<dyn Factory>> + Send + Sync>;

/// A filter for each table whose rows pass.
fn sieves(passing: &Passing, tables: &[&'static Table]) -> Sieves {
    let passing = passing.clone();
    let names: Vec<_> = tables.iter().filter(|table| table.keep == Keep::Passing).map(|table| table.name).collect();
    Arc::new(move |name| names.contains(&name).then(|| Arc::new(passing.clone()) as Arc<dyn Factory>))
}

/// Rows that pass are many and small, under keys without any order: each memtable is merged into the whole next level, so memtables are larger, more
/// of them are merged at once, and the first level is small. Digests do not get shorter by compression.
fn options(table: &Table) -> KeyspaceCreateOptions {
    let options = KeyspaceCreateOptions::default();
    match table.keep {
        Keep::View | Keep::Lasting => options.max_memtable_size(MEMTABLE_BYTES),
        Keep::Passing => options
            .max_memtable_size(2 * MEMTABLE_BYTES)
            .compaction_strategy(Arc::new(Leveled::default().with_l0_threshold(8).with_table_target_size(8 << 20)))
            .filter_policy(FilterPolicy::all(FilterPolicyEntry::Bloom(BloomConstructionPolicy::BitsPerKey(10.0))))
            .data_block_compression_policy(CompressionPolicy::disabled()),
    }
}

struct Frozen {
    snapshot: fjall::Snapshot,
    open: Arc<Open>,
}

impl Read for Frozen {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.snapshot.get(self.open.table(table.name), key).map_err(failed)?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        walk(self.snapshot.range(self.open.table(table.name), bounds(range)), range, visit)
    }
}

/// Stands for the state while it cannot be opened again.
struct Closed;

impl Read for Closed {
    fn get(&self, _: &Table, _: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Err(StoreError::Backend("it could not be opened again yet".to_owned()))
    }

    fn scan(&self, table: &Table, _: Range<'_>, _: Visit<'_>) -> Result<(), StoreError> {
        self.get(table, &[]).map(drop)
    }
}

/// Waits a while until nobody else holds the database; whoever reads from it is a request, which ends.
fn alone(mut open: Arc<Open>) -> Result<Open, Arc<Open>> {
    const LOOKS: u32 = 2_000;
    const BETWEEN: Duration = Duration::from_millis(1);
    for _ in 0..LOOKS {
        match Arc::try_unwrap(open) {
            Ok(last) => return Ok(last),
            Err(held) => open = held,
        }
        std::thread::sleep(BETWEEN);
    }
    Err(open)
}

/// Opening needs to write. So a little is written beside the database first, as long as the old one can still be read from.
fn find_room(dir: &Path) -> std::io::Result<()> {
    const ROOM_BYTES: usize = 4 << 20;
    let probe = dir.with_extension("probe");
    let written = std::fs::write(&probe, vec![1; ROOM_BYTES]);
    let removed = std::fs::remove_file(&probe);
    written.and(removed)
}

fn walk(rows: fjall::Iter, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
    let mut step = |guard: fjall::Guard| {
        let (key, value) = guard.into_inner().map_err(failed)?;
        visit(&key, &value)
    };
    if range.backward {
        for guard in rows.rev() {
            if !step(guard)? {
                break;
            }
        }
    } else {
        for guard in rows {
            if !step(guard)? {
                break;
            }
        }
    }
    Ok(())
}

fn bounds(range: Range<'_>) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let start = Bound::Included(range.prefix.to_vec());
    let end = range.end();
    match (range.after, range.backward) {
        (None, _) => (start, end.map_or(Bound::Unbounded, Bound::Excluded)),
        (Some(after), false) if after >= range.prefix => {
            (Bound::Excluded(after.to_vec()), end.map_or(Bound::Unbounded, Bound::Excluded))
        }
        (Some(_), false) => (start, end.map_or(Bound::Unbounded, Bound::Excluded)),
        (Some(after), true) => (start, Bound::Excluded(end.map_or(after.to_vec(), |end| end.min(after.to_vec())))),
    }
}

fn failed(error: fjall::Error) -> StoreError {
    StoreError::Backend(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Erasure;

    const fn table(name: &'static str, keep: Keep) -> Table {
        Table { name, about: "", writer: "store", person_key: "none", erasure: Erasure::NotPersonal, keep }
    }

    static PASSING: Table = table("passing", Keep::Passing);
    static VIEW: Table = table("view", Keep::View);

    fn put(fjall: &Fjall, table: &'static Table, key: &str, until: u32) {
        let value = [&until.to_be_bytes()[..], b"more"].concat();
        let write = Write { table: table.name, key: key.as_bytes().to_vec(), value: Some(value) };
        fjall.apply(vec![write], false).expect("written");
        fjall.current().expect("open").table(table.name).rotate_memtable_and_wait().expect("flushed");
    }

    /// The rows of a table after compaction: key, and until when.
    fn compacted(fjall: &Fjall, table: &Table) -> Vec<String> {
        fjall.current().expect("open").table(table.name).major_compact().expect("compacted");
        let mut rows = Vec::new();
        let mut visit = |key: &[u8], value: &[u8]| {
            rows.push(format!("{} {}", String::from_utf8_lossy(key), crate::read_u32(value, 0).expect("a second")));
            Ok(true)
        };
        fjall.scan(table, Range::default(), &mut visit).expect("readable");
        rows
    }

    #[test]
    fn rows_that_have_passed_go_once_that_is_said() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let fjall = Fjall::open(dir.path(), &[&PASSING, &VIEW]).expect("a fresh folder opens");
        for (key, until) in [("a", 10), ("b", 11), ("c", 5), ("c", 30)] {
            put(&fjall, &PASSING, key, until);
            put(&fjall, &VIEW, key, until);
        }
        assert_eq!(compacted(&fjall, &PASSING), ["a 10", "b 11", "c 30"], "nothing was said");
        fjall.let_go(10).expect("synced");
        assert_eq!(compacted(&fjall, &PASSING), ["b 11", "c 30"]);
        assert_eq!(compacted(&fjall, &VIEW), ["a 10", "b 11", "c 30"], "rows of other tables mean something else");
        drop(fjall);
        let fjall = Fjall::open(dir.path(), &[&PASSING, &VIEW]).expect("it opens again");
        assert_eq!(compacted(&fjall, &PASSING), ["b 11", "c 30"], "what was said before is said again, or not");
        fjall.let_go(30).expect("synced");
        assert_eq!(compacted(&fjall, &PASSING), [] as [&str; 0]);
    }

    fn note(word: &str) -> Vec<Write> {
        vec![Write { table: VIEW.name, key: word.as_bytes().to_vec(), value: Some(b"x".to_vec()) }]
    }

    fn has(read: &dyn Read, word: &str) -> bool {
        read.get(&VIEW, word.as_bytes()).expect("a state that can be read").is_some()
    }

    struct All<'a>(&'a Fjall);

    impl Read for All<'_> {
        fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
            self.0.get(table, key)
        }

        fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
            self.0.scan(table, range, visit)
        }
    }

    #[test]
    fn after_a_failed_write_it_is_opened_again_and_nothing_builds_on_what_was_before() {
        let dir = tempfile::tempdir().expect("a folder");
        let state = Fjall::open(&dir.path().join("state"), &[&VIEW]).expect("opens");
        state.apply_in(state.opening(), note("a"), true).expect("writes");
        state.failed.store(true, Ordering::Release);
        let (before, reader) = (state.opening(), state.snapshot());
        assert!(state.apply_in(before, note("b"), false).is_err(), "somebody still reads");
        assert!(has(&*reader, "a") && has(&All(&state), "a"));
        drop(reader);
        assert!(state.apply_in(before, note("b"), false).is_err(), "its opening is over");
        assert!(!has(&All(&state), "b"));
        assert_ne!(state.opening(), before);
        state.apply_in(state.opening(), note("c"), false).expect("writes again");
        assert!(has(&All(&state), "a") && has(&All(&state), "c"));
    }
}
