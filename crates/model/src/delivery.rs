use kit::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Identifier, Ordinal, ProfileId, Raw};

/// What a destination is told about one person. It leaves only inside `consent::Permitted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Stable over retries: a receiver may use it to de-duplicate.
    pub id: String,
    pub destination: String,
    /// Empty where an event is forwarded.
    pub audience: String,
    pub profile: ProfileId,
    pub action: Action,
    pub identifiers: Vec<Identifier>,
    /// Empty unless the person enters.
    pub traits: serde_json::Map<String, serde_json::Value>,
    pub at: Timestamp,
    /// What is forwarded, where an event is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Box<Forwarded>>,
}

/// An event as a destination is told of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Forwarded {
    /// The number of the identifier that owns the event: the will of whoever holds it counts.
    pub owner: Ordinal,
    pub message_id: String,
    /// The event in Segment's envelope.
    pub body: Raw,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Enter,
    Exit,
    /// Something happened, and the destination follows events.
    Forward,
}
