//! Who may send: sources, their write keys, and how they fare.

use std::collections::HashMap;

use kit::{Coded, Digest, Secret, Timestamp};
use model::Source;
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table};

pub(crate) static SOURCES: Table = Table {
    name: "sources",
    about: "a source that may send: name text → write key, time of creation (JSON)",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

pub(crate) static WRITE_KEYS: Table = Table {
    name: "write_keys",
    about: "whose a write key is: digest of the key → source",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

pub(crate) static TALLIES: Table = Table {
    name: "source_tallies",
    about: "how a source fares: name text → facts, repeated messages, last seen",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::View,
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SourceDefinition {
    pub name: String,
    /// Absent for sources that only bring files.
    pub write_key: Option<Secret>,
    pub created_at: Timestamp,
}

/// What the journal holds of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub events: u64,
    pub records: u64,
    pub links: u64,
    pub repeated: u64,
    pub last_seen: Option<Timestamp>,
}

impl Tally {
    pub fn facts(&self) -> u64 {
        self.events + self.records + self.links
    }
}

/// Makes a source with a fresh write key. The key is shown to the one who asked; only its digest is looked up later.
pub fn create(draft: &mut Draft<'_>, name: &str, now: Timestamp) -> Result<SourceDefinition, SourceError> {
    if !is_word(name) {
        return Err(SourceError::Name { name: name.to_owned() });
    }
    if definition(draft, name)?.is_some_and(|source| source.write_key.is_some()) {
        return Err(SourceError::Exists { name: name.to_owned() });
    }
    let write_key = Secret::generate("wk").map_err(|_| SourceError::NoRandomness)?;
    let source = SourceDefinition { name: name.to_owned(), write_key: Some(write_key.clone()), created_at: now };
    draft.put_json(&SOURCES, Key::new().text(name), &source);
    draft.put(&WRITE_KEYS, *key_digest(write_key.expose()).as_bytes(), &name);
    Ok(source)
}

/// Every write key, in memory: it is asked for at each request. Loaded anew whenever a source is made.
#[derive(Debug, Clone, Default)]
pub struct WriteKeys(HashMap<[u8; 16], Source>);

impl WriteKeys {
    pub fn load(read: &dyn Read) -> Result<Self, StoreError> {
        let rows = read.rows(&WRITE_KEYS, Range::default(), usize::MAX)?;
        let parse = |(digest, source): (Vec<u8>, Vec<u8>)| {
            let source: String = store::from_bytes(&WRITE_KEYS, &source)?;
            Ok(<[u8; 16]>::try_from(digest).ok().map(|digest| (digest, source.into())))
        };
        let keys: Result<Vec<_>, StoreError> = rows.into_iter().map(parse).collect();
        Ok(Self(keys?.into_iter().flatten().collect()))
    }

    /// Returns the source that a write key belongs to.
    pub fn source_of(&self, write_key: &str) -> Option<&Source> {
        self.0.get(key_digest(write_key).as_bytes())
    }
}

pub fn definition(read: &dyn Read, name: &str) -> Result<Option<SourceDefinition>, StoreError> {
    read.read_json(&SOURCES, Key::new().text(name).as_slice())
}

/// Returns every source that may send or has sent, by name.
pub fn all(read: &dyn Read) -> Result<Vec<(String, Option<SourceDefinition>, Tally)>, StoreError> {
    let name = |(key, _): &(Vec<u8>, Vec<u8>)| String::from_utf8_lossy(key).trim_end_matches('\0').to_owned();
    let mut names: Vec<String> = read.rows(&SOURCES, Range::default(), usize::MAX)?.iter().map(name).collect();
    names.extend(read.rows(&TALLIES, Range::default(), usize::MAX)?.iter().map(name));
    names.sort();
    names.dedup();
    let row = |name: String| Ok((name.clone(), definition(read, &name)?, tally(read, &name)?));
    names.into_iter().map(row).collect()
}

pub fn tally(read: &dyn Read, name: &str) -> Result<Tally, StoreError> {
    Ok(read.read(&TALLIES, Key::new().text(name).as_slice())?.unwrap_or_default())
}

pub fn put_tally(draft: &mut Draft<'_>, name: &str, tally: &Tally) {
    draft.put(&TALLIES, Key::new().text(name), tally);
}

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("`{name}` is no name for a source (use a lower-case word of letters, digits, `_` and `-`, at most 64)")]
    Name { name: String },
    #[error("there is a source `{name}` already")]
    Exists { name: String },
    #[error("the operating system gives no random bytes for a write key")]
    NoRandomness,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for SourceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "source_name_invalid",
            Self::Exists { .. } => "source_exists",
            Self::NoRandomness => "no_randomness",
            Self::Store(error) => error.code(),
        }
    }
}

/// Returns whether this is a name for a source.
pub fn is_word(name: &str) -> bool {
    let starts = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
    starts && name.len() <= 64 && name.bytes().all(fits)
}

fn key_digest(write_key: &str) -> Digest {
    Digest::of(&["write key", write_key])
}
