use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// A destination to be made: its kind's options are described by `GET /v1/destinations/kinds`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDestination {
    pub name: String,
    /// `webhook` or `file`.
    pub kind: String,
    /// The audience that it follows. Empty, or absent, where it follows `events`.
    #[serde(default)]
    pub audience: String,
    /// The events that it follows instead, where its kind takes events.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "object")]
    pub events: Option<FollowedEvents>,
    /// The purpose for which people must have given consent, e.g. `email_marketing`.
    pub purpose: String,
    #[schema(value_type = Object)]
    pub options: serde_json::Value,
}

/// Which events a destination is told of. An empty list means all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FollowedEvents {
    /// Names of track events, or kinds: `page`, `screen`, `identify`, `group`, `alias`.
    #[serde(default)]
    pub names: Vec<String>,
    #[serde(default)]
    pub sources: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DestinationList {
    pub data: Vec<DestinationRow>,
}

/// A destination and how it fares: `state` is `ok`, `failing`, `waiting` (nothing sent yet).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DestinationRow {
    pub name: String,
    pub kind: String,
    /// Empty where it follows events.
    pub audience: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<FollowedEvents>,
    pub purpose: String,
    pub state: String,
    /// Why the last call did not arrive, where `state` is `failing`, e.g. `401 (the token is not accepted)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    pub delivered: u64,
    /// Refused by consent.
    pub blocked: u64,
    pub waiting: u64,
    /// Given up after all retries.
    pub dead: u64,
    /// Options with secrets hidden.
    #[schema(value_type = Object)]
    pub options: serde_json::Value,
}

/// How many dead letters were put back. Those that later deliveries have overtaken stay dead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Retried {
    pub retried: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DestinationKindList {
    pub data: Vec<DestinationKind>,
}

/// A kind of destination, with the schema from which its form is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DestinationKind {
    pub name: String,
    pub title: String,
    pub about: String,
    /// Whether it can follow events instead of an audience.
    #[serde(default)]
    pub takes_events: bool,
    /// JSON Schema of the options.
    #[schema(value_type = Object)]
    pub options: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryList {
    pub data: Vec<DeliveryRow>,
}

/// One line of the ledger. `outcome` is `delivered`, `blocked`, `waiting` or `dead`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryRow {
    pub id: String,
    pub destination: String,
    /// Empty where an event is forwarded.
    pub audience: String,
    pub profile: String,
    /// `enter`, `exit` or `forward`.
    pub action: String,
    pub outcome: String,
    pub attempts: u64,
    /// The receiver's answer, or why consent refused.
    pub reason: String,
    pub at: String,
}

/// Reads an object and nothing else: a struct could be read from a list, too.
fn object<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let fields = Option::<serde_json::Map<String, serde_json::Value>>::deserialize(deserializer)?;
    fields.map(|fields| serde_json::from_value(fields.into()).map_err(D::Error::custom)).transpose()
}
