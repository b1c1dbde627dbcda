use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{BrokenPlan, Cursor};

/// Events that plans hold back, by source and number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HeldList {
    pub data: Vec<HeldRow>,
    pub cursor: Cursor,
}

/// An event in the quarantine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HeldRow {
    pub source: String,
    /// From 1 in each source, in the order of arrival.
    pub number: u64,
    /// `waiting`, `replayed` or `dropped`.
    pub state: String,
    pub message_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// A track's name, else the kind of event.
    pub event: String,
    pub time: String,
    pub received_at: String,
    pub held_at: String,
    /// When it was replayed or dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<String>,
    /// The plans that it broke, and how.
    pub broken: Vec<BrokenPlan>,
    /// The event as it came.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
}

/// Which waiting events of a source are meant; what is absent fits all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HeldFilter {
    /// The plan that was broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// How it was broken, e.g. `wrong_type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// A track's name, else the kind of event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// Takes events out of the quarantine: these `numbers`, or all that wait and fit the `filter` (`{}`: all that wait).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayRequest {
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "numbers")]
    pub numbers: Option<Vec<u64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<HeldFilter>,
    /// The text of a mending file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
    /// Replays whatever the plans in force say.
    #[serde(default)]
    pub without_plans: bool,
    /// Tells what would happen, and does nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// What came of a replay. Events that were replayed or dropped before are in neither count.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReplayReport {
    pub dry_run: bool,
    /// Now in the journal, by number.
    pub replayed: u64,
    /// Those that go on waiting.
    pub stayed: u64,
    /// Why, for the first 100 of them.
    pub reasons: Vec<Stayed>,
    /// The first 5 as they would be replayed; only of a dry run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>)]
    pub samples: Vec<serde_json::Value>,
}

/// Why an event goes on waiting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Stayed {
    pub number: u64,
    /// `still_held`, or why it cannot be mended: `cannot_cast`, `place_taken`, `no_such_place`, `too_deep`, `no_identifier`.
    pub code: String,
    pub message: String,
    /// What the plans in force have against it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<BrokenPlan>,
}

/// Gives up events that wait: these `numbers`, or all that fit the `filter`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DropRequest {
    pub source: String,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "numbers")]
    pub numbers: Option<Vec<u64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<HeldFilter>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dropped {
    pub dropped: u64,
}

/// Numbers of events, as far as the document says that numbers go.
fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<u64>>, D::Error> {
    let numbers = Option::<Vec<u64>>::deserialize(deserializer)?;
    let is_too_large = |number: &u64| i64::try_from(*number).is_err();
    match numbers.iter().flatten().any(is_too_large) {
        true => Err(D::Error::custom("a number is too large")),
        false => Ok(numbers),
    }
}
