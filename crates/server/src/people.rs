use activation::People;
use model::{Identifier, Ordinal, ProfileId};
use serde_json::{Map, Value};
use store::{Read, StoreError};

/// Answers the questions that one room has about people from the rooms that know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rooms;

impl People for Rooms {
    fn holder(&self, read: &dyn Read, owner: Ordinal) -> Result<Option<ProfileId>, StoreError> {
        identity::holder(read, owner)
    }

    fn members(&self, read: &dyn Read, profile: ProfileId) -> Result<Vec<Ordinal>, StoreError> {
        identity::members(read, profile)
    }

    fn identifiers(&self, read: &dyn Read, profile: ProfileId) -> Result<Vec<Identifier>, StoreError> {
        let mut identifiers = Vec::new();
        for ordinal in identity::members(read, profile)? {
            identifiers.extend(identity::node(read, ordinal)?.map(|node| node.identifier()));
        }
        Ok(identifiers)
    }

    fn traits(&self, read: &dyn Read, profile: ProfileId) -> Result<Map<String, Value>, StoreError> {
        profiles::traits(read, &identity::members(read, profile)?)
    }

    fn is_member(&self, read: &dyn Read, audience: &str, profile: ProfileId) -> Result<bool, StoreError> {
        audiences::is_member(read, audience, profile)
    }
}
