use kit::{Digest, Timestamp};
use model::Event;
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table};

use crate::plans::Broken;

pub(crate) static QUARANTINED: Table = Table {
    name: "quarantined",
    about: "an event that a plan holds back: source text, number u64 → event, what it broke, state (JSON)",
    writer: "collect",
    person_key: "identifiers of the event (value)",
    erasure: Erasure::Remove,
    keep: Keep::Lasting,
};

pub(crate) static IDS: Table = Table {
    name: "quarantined_ids",
    about: "that a message was held back: source text, digest of the message id 16 bytes → number",
    writer: "collect",
    person_key: "through the event of that number",
    erasure: Erasure::Remove,
    keep: Keep::Lasting,
};

pub(crate) static COUNTS: Table = Table {
    name: "quarantine_counts",
    about: "how many events of a source are held back: source text → next number, waiting, replayed, dropped",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// An event in the quarantine.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// From 1 in each source, in the order of arrival.
    pub number: u64,
    /// As it came, with its own message id and times.
    pub event: Event,
    pub broken: Vec<Broken>,
    /// When it was held back.
    pub held_at: Timestamp,
    pub state: State,
    /// When it was replayed or dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<Timestamp>,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Held {{ source: {:?}, number: {}, state: {:?} }}", self.event.source, self.number, self.state)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Waiting,
    Replayed,
    Dropped,
}

impl State {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Replayed, Self::Dropped];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Replayed => "replayed",
            Self::Dropped => "dropped",
        }
    }

    /// Reads what `as_str` writes.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub last_number: u64,
    pub waiting: u64,
    pub replayed: u64,
    pub dropped: u64,
}

/// Where an event is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub number: u64,
    /// The message was there already, in whatever state; the first one stays.
    pub repeated: bool,
}

/// Keeps an event. It is durable once the draft is committed.
pub fn keep(draft: &mut Draft<'_>, event: &Event, broken: &[Broken], now: Timestamp) -> Result<Kept, StoreError> {
    let id = id_key(event);
    if let Some(number) = draft.read::<u64>(&IDS, id.as_slice())? {
        return Ok(Kept { number, repeated: true });
    }
    let mut counts = counts(draft, &event.source)?;
    counts.last_number += 1;
    counts.waiting += 1;
    let number = counts.last_number;
    let broken = broken.to_vec();
    let held = Held { number, event: event.clone(), broken, held_at: now, state: State::Waiting, settled_at: None };
    put(draft, &held);
    draft.put(&IDS, id, &number);
    put_counts(draft, &event.source, &counts);
    Ok(Kept { number, repeated: false })
}

pub fn get(read: &dyn Read, source: &str, number: u64) -> Result<Option<Held>, StoreError> {
    read.read_json(&QUARANTINED, key(source, number).as_slice())
}

/// Gives up waiting events; returns how many these were. Their rows stay until [`super::sweep`].
pub fn drop(draft: &mut Draft<'_>, source: &str, numbers: &[u64], now: Timestamp) -> Result<u64, StoreError> {
    let mut dropped = 0;
    for number in numbers {
        if let Some(held) = waiting(draft, source, *number)? {
            settle(draft, held, State::Dropped, now)?;
            dropped += 1;
        }
    }
    Ok(dropped)
}

pub fn counts(read: &dyn Read, source: &str) -> Result<Counts, StoreError> {
    Ok(read.read(&COUNTS, Key::new().text(source).as_slice())?.unwrap_or_default())
}

pub(super) fn waiting(read: &dyn Read, source: &str, number: u64) -> Result<Option<Held>, StoreError> {
    Ok(get(read, source, number)?.filter(|held| held.state == State::Waiting))
}

/// Marks a waiting event as replayed or dropped.
pub(super) fn settle(draft: &mut Draft<'_>, mut held: Held, state: State, now: Timestamp) -> Result<(), StoreError> {
    let source = held.event.source.clone();
    let mut counts = counts(draft, &source)?;
    counts.leave(State::Waiting);
    match state {
        State::Waiting => counts.waiting += 1,
        State::Replayed => counts.replayed += 1,
        State::Dropped => counts.dropped += 1,
    }
    held.state = state;
    held.settled_at = Some(now);
    put(draft, &held);
    put_counts(draft, &source, &counts);
    Ok(())
}

pub(super) fn put(draft: &mut Draft<'_>, held: &Held) {
    draft.put_json(&QUARANTINED, key(&held.event.source, held.number), held);
}

/// Takes an event out of all tables.
pub(super) fn remove(draft: &mut Draft<'_>, held: &Held) -> Result<(), StoreError> {
    let mut counts = counts(draft, &held.event.source)?;
    counts.leave(held.state);
    draft.remove(&QUARANTINED, key(&held.event.source, held.number));
    draft.remove(&IDS, id_key(&held.event));
    put_counts(draft, &held.event.source, &counts);
    Ok(())
}

/// Reads every event of a source, or of all, until the visitor has enough.
pub(super) fn each(
    read: &dyn Read,
    source: Option<&str>,
    after: Option<&Key>,
    visit: &mut dyn FnMut(Held) -> bool,
) -> Result<(), StoreError> {
    let prefix = source.map(|source| Key::new().text(source)).unwrap_or_default();
    let range = Range::prefix(prefix.as_slice()).after(after.map(Key::as_slice));
    read.scan(&QUARANTINED, range, &mut |_, bytes| {
        let held = serde_json::from_slice(bytes)
            .map_err(|_| StoreError::Corrupt { table: QUARANTINED.name, reason: "not an event".to_owned() })?;
        Ok(visit(held))
    })
}

pub(super) fn key(source: &str, number: u64) -> Key {
    Key::new().text(source).u64(number)
}

impl Counts {
    fn leave(&mut self, state: State) {
        let count = match state {
            State::Waiting => &mut self.waiting,
            State::Replayed => &mut self.replayed,
            State::Dropped => &mut self.dropped,
        };
        *count = count.saturating_sub(1);
    }
}

fn put_counts(draft: &mut Draft<'_>, source: &str, counts: &Counts) {
    draft.put(&COUNTS, Key::new().text(source), counts);
}

fn id_key(event: &Event) -> Key {
    Key::new().text(&event.source).bytes(Digest::of(&[&event.message_id]).as_bytes())
}
