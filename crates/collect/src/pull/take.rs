//! What a run gathers: facts, and beside them what is true once these are durable.

use std::path::PathBuf;

use kit::Timestamp;
use model::{Fact, Record};

use super::known::{self, Known, RowKey, Said};
use super::state::{self, Reached};
use super::taken::{self, Taken};
use super::{Desk, Progress, Pull, PullError, Report, Sample};
use crate::files::{ImportContext, Quarantine, Row, RowError};

/// Facts that are kept with one wait for the disk.
const FACTS_AT_ONCE: usize = 2_000;
/// Rows that became no facts are written down as well, this many at a time.
const MARKS_AT_ONCE: usize = 10_000;
/// Bytes of rows that are gathered at most: wide rows make smaller portions.
const BYTES_AT_ONCE: u64 = 8 << 20;
/// Refusals that a report shows.
const SAMPLES: usize = 5;

/// Whether a run writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Keep,
    Dry,
}

/// Something that is true once the facts gathered before it are durable.
#[derive(Debug)]
pub(super) enum Mark {
    Row(RowKey, Option<Known>),
    Reached(Reached),
    File(String, Taken),
}

pub(super) struct Take<'d> {
    pub pull: &'d Pull,
    pub desk: &'d Desk<'d>,
    pub started_at: Timestamp,
    pub report: Report,
    way: Way,
    files_total: Option<u64>,
    bytes_total: Option<u64>,
    facts: Vec<Fact>,
    marks: Vec<Mark>,
    /// How many bytes had been read when a portion was last written down.
    bytes_flushed: u64,
    quarantine: Quarantine,
}

impl<'d> Take<'d> {
    pub fn new(pull: &'d Pull, desk: &'d Desk<'d>, started_at: Timestamp, way: Way) -> Self {
        let name = format!("{}-pull-{}-{}.ndjson", pull.source, pull.name, started_at.as_ms());
        Self {
            pull,
            desk,
            started_at,
            report: Report::default(),
            way,
            files_total: None,
            bytes_total: None,
            facts: Vec::new(),
            marks: Vec::new(),
            bytes_flushed: 0,
            quarantine: Quarantine::at(desk.quarantine_dir.join(name)),
        }
    }

    /// What is known of all facts of the run before they are read.
    pub fn context(&self) -> ImportContext {
        ImportContext::new(self.pull.source.as_str().into(), self.started_at)
    }

    /// Notes how much there is to read.
    pub fn expect(&mut self, files: u64, bytes: u64) {
        self.files_total = Some(files);
        self.bytes_total = Some(bytes);
    }

    /// Takes what came of a row. `file` is the one that it lies in.
    pub fn take(&mut self, row: Row, file: Option<&str>) -> Result<(), PullError> {
        match row {
            Row::Fact(fact) => {
                match &*fact {
                    Fact::Record(record) if record.change == model::Change::Delete => self.report.deletes += 1,
                    Fact::Record(_) => self.report.records += 1,
                    Fact::Event(_) | Fact::Link(_) => self.report.events += 1,
                }
                self.facts.push(*fact);
            }
            Row::Skipped => self.report.skipped += 1,
            Row::Refused(error) => self.refuse(&error, file)?,
        }
        Ok(())
    }

    /// Takes back what a row said.
    pub fn take_back(&mut self, said: Said) {
        let record: Record = said.taken_back(self.pull.source.as_str().into(), self.started_at);
        self.report.deletes += 1;
        self.facts.push(Fact::Record(record));
    }

    pub fn refuse(&mut self, error: &RowError, file: Option<&str>) -> Result<(), PullError> {
        self.report.refused += 1;
        self.show(file, error.line, error.code, &error.message);
        if self.way == Way::Keep {
            self.quarantine.keep_of(file, error)?;
        }
        Ok(())
    }

    /// Notes a file that cannot be opened; the others go on.
    pub fn refuse_file(&mut self, file: &str, code: &'static str, message: &str) -> Result<(), PullError> {
        self.report.files_refused += 1;
        self.show(Some(file), 0, code, message);
        if self.way == Way::Keep {
            let error = RowError { line: 0, row: 0, code, message: message.to_owned(), raw: Vec::new() };
            self.quarantine.keep_of(Some(file), &error)?;
        }
        Ok(())
    }

    pub fn mark(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    /// Whether it is time to write down what was gathered.
    pub fn is_full(&self) -> bool {
        self.facts.len() >= FACTS_AT_ONCE
            || self.marks.len() >= MARKS_AT_ONCE
            || self.report.bytes - self.bytes_flushed >= BYTES_AT_ONCE
    }

    /// Makes what was gathered durable: first the facts, then what is true with them. A run that dies between the two says the facts again.
    pub async fn flush(&mut self) -> Result<(), PullError> {
        self.bytes_flushed = self.report.bytes;
        let (facts, marks) = (std::mem::take(&mut self.facts), std::mem::take(&mut self.marks));
        self.tell();
        if self.way == Way::Dry {
            return Ok(());
        }
        if !facts.is_empty() {
            self.desk.keeper.keep(facts).await.map_err(PullError::Keep)?;
        }
        let mut draft = self.desk.store.draft();
        for mark in &marks {
            match mark {
                Mark::Row(row, known) => known::put(&mut draft, &self.pull.name, row, known.as_ref()),
                Mark::Reached(reached) => state::reach(&mut draft, &self.pull.name, reached)?,
                Mark::File(path, taken) => taken::put(&mut draft, &self.pull.name, path, taken),
            }
        }
        Ok(self.desk.store.commit(draft)?)
    }

    /// Says how far the run has come.
    pub fn tell(&self) {
        let report = &self.report;
        (self.desk.progress)(&Progress {
            rows: report.rows,
            facts: report.facts(),
            bytes: report.bytes,
            files: report.files,
            files_total: self.files_total,
            bytes_total: self.bytes_total,
        });
    }

    /// Ends the run: its report, and where its refused rows are. What was gathered and not flushed is forgotten.
    pub fn finish(self) -> (Report, Result<Option<PathBuf>, PullError>) {
        (self.report, self.quarantine.finish().map_err(PullError::Scratch))
    }

    fn show(&mut self, file: Option<&str>, line: u64, code: &str, message: &str) {
        if self.report.samples.len() < SAMPLES {
            let (file, code, message) = (file.map(str::to_owned), code.to_owned(), message.to_owned());
            self.report.samples.push(Sample { file, line, code, message });
        }
    }
}
