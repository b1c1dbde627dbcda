use kit::Timestamp;
use model::Raw;
use serde_json::{Number, Value};

/// A type that a value can be brought to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum As {
    Text,
    Number,
    Integer,
    Boolean,
    /// RFC 3339 in UTC; a number is milliseconds since 1970.
    Time,
}

impl As {
    pub(super) const WORDS: &[&str] = &["text", "number", "integer", "boolean", "time"];

    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "text" => Self::Text,
            "number" => Self::Number,
            "integer" => Self::Integer,
            "boolean" => Self::Boolean,
            "time" => Self::Time,
            _ => return None,
        })
    }

    /// Returns the value as that type; `None` when it cannot be. What is of the type already keeps its text.
    pub(super) fn cast(self, raw: &Raw) -> Option<Raw> {
        let value: Value = serde_json::from_str(raw.text()).ok()?;
        match (self, &value) {
            (Self::Text, Value::String(_)) | (Self::Number, Value::Number(_)) | (Self::Boolean, Value::Bool(_)) => {
                Some(raw.clone())
            }
            (Self::Text, Value::Number(_) | Value::Bool(_)) => Raw::of(raw.text()).ok(),
            (Self::Number, Value::String(text)) => number(text),
            (Self::Integer, Value::Number(number)) => integer(number),
            (Self::Integer, Value::String(text)) => integer(&serde_json::from_str(text.trim()).ok()?),
            (Self::Boolean, _) => Raw::of(&boolean(&value)?).ok(),
            (Self::Time, _) => Raw::of(&time(&value)?.to_string()).ok(),
            _ => None,
        }
    }
}

/// The text itself, where it is a number as JSON writes it: `8911407.90` keeps its zero.
fn number(text: &str) -> Option<Raw> {
    let text = text.trim();
    serde_json::from_str::<Number>(text).ok()?;
    Raw::from_text(text.to_owned()).ok()
}

fn integer(number: &Number) -> Option<Raw> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.is_i64() || number.is_u64() {
        return Raw::of(number).ok();
    }
    let value = number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() <= EXACT)?;
    Raw::of(&(value as i64)).ok()
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Some(true),
            "false" | "no" | "0" => Some(false),
            _ => None,
        },
        Value::Number(number) => match number.as_f64()? {
            0.0 => Some(false),
            1.0 => Some(true),
            _ => None,
        },
        _ => None,
    }
}

fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::String(text) => Timestamp::parse(text).ok(),
        Value::Number(number) => {
            number.as_i64().map(Timestamp::from_ms).filter(|time| !time.to_string().ends_with("ms"))
        }
        _ => None,
    }
}
