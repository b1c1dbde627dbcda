//! A mapping for a file that nobody has mapped yet: what its columns could become, how sure that is, and why.
//!
//! A guess never does what a person has to want: consents, and identifiers made of names and addresses, are only suggested, as comments.

mod contents;
mod lexicon;
mod mask;
mod name;
mod nature;
mod print;
mod sample;
mod shape;

use std::path::Path;

use kit::Timestamp;

use super::OpenError;
use super::mapping::{Format, Kind, TimeFormat};
use sample::Sample;

/// From here on a decision may be taken without asking a person.
pub const SURE: f64 = 0.8;
/// Samples that are shown of a column.
const SAMPLES: usize = 3;

/// What is known of a file before anyone looks into it.
#[derive(Debug, Clone)]
pub struct GuessOptions {
    /// No fact happened more than a day after this.
    pub now: Timestamp,
    /// The source that the file is of: names the ids of its rows (`crm_id`).
    pub source: Option<String>,
    /// What happened, where rows are events and no column says so.
    pub event_name: Option<String>,
    /// Whether samples are shown as they are, instead of their outlines.
    pub unmasked: bool,
}

impl GuessOptions {
    /// Nothing but the time is known.
    pub fn at(now: Timestamp) -> Self {
        Self { now, source: None, event_name: None, unmasked: false }
    }
}

/// A mapping that a person may accept.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    pub format: Format,
    /// How many rows were looked at, and how many of the file's first rows cannot be read.
    pub rows: u64,
    pub broken_rows: u64,
    /// Whether these are all rows of the file.
    pub whole: bool,
    pub shape: Shape,
    /// What matters most, the least sure first.
    pub decisions: Vec<Decision>,
    /// In the order of the file.
    pub columns: Vec<ColumnGuess>,
    /// The mapping file, each line with its confidence and reasons as a comment. It holds no value of a person.
    pub mapping: String,
}

impl Proposal {
    /// How sure the least sure decision is, from 0 to 1.
    pub fn confidence(&self) -> f64 {
        self.decisions.iter().map(|decision| decision.confidence).fold(1.0, f64::min)
    }

    /// The decisions that are less sure than `bound`.
    pub fn open_decisions(&self, bound: f64) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(move |decision| decision.confidence < bound)
    }
}

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One row a person or thing, which later versions replace.
    Records,
    /// Things that happened.
    Events,
    /// Whole messages of the Segment spec.
    Messages,
}

impl Shape {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::Events => "events",
            Self::Messages => "messages",
        }
    }
}

/// Something that decides what all rows become.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// `rows`, `key`, `who`, `time`, `event name`, `message id`, `deletes`.
    pub about: &'static str,
    pub says: String,
    /// From 0 to 1.
    pub confidence: f64,
    pub reasons: Vec<String>,
}

/// What a column could become.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnGuess {
    pub column: String,
    pub becomes: Vec<Becomes>,
    /// From 0 to 1.
    pub confidence: f64,
    /// They hold no value of the column.
    pub reasons: Vec<String>,
    /// Different values of the column; of what may be personal, only the outlines.
    pub samples: Vec<String>,
    /// The share of rows that have a value.
    pub filled: f64,
}

/// One thing that a column becomes.
#[derive(Debug, Clone, PartialEq)]
pub enum Becomes {
    Key,
    Version(TimeFormat),
    DeleteMarker,
    MessageId,
    Time(TimeFormat),
    EventName,
    /// An identifier of this kind.
    Identifier(String),
    /// An identifier of this kind, for rows that have none of the others.
    Fallback(String),
    Trait(String, Kind),
    Property(String, Kind),
    Context(String),
    /// A part of a message of the spec.
    Message,
    /// It is left out.
    Nothing,
}

impl std::fmt::Display for Becomes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key => f.write_str("key"),
            Self::Version(_) => f.write_str("version"),
            Self::DeleteMarker => f.write_str("delete marker"),
            Self::MessageId => f.write_str("message id"),
            Self::Time(_) => f.write_str("time"),
            Self::EventName => f.write_str("event name"),
            Self::Identifier(kind) => write!(f, "identifier {kind}"),
            Self::Fallback(kind) => write!(f, "fallback identifier {kind}"),
            Self::Trait(name, Kind::Text) => write!(f, "trait {name}"),
            Self::Trait(name, kind) => write!(f, "trait {name} ({})", kind.as_str()),
            Self::Property(name, Kind::Text) => write!(f, "property {name}"),
            Self::Property(name, kind) => write!(f, "property {name} ({})", kind.as_str()),
            Self::Context(name) => write!(f, "context {name}"),
            Self::Message => f.write_str("message"),
            Self::Nothing => f.write_str("-"),
        }
    }
}

/// Proposes a mapping for a file, from the names of its columns and up to 10,000 of its rows.
///
/// Errors: a file that cannot be opened, or has no header.
pub fn guess(path: &Path, options: &GuessOptions) -> Result<Proposal, OpenError> {
    let mut sample = Sample::of(path)?;
    let empty = sample.take_empty_words(options.now);
    let stem = name::of_file(path);
    if sample.rows > 0 && sample.messages * 10 >= sample.rows * 9 {
        return Ok(messages(&sample, &stem));
    }
    let found = nature::of_all(&sample, options);
    let plan = shape::plan(&sample, &found, options, &stem);
    let mapping = print::mapping(&sample, &plan, &found, &empty, &stem);
    let columns = shape::columns(&sample, &found, &plan, options.unmasked);
    let mut decisions = plan.decisions;
    decisions.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    Ok(Proposal {
        format: sample.format,
        rows: sample.rows as u64,
        broken_rows: sample.broken as u64,
        whole: sample.whole,
        shape: plan.shape,
        decisions,
        columns,
        mapping,
    })
}

fn messages(sample: &Sample, stem: &str) -> Proposal {
    let share = sample.messages as f64 / sample.rows as f64;
    let reason = format!("{} of rows have a `type` of the spec", print::percent(share));
    let decision = Decision {
        about: "rows",
        says: "rows are messages of the Segment spec".to_owned(),
        confidence: 0.98 * share,
        reasons: vec![reason],
    };
    let column = |column: &sample::Column| ColumnGuess {
        column: column.name.clone(),
        becomes: vec![Becomes::Message],
        confidence: decision.confidence,
        reasons: Vec::new(),
        samples: Vec::new(),
        filled: column.texts().count() as f64 / sample.rows as f64,
    };
    Proposal {
        format: sample.format,
        rows: sample.rows as u64,
        broken_rows: sample.broken as u64,
        whole: sample.whole,
        shape: Shape::Messages,
        columns: sample.columns.iter().map(column).collect(),
        mapping: print::messages(&decision, stem),
        decisions: vec![decision],
    }
}
