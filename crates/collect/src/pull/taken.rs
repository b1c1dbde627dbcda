//! Which files were taken.

use kit::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table};

pub(crate) static PULL_FILES: Table = Table {
    name: "pull_files",
    about: "a file that a pull has read to its end: pull text, path text → size, time of change, entity tag, when it was read",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// A file as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    pub bytes: u64,
    pub modified_at: Timestamp,
    pub tag: Option<String>,
    pub taken_at: Timestamp,
}

impl Taken {
    /// Whether the file is still the same.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.bytes, self.modified_at, &self.tag) == (other.bytes, other.modified_at, &other.tag)
    }
}

pub(super) fn get(read: &dyn Read, pull: &str, path: &str) -> Result<Option<Taken>, StoreError> {
    read.read(&PULL_FILES, key(pull, path).as_slice())
}

pub(super) fn put(draft: &mut Draft<'_>, pull: &str, path: &str, taken: &Taken) {
    draft.put(&PULL_FILES, key(pull, path), taken);
}

pub(super) fn forget(draft: &mut Draft<'_>, pull: &str) -> Result<(), StoreError> {
    let prefix = Key::new().text(pull);
    for (key, _) in draft.rows(&PULL_FILES, Range::prefix(prefix.as_slice()), usize::MAX)? {
        draft.remove(&PULL_FILES, key);
    }
    Ok(())
}

fn key(pull: &str, path: &str) -> Key {
    Key::new().text(pull).text(path)
}
