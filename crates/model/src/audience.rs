use kit::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ProfileId;

/// That a profile is in an audience, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub audience: String,
    pub profile: ProfileId,
    pub since: Timestamp,
}

/// A profile entered or left an audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    pub audience: String,
    pub profile: ProfileId,
    pub entered: bool,
    pub at: Timestamp,
    pub cause: MoveCause,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveCause {
    /// A fact changed the answer.
    Fact,
    /// Time alone changed the answer.
    Time,
    /// The profile became part of another one, or parted from it.
    Identity,
    /// The rule was created or changed.
    Definition,
}
