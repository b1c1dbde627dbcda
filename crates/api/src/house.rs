use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The whole house at a glance. All figures are of the moment `as_of`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Home {
    pub as_of: String,
    pub profiles: u64,
    /// Profiles of which more than a device is known.
    pub known: u64,
    pub identifiers: u64,
    pub events: u64,
    pub records: u64,
    pub links: u64,
    pub audiences: u64,
    /// Facts that are durable but not yet walked.
    pub waiting: u64,
    pub delivered: u64,
    pub blocked: u64,
    /// Events per minute over the last hour, oldest first, by time of receipt.
    pub minutes: Vec<MinuteCount>,
    pub sources: Vec<super::SourceRow>,
    pub destinations: Vec<super::DestinationRow>,
    pub version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MinuteCount {
    pub minute: String,
    pub events: u64,
}

/// The latest events, newest first. `GET /v1/live` gives them once, `GET /v1/live/stream` as server-sent events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LiveList {
    pub data: Vec<LiveEvent>,
}

/// An event and what it did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LiveEvent {
    pub seq: u64,
    pub message_id: String,
    /// `track`, `page`, `identify`, `record`, `link` …
    #[serde(rename = "type")]
    pub kind: String,
    pub event: String,
    pub source: String,
    pub time: String,
    pub received_at: String,
    /// The profile that the event belongs to now.
    pub profile: String,
    pub identifiers: Vec<String>,
    pub effects: Vec<LiveEffect>,
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
}

/// One thing that an event did, by room: `identity` “linked anonymous_id … to P17”, `profiles` “email changed”, `audiences` “entered vip_buyers” ….
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveEffect {
    pub room: String,
    pub text: String,
}

/// The way of one event through the rooms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Trace {
    pub message_id: String,
    pub source: String,
    pub seq: u64,
    pub received_at: String,
    pub profile: String,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// `collect`, `journal`, `identity`, `profiles`, `audiences`, `activation`.
    pub room: String,
    pub at: String,
    pub took_us: u64,
    pub what: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    /// One read-only statement over the tables of the lake.
    pub sql: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SqlAnswer {
    pub columns: Vec<String>,
    #[schema(value_type = Vec<Object>)]
    pub rows: Vec<serde_json::Value>,
    pub truncated: bool,
    pub took_ms: f64,
}
