use consent::canonical;
use kit::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Draft, Key, Range, Read, ReadExt, StoreError};

use crate::options::listed;
use crate::tables::{DESTINATIONS, STANDINGS, from_json};
use crate::{ALL, Error, Problem, kind};

/// A destination to be made.
#[derive(Clone)]
pub struct NewDefinition {
    pub name: String,
    pub kind: String,
    /// The audience that it follows. Whether there is such an audience is for the caller to check.
    pub audience: String,
    /// The purpose for which people must have given consent.
    pub purpose: String,
    pub options: Value,
}

/// A destination: where to, whom, and what for.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub name: String,
    pub kind: String,
    pub audience: String,
    pub purpose: String,
    /// All options, secrets included; show `shown_options` instead.
    pub options: Value,
    pub created_at: Timestamp,
}

impl Definition {
    /// The options with secrets hidden.
    pub fn shown_options(&self) -> Value {
        kind(&self.kind).map_or(Value::Null, |kind| kind.shown(&self.options))
    }

    /// Starts the keys of all that belongs to this destination; not shared with an earlier one of the same name.
    pub(crate) fn scope(&self) -> Key {
        Key::new().text(&self.name).time(self.created_at)
    }
}

impl std::fmt::Debug for Definition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Definition({}: {} for {} of {})", self.name, self.kind, self.purpose, self.audience)
    }
}

impl std::fmt::Debug for NewDefinition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewDefinition({}: {} for {} of {})", self.name, self.kind, self.purpose, self.audience)
    }
}

/// Checks a destination and writes it down. All that is wrong with it is reported at once.
///
/// Nobody is planned for it yet: the caller takes a `step` with the audience's members as touched.
pub fn create(draft: &mut Draft<'_>, new: NewDefinition, at: Timestamp) -> Result<Definition, Error> {
    let definition = check(new, at).map_err(Error::Invalid)?;
    if find(draft, &definition.name)?.is_some() {
        return Err(Error::Exists { name: definition.name });
    }
    draft.put_json(&DESTINATIONS, Key::new().text(&definition.name), &definition);
    Ok(definition)
}

/// Returns all destinations by name.
pub fn definitions(read: &dyn Read) -> Result<Vec<Definition>, StoreError> {
    let rows = read.rows(&DESTINATIONS, Range::default(), usize::MAX)?;
    rows.iter().map(|(_, value)| from_json(&DESTINATIONS, value)).collect()
}

pub fn find(read: &dyn Read, name: &str) -> Result<Option<Definition>, StoreError> {
    read.read_json(&DESTINATIONS, Key::new().text(name).as_slice())
}

/// Removes a destination and how people stand with it. What waits for it is given up at the next `Deliverer::run_due`.
///
/// The receiver is told nothing: whom it was told about, it keeps.
pub fn delete(draft: &mut Draft<'_>, name: &str) -> Result<(), Error> {
    let definition = find(draft, name)?.ok_or_else(|| Error::Unknown { name: name.to_owned() })?;
    draft.remove(&DESTINATIONS, Key::new().text(name));
    for (key, _) in draft.rows(&STANDINGS, Range::prefix(definition.scope().as_slice()), usize::MAX)? {
        draft.remove(&STANDINGS, key);
    }
    Ok(consent::forget_destination(draft, name)?)
}

fn check(new: NewDefinition, at: Timestamp) -> Result<Definition, Vec<Problem>> {
    let mut problems = Vec::new();
    if !is_word(&new.name) {
        problems.push(Problem::new("name", "a lower-case word of letters, digits and `_`, at most 64, is expected"));
    }
    if new.audience.is_empty() {
        problems.push(Problem::new("audience", "the name of an audience is expected"));
    }
    let purpose = canonical(&new.purpose);
    if purpose.is_empty() {
        problems.push(Problem::new("purpose", "a purpose is expected, e.g. `email_marketing`"));
    }
    let options = check_options(&new.kind, &new.options).map_err(|more| problems.extend(more)).unwrap_or_default();
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Definition { name: new.name, kind: new.kind, audience: new.audience, purpose, options, created_at: at })
}

fn check_options(name: &str, options: &Value) -> Result<Value, Vec<Problem>> {
    match kind(name) {
        Some(kind) => kind.check(options),
        None => {
            let names: Vec<_> = ALL.iter().map(|kind| kind.name).collect();
            Err(vec![Problem::new("kind", format!("there is no kind `{name}` (there are {})", listed(&names)))])
        }
    }
}

fn is_word(name: &str) -> bool {
    let starts = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    starts && name.len() <= 64 && name.bytes().all(is_letter)
}
