//! Which messages were stored: the first one of an id wins, whatever comes again and however late.

use kit::{Digest, Timestamp};
use model::{Event, Ordinal, Seq};
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table};

pub(crate) static SEEN: Table = Table {
    name: "seen",
    about: "a stored message and its way: digest of the message id 16 bytes, source text → where, when, what it did",
    writer: "collect",
    person_key: "owner (value)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

/// The way of one message through the rooms, as far as it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    pub seq: Seq,
    /// The identifier that owns the event.
    pub owner: Option<Ordinal>,
    /// When the walker took it up.
    pub walked_at: Timestamp,
    /// What each room took, in microseconds, and what it did, in the order of the rooms.
    pub steps: Vec<WayStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayStep {
    pub room: String,
    pub took_us: u32,
    pub what: Vec<String>,
}

/// Returns the journal position of the message that came first with this event's id from its source, if there was one.
pub fn first_of(read: &dyn Read, event: &Event) -> Result<Option<Seq>, StoreError> {
    Ok(way_of(read, &event.source, &event.message_id)?.map(|way| way.seq))
}

/// Writes down the way of an event.
pub fn note(draft: &mut Draft<'_>, event: &Event, way: &Way) {
    draft.put(&SEEN, key(&event.message_id).text(&event.source), way);
}

pub fn way_of(read: &dyn Read, source: &str, message_id: &str) -> Result<Option<Way>, StoreError> {
    read.read(&SEEN, key(message_id).text(source).as_slice())
}

/// Returns the ways of all messages with this id, one a source.
pub fn ways(read: &dyn Read, message_id: &str) -> Result<Vec<(String, Way)>, StoreError> {
    let prefix = key(message_id);
    let at = prefix.as_slice().len();
    let rows = read.rows(&SEEN, Range::prefix(prefix.as_slice()), usize::MAX)?;
    let parse = |(key, bytes): (Vec<u8>, Vec<u8>)| {
        let source = String::from_utf8_lossy(&key[at..]).trim_end_matches('\0').to_owned();
        Ok((source, store::from_bytes(&SEEN, &bytes)?))
    };
    rows.into_iter().map(parse).collect()
}

fn key(message_id: &str) -> Key {
    Key::new().bytes(Digest::of(&[message_id]).as_bytes())
}
