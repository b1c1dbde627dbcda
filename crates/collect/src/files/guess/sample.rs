//! The rows that a guess is made from: the head of the file, column by column.

use std::collections::HashMap;
use std::path::Path;

use super::super::mapping::Format;
use super::super::open::{self, Expected, OpenError, Opened};
use super::super::rows::{Cell, Next, Rows, Unread};
use crate::spec::{self, Fields};

/// How many rows are read at most, and how many bytes of them.
const ROWS: usize = 10_000;
const BYTES: usize = 16 << 20;
/// How many columns are looked at: JSON whose keys are data has no end of them.
const COLUMNS: usize = 400;
/// How deep objects inside of JSON become columns with dots.
const DEPTH: usize = 3;
/// Rows that are read to find out what stands between fields.
const ROWS_FOR_DELIMITER: usize = 20;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Nothing,
    Text(String),
    /// A number, a boolean or a list of JSON, as it is written.
    Json(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub name: String,
    /// One for each row.
    pub values: Vec<Value>,
}

#[derive(Debug)]
pub(super) struct Sample {
    pub format: Format,
    /// Where it is not what the file's name says.
    pub delimiter: Option<u8>,
    pub columns: Vec<Column>,
    pub rows: usize,
    /// Rows that cannot be read.
    pub broken: usize,
    /// Whether the file has no more rows.
    pub whole: bool,
    /// Rows that look like messages of the Segment spec.
    pub messages: usize,
}

impl Sample {
    /// Reads the head of a file. Errors: as of opening it.
    pub fn of(path: &Path) -> Result<Self, OpenError> {
        let opened = open::open(path, Expected::default())?;
        match opened.rows {
            Rows::Csv(_) => {
                let delimiter = delimiter(path)?;
                let expected = Expected { delimiter, format: Some(Format::Csv), ..Expected::default() };
                Taking::new(Format::Csv, delimiter).take(open::open(path, expected)?)
            }
            Rows::Ndjson(_) => Taking::new(Format::Ndjson, None).take(opened),
            Rows::Parquet(_) => Taking::new(Format::Parquet, None).take(opened),
        }
    }
}

impl Column {
    /// What the cells say, where they say something.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter_map(Value::text)
    }
}

impl Value {
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Text(text) | Self::Json(text) => Some(text),
        }
    }
}

/// Finds what stands between the fields: the character that gives the most columns with the fewest broken rows.
fn delimiter(path: &Path) -> Result<Option<u8>, OpenError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let usual = open::usual_delimiter(name.strip_suffix(".gz").unwrap_or(&name));
    let mut best = (usual, fields_by(path, usual)?);
    for delimiter in DELIMITERS {
        let found = fields_by(path, delimiter)?;
        if found > best.1 {
            best = (delimiter, found);
        }
    }
    Ok((best.0 != usual).then_some(best.0))
}

/// How many fields a delimiter gives: those of the header, less where rows break.
fn fields_by(path: &Path, delimiter: u8) -> Result<usize, OpenError> {
    let expected = Expected { delimiter: Some(delimiter), format: Some(Format::Csv), ..Expected::default() };
    let Rows::Csv(mut rows) = open::open(path, expected)?.rows else { return Ok(0) };
    let (mut good, mut all) = (1, 1);
    while all <= ROWS_FOR_DELIMITER {
        match rows.advance()? {
            Next::Row => good += 1,
            Next::Broken { .. } => {}
            Next::End => break,
        }
        all += 1;
    }
    Ok(rows.header().len() * good / all)
}

/// A sample on its way in.
#[derive(Debug)]
struct Taking {
    sample: Sample,
    places: HashMap<String, usize>,
    bytes: usize,
}

impl Taking {
    fn new(format: Format, delimiter: Option<u8>) -> Self {
        let sample = Sample { format, delimiter, columns: Vec::new(), rows: 0, broken: 0, whole: false, messages: 0 };
        Self { sample, places: HashMap::new(), bytes: 0 }
    }

    fn take(mut self, opened: Opened) -> Result<Sample, OpenError> {
        let mut rows = opened.rows;
        if let Rows::Csv(rows) = &rows {
            rows.header().iter().for_each(|name| self.add(name));
        }
        while self.sample.rows + self.sample.broken < ROWS && self.bytes < BYTES {
            match rows.advance()? {
                Next::Row => self.row(&rows),
                Next::Broken { .. } => self.sample.broken += 1,
                Next::End => {
                    self.sample.whole = true;
                    break;
                }
            }
        }
        let rows = self.sample.rows;
        self.sample.columns.iter_mut().for_each(|column| column.values.resize(rows, Value::Nothing));
        Ok(self.sample)
    }

    /// Two columns of one name cannot be told apart by a mapping: the first counts.
    fn add(&mut self, name: &str) {
        self.places.entry(name.to_owned()).or_insert(self.sample.columns.len());
        self.sample.columns.push(Column { name: name.to_owned(), values: Vec::new() });
    }

    fn row(&mut self, rows: &Rows) {
        let (_, raw, unread) = rows.current();
        self.bytes += raw.len();
        match unread {
            Unread::Cells(cells) => {
                for (at, column) in self.sample.columns.iter_mut().enumerate() {
                    column.values.push(value(cells.get(super::super::mapping::ColumnId(at))));
                }
            }
            Unread::Json if !raw.starts_with('{') || spec::check(raw).is_err() => {
                self.sample.broken += 1;
                return;
            }
            Unread::Json => {
                let fields = Fields::of(raw);
                self.sample.messages += usize::from(is_message(&fields));
                self.object("", &fields, 1);
            }
        }
        self.sample.rows += 1;
    }

    fn object(&mut self, before: &str, fields: &Fields<'_>, depth: usize) {
        for (key, raw) in &fields.0 {
            let name = format!("{before}{key}");
            let text = raw.get();
            if text.starts_with('{') && depth < DEPTH {
                self.object(&format!("{name}."), &Fields::of(text), depth + 1);
            } else {
                self.put(name, value(json_cell(text)));
            }
        }
    }

    fn put(&mut self, name: String, value: Value) {
        if !self.places.contains_key(&name) {
            if self.sample.columns.len() >= COLUMNS {
                return;
            }
            self.add(&name);
        }
        let column = &mut self.sample.columns[self.places[&name]];
        column.values.resize(self.sample.rows, Value::Nothing);
        column.values.push(value);
    }
}

fn json_cell(text: &str) -> Cell<'_> {
    super::super::rows::json_cell(Some(text))
}

fn value(cell: Cell<'_>) -> Value {
    let Some(text) = cell.text(&[]).map(str::to_owned) else { return Value::Nothing };
    match cell {
        Cell::Json(_) => Value::Json(text),
        _ => Value::Text(text),
    }
}

/// Whether an object is a message of the Segment spec: it says of which type it is, and of whom.
fn is_message(fields: &Fields<'_>) -> bool {
    const TYPES: [&str; 6] = ["\"track\"", "\"page\"", "\"screen\"", "\"identify\"", "\"group\"", "\"alias\""];
    const WHOM: [&str; 5] = ["userId", "anonymousId", "context", "messageId", "traits"];
    let kind = fields.get("type").map(|raw| raw.get());
    kind.is_some_and(|kind| TYPES.contains(&kind)) && WHOM.iter().any(|key| fields.get(key).is_some())
}

/// Texts that many exports write where there is nothing.
const NOTHINGS: [&str; 10] = ["NULL", "null", "\\N", "#N/A", "N/A", "n/a", "None", "NaN", "nan", "-"];

impl Sample {
    /// Finds the texts by which the file says that there is nothing, and takes them out: those that stand among numbers, times or addresses.
    pub fn take_empty_words(&mut self, now: kit::Timestamp) -> Vec<String> {
        let is_nothing = |word: &str| NOTHINGS.contains(&word);
        let mut words: Vec<String> = Vec::new();
        for column in &self.columns {
            let said: Vec<&str> = column.texts().map(str::trim).filter(|text| is_nothing(text)).collect();
            if !said.is_empty() && column.is_typed_beside(&is_nothing, now) {
                words.extend(said.into_iter().map(str::to_owned));
                words.sort();
                words.dedup();
            }
        }
        for value in self.columns.iter_mut().flat_map(|column| &mut column.values) {
            let is_word = value.text().is_some_and(|text| words.iter().any(|word| word == text.trim()));
            if is_word {
                *value = Value::Nothing;
            }
        }
        words
    }
}

impl Column {
    /// Whether what is left without these words is all numbers, all times or all addresses.
    fn is_typed_beside(&self, is_nothing: &dyn Fn(&str) -> bool, now: kit::Timestamp) -> bool {
        let keep = |value: &&Value| value.text().is_some_and(|text| !is_nothing(text.trim()));
        let rest = Self { name: String::new(), values: self.values.iter().filter(keep).cloned().collect() };
        let contents = super::contents::Contents::of(&rest);
        contents.are_numbers() || contents.emails() >= 1.0 || contents.times(now, true).is_some()
    }
}
