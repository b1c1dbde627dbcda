use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// A JSON object kept as the text that arrived, and read only where someone asks for a field.
///
/// Measured (`docs/decisions`): keeping text beats building a tree for every event by more than four times.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Raw(Box<RawValue>);

impl Raw {
    /// Writes a value down as text.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Self> {
        to_raw_value(value).map(Self)
    }

    /// Takes a JSON text as it is, after checking that it is JSON.
    pub fn from_text(text: String) -> serde_json::Result<Self> {
        RawValue::from_string(text).map(Self)
    }

    pub fn text(&self) -> &str {
        self.0.get()
    }

    /// Reads the whole text into a tree. Anything but an object gives an empty one.
    pub fn object(&self) -> serde_json::Map<String, serde_json::Value> {
        serde_json::from_str(self.text()).unwrap_or_default()
    }
}

impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}
