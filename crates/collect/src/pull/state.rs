//! How far a pull has come, and what its last runs did.

use std::path::PathBuf;

use kit::{Coded, Digest, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Read, ReadExt, StoreError, Table};

use super::{Desk, Pull, PullError, Report};

pub(crate) static PULL_STATES: Table = Table {
    name: "pull_states",
    about: "how far a pull has come: name text → cursor, and its last runs with what they did (JSON)",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// Runs that are remembered, the latest; files with rows that could not be read are kept as long.
const RUNS: usize = 20;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct State {
    /// How far an incremental pull has come.
    pub reached: Option<Reached>,
    /// Runs that failed in a row.
    pub failures: u32,
    /// Newest first.
    pub runs: Vec<RunRecord>,
}

/// The cursor's last value whose row is durable. It counts for this column and this mapping only: with another one reading starts afresh.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reached {
    pub column: String,
    pub mapping: Digest,
    /// As the database writes it.
    pub value: String,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// From 1.
    pub number: u64,
    pub started_at: Timestamp,
    pub ended_at: Timestamp,
    pub ended: Ended,
    pub report: Report,
    /// The name of the file with the rows that could not be read, in the quarantine folder.
    pub errors: Option<String>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    Well,
    Failed { code: String, message: String, is_retryable: bool },
}

impl RunRecord {
    pub(super) fn of(
        started_at: Timestamp,
        ended_at: Timestamp,
        report: &Report,
        outcome: &Result<(), PullError>,
        quarantine: Option<PathBuf>,
    ) -> Self {
        let ended = match outcome {
            Ok(()) => Ended::Well,
            Err(error) => Ended::Failed {
                code: error.code().to_owned(),
                message: error.to_string(),
                is_retryable: error.is_retryable(),
            },
        };
        let errors = quarantine.as_deref().and_then(|path| path.file_name());
        let errors = errors.map(|name| name.to_string_lossy().into_owned());
        Self { number: 0, started_at, ended_at, ended, report: report.clone(), errors }
    }
}

/// Returns how far a pull has come.
pub fn state(read: &dyn Read, name: &str) -> Result<State, StoreError> {
    Ok(read.read_json(&PULL_STATES, Key::new().text(name).as_slice())?.unwrap_or_default())
}

/// Moves the cursor, in the draft that says which rows are known.
pub(super) fn reach(draft: &mut Draft<'_>, name: &str, reached: &Reached) -> Result<(), StoreError> {
    let mut state = state(draft, name)?;
    state.reached = Some(reached.clone());
    put(draft, name, &state);
    Ok(())
}

/// Writes down a run that ended, and drops what is too old, with its file.
pub(super) fn ended(desk: &Desk<'_>, pull: &Pull, mut run: RunRecord) -> Result<(), StoreError> {
    let mut draft = desk.store.draft();
    let mut state = state(&draft, &pull.name)?;
    run.number = state.runs.first().map_or(1, |last| last.number + 1);
    state.failures = if run.ended == Ended::Well { 0 } else { state.failures + 1 };
    state.runs.insert(0, run);
    for old in state.runs.drain(RUNS.min(state.runs.len())..) {
        // One that is gone already is no harm.
        let _ = old.errors.map(|name| std::fs::remove_file(desk.quarantine_dir.join(name)));
    }
    put(&mut draft, &pull.name, &state);
    desk.store.commit(draft)
}

pub(super) fn forget(draft: &mut Draft<'_>, name: &str) {
    draft.remove(&PULL_STATES, Key::new().text(name));
}

fn put(draft: &mut Draft<'_>, name: &str, state: &State) {
    draft.put_json(&PULL_STATES, Key::new().text(name), state);
}
