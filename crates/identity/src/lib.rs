#![doc = include_str!("../README.md")]

mod graph;
mod rules;
mod tables;

pub use graph::{
    Edge, IdChange, Member, Node, Refusal, Standing, Step, Totals, Word, component, edges, history, is_hub, node,
    ordinal, step, totals, words,
};
pub use rules::{Hub, Kind, Pattern, Rules};
pub use tables::TABLES;

use model::{Identifier, Ordinal, ProfileId};
use store::{Read, StoreError};

/// Returns the profile that an identifier belongs to now.
pub fn profile_of(read: &dyn Read, identifier: &Identifier) -> Result<Option<ProfileId>, StoreError> {
    match ordinal(read, identifier)? {
        Some(ordinal) => holder(read, ordinal),
        None => Ok(None),
    }
}

/// Returns the profile that holds the identifier with this number now. A profile id that was merged away is found the same way.
pub fn holder(read: &dyn Read, ordinal: Ordinal) -> Result<Option<ProfileId>, StoreError> {
    Ok(node(read, ordinal)?.map(|node| ProfileId(node.root)))
}

/// Returns the numbers of a profile's identifiers; empty when there is no such profile now.
pub fn members(read: &dyn Read, profile: ProfileId) -> Result<Vec<Ordinal>, StoreError> {
    Ok(component(read, profile.0)?.into_iter().map(|member| member.ordinal).collect())
}

/// Returns whether more than devices is known of a profile.
pub fn is_known(rules: &Rules, members: &[Member]) -> bool {
    members.iter().any(|member| !rules.is_device(&member.kind))
}

/// Visits profiles from the newest (or from below `before`) to the oldest, until `visit` returns `false`.
pub fn each_profile(
    read: &dyn Read,
    before: Option<ProfileId>,
    visit: &mut dyn FnMut(ProfileId, Vec<Member>) -> Result<bool, StoreError>,
) -> Result<(), StoreError> {
    let after = before.map(|profile| profile.0.to_be_bytes());
    let range = store::Range::default().backward().after(after.as_ref().map(|key| key.as_slice()));
    read.scan(&tables::COMPONENTS, range, &mut |key, value| {
        let root = store::read_u32(key, 0).unwrap_or_default();
        visit(ProfileId(root), store::from_bytes(&tables::COMPONENTS, value)?)
    })
}
