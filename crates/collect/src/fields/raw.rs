//! Changes of a JSON text at one place: what is beside it stays as it was written.

use std::borrow::Cow;

use serde::Serializer;
use serde::ser::{SerializeMap, SerializeSeq};
use serde_json::value::RawValue;

use crate::spec::Fields;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Change<'a> {
    Remove,
    /// A JSON text.
    Put(&'a str),
}

/// Returns the text at the end of these steps.
pub(super) fn found<'t>(text: &'t str, steps: &[String]) -> Option<&'t str> {
    let Some((step, rest)) = steps.split_first() else { return Some(text) };
    match text.as_bytes().first()? {
        b'{' => {
            let fields = Fields::of(text);
            let (_, value) = fields.0.into_iter().rev().find(|(key, _)| key.as_ref() == step)?;
            found(value.get(), rest)
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            found(items.get(step.parse::<usize>().ok()?)?.get(), rest)
        }
        _ => None,
    }
}

/// Returns the text with the change made; `None` when there is nothing to remove, or when no value can be put there.
pub(super) fn changed(text: &str, steps: &[String], change: Change<'_>) -> Option<String> {
    match (steps.split_first(), text.as_bytes().first()?) {
        (None, _) => match change {
            Change::Put(value) => Some(value.to_owned()),
            Change::Remove => None,
        },
        (Some((step, rest)), b'{') => changed_object(text, step, rest, change),
        (Some((step, rest)), b'[') => changed_list(text, step.parse().ok()?, rest, change),
        _ => None,
    }
}

fn changed_object(text: &str, step: &str, rest: &[String], change: Change<'_>) -> Option<String> {
    let mut fields = Fields::of(text).0;
    let at = fields.iter().rposition(|(key, _)| key.as_ref() == step);
    if rest.is_empty() && matches!(change, Change::Remove) {
        at?;
        fields.retain(|(key, _)| key.as_ref() != step);
        return object(&fields);
    }
    let was = at.map_or("null", |at| fields[at].1.get());
    let was = if was == "null" { "{}" } else { was };
    let new = RawValue::from_string(changed(was, rest, change)?).ok()?;
    fields.retain(|(key, _)| key.as_ref() != step);
    fields.insert(at.unwrap_or(fields.len()).min(fields.len()), (Cow::Borrowed(step), &new));
    object(&fields)
}

fn changed_list(text: &str, at: usize, rest: &[String], change: Change<'_>) -> Option<String> {
    let mut items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let was = *items.get(at)?;
    if rest.is_empty() && matches!(change, Change::Remove) {
        items.remove(at);
        return list(&items);
    }
    let new = RawValue::from_string(changed(was.get(), rest, change)?).ok()?;
    items[at] = &new;
    list(&items)
}

fn object(fields: &[(Cow<'_, str>, &RawValue)]) -> Option<String> {
    written(|to| {
        let mut map = to.serialize_map(None)?;
        fields.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
        SerializeMap::end(map)
    })
}

fn list(items: &[&RawValue]) -> Option<String> {
    written(|to| {
        let mut list = to.serialize_seq(None)?;
        items.iter().try_for_each(|item| list.serialize_element(item))?;
        SerializeSeq::end(list)
    })
}

type Writer<'w> = serde_json::Serializer<&'w mut Vec<u8>>;

fn written(write: impl FnOnce(&mut Writer<'_>) -> serde_json::Result<()>) -> Option<String> {
    let mut bytes = Vec::new();
    write(&mut serde_json::Serializer::new(&mut bytes)).ok()?;
    String::from_utf8(bytes).ok()
}
