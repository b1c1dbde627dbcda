use kit::Timestamp;
use model::{Identifier, Source};
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
    let fields = asides(draft, &|aside| aside.identifiers.iter().any(is_persons), usize::MAX)?;
    let erased = Erased { events: theirs.len() as u64, removed_fields: fields.len() as u64 };
    fields.into_iter().for_each(|key| draft.remove(&ASIDE, key));
    Ok(erased)
}

/// What may go: events that were settled, and fields that were removed, long ago.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stale {
    events: Vec<(Source, u64)>,
    fields: Vec<Vec<u8>>,
}

impl Stale {
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && self.fields.is_empty()
    }
}

/// Finds events that were replayed or dropped before a time, and fields that were removed before it; of each at most `most`. Walks over all rows
/// up to there, so it needs no draft.
pub fn stale(read: &dyn Read, before: Timestamp, most: usize) -> Result<Stale, StoreError> {
    let mut events = Vec::new();
    held::each(read, None, None, &mut |held| {
        if held.state != State::Waiting && held.settled_at.is_some_and(|at| at < before) {
            events.push((held.event.source, held.number));
        }
        events.len() < most
    })?;
    Ok(Stale { events, fields: asides(read, &|aside| aside.removed_at < before, most)? })
}

/// Removes what was found. What waits stays.
pub fn sweep(draft: &mut Draft<'_>, stale: Stale) -> Result<Erased, StoreError> {
    let mut erased = Erased { events: 0, removed_fields: stale.fields.len() as u64 };
    for (source, number) in &stale.events {
        if let Some(held) = held::get(draft, source, *number)?.filter(|held| held.state != State::Waiting) {
            held::remove(draft, &held)?;
            erased.events += 1;
        }
    }
    stale.fields.into_iter().for_each(|key| draft.remove(&ASIDE, key));
    Ok(erased)
}

/// The keys of removed fields that are meant.
fn asides(read: &dyn Read, is_meant: &dyn Fn(&Aside) -> bool, most: usize) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut keys = Vec::new();
    read.scan(&ASIDE, Range::default(), &mut |key, bytes| {
        let aside: Aside = serde_json::from_slice(bytes)
            .map_err(|_| StoreError::Corrupt { table: ASIDE.name, reason: "not removed fields".to_owned() })?;
        if is_meant(&aside) {
            keys.push(key.to_vec());
        }
        Ok(keys.len() < most)
    })?;
    Ok(keys)
}
