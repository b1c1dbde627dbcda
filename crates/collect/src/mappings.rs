//! Mapping files that are kept under a name, every version of them: whoever brings a file says the name.

use kit::{Coded, Timestamp};
use store::{Draft, Erasure, Keep, Read, StoreError, Table};

use crate::files::{Mapping, Problem};
use crate::sources::is_word;
use crate::versioned::{self, Saved, summary};

pub(crate) static MAPPINGS: Table = Table {
    name: "mappings",
    about: "a mapping file as it was saved: name text, version u32 → its text (absent: removed), time of saving (JSON)",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// The longest mapping file that is kept, in bytes: 256 KiB.
pub const MAPPING_BYTES: usize = 256 << 10;

/// The latest version of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub name: String,
    /// From 1; each change is the next one.
    pub version: u32,
    pub saved_at: Timestamp,
    pub text: String,
}

impl Named {
    /// Reads the text. Errors: `mapping_invalid`, of a version that today's language does not take any more.
    pub fn mapping(&self) -> Result<Mapping, MappingError> {
        read(&self.text)
    }
}

/// Keeps a mapping file as the next version of its name. The same text again is the same version.
///
/// Errors: `mapping_name_invalid`, `mapping_invalid` with all problems, `mapping_too_large`.
pub fn put(draft: &mut Draft<'_>, name: &str, text: &str, now: Timestamp) -> Result<Named, MappingError> {
    if !is_word(name) {
        return Err(MappingError::Name { name: name.to_owned() });
    }
    if text.len() > MAPPING_BYTES {
        return Err(MappingError::TooLarge);
    }
    read(text)?;
    let last = versioned::last(draft, &MAPPINGS, name)?;
    if let Some((version, Saved { text: Some(known), saved_at })) = &last {
        if known == text {
            return Ok(Named { name: name.to_owned(), version: *version, saved_at: *saved_at, text: text.to_owned() });
        }
    }
    let version = last.map_or(0, |(version, _)| version) + 1;
    versioned::put(draft, &MAPPINGS, name, version, &Saved { text: Some(text.to_owned()), saved_at: now });
    Ok(Named { name: name.to_owned(), version, saved_at: now, text: text.to_owned() })
}

/// Takes a mapping away; its versions stay. Errors: `mapping_not_found`.
pub fn remove(draft: &mut Draft<'_>, name: &str, now: Timestamp) -> Result<(), MappingError> {
    let known = get(draft, name)?;
    versioned::put(draft, &MAPPINGS, name, known.version + 1, &Saved { text: None, saved_at: now });
    Ok(())
}

/// Returns the latest version. Errors: `mapping_not_found`.
pub fn get(read: &dyn Read, name: &str) -> Result<Named, MappingError> {
    match versioned::last(read, &MAPPINGS, name)? {
        Some((version, Saved { text: Some(text), saved_at })) => {
            Ok(Named { name: name.to_owned(), version, saved_at, text })
        }
        _ => Err(MappingError::Unknown { name: name.to_owned() }),
    }
}

/// Returns the latest version of every mapping, by name.
pub fn all(read: &dyn Read) -> Result<Vec<Named>, StoreError> {
    let latest = versioned::latest(read, &MAPPINGS)?.into_iter();
    let named = |(name, version, Saved { text, saved_at })| text.map(|text| Named { name, version, saved_at, text });
    Ok(latest.filter_map(named).collect())
}

#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    #[error("`{name}` is no name for a mapping (use a lower-case word of letters, digits, `_` and `-`, at most 64)")]
    Name { name: String },
    #[error("the mapping has {} problem(s): {}", .0.len(), summary(.0))]
    Invalid(Vec<Problem>),
    #[error("a mapping file is at most {} KiB", MAPPING_BYTES >> 10)]
    TooLarge,
    #[error("there is no mapping `{name}`")]
    Unknown { name: String },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Coded for MappingError {
    fn code(&self) -> &'static str {
        match self {
            Self::Name { .. } => "mapping_name_invalid",
            Self::Invalid(_) => "mapping_invalid",
            Self::TooLarge => "mapping_too_large",
            Self::Unknown { .. } => "mapping_not_found",
            Self::Store(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}

fn read(text: &str) -> Result<Mapping, MappingError> {
    let (mapping, problems) = Mapping::parse(text);
    mapping.ok_or(MappingError::Invalid(problems))
}
