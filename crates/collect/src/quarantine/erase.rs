use kit::Timestamp;
use model::Identifier;
use store::{Draft, Range, Read, StoreError};

use super::aside::{ASIDE, Aside};
use super::held::{self, State};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    pub events: u64,
    pub removed_fields: u64,
}

/// Removes every event, and every removed field, that carries an identifier of a person. Walks over all rows.
pub fn erase(draft: &mut Draft<'_>, is_persons: &dyn Fn(&Identifier) -> bool) -> Result<Erased, StoreError> {
    let mut theirs = Vec::new();
    held::each(draft, None, None, &mut |held| {
        if held.event.identifiers.iter().any(is_persons) {
            theirs.push(held);
        }
        true
    })?;
    for held in &theirs {
        held::remove(draft, held)?;
    }
    let fields = erase_asides(draft, &|aside| aside.identifiers.iter().any(is_persons))?;
    Ok(Erased { events: theirs.len() as u64, removed_fields: fields })
}

/// Removes events that were replayed or dropped before a time, and fields that were removed before it. What waits stays.
pub fn sweep(draft: &mut Draft<'_>, before: Timestamp) -> Result<Erased, StoreError> {
    let mut settled = Vec::new();
    held::each(draft, None, None, &mut |held| {
        if held.state != State::Waiting && held.settled_at.is_some_and(|at| at < before) {
            settled.push(held);
        }
        true
    })?;
    for held in &settled {
        held::remove(draft, held)?;
    }
    let fields = erase_asides(draft, &|aside| aside.removed_at < before)?;
    Ok(Erased { events: settled.len() as u64, removed_fields: fields })
}

fn erase_asides(draft: &mut Draft<'_>, goes: &dyn Fn(&Aside) -> bool) -> Result<u64, StoreError> {
    let mut keys = Vec::new();
    draft.scan(&ASIDE, Range::default(), &mut |key, bytes| {
        let aside: Aside = serde_json::from_slice(bytes)
            .map_err(|_| StoreError::Corrupt { table: ASIDE.name, reason: "not removed fields".to_owned() })?;
        if goes(&aside) {
            keys.push(key.to_vec());
        }
        Ok(true)
    })?;
    let count = keys.len() as u64;
    keys.into_iter().for_each(|key| draft.remove(&ASIDE, key));
    Ok(count)
}
