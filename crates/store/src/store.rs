use std::path::Path;
use std::sync::Arc;

use kit::{SECOND_MS, Timestamp};
use model::Seq;

use crate::backend::Visit;
use crate::fjall::Fjall;
use crate::{Backend, Draft, Erasure, Keep, Memory, Range, Read, ReadExt, StoreError, Table, Write};

/// Raised whenever a view's shape or meaning changes: the views of an older house are then dropped and rebuilt from the journal.
pub const VIEWS_VERSION: u32 = 4;

static META: Table = Table {
    name: "meta",
    about: "how far the views have come: `applied` → journal position, `views_version` → number",
    writer: "store",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::View,
};

const APPLIED_KEY: &[u8] = b"applied";
const VIEWS_VERSION_KEY: &[u8] = b"views_version";

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
    /// Opens, or makes, the state in `dir` with these tables. Views of another version, and views without a position, are emptied.
    pub fn open(dir: &Path, tables: &[&'static Table]) -> Result<Self, StoreError> {
        let backend = Fjall::open(dir, &with_meta(tables))?;
        Self::over(Arc::new(backend), tables)
    }

    /// Opens the state that a backend holds in these tables.
    pub fn over(backend: Arc<dyn Backend>, tables: &[&'static Table]) -> Result<Self, StoreError> {
        let store = Self { backend, tables: with_meta(tables).into() };
        if store.must_drop_views()? {
            store.drop_views()?;
        }
        Ok(store)
    }

    /// Returns state that is gone when the last clone is: for tests and trials.
    pub fn in_memory(tables: &[&'static Table]) -> Self {
        Self { backend: Arc::new(Memory::default()), tables: with_meta(tables).into() }
    }

    pub fn tables(&self) -> &[&'static Table] {
        &self.tables
    }

    pub fn snapshot(&self) -> Snapshot<'_> {
        Snapshot(self.backend.snapshot())
    }

    pub fn draft(&self) -> Draft<'_> {
        self.draft_of(self.opening())
    }

    /// A draft of one who has followed the state since this opening of it. Once it was opened again the draft cannot be committed.
    pub fn draft_of(&self, opening: u64) -> Draft<'_> {
        Draft::over(&*self.backend, opening)
    }

    /// Which opening of the state this is. It is opened again, in this process, after a write has failed, e.g. on a full disk: as after a kill,
    /// commits that were not synced may then be gone, the last ones first.
    pub fn opening(&self) -> u64 {
        self.backend.opening()
    }

    /// Returns the last journal position whose facts are in the views; 0 when none is. Whoever learns it finds all that these facts did: it is
    /// never that of a commit which is still under way.
    pub fn applied(&self) -> Result<Seq, StoreError> {
        Ok(self.backend.snapshot().read(&META, APPLIED_KEY)?.unwrap_or(0))
    }

    /// Makes a draft visible, all at once. A failure that may be tried again needs a new draft.
    pub fn commit(&self, draft: Draft<'_>) -> Result<(), StoreError> {
        let (opening, sync) = (draft.opening(), draft.is_lasting());
        self.backend.apply_in(opening, draft.into_writes(), sync)
    }

    /// Makes a draft visible together with the journal position that the views have now reached.
    ///
    /// Not synced unless it touches lasting tables: after a power cut the views are at an earlier position and walk on from there.
    pub fn commit_through(&self, mut draft: Draft<'_>, applied: Seq) -> Result<(), StoreError> {
        draft.put(&META, APPLIED_KEY, &applied);
        self.commit(draft)
    }

    /// Rows of passing tables that mean nothing any more at this time may go. Worth a call whenever time has come on by a good part of what rows
    /// live for: it waits for the disk.
    pub fn let_go(&self, passed: Timestamp) -> Result<(), StoreError> {
        self.backend.let_go(u32::try_from(passed.as_ms() / SECOND_MS).unwrap_or_default())
    }

    /// Empties every view, so that the journal is walked again from its first fact.
    ///
    /// A kill at any moment leaves either all views with their position, or a store that finishes emptying them when it is opened.
    pub fn drop_views(&self) -> Result<(), StoreError> {
        self.commit_and_drop_views(self.draft())
    }

    /// Makes a draft of lasting rows visible and, in the same commit, takes the views' position away; then empties the views.
    ///
    /// For what makes all views wrong at once, such as other rules: either both happen or neither.
    pub fn commit_and_drop_views(&self, mut draft: Draft<'_>) -> Result<(), StoreError> {
        draft.forget_position();
        self.commit(draft)?;
        self.empty_views()
    }

    pub fn disk_bytes(&self) -> u64 {
        self.backend.disk_bytes()
    }

    fn empty_views(&self) -> Result<(), StoreError> {
        // Time begins anew with the journal's first fact.
        self.backend.let_go(0)?;
        for table in self.views() {
            self.clear(table)?;
        }
        let mut draft = self.draft();
        draft.put(&META, VIEWS_VERSION_KEY, &VIEWS_VERSION);
        self.commit(draft)
    }

    /// Whether the views are of another version, or of no known position though they are not empty.
    fn must_drop_views(&self) -> Result<bool, StoreError> {
        if self.read::<u32>(&META, VIEWS_VERSION_KEY)? != Some(VIEWS_VERSION) {
            return Ok(true);
        }
        Ok(self.read::<Seq>(&META, APPLIED_KEY)?.is_none() && self.holds_views()?)
    }

    fn holds_views(&self) -> Result<bool, StoreError> {
        for table in self.views().filter(|table| table.name != META.name) {
            if !self.rows(table, Range::default(), 1)?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn views(&self) -> impl Iterator<Item = &'static Table> {
        self.tables.iter().copied().filter(|table| table.keep != Keep::Lasting)
    }

    fn clear(&self, table: &'static Table) -> Result<(), StoreError> {
        const ROWS_AT_ONCE: usize = 10_000;
        // Goes on behind what it removed: a scan from the start would walk over all tombstones again.
        let mut after: Option<Vec<u8>> = None;
        loop {
            let rows = self.rows(table, Range::default().after(after.as_deref()), ROWS_AT_ONCE)?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after = Some(last.clone());
            let removals = rows.into_iter().map(|(key, _)| Write { table: table.name, key, value: None });
            self.backend.apply(removals.collect(), false)?;
        }
    }
}

/// Single reads may meet rows of a commit that is under way; what belongs together is read from a [`Snapshot`].
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

impl Draft<'_> {
    /// Takes the views' position away with this commit: they are then emptied, now or when the store is opened next, and walked anew.
    ///
    /// Synced, whatever else the draft holds. Nothing may be committed to views afterwards before they are empty.
    pub fn forget_position(&mut self) {
        self.remove(&META, APPLIED_KEY);
        self.remove(&META, VIEWS_VERSION_KEY);
        self.must_last();
    }
}

fn with_meta(tables: &[&'static Table]) -> Vec<&'static Table> {
    tables.iter().copied().chain([&META]).collect()
}
