use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to accepted events: they are durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    pub success: bool,
    /// How many events were stored.
    pub accepted: u64,
    /// Those items of a batch that were refused; everything beside them was stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refused {
    /// The item's place in the batch, from 0.
    pub index: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    pub code: String,
    pub message: String,
}

/// A source that may send events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewSource {
    /// A lower-case word, e.g. `web`.
    pub name: String,
}

/// A source with its write key, shown when it is made or asked for by an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceKey {
    pub name: String,
    pub write_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceList {
    pub data: Vec<SourceRow>,
}

/// A source and how it fares. `state` is `live` (a fact in the last 5 minutes), `quiet`, `failing` (refusals in the last 5 minutes) or `waiting` (nothing yet).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SourceRow {
    pub name: String,
    pub state: String,
    pub facts: u64,
    pub refused: u64,
    /// Messages that came again and were recognised.
    pub repeated: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// Whether it has a write key (sources that only import files have none).
    pub has_write_key: bool,
}

/// What became of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    pub source: String,
    pub rows: u64,
    pub facts: u64,
    pub skipped: u64,
    pub refused: u64,
    /// Where the refused rows are, relative to the data folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<String>,
    /// The first few refusals.
    pub samples: Vec<Refused>,
}
