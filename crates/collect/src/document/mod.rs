//! Files that people write (YAML or JSON) as a tree in which every value knows its place, so that every mistake is shown where it stands.

mod json;
mod reader;
mod yaml;

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

pub(crate) use reader::{Entries, Reader, quoted};

const MOST_BYTES: usize = 16 << 20;
const DEEPEST: usize = 64;

/// One mistake in a file, with its place (from 1) and, where there are any, the alternatives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct Problem {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl Problem {
    pub(crate) fn at(place: Place, message: impl Into<String>) -> Self {
        Self { line: place.line, column: place.column, message: message.into() }
    }
}

impl kit::Coded for Problem {
    fn code(&self) -> &'static str {
        "invalid_document"
    }
}

/// A line and a column, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    const START: Self = Self { line: 1, column: 1 };
}

#[derive(Debug)]
pub(crate) struct Node {
    pub place: Place,
    pub content: Content,
}

#[derive(Debug)]
pub(crate) enum Content {
    Nothing,
    Bool(bool),
    /// A number, and how it is written.
    Number(Number, String),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

#[derive(Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub place: Place,
    pub value: Node,
}

/// Reads one document: JSON when it begins with `{` and a quoted key, else YAML. Errors: over 16 MiB, deeper than 64, not readable, a YAML alias.
pub(crate) fn read(text: &str) -> Result<Node, Problem> {
    if text.len() > MOST_BYTES {
        return Err(Problem::at(Place::START, "a file is at most 16 MiB"));
    }
    let text = text.trim_start_matches('\u{feff}');
    if is_json(text) { json::read(text) } else { yaml::read(text) }
}

fn is_json(text: &str) -> bool {
    let inside = text.trim_start().strip_prefix('{').map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with(['"', '}']))
}

impl Node {
    pub(crate) fn to_json(&self) -> Value {
        match &self.content {
            Content::Nothing => Value::Null,
            Content::Bool(is) => Value::Bool(*is),
            Content::Number(number, _) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => items.iter().map(Self::to_json).collect(),
            Content::Map(entries) => {
                let pairs = entries.iter().map(|entry| (entry.key.clone(), entry.value.to_json()));
                Value::Object(Map::from_iter(pairs))
            }
        }
    }

    /// Returns a text, a number or a boolean as it is written.
    pub(crate) fn as_written(&self) -> Option<&str> {
        match &self.content {
            Content::Bool(true) => Some("true"),
            Content::Bool(false) => Some("false"),
            Content::Number(_, text) | Content::Text(text) => Some(text),
            Content::Nothing | Content::List(_) | Content::Map(_) => None,
        }
    }

    /// Returns the place of the value that these steps lead to, or of the last one on the way.
    pub(crate) fn place_of(&self, steps: &[String]) -> Place {
        let Some((step, rest)) = steps.split_first() else { return self.place };
        let next = match &self.content {
            Content::List(items) => step.parse().ok().and_then(|at: usize| items.get(at)),
            Content::Map(entries) => entries.iter().find(|entry| entry.key == *step).map(|entry| &entry.value),
            _ => None,
        };
        next.map_or(self.place, |node| node.place_of(rest))
    }

    /// Notes every key that stands twice in its map.
    pub(crate) fn note_repeated_keys(&self, problems: &mut Vec<Problem>) {
        match &self.content {
            Content::List(items) => items.iter().for_each(|item| item.note_repeated_keys(problems)),
            Content::Map(entries) => {
                let mut seen = BTreeSet::new();
                for entry in entries {
                    if !seen.insert(&entry.key) {
                        problems.push(Problem::at(entry.place, format!("`{}` is there twice", entry.key)));
                    }
                    entry.value.note_repeated_keys(problems);
                }
            }
            _ => {}
        }
    }
}
