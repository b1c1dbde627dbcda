//! Files: rows of CSV, NDJSON and Parquet into facts, by a mapping file.
//!
//! A row that cannot be read never stops the rest: it comes out as a [`RowError`], which [`Quarantine`] keeps. Memory does not grow with the
//! file.

mod fact;
pub mod guess;
mod mapping;
mod open;
mod quarantine;
mod rows;
mod value;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kit::{Coded, Timestamp};
use model::{Fact, Source};

pub use guess::guess;
pub use mapping::{Format, Kind, Mapping, Problem, TimeFormat};
pub use open::OpenError;
pub use quarantine::Quarantine;

use crate::normalise::Region;
use crate::spec::{self, Limits};
use fact::Name;
use open::Expected;
use rows::{Next, Rows, Unread};
use value::Complaint;

/// What is known about the facts of a file before it is read.
#[derive(Debug, Clone)]
pub struct ImportContext {
    pub source: Source,
    /// The import's time: of all its facts the time of arrival.
    pub received_at: Timestamp,
    /// The version, or the time, of facts that bring none.
    pub usual_time: Timestamp,
    /// What the file is called where it is one of many: then equal rows of two files are two messages.
    pub file: Option<String>,
    /// For rows that are Segment messages, and for message ids.
    pub limits: Limits,
    /// Whose rules telephone numbers without a country code follow, unless the mapping says so itself.
    pub phone_region: Region,
}

impl ImportContext {
    /// A context with the usual limits and region, whose own time stands in for missing ones.
    pub fn new(source: Source, received_at: Timestamp) -> Self {
        Self {
            source,
            received_at,
            usual_time: received_at,
            file: None,
            limits: Limits::default(),
            phone_region: Region::default(),
        }
    }

    /// Takes `time` for what brings none, unless no fact could have it.
    pub(crate) fn at_usual_time(mut self, time: Timestamp) -> Self {
        if spec::plausible(time, self.received_at).is_ok() {
            self.usual_time = time;
        }
        self
    }
}

/// What came of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    Fact(Box<Fact>),
    /// The mapping leaves the row out (`skip_when`, `only_when`).
    Skipped,
    Refused(Box<RowError>),
}

/// A row that could not be read. The message repeats no value of the row; `raw` is personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct RowError {
    /// Where the row starts in the file, from 1. In Parquet the number of the row.
    pub line: u64,
    /// The number of the row, from 1, the header not counted.
    pub row: u64,
    pub code: &'static str,
    pub message: String,
    /// The row as it stands in the file, without its line end; of a row that is too long its first MiB.
    pub raw: Vec<u8>,
}

impl Coded for RowError {
    fn code(&self) -> &'static str {
        self.code
    }
}

/// How far a file has been read, in bytes of the file itself, packed if it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub bytes_read: u64,
    pub bytes_total: u64,
}

/// Opens a file. Its format is the mapping's, else what its name and contents say; gzip is recognised by its contents.
///
/// Errors: a file that cannot be read, has no header, or lacks columns that the mapping reads (all of them are named).
pub fn open(path: &Path, mapping: &Mapping, context: ImportContext) -> Result<Import, OpenError> {
    let opened = open::open(path, Expected::by(mapping))?;
    Ok(Import {
        rows: opened.rows,
        mapping: mapping.clone(),
        context,
        row: 0,
        ended: false,
        bytes_read: opened.bytes_read,
        bytes_total: opened.bytes_total,
    })
}

/// Reads a table's row that was written as JSON. `number` is its place in this reading, `key` its key in the table.
pub(crate) fn table_row(raw: &str, number: u64, key: &str, mapping: &Mapping, context: &ImportContext) -> Row {
    let name = Name { number, key: Some(key) };
    of_outcome(fact::of(raw, Unread::Json, name, mapping, context), number, number, raw)
}

/// A file on its way in: an iterator over what comes of its rows.
#[derive(Debug)]
pub struct Import {
    rows: Rows,
    mapping: Mapping,
    context: ImportContext,
    row: u64,
    ended: bool,
    bytes_read: Arc<AtomicU64>,
    bytes_total: u64,
}

impl Import {
    pub fn progress(&self) -> Progress {
        let bytes_read = match &self.rows {
            Rows::Parquet(rows) if rows.rows > 0 => self.bytes_total * self.row.min(rows.rows) / rows.rows,
            _ => self.bytes_read.load(Ordering::Relaxed),
        };
        Progress { bytes_read, bytes_total: self.bytes_total }
    }

    fn row(&self) -> Row {
        let (line, raw, unread) = self.rows.current();
        let name = Name { number: self.row, key: None };
        of_outcome(fact::of(raw, unread, name, &self.mapping, &self.context), line, self.row, raw)
    }

    fn refused(&self, line: u64, code: &'static str, message: String, raw: Vec<u8>) -> Row {
        Row::Refused(Box::new(RowError { line, row: self.row, code, message, raw }))
    }
}

impl Iterator for Import {
    type Item = Row;

    /// A file that breaks off in the middle (a cut gzip) ends with a refused row of code `unreadable_file`.
    fn next(&mut self) -> Option<Row> {
        if self.ended {
            return None;
        }
        let next = self.rows.advance();
        self.row += 1;
        match next {
            Ok(Next::Row) => Some(self.row()),
            Ok(Next::Broken { line, raw, broken }) => Some(self.refused(line, broken.code(), broken.to_string(), raw)),
            Ok(Next::End) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.ended = true;
                let message = format!("the rest of the file cannot be read: {error}");
                Some(self.refused(self.row, "unreadable_file", message, Vec::new()))
            }
        }
    }
}

fn of_outcome(outcome: Result<Option<Fact>, Complaint>, line: u64, row: u64, raw: &str) -> Row {
    match outcome {
        Ok(Some(fact)) => Row::Fact(Box::new(fact)),
        Ok(None) => Row::Skipped,
        Err(Complaint { code, message }) => {
            Row::Refused(Box::new(RowError { line, row, code, message, raw: raw.as_bytes().to_vec() }))
        }
    }
}
