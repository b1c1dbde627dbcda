use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use model::Seq;

use super::manifest::{FileEntry, Manifest};
use super::table::{TABLES, Table};

/// The lake at one moment: for each table an explicit list of files, which stay as long as the snapshot does.
///
/// Cloning is cheap.
#[derive(Debug, Clone)]
pub struct Snapshot {
    facts_through: Seq,
    tables: Arc<BTreeMap<String, Vec<Arc<PinnedFile>>>>,
}

impl Snapshot {
    pub(crate) fn new(manifest: &Manifest, files: &Files) -> Self {
        let pinned = |entry: &FileEntry| files.by_path.get(&entry.path).cloned();
        let tables = manifest.tables.iter();
        let tables = tables.map(|(name, entries)| (name.clone(), entries.iter().filter_map(pinned).collect()));
        Self { facts_through: manifest.facts_through, tables: Arc::new(tables.collect()) }
    }

    /// The fact up to which `events`, `records` and `links` are complete.
    pub fn facts_through(&self) -> Seq {
        self.facts_through
    }

    /// Every table there is, with its files; a table without any is empty.
    pub fn tables(&self) -> impl Iterator<Item = (&'static Table, Vec<PathBuf>)> {
        TABLES.iter().map(|table| (table, self.files(table.name)))
    }

    /// The files of a table.
    pub fn files(&self, table: &str) -> Vec<PathBuf> {
        self.pinned(table).iter().map(|file| file.path.clone()).collect()
    }

    /// How many rows a table has.
    pub fn rows(&self, table: &str) -> u64 {
        self.pinned(table).iter().map(|file| file.rows).sum()
    }

    fn pinned(&self, table: &str) -> &[Arc<PinnedFile>] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }
}

/// A file that is deleted when it is no longer part of the lake and nobody reads it.
#[derive(Debug)]
pub(crate) struct PinnedFile {
    path: PathBuf,
    rows: u64,
    obsolete: AtomicBool,
}

impl Drop for PinnedFile {
    fn drop(&mut self) {
        if self.obsolete.load(Ordering::Acquire) {
            // If this fails, the file is removed as an orphan when the lake is opened the next time.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// The files of the current manifest.
#[derive(Debug, Default)]
pub(crate) struct Files {
    by_path: BTreeMap<String, Arc<PinnedFile>>,
}

impl Files {
    /// Follows a new manifest: pins what it names, lets go of what it no longer does.
    pub fn follow(&mut self, folder: &Path, manifest: &Manifest) {
        let mut before = std::mem::take(&mut self.by_path);
        for entry in manifest.files() {
            let file = before.remove(&entry.path).unwrap_or_else(|| {
                let path = folder.join(&entry.path);
                Arc::new(PinnedFile { path, rows: entry.rows, obsolete: AtomicBool::new(false) })
            });
            self.by_path.insert(entry.path.clone(), file);
        }
        for file in before.into_values() {
            file.obsolete.store(true, Ordering::Release);
        }
    }
}
