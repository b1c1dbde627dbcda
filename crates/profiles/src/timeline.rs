use std::cmp::Reverse;
use std::collections::BinaryHeap;

use kit::Timestamp;
use model::{Event, Ordinal, Seq};
use store::{Draft, Key, Range, Read, StoreError, read_time, read_u64};

use crate::tables::TIMELINE;

/// A place in a timeline. Later places come first when a timeline is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub time: Timestamp,
    pub seq: Seq,
}

/// One event of a timeline, with the identifier that owns it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub place: Place,
    pub owner: Ordinal,
    pub event: Event,
}

/// Returns a profile's events before `before` (from the newest when `None`), newest first, at most `limit` of those that `keep` accepts.
pub fn timeline(
    read: &dyn Read,
    members: &[Ordinal],
    before: Option<Place>,
    limit: usize,
    keep: &dyn Fn(&Event) -> bool,
) -> Result<Vec<Entry>, StoreError> {
    let mut streams: Vec<Stream> = members.iter().map(|owner| Stream::new(*owner, before)).collect();
    let mut heads = BinaryHeap::new();
    for (at, stream) in streams.iter_mut().enumerate() {
        if let Some(place) = stream.fill(read)? {
            heads.push((place, Reverse(at)));
        }
    }
    let mut entries = Vec::new();
    while let Some((place, Reverse(at))) = heads.pop() {
        let stream = &mut streams[at];
        let event = stream.take()?;
        if keep(&event) {
            entries.push(Entry { place, owner: stream.owner, event });
        }
        if entries.len() >= limit {
            break;
        }
        if let Some(next) = stream.fill(read)? {
            heads.push((next, Reverse(at)));
        }
    }
    Ok(entries)
}

/// Rows that one look into an identifier's timeline brings.
const ROWS_AT_ONCE: usize = 64;

/// One identifier's timeline, newest first, read a few rows at a time.
struct Stream {
    owner: Ordinal,
    from: Option<Vec<u8>>,
    waiting: Vec<(Place, Vec<u8>)>,
    ended: bool,
}

impl Stream {
    fn new(owner: Ordinal, before: Option<Place>) -> Self {
        let from = before.map(|place| key(owner, place).into());
        Self { owner, from, waiting: Vec::new(), ended: false }
    }

    /// Returns the place of the next event, reading on where needed.
    fn fill(&mut self, read: &dyn Read) -> Result<Option<Place>, StoreError> {
        if self.waiting.is_empty() && !self.ended {
            let prefix = self.owner.to_be_bytes();
            let range = Range::prefix(&prefix).after(self.from.as_deref()).backward();
            let rows = store::ReadExt::rows(read, &TIMELINE, range, ROWS_AT_ONCE)?;
            self.ended = rows.len() < ROWS_AT_ONCE;
            self.from = rows.last().map(|(key, _)| key.clone());
            self.waiting = rows.into_iter().rev().filter_map(|(key, value)| Some((place(&key)?, value))).collect();
        }
        Ok(self.waiting.last().map(|(place, _)| *place))
    }

    fn take(&mut self) -> Result<Event, StoreError> {
        let (_, value) = self.waiting.pop().expect("`fill` said that there is one");
        let (_, json) = split(&value);
        serde_json::from_slice(json).map_err(|_| corrupt())
    }
}

/// Writes an event into its owner's timeline.
pub(crate) fn note(draft: &mut Draft<'_>, owner: Ordinal, event: &Event, seq: Seq) {
    let mut value = Vec::from(Key::new().text(event.label()));
    serde_json::to_writer(&mut value, event).expect("an event always encodes");
    draft.put_bytes(&TIMELINE, key(owner, Place { time: event.time, seq }), value);
}

/// Visits the events of an identifier that carry one of `labels`, oldest first.
pub(crate) fn occurrences(
    read: &dyn Read,
    owner: Ordinal,
    wanted: &dyn Fn(&str) -> bool,
    visit: &mut dyn FnMut(Place, Event),
) -> Result<(), StoreError> {
    read.scan(&TIMELINE, Range::prefix(&owner.to_be_bytes()), &mut |key, value| {
        let (label, json) = split(value);
        if wanted(label) {
            visit(place(key).ok_or_else(corrupt)?, serde_json::from_slice(json).map_err(|_| corrupt())?);
        }
        Ok(true)
    })
}

fn key(owner: Ordinal, place: Place) -> Key {
    Key::new().u32(owner).time(place.time).u64(place.seq)
}

fn place(key: &[u8]) -> Option<Place> {
    Some(Place { time: read_time(key, 4)?, seq: read_u64(key, 12)? })
}

/// Parts a row into the event's label and its JSON.
fn split(value: &[u8]) -> (&str, &[u8]) {
    let end = value.iter().position(|byte| *byte == 0).unwrap_or(value.len());
    let label = std::str::from_utf8(&value[..end]).unwrap_or_default();
    (label, value.get(end + 1..).unwrap_or_default())
}

fn corrupt() -> StoreError {
    StoreError::Corrupt { table: TIMELINE.name, reason: "not an event".to_owned() }
}
