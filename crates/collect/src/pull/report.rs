use serde::{Deserialize, Serialize};

/// What a run brought, or would bring.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Rows that were read.
    pub rows: u64,
    pub events: u64,
    /// Records that say something new.
    pub records: u64,
    /// Records that were taken back.
    pub deletes: u64,
    /// Rows that are as they were at an earlier run.
    pub unchanged: u64,
    /// Rows that the mapping leaves out.
    pub skipped: u64,
    /// Rows that could not be read.
    pub refused: u64,
    /// Files that are done with, those that could not be opened among them.
    pub files: u64,
    /// Files that could not be opened.
    pub files_refused: u64,
    /// Files that are still being written, by the look of it.
    pub files_waiting: u64,
    /// Bytes of rows, or of files.
    pub bytes: u64,
    /// The first few refusals; all of them are in the run's file.
    pub samples: Vec<Sample>,
}

impl Report {
    /// Facts of all kinds.
    pub fn facts(&self) -> u64 {
        self.events + self.records + self.deletes
    }
}

/// A refusal in short. It repeats no value of the row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The file, where there are files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where the row starts in its file, or its place in this reading of a table, from 1; 0 where it is about a whole file.
    pub line: u64,
    pub code: String,
    pub message: String,
}

/// How far a run has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    pub rows: u64,
    pub facts: u64,
    pub bytes: u64,
    pub files: u64,
    /// How many files there are to be read, where there are files.
    pub files_total: Option<u64>,
    /// How many bytes these have.
    pub bytes_total: Option<u64>,
}
