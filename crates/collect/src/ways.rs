//! The way of each message through the rooms, for as long as somebody may ask for it.

use kit::Timestamp;
use model::{Ordinal, Seq};
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Range, Read, ReadExt, StoreError, Table, read_u64};

pub(crate) static WAYS: Table = Table {
    name: "ways",
    about: "the way of a stored message through the rooms: journal position u64 → owner, when, what it did",
    writer: "collect",
    person_key: "owner (value)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static WAYS_GONE: Table = Table {
    name: "ways_gone",
    about: "how far ways are forgotten: `through` → journal position u64 of the last one",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::View,
};

/// The way of one message through the rooms, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// When the walker took it up. First, so that it is read without the rest.
    pub walked_at: Timestamp,
    /// The identifier that owns the event.
    pub owner: Option<Ordinal>,
    /// What each room took, in microseconds, and what it did, in the order of the rooms.
    pub steps: Vec<WayStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayStep {
    pub room: String,
    pub took_us: u32,
    pub what: Vec<String>,
}

/// Writes down the way of the event at a journal position.
pub fn note(draft: &mut Draft<'_>, seq: Seq, way: &Way) {
    draft.put(&WAYS, seq.to_be_bytes(), way);
}

pub fn of(read: &dyn Read, seq: Seq) -> Result<Option<Way>, StoreError> {
    read.read(&WAYS, &seq.to_be_bytes())
}

/// Removes one way, e.g. because its event is erased.
pub fn forget(draft: &mut Draft<'_>, seq: Seq) {
    draft.remove(&WAYS, seq.to_be_bytes());
}

/// Removes the oldest ways that were walked before a time, at most `limit` of them; returns how many.
pub fn forget_before(draft: &mut Draft<'_>, time: Timestamp, limit: usize) -> Result<usize, StoreError> {
    // Goes on behind what it removed: a scan from the start would walk over all that is gone.
    let gone = draft.get(&WAYS_GONE, THE_ROW)?;
    let mut old = Vec::new();
    draft.scan(&WAYS, Range::default().after(gone.as_deref()), &mut |key, value| {
        let is_old = walked_at(value)? < time && old.len() < limit;
        if is_old {
            old.extend(read_u64(key, 0));
        }
        Ok(is_old)
    })?;
    if let Some(last) = old.last() {
        draft.put_bytes(&WAYS_GONE, THE_ROW, last.to_be_bytes().to_vec());
    }
    for seq in &old {
        forget(draft, *seq);
    }
    Ok(old.len())
}

/// The one row of [`WAYS_GONE`].
const THE_ROW: &[u8] = b"through";

fn walked_at(way: &[u8]) -> Result<Timestamp, StoreError> {
    // The first field alone: what stands behind it is not looked at.
    store::from_bytes(&WAYS, way)
}
