//! Which rows of a table are known, and what they said.

use kit::{Digest, Timestamp};
use model::{Change, Identifier, Record, Source};
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, Store, StoreError, Table};

pub(crate) static PULL_KEYS: Table = Table {
    name: "pull_keys",
    about: "a row of a pulled table: pull text, digest of its key 16 bytes → digest of its contents, its record's key, version and owner",
    writer: "collect",
    person_key: "owner (value)",
    erasure: Erasure::Pseudonymise,
    keep: Keep::Lasting,
};

/// A row's key in its table, as the database digests it: rows come in its order.
pub(super) type RowKey = [u8; 16];

/// What is known of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Known {
    /// Of its contents and of the mapping that read them.
    pub content: Digest,
    /// The record that it made last, if it made one.
    pub said: Option<Said>,
}

/// A record, as far as it takes to take it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Said {
    pub key: String,
    pub version: Timestamp,
    pub owner: Identifier,
}

impl Said {
    pub fn of(record: &Record) -> Option<Self> {
        let owner = record.identifiers.first()?.clone();
        Some(Self { key: record.key.clone(), version: record.version, owner })
    }

    /// Takes the record back at the version that it had. Of equal versions the later fact holds; so should the row come back as it was, that
    /// holds again.
    pub fn taken_back(self, source: Source, received_at: Timestamp) -> Record {
        Record {
            source,
            key: self.key,
            version: self.version,
            change: Change::Delete,
            identifiers: vec![self.owner],
            traits: None,
            consents: Vec::new(),
            received_at,
        }
    }
}

pub(super) fn get(read: &dyn Read, pull: &str, row: &RowKey) -> Result<Option<Known>, StoreError> {
    read.read(&PULL_KEYS, key(pull, row).as_slice())
}

pub(super) fn put(draft: &mut Draft<'_>, pull: &str, row: &RowKey, known: Option<&Known>) {
    match known {
        Some(known) => draft.put(&PULL_KEYS, key(pull, row), known),
        None => draft.remove(&PULL_KEYS, key(pull, row)),
    }
}

pub(super) fn forget(draft: &mut Draft<'_>, pull: &str) -> Result<(), StoreError> {
    let prefix = Key::new().text(pull);
    for (key, _) in draft.rows(&PULL_KEYS, Range::prefix(prefix.as_slice()), usize::MAX)? {
        draft.remove(&PULL_KEYS, key);
    }
    Ok(())
}

/// Takes a person's record keys and identifiers out, and returns from how many rows. What stays are digests, by which the same row is known again
/// and not said again. Walks over all rows.
pub fn erase(draft: &mut Draft<'_>, is_persons: &dyn Fn(&Identifier) -> bool) -> Result<u64, StoreError> {
    let mut theirs = Vec::new();
    draft.scan(&PULL_KEYS, Range::default(), &mut |key, bytes| {
        let known: Known = store::from_bytes(&PULL_KEYS, bytes)?;
        if known.said.as_ref().is_some_and(|said| is_persons(&said.owner)) {
            theirs.push((key.to_vec(), Known { said: None, ..known }));
        }
        Ok(true)
    })?;
    for (key, known) in &theirs {
        draft.put(&PULL_KEYS, key.clone(), known);
    }
    Ok(theirs.len() as u64)
}

/// Goes through the known rows in the order of their keys, some at a time, beside rows that come in the same order.
#[derive(Debug)]
pub(super) struct Walk<'s> {
    store: &'s Store,
    prefix: Key,
    /// Read and not yet passed, the next one last.
    ahead: Vec<(RowKey, Known)>,
    last: Option<Vec<u8>>,
    is_at_end: bool,
}

const ROWS_AT_ONCE: usize = 2_000;

impl<'s> Walk<'s> {
    pub fn new(store: &'s Store, pull: &str) -> Self {
        Self { store, prefix: Key::new().text(pull), ahead: Vec::new(), last: None, is_at_end: false }
    }

    /// Returns the next known row if it comes before this key; `None` for the key stands for the end.
    pub fn next_before(&mut self, key: Option<&RowKey>) -> Result<Option<(RowKey, Known)>, StoreError> {
        self.fill()?;
        Ok(self.ahead.pop_if(|(next, _)| key.is_none_or(|key| *next < *key)))
    }

    /// Returns what is known of this row, if it is the next one.
    pub fn next_at(&mut self, key: &RowKey) -> Result<Option<Known>, StoreError> {
        self.fill()?;
        Ok(self.ahead.pop_if(|(next, _)| next == key).map(|(_, known)| known))
    }

    fn fill(&mut self) -> Result<(), StoreError> {
        if self.is_at_end || !self.ahead.is_empty() {
            return Ok(());
        }
        let range = Range::prefix(self.prefix.as_slice()).after(self.last.as_deref());
        let rows = self.store.rows(&PULL_KEYS, range, ROWS_AT_ONCE)?;
        self.is_at_end = rows.len() < ROWS_AT_ONCE;
        self.last = rows.last().map(|(key, _)| key.clone());
        for (key, value) in rows.into_iter().rev() {
            let row = RowKey::try_from(&key[self.prefix.as_slice().len()..]);
            let row = row.map_err(|_| StoreError::Corrupt { table: PULL_KEYS.name, reason: "not a key".to_owned() })?;
            self.ahead.push((row, store::from_bytes(&PULL_KEYS, &value)?));
        }
        Ok(())
    }
}

fn key(pull: &str, row: &RowKey) -> Key {
    Key::new().text(pull).bytes(row)
}
