//! The fields of an event by JSON pointer: read, removed and put without touching the text of anything beside them.

mod identifiers;
mod pointer;
mod raw;

use model::{Event, Raw};

pub(crate) use identifiers::follow;
pub use pointer::Pointer;
pub(crate) use raw::Change;

/// The parts of an event that hold free JSON, as pointers name them.
pub const SECTIONS: &[&str] = &["properties", "traits", "context", "integrations"];

/// Returns the text of a field.
pub(crate) fn get(event: &Event, pointer: &Pointer) -> Option<Raw> {
    let (section, steps) = split(pointer)?;
    let text = raw::found(slot_of(event, section)?.as_ref()?.text(), steps)?;
    Raw::from_text(text.to_owned()).ok()
}

/// Removes a field and returns its text; `None` when it is not there.
pub(crate) fn remove(event: &mut Event, pointer: &Pointer) -> Option<Raw> {
    let was = get(event, pointer)?;
    change(event, pointer, Change::Remove).then_some(was)
}

/// Puts a value at a place, making the objects on the way; false when something else stands in the way.
pub(crate) fn put(event: &mut Event, pointer: &Pointer, value: &Raw) -> bool {
    change(event, pointer, Change::Put(value.text()))
}

fn change(event: &mut Event, pointer: &Pointer, change: Change<'_>) -> bool {
    let Some((section, steps)) = split(pointer) else { return false };
    let Some(slot) = slot_of_mut(event, section) else { return false };
    let text = slot.as_ref().map_or("{}", Raw::text);
    let changed = raw::changed(text, steps, change).and_then(|text| Raw::from_text(text).ok());
    let done = changed.is_some();
    if done {
        *slot = changed;
    }
    done
}

/// A field lies inside a section; the section itself is no field.
fn split(pointer: &Pointer) -> Option<(&str, &[String])> {
    let (section, steps) = pointer.steps().split_first()?;
    (!steps.is_empty()).then_some((section, steps))
}

fn slot_of<'e>(event: &'e Event, section: &str) -> Option<&'e Option<Raw>> {
    Some(match section {
        "properties" => &event.properties,
        "traits" => &event.traits,
        "context" => &event.context,
        "integrations" => &event.integrations,
        _ => return None,
    })
}

fn slot_of_mut<'e>(event: &'e mut Event, section: &str) -> Option<&'e mut Option<Raw>> {
    Some(match section {
        "properties" => &mut event.properties,
        "traits" => &mut event.traits,
        "context" => &mut event.context,
        "integrations" => &mut event.integrations,
        _ => return None,
    })
}
