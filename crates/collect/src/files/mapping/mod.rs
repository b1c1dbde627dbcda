//! The mapping language: how the rows of a file become facts. `docs/guide/mapping.md` teaches it with examples.

mod parse;
mod template;

use model::EventKind;

use crate::document;
pub use crate::document::Problem;
use crate::normalise::Region;
pub(super) use template::{ColumnId, Part, Template};

/// A mapping file that was read without problems.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// `format`: what the file is. By its name and contents when absent.
    pub(super) format: Option<Format>,
    /// `delimiter`: between the fields of a CSV file, one ASCII character. `,` when absent (a tab for `.tsv`).
    pub(super) delimiter: Option<u8>,
    /// `phone_region`: the country of telephone numbers without a country code.
    pub(super) phone_region: Option<Region>,
    /// `empty`: texts that count as no value, e.g. `NULL`.
    pub(super) empty: Vec<String>,
    /// `only_when`: rows for which these do not all hold are skipped.
    pub(super) only_when: Vec<Condition>,
    /// `skip_when`: rows for which these all hold are skipped.
    pub(super) skip_when: Vec<Condition>,
    pub(super) target: Target,
    /// Every column that is spoken of; a [`ColumnId`] is a place in this list.
    pub(super) columns: Vec<String>,
    /// Whether it asks for the number of the row (`{row}`).
    pub(super) numbers_rows: bool,
}

impl Mapping {
    /// Reads a mapping file. Returns the mapping unless it has problems, and *all* of its problems, in the order of their places.
    pub fn parse(text: &str) -> (Option<Self>, Vec<Problem>) {
        parse::mapping(text)
    }

    /// Reads a mapping that stands inside another document; its problems have their places there.
    pub(crate) fn of_node(node: &document::Node) -> (Option<Self>, Vec<Problem>) {
        parse::mapping_of(node)
    }

    /// Whether rows become records, which can be taken back.
    pub(crate) fn makes_records(&self) -> bool {
        matches!(self.target, Target::Record(_))
    }

    pub(crate) fn numbers_rows(&self) -> bool {
        self.numbers_rows
    }

    /// The columns that the mapping reads, in the order in which it names them.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }
}

/// The kinds of file that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Csv,
    Ndjson,
    Parquet,
}

impl Format {
    /// The word of the mapping language.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }
}

/// What a row becomes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Target {
    Record(RecordMap),
    Event(EventMap),
    /// Rows are whole messages of the Segment spec.
    Segment,
}

/// `record`: a row of the source at a version.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RecordMap {
    pub key: Value,
    /// The import's time when absent.
    pub version: Option<Value>,
    pub delete_when: Vec<Condition>,
    pub identifiers: Identifiers,
    pub traits: Tree,
    pub consents: Vec<ConsentMap>,
}

/// `event`: something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct EventMap {
    pub kind: EventKind,
    pub name: Option<Value>,
    /// When absent, a digest of the row and its number.
    pub message_id: Option<Value>,
    /// The import's time when absent.
    pub time: Option<Value>,
    pub identifiers: Identifiers,
    pub traits: Tree,
    pub properties: Tree,
    pub context: Tree,
    pub consents: Vec<ConsentMap>,
}

/// Kinds with the values that they may take, highest priority first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Identifiers {
    pub always: Vec<(String, Value)>,
    /// Used only when none of `always` has a value.
    pub fallback: Vec<(String, Value)>,
}

/// `{ purpose: …, column: …, granted: […], denied: […], neither: […] }`
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ConsentMap {
    pub purpose: Value,
    pub answer: Value,
    pub granted: Vec<String>,
    pub denied: Vec<String>,
    pub neither: Vec<String>,
}

/// Named values as a JSON object; dots in the names make objects inside.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tree(pub Vec<(String, Branch)>);

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Branch {
    Value(Value),
    Tree(Tree),
}

/// A value taken from a row: a template, or `{ column | text, as, format, map, default }`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Value {
    pub template: Template,
    pub kind: Kind,
    /// Replaces one text by another; a text that is not in the list is an error unless there is a default.
    pub map: Option<Vec<(String, String)>>,
    /// Stands in where the row has no value.
    pub default: Option<String>,
}

/// `as`: what a value is in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Integer,
    Boolean,
    Time(TimeFormat),
    Json,
}

impl Kind {
    /// The word of the mapping language.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Time(_) => "time",
            Self::Json => "json",
        }
    }
}

/// `format` of a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimeFormat {
    /// RFC 3339, a date-time without offset (taken as UTC), or a date.
    Usual,
    EpochSeconds,
    EpochMilliseconds,
    /// A pattern of `strptime`, taken as UTC unless it reads an offset.
    Pattern(String),
}

/// `{ column | text, is | is_not | empty }`
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub template: Template,
    pub test: Test,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    Is(Vec<String>),
    IsNot(Vec<String>),
    Empty(bool),
}
