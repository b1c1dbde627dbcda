//! The JSON form of rules, conditions and their parts; the README shows it.

use kit::{Coded, Timestamp};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::tree::Leaf;
use crate::{Check, Comparison, Condition, Count, Literal, MAX_DEPTH, Property, Question, Tree, Window};

/// A JSON text that is no rule, or no condition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the JSON form cannot be read: {reason}")]
pub struct JsonError {
    reason: String,
}

impl Coded for JsonError {
    fn code(&self) -> &'static str {
        "invalid_rule_json"
    }
}

pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T, JsonError> {
    serde_json::from_str(json).map_err(|error| JsonError { reason: error.to_string() })
}

pub(crate) fn write<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("the form has text keys and writes to memory")
}

impl<L: Serialize> Serialize for Tree<L> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::And(parts) => one_entry(serializer, "and", parts),
            Self::Or(parts) => one_entry(serializer, "or", parts),
            Self::Not(part) => one_entry(serializer, "not", part),
            Self::Leaf(question) => question.serialize(serializer),
        }
    }
}

impl<'de, L: Leaf + DeserializeOwned> Deserialize<'de> for Tree<L> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let tree = tree(Value::deserialize(deserializer)?).map_err(D::Error::custom)?;
        if tree.depth() > MAX_DEPTH {
            return Err(D::Error::custom(format!("`and`, `or` and `not` are nested in more than {MAX_DEPTH} levels")));
        }
        Ok(tree)
    }
}

impl Serialize for Question {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Trait { name, check } => subject_is(serializer, "trait", name, check),
            Self::Audience(name) => one_entry(serializer, "audience", name),
            Self::Count(count) => {
                let mut map = serializer.serialize_map(Some(3))?;
                map.serialize_entry("count", &CountedEvents(count))?;
                map.serialize_entry("op", count.comparison.as_str())?;
                map.serialize_entry("number", &count.number)?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Question {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        QuestionForm::deserialize(deserializer)?.read().map_err(D::Error::custom)
    }
}

impl Serialize for Property {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        subject_is(serializer, "property", &self.path, &self.check)
    }
}

impl<'de> Deserialize<'de> for Property {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let PropertyForm { property, is } = PropertyForm::deserialize(deserializer)?;
        Ok(Self { path: named("property", property).map_err(D::Error::custom)?, check: is })
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Exists => map.serialize_entry("op", "exists")?,
            Self::Compare(comparison, literal) => operation(&mut map, comparison.as_str(), "value", literal)?,
            Self::Contains(literal) => operation(&mut map, "contains", "value", literal)?,
            Self::StartsWith(start) => operation(&mut map, "starts with", "value", start)?,
            Self::OneOf(literals) => operation(&mut map, "in", "values", literals)?,
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Check {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        CheckForm::deserialize(deserializer)?.read().map_err(D::Error::custom)
    }
}

impl Serialize for Literal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) if is_whole(*number) => serializer.serialize_i64(*number as i64),
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Bool(truth) => serializer.serialize_bool(*truth),
            Self::Time(time) => one_entry(serializer, "time", time),
        }
    }
}

impl<'de> Deserialize<'de> for Literal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Bool(truth) => Ok(Self::Bool(truth)),
            Value::Number(number) => number.as_f64().map(Self::Number).ok_or_else(|| D::Error::custom(LITERAL)),
            Value::Object(map) if map.len() == 1 && map.contains_key("time") => {
                serde_json::from_value(map["time"].clone()).map(Self::Time).map_err(D::Error::custom)
            }
            _ => Err(D::Error::custom(LITERAL)),
        }
    }
}

const LITERAL: &str = "a value is a text, a number, `true`, `false` or `{\"time\": \"2026-01-01\"}`";

/// `{"event": …, "where": …, "window": …}`, without what is not said.
struct CountedEvents<'c>(&'c Count);

impl Serialize for CountedEvents<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Count { event, condition, window, .. } = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("event", event)?;
        if let Some(condition) = condition {
            map.serialize_entry("where", condition)?;
        }
        if let Some(window) = WindowForm::of(*window) {
            map.serialize_entry("window", &window)?;
        }
        map.end()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum WindowForm {
    LastMs(u64),
    Since(Timestamp),
    Between(Timestamp, Timestamp),
}

impl WindowForm {
    fn of(window: Window) -> Option<Self> {
        match window {
            Window::Always => None,
            Window::LastMs(ms) => Some(Self::LastMs(ms)),
            Window::Since(from) => Some(Self::Since(from)),
            Window::Between(from, to) => Some(Self::Between(from, to)),
        }
    }

    fn read(self) -> Result<Window, String> {
        let window = match self {
            Self::LastMs(ms) => Window::LastMs(ms),
            Self::Since(from) => Window::Since(from),
            Self::Between(from, to) => Window::Between(from, to),
        };
        window.flaw().map_or(Ok(window), |(_, message)| Err(message))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionForm {
    r#trait: Option<String>,
    is: Option<Check>,
    count: Option<CountForm>,
    op: Option<String>,
    number: Option<u32>,
    audience: Option<String>,
}

impl QuestionForm {
    fn read(self) -> Result<Question, String> {
        match self {
            Self { r#trait: Some(name), is: Some(check), count: None, op: None, number: None, audience: None } => {
                Ok(Question::Trait { name: named("trait", name)?, check })
            }
            Self { r#trait: None, is: None, count: Some(count), op, number, audience: None } => {
                count.read(op, number).map(Question::Count)
            }
            Self { r#trait: None, is: None, count: None, op: None, number: None, audience: Some(name) } => {
                Ok(Question::Audience(named("audience", name)?))
            }
            _ => Err("a question has `trait` and `is`, or `count`, `op` and `number`, or `audience`".to_owned()),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CountForm {
    event: String,
    r#where: Option<Condition>,
    window: Option<WindowForm>,
}

impl CountForm {
    /// A count that is not compared means `>= 1`.
    fn read(self, op: Option<String>, number: Option<u32>) -> Result<Count, String> {
        let (op, number) = match (op, number) {
            (Some(op), Some(number)) => (op, number),
            (None, None) => (">=".to_owned(), 1),
            _ => return Err("a count is compared with both `op` and `number`, or with neither".to_owned()),
        };
        Ok(Count {
            event: named("event", self.event)?,
            condition: self.r#where,
            window: self.window.map_or(Ok(Window::Always), WindowForm::read)?,
            comparison: Comparison::read(&op).ok_or("a count is compared by `=`, `!=`, `<`, `<=`, `>` or `>=`")?,
            number,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PropertyForm {
    property: String,
    is: Check,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckForm {
    op: String,
    value: Option<Literal>,
    values: Option<Vec<Literal>>,
}

impl CheckForm {
    fn read(self) -> Result<Check, String> {
        let check = match (self.op.as_str(), self.value, self.values) {
            ("exists", None, None) => Check::Exists,
            ("contains", Some(value), None) => Check::Contains(value),
            ("starts with", Some(Literal::Text(start)), None) => Check::StartsWith(start),
            ("in", None, Some(values)) => Check::OneOf(values),
            (op, Some(value), None) if Comparison::read(op).is_some() => {
                Check::Compare(Comparison::read(op).expect("it was just read"), value)
            }
            _ => return Err(CHECK.to_owned()),
        };
        check.flaw().map_or(Ok(check), |(_, message)| Err(message))
    }
}

const CHECK: &str = "a check has an `op` of `=`, `!=`, `<`, `<=`, `>`, `>=`, `contains` or `starts with` (a text) and its `value`, \
                     or `in` and its `values`, or `exists` alone";

fn tree<L: Leaf + DeserializeOwned>(value: Value) -> serde_json::Result<Tree<L>> {
    let Value::Object(mut map) = value else {
        return Err(serde_json::Error::custom("a rule is an object: `and`, `or`, `not` or a question"));
    };
    for (joint, join) in [("and", Tree::And as fn(Vec<_>) -> _), ("or", Tree::Or)] {
        if let Some(parts) = alone(&mut map, joint)? {
            return join_all(serde_json::from_value(parts)?, joint, join);
        }
    }
    match alone(&mut map, "not")? {
        Some(part) => Ok(Tree::Not(Box::new(tree(part)?))),
        None => serde_json::from_value(Value::Object(map)).map(Tree::Leaf),
    }
}

fn join_all<L: Leaf + DeserializeOwned>(
    parts: Vec<Value>,
    joint: &str,
    join: fn(Vec<Tree<L>>) -> Tree<L>,
) -> serde_json::Result<Tree<L>> {
    let mut parts = parts.into_iter().map(tree).collect::<Result<Vec<_>, _>>()?;
    match parts.pop() {
        None => Err(serde_json::Error::custom(format!("`{joint}` needs at least one part"))),
        Some(only) if parts.is_empty() => Ok(only),
        Some(last) => {
            parts.push(last);
            Ok(join(parts))
        }
    }
}

/// Takes the field `key`, which may have no neighbours.
fn alone(map: &mut Map<String, Value>, key: &str) -> serde_json::Result<Option<Value>> {
    match map.remove(key) {
        Some(_) if !map.is_empty() => Err(serde_json::Error::custom(format!("`{key}` stands alone in its object"))),
        taken => Ok(taken),
    }
}

fn named(what: &str, name: String) -> Result<String, String> {
    if name.is_empty() { Err(format!("the name of the {what} is empty")) } else { Ok(name) }
}

fn one_entry<S: Serializer>(serializer: S, key: &str, value: &impl Serialize) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry(key, value)?;
    map.end()
}

fn subject_is<S: Serializer>(serializer: S, kind: &str, name: &str, check: &Check) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(2))?;
    map.serialize_entry(kind, name)?;
    map.serialize_entry("is", check)?;
    map.end()
}

fn operation<M: SerializeMap>(map: &mut M, op: &str, key: &str, value: &impl Serialize) -> Result<(), M::Error> {
    map.serialize_entry("op", op)?;
    map.serialize_entry(key, value)
}

/// Whether a whole number loses nothing as an integer; so that 3 is written `3`.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 9e15 && !(number == 0.0 && number.is_sign_negative())
}
