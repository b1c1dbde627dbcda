use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::json::JsonError;
use crate::value::{self, find};
use crate::{Clause, Property};

use fields::Fields;

mod fields;

/// A clause that is ready to be asked of many JSON texts: it knows which fields it needs, and reads no others.
///
/// JSON form: that of its clause, e.g. `{"property":"revenue","is":{"op":">","value":50}}`, joined by `and`, `or` and `not`.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    clause: Clause,
    keys: Vec<Box<str>>,
}

/// A function that a query engine must offer to run a [`crate::Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqlFunction {
    pub name: &'static str,
    /// What it takes and gives, in SQL's words.
    pub signature: &'static str,
    pub meaning: &'static str,
}

/// Every function that plans call beyond plain SQL and `to_timestamp_millis(BIGINT)`.
pub const SQL_FUNCTIONS: [SqlFunction; 1] = [SqlFunction {
    name: "sonder_holds",
    signature: "(json TEXT, condition TEXT) -> BOOLEAN, immutable, never null",
    meaning: "`Condition::from_json(condition)?.holds(json)`: the condition is always a constant, compiled once; a null or \
              non-object `json` is an object without fields",
}];

impl Condition {
    pub fn new(clause: Clause) -> Self {
        let mut keys: Vec<Box<str>> = Vec::new();
        for key in clause.leaves().into_iter().flat_map(|property| value::keys(&property.path)) {
            if !keys.iter().any(|known| **known == *key) {
                keys.push(key.into());
            }
        }
        Self { clause, keys }
    }

    /// Reads the JSON form.
    ///
    /// # Errors
    /// `invalid_rule_json` where the text is no such form; the message says where and what was expected.
    pub fn from_json(json: &str) -> Result<Self, JsonError> {
        crate::json::read(json)
    }

    /// Writes the JSON form, without spaces.
    pub fn to_json(&self) -> String {
        crate::json::write(self)
    }

    pub fn clause(&self) -> &Clause {
        &self.clause
    }

    /// Asks a JSON object's text. A missing text, and a text that is no object, have no fields; of equal keys the first counts.
    pub fn holds(&self, json: Option<&str>) -> bool {
        let fields = Fields::read(json.unwrap_or_default(), &self.keys);
        self.clause.holds(&|Property { path, check }| check.holds(find(path, |key| fields.get(key))))
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.clause.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Clause::deserialize(deserializer).map(Self::new)
    }
}
