use std::collections::HashMap;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

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
pub(crate) struct Fjall {
    database: Database,
    tables: HashMap<&'static str, Keyspace>,
    passing: Passing,
}

impl std::fmt::Debug for Fjall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fjall({} tables)", self.tables.len())
    }
}

impl Fjall {
    pub fn open(dir: &Path, tables: &[&'static Table]) -> Result<Self, StoreError> {
        let passing = Passing::default();
        let builder = Database::builder(dir).cache_size(CACHE_BYTES).worker_threads(1);
        let database = builder.with_compaction_filter_factories(sieves(&passing, tables)).open();
        let database = database.map_err(|error| match error {
            fjall::Error::Locked => StoreError::Locked(dir.display().to_string()),
            other => failed(other),
        })?;
        let keyspace = |table: &&'static Table| {
            database.keyspace(table.name, || options(table)).map(|keyspace| (table.name, keyspace)).map_err(failed)
        };
        let tables = tables.iter().map(keyspace).collect::<Result<_, _>>()?;
        Ok(Self { database, tables, passing })
    }

    fn table(&self, name: &str) -> &Keyspace {
        self.tables.get(name).expect("every table is in the list given to `Store::open`")
    }
}

impl Backend for Fjall {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.table(table.name).get(key).map_err(failed)?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        walk(self.table(table.name).range(bounds(range)), range, visit)
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

    fn let_go(&self, until: u32) -> Result<(), StoreError> {
        self.database.persist(PersistMode::SyncData).map_err(failed)?;
        self.passing.let_go(until);
        Ok(())
    }

    fn snapshot(&self) -> Box<dyn Read + '_> {
        Box::new(Frozen { snapshot: self.database.snapshot(), backend: self })
    }

    fn disk_bytes(&self) -> u64 {
        self.database.disk_space().unwrap_or_default()
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

struct Frozen<'a> {
    snapshot: fjall::Snapshot,
    backend: &'a Fjall,
}

impl Read for Frozen<'_> {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.snapshot.get(self.backend.table(table.name), key).map_err(failed)?;
        Ok(value.map(|bytes| bytes.to_vec()))
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        walk(self.snapshot.range(self.backend.table(table.name), bounds(range)), range, visit)
    }
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
        fjall.table(table.name).rotate_memtable_and_wait().expect("flushed");
    }

    /// The rows of a table after compaction: key, and until when.
    fn compacted(fjall: &Fjall, table: &Table) -> Vec<String> {
        fjall.table(table.name).major_compact().expect("compacted");
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
}
