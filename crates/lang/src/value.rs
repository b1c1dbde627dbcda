//! What a value is asked. This is the only place that knows how a JSON value compares with a literal.

use std::cmp::Ordering;

use kit::Timestamp;
use serde_json::Value;

/// A value that stands in a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    Text(String),
    /// Finite.
    Number(f64),
    Bool(bool),
    /// `time('2026-01-01')`: compares moments, whatever offset the text of the value is written in.
    Time(Timestamp),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What is asked of one value. A value that is missing or `null` passes no check.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// It is there.
    Exists,
    /// Values of different types do not compare: then only `!=` passes.
    Compare(Comparison, Literal),
    /// A text holds this text, or a list holds this value.
    Contains(Literal),
    StartsWith(String),
    /// It equals one of these; at least one.
    OneOf(Vec<Literal>),
}

impl Check {
    pub fn holds(&self, value: Option<&Value>) -> bool {
        let Some(value) = value.filter(|value| !value.is_null()) else { return false };
        match self {
            Self::Exists => true,
            Self::Compare(Comparison::NotEqual, literal) => !literal.equals(value),
            Self::Compare(comparison, literal) => literal.order(value).is_some_and(|order| comparison.accepts(order)),
            Self::Contains(literal) => contains(value, literal),
            Self::StartsWith(start) => value.as_str().is_some_and(|text| text.starts_with(start.as_str())),
            Self::OneOf(literals) => literals.iter().any(|literal| literal.equals(value)),
        }
    }

    /// Says what is wrong with the check, if anything: a stable code and a message.
    pub(crate) fn flaw(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Compare(comparison, Literal::Bool(_)) if !comparison.is_equality() => {
                Some(("no_order", "`true` and `false` have no order: use `=` or `!=`".to_owned()))
            }
            Self::OneOf(literals) if literals.is_empty() => {
                Some(("empty_list", "`in (…)` needs at least one value".to_owned()))
            }
            _ => None,
        }
    }
}

impl Comparison {
    pub const ALL: [Self; 6] = [Self::Equal, Self::NotEqual, Self::Less, Self::AtMost, Self::Greater, Self::AtLeast];

    /// As written in both forms of a rule, and in SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    /// Whether a left side that stands in this order to the right side passes.
    pub fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
        }
    }

    /// The comparison that holds exactly where this one does not.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Equal => Self::NotEqual,
            Self::NotEqual => Self::Equal,
            Self::Less => Self::AtLeast,
            Self::AtMost => Self::Greater,
            Self::Greater => Self::AtMost,
            Self::AtLeast => Self::Less,
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|comparison| comparison.as_str() == text)
    }

    fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }
}

impl Literal {
    fn equals(&self, value: &Value) -> bool {
        self.order(value).is_some_and(Ordering::is_eq)
    }

    /// How `value` stands to this literal; `None` where the two have different types.
    fn order(&self, value: &Value) -> Option<Ordering> {
        match (value, self) {
            (Value::String(value), Self::Text(text)) => Some(value.as_str().cmp(text)),
            (Value::Number(value), Self::Number(number)) => value.as_f64()?.partial_cmp(number),
            (Value::Bool(value), Self::Bool(truth)) => Some(value.cmp(truth)),
            (Value::String(value), Self::Time(time)) => Timestamp::parse(value).ok().map(|value| value.cmp(time)),
            _ => None,
        }
    }
}

/// Finds a value by its name: the whole name as a key first, then as a path of dots into nested objects. `null` counts as missing.
pub(crate) fn find<'v>(name: &str, get: impl Fn(&str) -> Option<&'v Value>) -> Option<&'v Value> {
    if let Some(whole) = get(name).filter(|value| !value.is_null()) {
        return Some(whole);
    }
    let (root, path) = name.split_once('.')?;
    path.split('.').try_fold(get(root)?, |value, key| value.get(key))
}

/// The keys that [`find`] may ask for.
pub(crate) fn keys(name: &str) -> impl Iterator<Item = &str> {
    std::iter::once(name).chain(name.split_once('.').map(|(root, _)| root))
}

fn contains(value: &Value, literal: &Literal) -> bool {
    match (value, literal) {
        (Value::String(value), Literal::Text(part)) => value.contains(part.as_str()),
        (Value::Array(values), literal) => values.iter().any(|value| literal.equals(value)),
        _ => false,
    }
}
