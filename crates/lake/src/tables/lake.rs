use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use model::Seq;

use super::LakeError;
use super::file::{self, Written};
use super::manifest::{FileEntry, Manifest};
use super::merge::Merge;
use super::rows::{EventRow, FactRow, LinkRow, RecordRow, Row, batch};
use super::snapshot::{Files, Snapshot};
use super::table::{TABLES, Table, TableKind};

/// A folder of a table with more files than this is compacted.
const MAX_PARTS: usize = 8;

/// Files with at least so many rows fill a row group: merging them once more would gain nothing.
const FULL_PART_ROWS: u64 = 1 << 20;

/// How many rows of a view are sorted in memory; a larger view is sorted by merging sorted files.
const SORTED_ROWS: usize = 1 << 18;

/// The tables of facts and views, as Parquet files in a folder that this process alone writes.
///
/// Every change writes new files first and then swaps the manifest, which is the moment at which it happens.
#[derive(Debug)]
pub struct Lake {
    folder: PathBuf,
    state: Mutex<State>,
    next_file: AtomicU64,
    /// Held while facts are added, so that none is added twice.
    appending: Mutex<()>,
    /// Held while files are merged, so that no two merges take the same ones.
    compacting: Mutex<()>,
    /// Locked as long as the lake is open.
    _lock: File,
}

#[derive(Debug)]
struct State {
    manifest: Manifest,
    files: Files,
}

/// Rows of a batch of facts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FactRows {
    pub events: Vec<EventRow>,
    pub records: Vec<RecordRow>,
    pub links: Vec<LinkRow>,
}

impl Lake {
    /// Opens the lake in a folder, which is made if it is not there, and removes files that a crash left behind.
    pub fn open(folder: &Path) -> Result<Self, LakeError> {
        fs::create_dir_all(folder).map_err(|error| LakeError::io(folder, error))?;
        let lock = lock(folder)?;
        let manifest = Manifest::read(folder)?;
        remove_orphans(folder, &manifest)?;
        let mut files = Files::default();
        files.follow(folder, &manifest);
        let next_file = AtomicU64::new(manifest.next_file);
        let state = Mutex::new(State { manifest, files });
        let (appending, compacting) = (Mutex::new(()), Mutex::new(()));
        Ok(Self { folder: folder.to_owned(), state, next_file, appending, compacting, _lock: lock })
    }

    /// Reads the lake that another process may be writing. Its files may go away while the snapshot is used, which
    /// then fails; nothing is written or removed.
    pub fn peek(folder: &Path) -> Result<Snapshot, LakeError> {
        let manifest = Manifest::read(folder)?;
        let mut files = Files::default();
        files.follow(folder, &manifest);
        Ok(Snapshot::new(&manifest, &files))
    }

    pub fn snapshot(&self) -> Snapshot {
        let state = self.state();
        Snapshot::new(&state.manifest, &state.files)
    }

    /// The fact up to which the lake is complete: what follows it is to be appended next.
    pub fn facts_through(&self) -> Seq {
        self.state().manifest.facts_through
    }

    /// Adds the rows of all facts up to `through`, and returns the new files: one for each month of events, one for records,
    /// one for links.
    ///
    /// Rows of facts that the lake has already are left out, so the same batch may be given again after a failure.
    pub fn append(&self, rows: &FactRows, through: Seq) -> Result<Vec<FileEntry>, LakeError> {
        let _alone = self.appending.lock().expect("no thread panics while it appends");
        let known = self.facts_through();
        let mut parts = Vec::new();
        for (month, rows) in by_month(&new_rows(&rows.events, known, through)?) {
            parts.push(self.write_part(&format!("events/month={month}"), rows)?);
        }
        parts.extend(self.write_whole_part(new_rows(&rows.records, known, through)?)?);
        parts.extend(self.write_whole_part(new_rows(&rows.links, known, through)?)?);
        self.publish(|manifest| {
            for part in &parts {
                let table = part.path.split('/').next().unwrap_or_default();
                manifest.swap(table, &[], [part.clone()]);
            }
            manifest.facts_through = manifest.facts_through.max(through);
        })?;
        Ok(parts)
    }

    /// Replaces a view by rows that are true as of a fact, in any order.
    pub fn replace_view<R: Row>(&self, as_of: Seq, rows: impl IntoIterator<Item = R>) -> Result<FileEntry, LakeError> {
        self.try_replace_view(as_of, rows.into_iter().map(Ok))
    }

    /// As [`Lake::replace_view`], for rows that may fail to come: then the view stays as it was.
    pub fn try_replace_view<R: Row, E: From<LakeError>>(
        &self,
        as_of: Seq,
        rows: impl IntoIterator<Item = Result<R, E>>,
    ) -> Result<FileEntry, E> {
        let table = table_of::<R>();
        let path = format!("{}/as-of-{as_of}-{}.parquet", table.name, self.new_number());
        let written = self.write_sorted(&path, rows)?;
        let entry = FileEntry { path, rows: written.rows, bytes: written.bytes, first_seq: 0, last_seq: as_of };
        self.publish(|manifest| {
            manifest.tables.insert(table.name.to_owned(), vec![entry.clone()]);
        })?;
        Ok(entry)
    }

    /// Merges the files of each folder that has more than eight which do not fill a row group, and returns the new ones.
    ///
    /// Appends and snapshots go on meanwhile.
    pub fn compact(&self) -> Result<Vec<FileEntry>, LakeError> {
        let _alone = self.compacting.lock().expect("no thread panics while it compacts");
        let mut merged = Vec::new();
        for table in TABLES.iter().filter(|table| table.kind == TableKind::Facts) {
            for parts in self.crowded(table) {
                merged.push(self.merge(table, &parts)?);
            }
        }
        Ok(merged)
    }

    /// Empties every table, before all facts are walked again.
    pub fn clear(&self) -> Result<(), LakeError> {
        let _no_append = self.appending.lock().expect("no thread panics while it appends");
        let _no_merge = self.compacting.lock().expect("no thread panics while it compacts");
        self.publish(|manifest| {
            manifest.tables.clear();
            manifest.facts_through = 0;
        })
    }

    fn write_whole_part<R: FactRow>(&self, rows: Vec<&R>) -> Result<Option<FileEntry>, LakeError> {
        if rows.is_empty() { Ok(None) } else { self.write_part(R::TABLE, rows).map(Some) }
    }

    fn write_part<R: FactRow>(&self, folder: &str, mut rows: Vec<&R>) -> Result<FileEntry, LakeError> {
        let table = table_of::<R>();
        rows.sort_by(|a, b| R::order(a, b));
        let first_seq = rows.iter().map(|row| row.seq()).min().unwrap_or_default();
        let last_seq = rows.iter().map(|row| row.seq()).max().unwrap_or_default();
        let path = self.part_path(folder, first_seq, last_seq);
        let batches = rows.chunks(file::BATCH_ROWS).map(|rows| batch(table, rows));
        let written = file::write(&self.folder.join(&path), table, batches)?;
        Ok(FileEntry { path, rows: written.rows, bytes: written.bytes, first_seq, last_seq })
    }

    /// Writes rows in the order of the table. What does not fit into memory goes through sorted files.
    fn write_sorted<R: Row, E: From<LakeError>>(
        &self,
        path: &str,
        rows: impl IntoIterator<Item = Result<R, E>>,
    ) -> Result<Written, E> {
        let (table, path) = (table_of::<R>(), self.folder.join(path));
        let mut rows = rows.into_iter();
        let mut runs = Runs::default();
        loop {
            let mut sorted = rows.by_ref().take(SORTED_ROWS).collect::<Result<Vec<R>, E>>()?;
            sorted.sort_by(R::order);
            let sorted: Vec<&R> = sorted.iter().collect();
            let batches = sorted.chunks(file::BATCH_ROWS).map(|rows| batch(table, rows));
            let is_last = sorted.len() < SORTED_ROWS;
            if is_last && runs.0.is_empty() {
                return Ok(file::write(&path, table, batches)?);
            }
            let run = path.with_extension(format!("run-{}.tmp", runs.0.len()));
            runs.0.push(run.clone());
            file::write(&run, table, batches)?;
            if is_last {
                return Ok(file::write(&path, table, Merge::new(table, &runs.0)?)?);
            }
        }
    }

    /// Folders of a table that have too many small files, each with these files.
    fn crowded(&self, table: &Table) -> Vec<Vec<FileEntry>> {
        let mut folders: BTreeMap<String, Vec<FileEntry>> = BTreeMap::new();
        for part in self.state().manifest.of(table.name).iter().filter(|part| part.rows < FULL_PART_ROWS) {
            folders.entry(part.folder().to_owned()).or_default().push(part.clone());
        }
        folders.into_values().filter(|parts| parts.len() > MAX_PARTS).collect()
    }

    fn merge(&self, table: &Table, parts: &[FileEntry]) -> Result<FileEntry, LakeError> {
        let first_seq = parts.iter().map(|part| part.first_seq).min().unwrap_or_default();
        let last_seq = parts.iter().map(|part| part.last_seq).max().unwrap_or_default();
        let path = self.part_path(parts[0].folder(), first_seq, last_seq);
        let paths: Vec<PathBuf> = parts.iter().map(|part| self.folder.join(&part.path)).collect();
        let written = file::write(&self.folder.join(&path), table, Merge::new(table, &paths)?)?;
        let merged = FileEntry { path, rows: written.rows, bytes: written.bytes, first_seq, last_seq };
        self.publish(|manifest| manifest.swap(table.name, parts, [merged.clone()]))?;
        Ok(merged)
    }

    /// Swaps the manifest; after an error everything is as before.
    fn publish(&self, change: impl FnOnce(&mut Manifest)) -> Result<(), LakeError> {
        let mut state = self.state();
        let mut manifest = state.manifest.clone();
        change(&mut manifest);
        manifest.next_file = self.next_file.load(Ordering::Relaxed);
        manifest.write(&self.folder)?;
        state.files.follow(&self.folder, &manifest);
        state.manifest = manifest;
        Ok(())
    }

    fn part_path(&self, folder: &str, first_seq: Seq, last_seq: Seq) -> String {
        format!("{folder}/part-{first_seq}-{last_seq}-{}.parquet", self.new_number())
    }

    fn new_number(&self) -> u64 {
        self.next_file.fetch_add(1, Ordering::Relaxed)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the manifest")
    }
}

/// Sorted files that are merged into one, and removed then.
#[derive(Debug, Default)]
struct Runs(Vec<PathBuf>);

impl Drop for Runs {
    fn drop(&mut self) {
        for run in &self.0 {
            let _ = fs::remove_file(run);
        }
    }
}

fn table_of<R: Row>() -> &'static Table {
    Table::named(R::TABLE).expect("every kind of row has its table")
}

/// The rows that are new to the lake.
fn new_rows<R: FactRow>(rows: &[R], known: Seq, through: Seq) -> Result<Vec<&R>, LakeError> {
    match rows.iter().find(|row| row.seq() > through) {
        Some(row) => Err(LakeError::BeyondBatch { seq: row.seq(), through }),
        None => Ok(rows.iter().filter(|row| row.seq() > known).collect()),
    }
}

fn by_month<'a>(rows: &[&'a EventRow]) -> BTreeMap<String, Vec<&'a EventRow>> {
    let mut months: BTreeMap<String, Vec<&EventRow>> = BTreeMap::new();
    for row in rows {
        months.entry(row.time.month()).or_default().push(row);
    }
    months
}

fn lock(folder: &Path) -> Result<File, LakeError> {
    let path = folder.join("lock");
    let lock = File::create(&path).map_err(|error| LakeError::io(&path, error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(LakeError::InUse { folder: folder.display().to_string() }),
        Err(fs::TryLockError::Error(error)) => Err(LakeError::io(&path, error)),
    }
}

/// Removes files in the folders of tables that the manifest does not name.
fn remove_orphans(folder: &Path, manifest: &Manifest) -> Result<(), LakeError> {
    let named: BTreeSet<PathBuf> = manifest.files().map(|file| folder.join(&file.path)).collect();
    for table in TABLES {
        for path in files_below(&folder.join(table.name))? {
            if !named.contains(&path) {
                tracing::info!(file = %path.display(), "removing a file that is not part of the lake");
                fs::remove_file(&path).map_err(|error| LakeError::io(&path, error))?;
            }
        }
    }
    Ok(())
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, LakeError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| LakeError::io(folder, error))? {
        let path = entry.map_err(|error| LakeError::io(folder, error))?.path();
        if path.is_dir() { files.extend(files_below(&path)?) } else { files.push(path) }
    }
    Ok(files)
}
