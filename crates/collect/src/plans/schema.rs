//! From a schema as it is written to a validator, refusing what could reach outside or never end.

use std::collections::{BTreeSet, HashMap};

use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

use crate::document::{Node, Place, Reader};
use crate::fields::Pointer;

/// Objects of a schema after every `$ref` is put in its place: bounds what holding one event against it can cost.
const MOST_PARTS: usize = 5_000;
const DEEPEST: usize = 48;
const MOST_PATTERNS: usize = 500;
const PATTERN_BYTES: usize = 256 << 10;
const PATTERN_HELP: &str =
    "a pattern must be readable in linear time (no look-around, no back-references) and at most 256 KiB when compiled";

/// What is left for the schemas of one plan.
#[derive(Debug)]
pub(super) struct Budget {
    patterns: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { patterns: MOST_PATTERNS }
    }
}

/// Returns the schema and its validator, or `None` after noting why not. Nothing is ever fetched.
pub(super) fn compiled(reader: &mut Reader, node: &Node, budget: &mut Budget) -> Option<(Value, Validator)> {
    let mut schema = node.to_json();
    let Some(object) = schema.as_object_mut() else {
        reader.note(node.place, "a schema must be a map of keys and values");
        return None;
    };
    object.remove("$id");
    let noted = reader.problems.len();
    let draft = draft(reader, node, &schema);
    bounded(reader, node, &schema, budget);
    if reader.problems.len() > noted || !is_schema(reader, node, &schema, draft?) {
        return None;
    }
    let options = jsonschema::options().with_draft(draft?).offline().should_validate_formats(true);
    let options = options.with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES));
    let built = options.build(&schema).map_err(|error| note(reader, node, &error));
    built.ok().map(|validator| (schema, validator))
}

fn draft(reader: &mut Reader, node: &Node, schema: &Value) -> Option<Draft> {
    let Some(written) = schema.get("$schema") else { return Some(Draft::Draft7) };
    let word = written.as_str().map(|address| address.trim_end_matches('#'));
    match word {
        Some("http://json-schema.org/draft-07/schema" | "https://json-schema.org/draft-07/schema") => {
            Some(Draft::Draft7)
        }
        Some("https://json-schema.org/draft/2020-12/schema") => Some(Draft::Draft202012),
        _ => {
            let place = node.place_of(&["$schema".to_owned()]);
            let message = "`$schema` is `http://json-schema.org/draft-07/schema#` (taken when absent) or \
                           `https://json-schema.org/draft/2020-12/schema`";
            reader.note(place, message);
            None
        }
    }
}

/// Notes whatever the draft's own schema says against this one.
fn is_schema(reader: &mut Reader, node: &Node, schema: &Value, draft: Draft) -> bool {
    let meta = match draft {
        Draft::Draft202012 => jsonschema::draft202012::meta::validator(),
        _ => jsonschema::draft7::meta::validator(),
    };
    let errors: Vec<_> = meta.iter_errors(schema).collect();
    errors.iter().for_each(|error| note(reader, node, error));
    errors.is_empty()
}

fn note(reader: &mut Reader, node: &Node, error: &ValidationError<'_>) {
    let pointer: Pointer = error.instance_path().as_str().parse().unwrap_or_default();
    let place = node.place_of(pointer.steps());
    let message = match pointer.steps().last().map(String::as_str) {
        Some("pattern" | "patternProperties") => PATTERN_HELP.to_owned(),
        _ => error.masked_with("this").to_string(),
    };
    reader.note(place, message);
}

fn bounded(reader: &mut Reader, node: &Node, schema: &Value, budget: &mut Budget) {
    let mut walk =
        Walk { schema, budget, measured: HashMap::new(), open: vec![String::new()], faults: BTreeSet::new() };
    let size = walk.size_of(schema, &Pointer::default(), 0);
    if size.parts > MOST_PARTS {
        walk.faults.insert((Pointer::default(), Fault::TooLarge));
    }
    for (pointer, fault) in std::mem::take(&mut walk.faults) {
        reader.note(place(node, &pointer), fault.message());
    }
}

fn place(node: &Node, pointer: &Pointer) -> Place {
    node.place_of(pointer.steps())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    OutsideReference,
    MissingReference,
    Circle,
    Anchored,
    TooDeep,
    TooLarge,
    TooManyPatterns,
}

impl Fault {
    fn message(self) -> &'static str {
        match self {
            Self::OutsideReference => {
                "a `$ref` must lead into its own schema, e.g. `#/$defs/money`: nothing is fetched"
            }
            Self::MissingReference => "this `$ref` leads nowhere",
            Self::Circle => "this `$ref` leads in a circle",
            Self::Anchored => {
                "`$id`, `$anchor`, `$dynamicRef` and `$recursiveRef` are not taken (use `$ref: \"#/$defs/…\"`)"
            }
            Self::TooDeep => "nested too deeply",
            Self::TooLarge => "the schema is too large once every `$ref` is put in its place (at most 5,000 parts)",
            Self::TooManyPatterns => "the plan has too many patterns (at most 500)",
        }
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Size {
    parts: usize,
    height: usize,
}

/// Measures a schema with every reference put in its place, each target once.
struct Walk<'s> {
    schema: &'s Value,
    budget: &'s mut Budget,
    measured: HashMap<String, Size>,
    open: Vec<String>,
    faults: BTreeSet<(Pointer, Fault)>,
}

impl<'s> Walk<'s> {
    fn size_of(&mut self, value: &'s Value, at: &Pointer, depth: usize) -> Size {
        if depth > DEEPEST {
            self.faults.insert((at.clone(), Fault::TooDeep));
            return Size::default();
        }
        let inner: Vec<Size> = match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items.map(|(index, item)| self.size_of(item, &at.join(&index.to_string()), depth + 1)).collect()
            }
            Value::Object(fields) => {
                self.count_patterns(fields, at);
                fields.iter().map(|(key, value)| self.size_of_entry(key, value, at, depth)).collect()
            }
            _ => return Size::default(),
        };
        let own = usize::from(value.is_object());
        let parts = inner.iter().fold(own, |sum, size| sum.saturating_add(size.parts));
        Size { parts, height: 1 + inner.iter().map(|size| size.height).max().unwrap_or_default() }
    }

    fn size_of_entry(&mut self, key: &str, value: &'s Value, at: &Pointer, depth: usize) -> Size {
        match (key, value) {
            ("$ref", Value::String(reference)) => self.size_of_target(reference, &at.join(key), depth),
            ("$id" | "$anchor" | "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef", Value::String(_)) => {
                self.faults.insert((at.join(key), Fault::Anchored));
                Size::default()
            }
            _ => self.size_of(value, &at.join(key), depth + 1),
        }
    }

    fn size_of_target(&mut self, reference: &str, at: &Pointer, depth: usize) -> Size {
        let fault = match self.target(reference) {
            Err(fault) => fault,
            Ok((pointer, _)) if self.open.contains(&pointer) => Fault::Circle,
            Ok((pointer, value)) => {
                let size = match self.measured.get(&pointer) {
                    Some(size) => *size,
                    None => self.measure(pointer, value, depth),
                };
                if depth + size.height <= DEEPEST {
                    return size;
                }
                Fault::TooDeep
            }
        };
        self.faults.insert((at.clone(), fault));
        Size::default()
    }

    fn measure(&mut self, pointer: String, value: &'s Value, depth: usize) -> Size {
        self.open.push(pointer.clone());
        let at: Pointer = pointer.parse().unwrap_or_default();
        let size = self.size_of(value, &at, depth + 1);
        self.open.pop();
        self.measured.insert(pointer, size);
        size
    }

    fn target(&self, reference: &str) -> Result<(String, &'s Value), Fault> {
        let pointer = reference.strip_prefix('#').ok_or(Fault::OutsideReference)?;
        let plain = !pointer.contains('%') && (pointer.is_empty() || pointer.starts_with('/'));
        let found = if plain { self.schema.pointer(pointer) } else { None };
        found.map(|value| (pointer.to_owned(), value)).ok_or(Fault::MissingReference)
    }

    fn count_patterns(&mut self, fields: &serde_json::Map<String, Value>, at: &Pointer) {
        let named = fields.get("patternProperties").and_then(Value::as_object).map_or(0, serde_json::Map::len);
        let patterns = named + usize::from(fields.get("pattern").is_some_and(Value::is_string));
        match self.budget.patterns.checked_sub(patterns) {
            Some(left) => self.budget.patterns = left,
            None => {
                self.faults.insert((at.clone(), Fault::TooManyPatterns));
            }
        }
    }
}
