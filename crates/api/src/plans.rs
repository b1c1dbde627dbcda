use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::ErrorDetail;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanList {
    pub data: Vec<PlanRow>,
}

/// A tracking plan in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanRow {
    pub name: String,
    pub version: u32,
    /// The sources that it applies to; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Vec<String>>,
    /// `allow`, `warn`, `drop_field` or `quarantine`: of rules that do not say otherwise.
    pub mode: String,
    /// The same for track events without a rule.
    pub unplanned_events: String,
    pub rules: u64,
    pub saved_at: String,
    /// Violations counted so far, over all versions.
    pub violations: u64,
}

/// A plan to be saved: its text, YAML or JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewPlan {
    pub plan: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedPlan {
    pub name: String,
    /// From 1; each save is the next one.
    pub version: u32,
}

/// Why a file was not taken: every mistake of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TextProblems {
    pub error: ErrorDetail,
    /// Absent where the body of the request itself could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<TextProblem>,
}

/// A mistake in a file, with its place, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TextProblem {
    pub line: u64,
    pub column: u64,
    pub message: String,
}

/// A plan with all that was ever saved of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanHistory {
    pub name: String,
    /// The text in force; absent where the plan is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
    /// Oldest first.
    pub versions: Vec<PlanVersionRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanVersionRow {
    pub version: u32,
    pub saved_at: String,
    /// From here on there was no such plan, until it was saved again.
    pub withdrawn: bool,
}

/// The text of one version, as it was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanText {
    pub name: String,
    pub version: u32,
    pub plan: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViolationList {
    /// Most frequent first.
    pub data: Vec<ViolationRow>,
    /// All of them together.
    pub total: u64,
}

/// How often events broke a plan in one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViolationRow {
    /// The version that saw it last.
    pub version: u32,
    /// A track's name, else the kind of event; `*` for all that were too many to tell apart.
    pub event: String,
    /// `required_missing`, `wrong_type`, `not_in_enum`, `pattern`, `unplanned_event`, `unplanned_property` or `other`.
    pub kind: String,
    /// A JSON pointer into the event.
    pub pointer: String,
    pub count: u64,
    pub first_seen: String,
    pub last_seen: String,
    /// The latest message ids, at most 5.
    pub samples: Vec<String>,
}

/// Asks for a plan from what events of the last days look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InferPlan {
    /// The source whose events are read; absent: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How many days back, by the time of receipt; 7 where it is absent.
    #[serde(default = "a_week", deserialize_with = "days")]
    #[schema(minimum = 1, maximum = 3650)]
    pub days: u32,
    /// Whether fields that were never seen are to be violations.
    #[serde(default)]
    pub closed: bool,
}

fn a_week() -> u32 {
    7
}

fn days<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let days = u32::deserialize(deserializer)?;
    if (1..=3_650).contains(&days) { Ok(days) } else { Err(D::Error::custom("days are 1 to 3,650")) }
}

/// A plan to be read, and then saved, by a person. Nothing was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InferredPlan {
    /// JSON.
    pub plan: String,
    /// Events that it was inferred from.
    pub events: u64,
    /// Facts of the journal that were read for them.
    pub facts: u64,
    /// The time of receipt from which events count.
    pub since: String,
    /// Whether there was more than was read, or more sorts of events than a plan may hold.
    pub partial: bool,
    pub seen: Vec<SeenSort>,
}

/// A sort of event that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeenSort {
    /// `track`, `page`, `screen`, `identify` or `group`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A track's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    pub events: u64,
    /// Fields, nested ones included.
    pub fields: u64,
    pub first_seen: String,
    pub last_seen: String,
}

/// Asks what a plan would say of an event. Nothing is saved, counted or stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanCheckRequest {
    /// The plan's text.
    pub plan: String,
    /// A message of the Segment HTTP API, with its `type`.
    #[schema(value_type = Object)]
    #[serde(deserialize_with = "object")]
    pub event: serde_json::Value,
    /// The source that the event is thought to be of; absent: one that the plan applies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a plan would say of an event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PlanCheck {
    /// `stored`, `quarantined` or `refused` (it is no message, whatever the plan says); absent where the plan has problems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Mistakes of the plan's text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<TextProblem>,
    pub violations: Vec<Violation>,
    /// How many violations there are beyond those told.
    pub more: u64,
    /// JSON pointers to the fields that would be removed.
    pub removed: Vec<String>,
    /// The event as it would go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub event: Option<serde_json::Value>,
}

/// A plan that an event does not keep to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BrokenPlan {
    pub plan: String,
    pub version: u32,
    pub violations: Vec<Violation>,
    /// How many violations there are beyond those told.
    pub more: u64,
}

/// One way in which an event is not as planned. It never holds the event's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Violation {
    /// The rule, e.g. `track: Order Completed`; `unplanned_events` where there is none.
    pub rule: String,
    /// A JSON pointer into the event.
    pub pointer: String,
    pub kind: String,
    /// What the plan asks for, e.g. `type: "number"`.
    pub expected: String,
    /// What the plan does about it.
    pub mode: String,
}

fn object<'de, D: Deserializer<'de>>(deserializer: D) -> Result<serde_json::Value, D::Error> {
    serde_json::Map::deserialize(deserializer).map(serde_json::Value::Object)
}
