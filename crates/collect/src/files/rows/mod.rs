//! Rows of a file, whatever its format.

mod csv;
mod ndjson;
mod parquet;
mod window;

use std::borrow::Cow;
use std::io;

use super::OpenError;
use super::mapping::ColumnId;
use crate::spec::Fields;

pub(super) use self::csv::CsvRows;
pub(super) use self::ndjson::NdjsonRows;
pub(super) use self::parquet::ParquetRows;
pub(super) use self::window::Window;

/// A file, row by row.
#[derive(Debug)]
pub(super) enum Rows {
    Csv(Box<CsvRows>),
    Ndjson(NdjsonRows),
    Parquet(ParquetRows),
}

/// What is found by going one row further.
#[derive(Debug)]
pub(super) enum Next {
    /// A row, which is now the one at hand.
    Row,
    /// Bytes that are no row.
    Broken {
        line: u64,
        raw: Vec<u8>,
        broken: Broken,
    },
    End,
}

/// Why bytes are no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("the row has {found} columns instead of {expected}")]
    WrongColumns { found: usize, expected: usize },
    #[error("a quote is opened and not closed at the end of its field")]
    UnclosedQuote,
    #[error("the row is longer than {limit_bytes} bytes")]
    TooLong { limit_bytes: usize },
    #[error("the row is not valid UTF-8")]
    InvalidUtf8,
}

impl kit::Coded for Broken {
    fn code(&self) -> &'static str {
        match self {
            Self::WrongColumns { .. } => "wrong_columns",
            Self::UnclosedQuote => "unclosed_quote",
            Self::TooLong { .. } => "row_too_long",
            Self::InvalidUtf8 => "invalid_utf8",
        }
    }
}

impl Rows {
    pub fn advance(&mut self) -> io::Result<Next> {
        match self {
            Self::Csv(rows) => rows.advance(),
            Self::Ndjson(rows) => rows.advance(),
            Self::Parquet(rows) => match rows.advance().map_err(io::Error::other)? {
                true => Ok(Next::Row),
                false => Ok(Next::End),
            },
        }
    }

    /// The row at hand: its line (in Parquet its number), its text, and its cells. JSON is not read before someone asks for the cells.
    pub fn current(&self) -> (u64, &str, Unread<'_>) {
        match self {
            Self::Csv(rows) => {
                let (line, raw, cells) = rows.current();
                (line, raw, Unread::Cells(cells))
            }
            Self::Ndjson(rows) => {
                let (line, raw) = rows.current();
                (line, raw, Unread::Json)
            }
            Self::Parquet(rows) => {
                let (line, raw) = rows.current();
                (line, raw, Unread::Json)
            }
        }
    }
}

/// The cells of a row, or that its text has to be read for them.
#[derive(Debug)]
pub(super) enum Unread<'r> {
    Cells(Cells<'r>),
    Json,
}

/// The cells of a row, by the mapping's columns.
#[derive(Debug)]
pub(super) enum Cells<'r> {
    Fields { fields: &'r str, ends: &'r [usize], places: &'r [usize] },
    Object { fields: Fields<'r>, columns: &'r [String] },
}

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell<'r> {
    Empty,
    /// The field of a CSV row.
    Field(&'r str),
    /// A JSON string: what it says, and how it is written.
    Quoted(Cow<'r, str>, &'r str),
    /// Any other JSON value as it is written.
    Json(&'r str),
}

impl<'r> Cells<'r> {
    pub fn get(&self, column: ColumnId) -> Cell<'r> {
        match self {
            Self::Fields { fields, ends, places } => {
                let place = places[column.0];
                let start = if place == 0 { 0 } else { ends[place - 1] };
                Cell::Field(fields.get(start..ends[place]).unwrap_or_default())
            }
            Self::Object { fields, columns } => json_cell(inside(fields, &columns[column.0])),
        }
    }
}

impl Cell<'_> {
    /// Returns what the cell says as text, unless that is nothing. `empty` are further texts for nothing.
    pub fn text(&self, empty: &[String]) -> Option<&str> {
        let text = match self {
            Self::Empty => return None,
            Self::Field(text) | Self::Json(text) => text,
            Self::Quoted(text, _) => text.as_ref(),
        };
        let bare = text.trim();
        let nothing = bare.is_empty() || empty.iter().any(|word| word == bare);
        (!nothing).then_some(text)
    }
}

/// Finds a key, or, where a name has dots, a key inside.
fn inside<'r>(fields: &Fields<'r>, name: &str) -> Option<&'r str> {
    if let Some(value) = fields.get(name) {
        return Some(value.get());
    }
    let (first, rest) = name.split_once('.')?;
    inside(&Fields::of(fields.get(first)?.get()), rest)
}

pub(super) fn json_cell(value: Option<&str>) -> Cell<'_> {
    match value {
        None | Some("null") => Cell::Empty,
        Some(text) if text.starts_with('"') => match serde_json::from_str::<Borrowed<'_>>(text) {
            Ok(Borrowed(word)) => Cell::Quoted(word, text),
            Err(_) => Cell::Empty,
        },
        Some(text) => Cell::Json(text),
    }
}

#[derive(serde::Deserialize)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);
