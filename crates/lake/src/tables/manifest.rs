use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use model::Seq;
use serde::{Deserialize, Serialize};

use super::LakeError;
use super::file::sync_folder;

/// The version of the manifest that is written. Every version up to it is read.
const VERSION: u32 = 1;

const NAME: &str = "manifest.json";

/// Which files are the lake. A file that is not named here is not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    version: u32,
    /// Facts up to this one are in the lake.
    pub facts_through: Seq,
    /// Goes into the next file's name, so that no name is ever used twice.
    pub next_file: u64,
    pub tables: BTreeMap<String, Vec<FileEntry>>,
}

/// One file of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Below the lake's folder, e.g. `events/month=2026-01/part-1-5000-7.parquet`.
    pub path: String,
    pub rows: u64,
    pub bytes: u64,
    /// The facts that the rows are from; for a view 0, and the fact up to which it is true.
    pub first_seq: Seq,
    pub last_seq: Seq,
}

impl FileEntry {
    /// The folder that the file is in, below the lake's.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl Default for Manifest {
    fn default() -> Self {
        Self { version: VERSION, facts_through: 0, next_file: 1, tables: BTreeMap::new() }
    }
}

impl Manifest {
    /// Reads the manifest of a folder; a folder without one is an empty lake.
    pub fn read(folder: &Path) -> Result<Self, LakeError> {
        let path = folder.join(NAME);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(LakeError::io(&path, error)),
        };
        let invalid = |source| LakeError::Manifest { path: path.display().to_string(), source };
        let Versioned { version } = serde_json::from_slice(&text).map_err(invalid)?;
        if version > VERSION {
            return Err(LakeError::UnknownVersion { version, newest: VERSION });
        }
        serde_json::from_slice(&text).map_err(invalid)
    }

    /// Replaces the manifest on disk: a crash leaves the old one or this one.
    pub fn write(&self, folder: &Path) -> Result<(), LakeError> {
        let (path, unfinished) = (folder.join(NAME), folder.join("manifest.tmp"));
        let text = serde_json::to_vec_pretty(self).expect("a manifest is JSON");
        let written = File::create(&unfinished).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&unfinished, &path)).map_err(|error| LakeError::io(&path, error))?;
        sync_folder(folder)
    }

    pub fn files(&self) -> impl Iterator<Item = &FileEntry> {
        self.tables.values().flatten()
    }

    pub fn of(&self, table: &str) -> &[FileEntry] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// Takes files out and puts others in.
    pub fn swap(&mut self, table: &str, old: &[FileEntry], new: impl IntoIterator<Item = FileEntry>) {
        let files = self.tables.entry(table.to_owned()).or_default();
        files.retain(|file| !old.contains(file));
        files.extend(new);
    }
}

#[derive(Deserialize)]
struct Versioned {
    version: u32,
}
