//! Files that are brought in: each has an id, is listed while it runs, and what came of it stays.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use api::{ImportReport, ImportRow};
use collect::files::{Mapping, Progress};
use kit::{Coded, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table};

use crate::house::House;
use crate::questions::{self, AskError};

pub(crate) static IMPORTS: Table = Table {
    name: "imports",
    about: "a file that was brought in: time of its start 8 bytes, number u32 → source, state, report (JSON)",
    writer: "server",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// How many imports are listed, and how many are remembered.
const LISTED: usize = 200;
const REMEMBERED: usize = 2_000;

/// Brings a file in. Rows that cannot be read are kept in quarantine and never stop the rest. Waits for the disk: not for a thread that answers others.
pub fn import(
    house: &House,
    path: &Path,
    mapping: &Mapping,
    source: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<ImportReport, AskError> {
    let id = begin(house, source)?;
    let outcome = questions::read_in(house, path, mapping, &id, &mut |at| {
        house.imports.at(&id, at);
        progress(at);
    });
    end(house, &id, &outcome)?;
    outcome
}

/// An import's name: `crm-1764000000000`, its source and when it started; a number behind that where two started at once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ImportId {
    pub started_at: Timestamp,
    /// Among those that started at once, from 0.
    number: u32,
    pub source: String,
}

impl ImportId {
    /// The file of its refused rows.
    pub fn quarantine_file(&self) -> String {
        format!("{self}.ndjson")
    }

    fn key(&self) -> Key {
        Key::new().time(self.started_at).u32(self.number)
    }
}

impl std::fmt::Display for ImportId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.source, self.started_at.as_ms())?;
        if self.number > 0 { write!(f, "-{}", self.number) } else { Ok(()) }
    }
}

/// What is kept of an import.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Kept {
    id: String,
    source: String,
    started_at: Timestamp,
    ended_at: Option<Timestamp>,
    bytes_total: u64,
    code: Option<String>,
    report: Option<ImportReport>,
}

/// The imports that this process runs.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    running: Mutex<BTreeMap<String, Progress>>,
    uploads: std::sync::atomic::AtomicU64,
}

impl Imports {
    /// A number that no other upload of this process has.
    pub fn next_upload(&self) -> u64 {
        self.uploads.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
    }

    fn at(&self, id: &ImportId, progress: Progress) {
        self.lock().insert(id.to_string(), progress);
    }

    fn progress(&self, id: &str) -> Option<Progress> {
        self.lock().get(id).copied()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Progress>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn uploads_dir(dir: &Path) -> PathBuf {
    dir.join("uploads")
}

/// Removes what was sent to a process that ended before it was in.
pub(crate) fn sweep(dir: &Path) {
    let _ = std::fs::remove_dir_all(uploads_dir(dir));
}

/// Returns the latest imports, newest first.
pub(crate) fn list(house: &House) -> Result<Vec<ImportRow>, StoreError> {
    let rows = house.store.rows(&IMPORTS, Range::default().backward(), LISTED)?;
    rows.into_iter().map(|(_, bytes)| Ok(row(house, kept(&bytes)?))).collect()
}

/// Returns where the refused rows of an import are, were there any; `None` when there is no such import.
pub(crate) fn refused_rows(house: &House, id: &str) -> Result<Option<PathBuf>, StoreError> {
    let mut known = false;
    house.store.scan(&IMPORTS, Range::default().backward(), &mut |_, bytes| {
        known = kept(bytes)?.id == id;
        Ok(!known)
    })?;
    Ok(known.then(|| house.quarantine_dir().join(format!("{id}.ndjson"))))
}

/// Gives the import its id and writes it down, so that two that start at once do not share a file.
fn begin(house: &House, source: &str) -> Result<ImportId, StoreError> {
    let mut running = house.imports.lock();
    let started_at = house.clock.now();
    let at_once = Key::new().time(started_at);
    let number = house.store.rows(&IMPORTS, Range::prefix(at_once.as_slice()), usize::MAX)?.len() as u32;
    let id = ImportId { started_at, number, source: source.to_owned() };
    let mut draft = house.store.draft();
    draft.put_json(&IMPORTS, id.key(), &Kept::of(&id));
    let known = house.store.rows(&IMPORTS, Range::default(), REMEMBERED + 1)?;
    if known.len() > REMEMBERED {
        draft.remove(&IMPORTS, known[0].0.clone());
    }
    house.store.commit(draft)?;
    running.insert(id.to_string(), Progress { bytes_read: 0, bytes_total: 0 });
    Ok(id)
}

fn end(house: &House, id: &ImportId, outcome: &Result<ImportReport, AskError>) -> Result<(), StoreError> {
    let progress = house.imports.progress(&id.to_string());
    let kept = Kept {
        ended_at: Some(house.clock.now()),
        bytes_total: progress.map_or(0, |progress| progress.bytes_total),
        code: outcome.as_ref().err().map(|error| error.code().to_owned()),
        report: outcome.as_ref().ok().cloned(),
        ..Kept::of(id)
    };
    let mut draft = house.store.draft();
    draft.put_json(&IMPORTS, id.key(), &kept);
    let written = house.store.commit(draft);
    house.imports.lock().remove(&id.to_string());
    written
}

impl Kept {
    fn of(id: &ImportId) -> Self {
        Self {
            id: id.to_string(),
            source: id.source.clone(),
            started_at: id.started_at,
            ended_at: None,
            bytes_total: 0,
            code: None,
            report: None,
        }
    }
}

fn row(house: &House, kept: Kept) -> ImportRow {
    let running = house.imports.progress(&kept.id);
    let state = match (&kept.report, &kept.code, running) {
        (Some(_), ..) => "done",
        (None, Some(_), _) => "failed",
        (None, None, Some(_)) => "running",
        (None, None, None) => "broken_off",
    };
    let done = Progress { bytes_read: kept.bytes_total, bytes_total: kept.bytes_total };
    let progress = running.unwrap_or(done);
    ImportRow {
        id: kept.id,
        source: kept.source,
        state: state.to_owned(),
        started_at: kept.started_at.to_string(),
        ended_at: kept.ended_at.map(|at| at.to_string()),
        bytes_read: progress.bytes_read,
        bytes_total: progress.bytes_total,
        code: kept.code,
        report: kept.report,
    }
}

fn kept(bytes: &[u8]) -> Result<Kept, StoreError> {
    let reason = || "not what is kept of an import".to_owned();
    serde_json::from_slice(bytes).map_err(|_| StoreError::Corrupt { table: IMPORTS.name, reason: reason() })
}
