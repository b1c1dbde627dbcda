use model::{Identifier, Ordinal, ProfileId};
use serde_json::{Map, Value};
use store::{Read, StoreError};

/// What this room asks about people. The server answers from the rooms that know.
///
/// Each question brings the state to answer from: the walker's draft while planning, the store while sending.
pub trait People: Send + Sync {
    /// The profile that holds the identifier of this number now.
    fn holder(&self, read: &dyn Read, owner: Ordinal) -> Result<Option<ProfileId>, StoreError>;

    /// The ordinals of a profile's identifiers, whose decisions count as the profile's. Empty when there is no such profile.
    fn members(&self, read: &dyn Read, profile: ProfileId) -> Result<Vec<Ordinal>, StoreError>;

    /// The identifiers that destinations are told.
    fn identifiers(&self, read: &dyn Read, profile: ProfileId) -> Result<Vec<Identifier>, StoreError>;

    /// The winning traits.
    fn traits(&self, read: &dyn Read, profile: ProfileId) -> Result<Map<String, Value>, StoreError>;

    fn is_member(&self, read: &dyn Read, audience: &str, profile: ProfileId) -> Result<bool, StoreError>;
}

/// A profile about which something changed: a trait, a membership, a decision, an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    pub profile: ProfileId,
    /// The profile of which this one has become a part.
    pub gone_into: Option<ProfileId>,
}

impl Touched {
    pub fn profile(profile: ProfileId) -> Self {
        Self { profile, gone_into: None }
    }

    pub fn gone(profile: ProfileId, into: ProfileId) -> Self {
        Self { profile, gone_into: Some(into) }
    }
}
