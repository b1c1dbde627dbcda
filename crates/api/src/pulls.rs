use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A definition of a pull: `docs/guide/pulls.md`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewPull {
    /// YAML or JSON, as a text.
    pub definition: String,
}

/// A definition may hold a password: it is not printed.
impl std::fmt::Debug for NewPull {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewPull {{ definition: {} bytes }}", self.definition.len())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullList {
    pub data: Vec<PullRow>,
}

/// A pull and how it fares. `state` is `running`, `failing` (the last run failed), `idle`, or `waiting` (no run yet). Secrets are never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullRow {
    pub name: String,
    /// The source that its facts are of.
    pub source: String,
    /// `postgres`, `folder` or `s3`.
    pub kind: String,
    /// Where it reads.
    pub place: String,
    pub state: String,
    /// `every 15m`, `at 02:00 Europe/Berlin`; absent where it runs only when it is asked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// When it runs next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<String>,
    pub created_at: String,
    /// How far the run that is under way has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<PullProgress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<PullRun>,
}

/// A pull with its last runs, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullDetail {
    pub pull: PullRow,
    /// The cursor's last value, as the database writes it, of an incremental pull.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    pub runs: Vec<PullRun>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullProgress {
    pub rows: u64,
    pub facts: u64,
    pub bytes: u64,
    pub files: u64,
    /// How many files there are to be read, and their bytes; absent for a database, which does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files_total: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_total: Option<u64>,
}

/// One run. `outcome` is `well` or `failed`; what a failed run had brought is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullRun {
    /// From 1.
    pub number: u64,
    pub started_at: String,
    pub ended_at: String,
    pub outcome: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub report: PullReport,
    /// Whether rows that could not be read can be downloaded.
    pub has_errors: bool,
}

/// What a run brought, or would bring.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullReport {
    pub rows: u64,
    pub events: u64,
    /// Records that say something new.
    pub records: u64,
    /// Records that were taken back.
    pub deletes: u64,
    /// Rows that are as they were.
    pub unchanged: u64,
    /// Rows that the mapping leaves out.
    pub skipped: u64,
    /// Rows that could not be read.
    pub refused: u64,
    pub files: u64,
    /// Files that could not be opened.
    pub files_refused: u64,
    /// Files that are still being written, by the look of it.
    pub files_waiting: u64,
    pub bytes: u64,
    /// The first few refusals.
    pub samples: Vec<PullSample>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullSample {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where the row starts in its file, or its place in this reading of a table, from 1; 0 where it is about a whole file.
    pub line: u64,
    pub code: String,
    pub message: String,
}
