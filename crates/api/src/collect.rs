use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The answer to accepted events: they are durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    pub success: bool,
    /// How many events were stored.
    pub accepted: u64,
    /// How many events a tracking plan holds back: they are kept, and wait in the quarantine.
    #[serde(default, skip_serializing_if = "is_none")]
    pub quarantined: u64,
    /// Those items of a batch that were refused; everything beside them was stored.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Refused>,
    /// What became of each message, in the order of the request; where it was asked for (`?verdicts=1`, or the header `x-verdicts`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<Vec<Verdict>>,
}

/// What became of one message: `stored`, `quarantined` or `refused`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verdict {
    /// The message's place in the request, from 0.
    pub index: u64,
    pub verdict: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The plan that holds it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Why it was refused, or how it breaks the plan, e.g. `wrong_type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

/// A message that was refused lately, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedLately {
    pub at: String,
    pub code: String,
    pub message: String,
    /// What mends it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The beginning of what was sent.
    pub sample: String,
}

/// The latest refusals of a source, newest first, since the server was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RefusedList {
    pub source: String,
    /// All of them, also those that are not listed any more.
    pub total: u64,
    pub data: Vec<RefusedLately>,
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
#[serde(deny_unknown_fields)]
pub struct NewSource {
    /// A lower-case word, e.g. `web`.
    pub name: String,
    /// The write key that clients have already; a fresh one where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_key: Option<String>,
    /// Whether answers at the source's doors may tell who a person is (Unomi's `context.json`): only where that is wanted, for write keys stand
    /// in pages that anybody can read.
    #[serde(default)]
    pub tells_profiles: bool,
    /// For how many days after a message another one with its id is the same one (1 to 3,650; 30 where nothing is said).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedupe_days: Option<u32>,
}

/// One more write key for a source: the given one, or a fresh one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub write_key: Option<String>,
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
    /// Events that wait in the quarantine.
    #[serde(default)]
    pub quarantined: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// Whether it has a write key (sources that only import files have none).
    pub has_write_key: bool,
}
