//! Opening a file: what it is, by its name and contents.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kit::Coded;

use super::mapping::{Format, Mapping, Target};
use super::rows::{CsvRows, NdjsonRows, ParquetRows, Rows, Window};

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const PARQUET_MAGIC: &[u8; 4] = b"PAR1";

/// Why a file cannot be imported at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("the file has no header")]
    NoHeader,
    #[error("the mapping reads {}, but the file has {}", listed(missing), listed(header))]
    MissingColumns { missing: Vec<String>, header: Vec<String> },
    #[error("the file is no readable Parquet: {reason}")]
    NotParquet { reason: String },
    #[error("`segment` reads JSON messages, but the file is CSV")]
    SegmentNeedsJson,
}

impl Coded for OpenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Io(_) => "unreadable_file",
            Self::NoHeader => "no_header",
            Self::MissingColumns { .. } => "missing_columns",
            Self::NotParquet { .. } => "not_parquet",
            Self::SegmentNeedsJson => "segment_needs_json",
        }
    }
}

/// What is known of a file before it is opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Expected<'e> {
    pub format: Option<Format>,
    pub delimiter: Option<u8>,
    /// The columns that are read, which the file must have; all that it has, in its order, when `None`.
    pub columns: Option<&'e [String]>,
    /// Whether rows are messages, which CSV cannot hold.
    pub messages: bool,
}

impl<'e> Expected<'e> {
    pub fn by(mapping: &'e Mapping) -> Self {
        let messages = mapping.target == Target::Segment;
        Self { format: mapping.format, delimiter: mapping.delimiter, columns: Some(&mapping.columns), messages }
    }
}

/// The rows of a file, how many bytes of it have been read so far, and how many it has.
pub(super) struct Opened {
    pub rows: Rows,
    pub bytes_read: Arc<AtomicU64>,
    pub bytes_total: u64,
}

pub(super) fn open(path: &Path, expected: Expected<'_>) -> Result<Opened, OpenError> {
    let mut file = File::open(path)?;
    let bytes_total = file.metadata()?.len();
    let mut magic = Vec::with_capacity(4);
    file.by_ref().take(4).read_to_end(&mut magic)?;
    file.rewind()?;
    let bytes_read = Arc::new(AtomicU64::new(0));
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let rows = match magic == PARQUET_MAGIC || expected.format == Some(Format::Parquet) {
        true => Rows::Parquet(ParquetRows::open(file, expected.columns.unwrap_or_default())?),
        false => text_rows(Counted { file, read: Arc::clone(&bytes_read) }, &magic, &name, expected)?,
    };
    Ok(Opened { rows, bytes_read, bytes_total })
}

fn text_rows(file: Counted, magic: &[u8], name: &str, expected: Expected<'_>) -> Result<Rows, OpenError> {
    let stream: Box<dyn Read + Send> = match magic.starts_with(&GZIP_MAGIC) {
        true => Box::new(flate2::read::MultiGzDecoder::new(io::BufReader::with_capacity(64 * 1024, file))),
        false => Box::new(file),
    };
    let mut window = Window::new(stream);
    let name = name.strip_suffix(".gz").unwrap_or(name);
    let is_json = match expected.format {
        Some(format) => format == Format::Ndjson,
        None => looks_like_json(name, &mut window)?,
    };
    if is_json {
        return Ok(Rows::Ndjson(NdjsonRows::open(window)?));
    }
    if expected.messages {
        return Err(OpenError::SegmentNeedsJson);
    }
    let delimiter = expected.delimiter.unwrap_or(usual_delimiter(name));
    Ok(Rows::Csv(Box::new(CsvRows::open(window, delimiter, expected.columns)?)))
}

/// What stands between the fields of a CSV file of this name (without `.gz`) unless a mapping says otherwise.
pub(super) fn usual_delimiter(name: &str) -> u8 {
    if name.ends_with(".tsv") { b'\t' } else { b',' }
}

fn looks_like_json(name: &str, window: &mut Window) -> io::Result<bool> {
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    if ends(&[".ndjson", ".jsonl", ".json"]) {
        return Ok(true);
    }
    if ends(&[".csv", ".tsv"]) {
        return Ok(false);
    }
    window.skip_bom()?;
    Ok(window.view().trim_ascii_start().starts_with(b"{"))
}

/// A file that tells how far it was read.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.file.read(buffer)?;
        self.read.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(bytes)
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
