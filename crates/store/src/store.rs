use std::path::Path;
use std::sync::Arc;

use model::Seq;

use crate::backend::Visit;
use crate::fjall::Fjall;
use crate::{Backend, Draft, Erasure, Keep, Memory, Range, Read, ReadExt, StoreError, Table, Write};

/// Raised whenever a view's shape or meaning changes: the views of an older house are then dropped and rebuilt from the journal.
pub const VIEWS_VERSION: u32 = 1;

static META: Table = Table {
    name: "meta",
    about: "how far the views have come: `applied` → journal position, `views_version` → number",
    writer: "store",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::View,
};

/// All keyed state of a house. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    tables: Arc<[&'static Table]>,
}

/// All tables at one moment.
pub struct Snapshot<'a>(Box<dyn Read + 'a>);

impl std::fmt::Debug for Snapshot<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Snapshot")
    }
}

impl Store {
    /// Opens, or makes, the state in `dir` with these tables. Views of another version are dropped.
    pub fn open(dir: &Path, tables: &[&'static Table]) -> Result<Self, StoreError> {
        let all: Vec<_> = tables.iter().copied().chain([&META]).collect();
        let backend = Arc::new(Fjall::open(dir, &all)?);
        Self::over(backend, all)
    }

    /// Returns state that is gone when the last clone is: for tests and trials.
    pub fn in_memory(tables: &[&'static Table]) -> Self {
        let all: Vec<_> = tables.iter().copied().chain([&META]).collect();
        Self { backend: Arc::new(Memory::default()), tables: all.into() }
    }

    pub fn tables(&self) -> &[&'static Table] {
        &self.tables
    }

    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot(self.backend.snapshot())
    }

    pub fn draft(&self) -> Draft<'_> {
        Draft::over(&*self.backend)
    }

    /// Returns the last journal position whose facts are in the views; 0 when none is.
    pub fn applied(&self) -> Result<Seq, StoreError> {
        Ok(self.read(&META, b"applied")?.unwrap_or(0))
    }

    /// Makes a draft visible, all at once.
    pub fn commit(&self, draft: Draft<'_>) -> Result<(), StoreError> {
        let sync = draft.is_lasting();
        self.backend.apply(draft.into_writes(), sync)
    }

    /// Makes a draft visible together with the journal position that the views have now reached.
    ///
    /// Not synced unless it touches lasting tables: after a power cut the views are at an earlier position and walk on from there.
    pub fn commit_through(&self, mut draft: Draft<'_>, applied: Seq) -> Result<(), StoreError> {
        draft.put(&META, *b"applied", &applied);
        self.commit(draft)
    }

    /// Empties every view, so that the journal is walked again from its first fact.
    pub fn drop_views(&self) -> Result<(), StoreError> {
        for table in self.tables.iter().filter(|table| table.keep == Keep::View) {
            self.clear(table)?;
        }
        let mut draft = self.draft();
        draft.put(&META, *b"views_version", &VIEWS_VERSION);
        self.commit(draft)
    }

    pub fn disk_bytes(&self) -> u64 {
        self.backend.disk_bytes()
    }

    fn over(backend: Arc<dyn Backend>, tables: Vec<&'static Table>) -> Result<Self, StoreError> {
        let store = Self { backend, tables: tables.into() };
        if store.read::<u32>(&META, b"views_version")? != Some(VIEWS_VERSION) {
            store.drop_views()?;
        }
        Ok(store)
    }

    fn clear(&self, table: &'static Table) -> Result<(), StoreError> {
        const ROWS_AT_ONCE: usize = 10_000;
        loop {
            let rows = self.rows(table, Range::default(), ROWS_AT_ONCE)?;
            if rows.is_empty() {
                return Ok(());
            }
            let removals = rows.into_iter().map(|(key, _)| Write { table: table.name, key, value: None });
            self.backend.apply(removals.collect(), false)?;
        }
    }
}

impl Read for Store {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.backend.get(table, key)
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        self.backend.scan(table, range, visit)
    }
}

impl Read for Snapshot<'_> {
    fn get(&self, table: &Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.get(table, key)
    }

    fn scan(&self, table: &Table, range: Range<'_>, visit: Visit<'_>) -> Result<(), StoreError> {
        self.0.scan(table, range, visit)
    }
}
