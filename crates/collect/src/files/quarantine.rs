use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;

use super::RowError;

/// Where refused rows are kept: one JSON object a line, `{line, row, code, message, raw}`, with the `file` first where they are of several.
///
/// The file is made with the first row, and on Unix only its owner may read it, for rows are personal. A row that is not UTF-8 is kept as
/// `raw_base64` instead of `raw`, byte for byte.
#[derive(Debug)]
pub struct Quarantine {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    rows: u64,
}

impl Quarantine {
    /// Does not touch the file system yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), file: None, rows: 0 }
    }

    /// Keeps one row.
    pub fn keep(&mut self, error: &RowError) -> io::Result<()> {
        self.keep_of(None, error)
    }

    /// Keeps one row of a file among others.
    pub fn keep_of(&mut self, of_file: Option<&str>, error: &RowError) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(create(&self.path)?)),
        };
        serde_json::to_writer(&mut *file, &Kept::of(of_file, error))?;
        file.write_all(b"\n")?;
        self.rows += 1;
        Ok(())
    }

    /// How many rows were kept.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what is still in memory, and returns where the rows are, if there are any.
    pub fn finish(self) -> io::Result<Option<PathBuf>> {
        let Some(file) = self.file else { return Ok(None) };
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(Some(self.path))
    }
}

#[derive(Debug, Serialize)]
struct Kept<'e> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'e str>,
    line: u64,
    row: u64,
    code: &'e str,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_base64: Option<String>,
}

impl<'e> Kept<'e> {
    fn of(file: Option<&'e str>, error: &'e RowError) -> Self {
        let raw = std::str::from_utf8(&error.raw).ok();
        let raw_base64 = raw.is_none().then(|| BASE64_STANDARD.encode(&error.raw));
        Self { file, line: error.line, row: error.row, code: error.code, message: &error.message, raw, raw_base64 }
    }
}

fn create(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
