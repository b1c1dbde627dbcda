use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a list goes on. Give `next` back as `?next=` to read the following page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cursor {
    pub has_more: bool,
    pub limit: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileList {
    pub data: Vec<ProfileRow>,
    pub cursor: Cursor,
    /// How many profiles there are in all.
    pub total: u64,
    /// Whether a search left people out: more words find them.
    #[serde(default)]
    pub truncated: bool,
}

/// One person (or anonymous visitor) in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileRow {
    pub id: String,
    /// A name, an e-mail or the first identifier: whatever tells people apart best.
    pub label: String,
    /// Whether anything but devices is known.
    pub known: bool,
    pub identifiers: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
}

/// `GET /v1/profiles/{id}/traits`. `traits` is the plain object; in `data` each comes with its source and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TraitList {
    #[schema(value_type = Object)]
    pub traits: serde_json::Map<String, serde_json::Value>,
    pub data: Vec<TraitRow>,
}

/// The winning value of a trait: the latest by time, then by place in the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TraitRow {
    pub name: String,
    pub value: serde_json::Value,
    pub source: String,
    pub time: String,
    /// The identifier whose fact says so.
    pub identifier: String,
    /// Other values that lost, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExternalIdList {
    pub data: Vec<ExternalId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExternalId {
    /// The kind, e.g. `email`.
    #[serde(rename = "type")]
    pub kind: String,
    pub id: String,
    pub first_seen: String,
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventList {
    pub data: Vec<EventRow>,
    pub cursor: Cursor,
}

/// One event of a timeline, newest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EventRow {
    pub seq: u64,
    pub message_id: String,
    /// `track`, `page`, `identify` …
    #[serde(rename = "type")]
    pub kind: String,
    /// The event's name, else its kind.
    pub event: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub source: String,
    pub time: String,
    /// The identifier that owns the event.
    pub identifier: String,
    #[schema(value_type = Object)]
    pub properties: serde_json::Value,
    #[schema(value_type = Object)]
    pub context: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Metadata {
    pub id: String,
    pub label: String,
    pub known: bool,
    pub created_at: String,
    pub last_seen: String,
    pub events: u64,
    /// Ids that this profile had, or whose profiles became part of it.
    pub previous_ids: Vec<String>,
    /// Decisions by purpose, e.g. `email_marketing: granted`.
    #[schema(value_type = Object)]
    pub consents: std::collections::BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileAudienceList {
    pub data: Vec<ProfileAudience>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileAudience {
    pub audience: String,
    pub since: String,
}

/// The identity graph of one profile: identifiers and the evidence between them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Graph {
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GraphNode {
    /// `kind:value`.
    pub id: String,
    pub kind: String,
    pub value: String,
    /// Whether it belongs to this profile (refused edges lead to others).
    pub inside: bool,
    pub profile: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GraphEdge {
    pub a: String,
    pub b: String,
    pub accepted: bool,
    /// `together` for a fact that carried both, or the operator's word.
    pub reason: String,
    pub source: String,
    pub time: String,
}

/// An operator's word about two identifiers: `always`, `never` or `withdrawn`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkRequest {
    pub a: String,
    pub b: String,
    pub verdict: String,
    #[serde(default)]
    pub reason: String,
}
