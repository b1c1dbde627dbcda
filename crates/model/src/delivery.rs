use kit::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Identifier, ProfileId};

/// What a destination is told about one person. It leaves only inside `consent::Permitted`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Stable over retries: a receiver may use it to de-duplicate.
    pub id: String,
    pub destination: String,
    pub audience: String,
    pub profile: ProfileId,
    pub action: Action,
    pub identifiers: Vec<Identifier>,
    /// Empty when the person leaves.
    pub traits: serde_json::Map<String, serde_json::Value>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Enter,
    Exit,
}
