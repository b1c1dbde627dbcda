use consent::canonical;
use kit::Timestamp;
use model::Event;
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
    /// The audience that it follows, or empty. Whether there is such an audience is for the caller to check.
    pub audience: String,
    /// The events that it follows instead.
    pub events: Option<Events>,
    /// The purpose for which people must have given consent.
    pub purpose: String,
    pub options: Value,
}

/// Which events a destination is told of. An empty list means all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    /// Events' names, or kinds (`page`, `identify` …): [`Event::label`].
    pub names: Vec<String>,
    pub sources: Vec<String>,
}

impl Events {
    pub fn hold(&self, event: &Event) -> bool {
        let holds = |list: &[String], word: &str| list.is_empty() || list.iter().any(|listed| listed == word);
        holds(&self.names, event.label()) && holds(&self.sources, &event.source)
    }
}

/// A destination: where to, whom or what of, and what for.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    pub name: String,
    pub kind: String,
    /// Empty where it follows events.
    pub audience: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Events>,
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
        write!(f, "Definition({}: {} for {} of {})", self.name, self.kind, self.purpose, followed(&self.audience))
    }
}

impl std::fmt::Debug for NewDefinition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NewDefinition({}: {} for {} of {})", self.name, self.kind, self.purpose, followed(&self.audience))
    }
}

fn followed(audience: &str) -> &str {
    if audience.is_empty() { "events" } else { audience }
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
    problems.extend(check_what(&new));
    let purpose = canonical(&new.purpose);
    if purpose.is_empty() {
        problems.push(Problem::new("purpose", "a purpose is expected, e.g. `email_marketing`"));
    }
    let options = check_options(&new.kind, &new.options).map_err(|more| problems.extend(more)).unwrap_or_default();
    if !problems.is_empty() {
        return Err(problems);
    }
    let NewDefinition { name, kind, audience, events, .. } = new;
    Ok(Definition { name, kind, audience, events, purpose, options, created_at: at })
}

/// A destination follows one thing: an audience, or events.
fn check_what(new: &NewDefinition) -> Option<Problem> {
    let takes_events = kind(&new.kind).is_none_or(|kind| kind.takes_events);
    match (&new.events, new.audience.is_empty()) {
        (None, true) => Some(Problem::new("audience", "the name of an audience is expected, or `events`")),
        (Some(_), false) => Some(Problem::new("events", "a destination follows an audience or events, not both")),
        (Some(_), true) if !takes_events => {
            Some(Problem::new("events", format!("a destination of kind `{}` is told of audiences only", new.kind)))
        }
        _ => None,
    }
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
