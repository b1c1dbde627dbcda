//! Who may send: sources, their write keys, and how they fare.

use std::collections::HashMap;

use kit::{Coded, Digest, Secret, Timestamp};
use model::Source;
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table};

pub(crate) static SOURCES: Table = Table {
    name: "sources",
    about: "a source that may send: name text → write keys, options, time of creation (JSON)",
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

/// The shortest and the longest write key that may be given, in letters.
const GIVEN_KEY_LETTERS: std::ops::RangeInclusive<usize> = 4..=200;

/// For how many days the messages of a source with write keys are remembered, where nothing else is said.
pub const DEDUPE_DAYS: u32 = 30;

/// The shortest and the longest window that may be given, in days.
const GIVEN_DAYS: std::ops::RangeInclusive<u32> = 1..=3_650;

/// A source that may send. On disk: `{"name", "write_keys": […], "options": {…}, "created_at"}`; a row of the first version, with one
/// `write_key` and no options, is read as well.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct SourceDefinition {
    pub name: String,
    /// In the order in which they came. None for sources that only bring files.
    pub write_keys: Vec<Secret>,
    pub options: SourceOptions,
    pub created_at: Timestamp,
}

/// What a source may do beside sending.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceOptions {
    /// Whether answers at its doors may tell who a person is (Unomi's `context.json`). Write keys stand in pages that anybody can read, so:
    /// only where that is wanted.
    pub tells_profiles: bool,
    /// For how many days after a message another one with its id is the same one, where that is not to be as usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dedupe_days: Option<u32>,
}

/// A definition as any version wrote it.
#[derive(Deserialize)]
struct Written {
    name: String,
    /// Of the first version alone.
    write_key: Option<Secret>,
    #[serde(default)]
    write_keys: Vec<Secret>,
    #[serde(default)]
    options: SourceOptions,
    created_at: Timestamp,
}

impl From<Written> for SourceDefinition {
    fn from(written: Written) -> Self {
        let write_keys = written.write_key.into_iter().chain(written.write_keys).collect();
        Self { name: written.name, write_keys, options: written.options, created_at: written.created_at }
    }
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

/// Makes a source with one write key: the given one, for clients that have theirs already, or a fresh one. It is shown to the one who asked;
/// only its digest is looked up later. A source without keys, which only brought files, may be made again, and keeps its time of creation.
///
/// Errors: `source_name_invalid`, `source_exists`, `dedupe_days_invalid`, `write_key_invalid`, `write_key_taken`, `no_randomness`.
pub fn create(
    draft: &mut Draft<'_>,
    name: &str,
    given_key: Option<&str>,
    options: SourceOptions,
    now: Timestamp,
) -> Result<SourceDefinition, SourceError> {
    if !is_word(name) {
        return Err(SourceError::Name { name: name.to_owned() });
    }
    if let Some(days) = options.dedupe_days.filter(|days| !GIVEN_DAYS.contains(days)) {
        return Err(SourceError::DedupeDays { days });
    }
    let before = definition(draft, name)?;
    if before.as_ref().is_some_and(|source| !source.write_keys.is_empty()) {
        return Err(SourceError::Exists { name: name.to_owned() });
    }
    let write_key = write_key(draft, name, given_key)?;
    let created_at = before.map_or(now, |source| source.created_at);
    let source = SourceDefinition { name: name.to_owned(), write_keys: vec![write_key.clone()], options, created_at };
    put(draft, &source);
    draft.put(&WRITE_KEYS, *key_digest(write_key.expose()).as_bytes(), &name);
    Ok(source)
}

/// Gives a source one more write key, the given one or a fresh one. One that it has already changes nothing.
///
/// Errors: `source_not_found`, `write_key_invalid`, `write_key_taken`, `no_randomness`.
pub fn add_key(draft: &mut Draft<'_>, name: &str, given: Option<&str>) -> Result<Secret, SourceError> {
    let mut source = known(draft, name)?;
    let write_key = write_key(draft, name, given)?;
    if !source.write_keys.iter().any(|own| own.expose() == write_key.expose()) {
        source.write_keys.push(write_key.clone());
        put(draft, &source);
        draft.put(&WRITE_KEYS, *key_digest(write_key.expose()).as_bytes(), &name);
    }
    Ok(write_key)
}

/// Takes a write key from a source: it opens nothing any more. The last one may go too.
///
/// Errors: `source_not_found`, `write_key_not_found`.
pub fn remove_key(draft: &mut Draft<'_>, name: &str, write_key: &str) -> Result<(), SourceError> {
    let mut source = known(draft, name)?;
    let is_it = |own: &Secret| own.expose() == write_key;
    if !source.write_keys.iter().any(is_it) {
        return Err(SourceError::KeyUnknown { name: name.to_owned() });
    }
    source.write_keys.retain(|own| !is_it(own));
    put(draft, &source);
    draft.remove(&WRITE_KEYS, *key_digest(write_key).as_bytes());
    Ok(())
}

/// Every write key, in memory: it is asked for at each request. Loaded anew whenever a source is made, and whenever its keys change.
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

/// For how many days the messages of a source are remembered. What comes without a write key comes in files, which may be brought again as a whole at
/// any time: there the window is the longest, where nothing else is said.
pub fn dedupe_days(read: &dyn Read, name: &str) -> Result<u32, StoreError> {
    let source = definition(read, name)?;
    let has_keys = source.as_ref().is_some_and(|source| !source.write_keys.is_empty());
    let usual = if has_keys { DEDUPE_DAYS } else { *GIVEN_DAYS.end() };
    Ok(source.and_then(|source| source.options.dedupe_days).unwrap_or(usual))
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
    #[error("messages cannot be remembered for {days} days (use {} to {})", GIVEN_DAYS.start(), GIVEN_DAYS.end())]
    DedupeDays { days: u32 },
    #[error("there is a source `{name}` already")]
    Exists { name: String },
    #[error("there is no source `{name}`")]
    Unknown { name: String },
    #[error("a write key has {} to {} printable ASCII letters, without spaces", GIVEN_KEY_LETTERS.start(), GIVEN_KEY_LETTERS.end())]
    KeyInvalid,
    #[error("another source has this write key")]
    KeyTaken,
    #[error("`{name}` has no such write key")]
    KeyUnknown { name: String },
    #[error("the operating system gives no random bytes for a write key")]
    NoRandomness,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for SourceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "source_name_invalid",
            Self::DedupeDays { .. } => "dedupe_days_invalid",
            Self::Exists { .. } => "source_exists",
            Self::Unknown { .. } => "source_not_found",
            Self::KeyInvalid => "write_key_invalid",
            Self::KeyTaken => "write_key_taken",
            Self::KeyUnknown { .. } => "write_key_not_found",
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

fn known(read: &dyn Read, name: &str) -> Result<SourceDefinition, SourceError> {
    definition(read, name)?.ok_or_else(|| SourceError::Unknown { name: name.to_owned() })
}

fn put(draft: &mut Draft<'_>, source: &SourceDefinition) {
    draft.put_json(&SOURCES, Key::new().text(&source.name), source);
}

/// The given key, if this source may have it, or a fresh one.
fn write_key(read: &dyn Read, name: &str, given: Option<&str>) -> Result<Secret, SourceError> {
    let Some(given) = given else { return Secret::generate("wk").map_err(|_| SourceError::NoRandomness) };
    if !is_key(given) {
        return Err(SourceError::KeyInvalid);
    }
    let owner: Option<String> = read.read(&WRITE_KEYS, key_digest(given).as_bytes())?;
    match owner {
        Some(owner) if owner != name => Err(SourceError::KeyTaken),
        _ => Ok(Secret::new(given)),
    }
}

fn is_key(given: &str) -> bool {
    GIVEN_KEY_LETTERS.contains(&given.len()) && given.bytes().all(|byte| byte.is_ascii_graphic())
}

fn key_digest(write_key: &str) -> Digest {
    Digest::of(&["write key", write_key])
}
