//! Texts that are kept under a name, every version of them: tracking plans, mapping files. The key is the name and a version from 1; a version without
//! a text says that from there on there is none, until one is saved again.

use kit::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Draft, Key, Range, Read, ReadExt, StoreError, Table, read_u32};

/// A version as it was saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Saved {
    pub text: Option<String>,
    pub saved_at: Timestamp,
}

pub(crate) fn put(draft: &mut Draft<'_>, table: &'static Table, name: &str, version: u32, saved: &Saved) {
    draft.put_json(table, key(name, version), saved);
}

pub(crate) fn get(read: &dyn Read, table: &Table, name: &str, version: u32) -> Result<Option<Saved>, StoreError> {
    read.read_json(table, key(name, version).as_slice())
}

/// Returns the last version of a name.
pub(crate) fn last(read: &dyn Read, table: &Table, name: &str) -> Result<Option<(u32, Saved)>, StoreError> {
    let prefix = Key::new().text(name);
    let rows = read.rows(table, Range::prefix(prefix.as_slice()).backward(), 1)?;
    rows.first().map(|(key, bytes)| row(table, key, bytes)).transpose().map(|row| row.map(versioned))
}

/// Returns every version of a name, oldest first.
pub(crate) fn all_of(read: &dyn Read, table: &Table, name: &str) -> Result<Vec<(u32, Saved)>, StoreError> {
    let prefix = Key::new().text(name);
    let rows = read.rows(table, Range::prefix(prefix.as_slice()), usize::MAX)?;
    rows.iter().map(|(key, bytes)| row(table, key, bytes).map(versioned)).collect()
}

/// Returns the last version of every name, by name.
pub(crate) fn latest(read: &dyn Read, table: &Table) -> Result<Vec<(String, u32, Saved)>, StoreError> {
    let mut latest: Vec<(String, u32, Saved)> = Vec::new();
    read.scan(table, Range::default(), &mut |key, bytes| {
        let (name, version, saved) = row(table, key, bytes)?;
        latest.pop_if(|(before, ..)| *before == name);
        latest.push((name, version, saved));
        Ok(true)
    })?;
    Ok(latest)
}

/// All problems of a text in one line.
pub(crate) fn summary(problems: &[crate::document::Problem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

fn key(name: &str, version: u32) -> Key {
    Key::new().text(name).u32(version)
}

fn row(table: &Table, key: &[u8], bytes: &[u8]) -> Result<(String, u32, Saved), StoreError> {
    let corrupt = |reason: &str| StoreError::Corrupt { table: table.name, reason: reason.to_owned() };
    let at = key.len().saturating_sub(4);
    let name = key.get(..at.saturating_sub(1)).unwrap_or_default();
    let version = read_u32(key, at).ok_or_else(|| corrupt("a key without a version"))?;
    let saved = serde_json::from_slice(bytes).map_err(|_| corrupt("not a saved version"))?;
    Ok((String::from_utf8_lossy(name).into_owned(), version, saved))
}

fn versioned((_, version, saved): (String, u32, Saved)) -> (u32, Saved) {
    (version, saved)
}
