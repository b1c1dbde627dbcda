//! From a fact back to the message that it was.

use std::borrow::Cow;
use std::collections::BTreeMap;

use model::{Event, EventKind, Raw, kinds};
use serde_json::value::RawValue;

use super::event::placed;
use super::wire::Fields;
use crate::plans::MARK;

/// Words of the context that are the house's own.
const OURS: [&str; 2] = ["enriched", MARK];

/// Writes an event in Segment's envelope, as it was sent: every word at its place, every value as it was written.
///
/// Other than in the message: ids are texts and trimmed; what said nothing (`null`, `""`) is not there; `messageId` and `timestamp` are always there, the
/// latter corrected for the device's clock; `receivedAt` is added; `context.ip` is cut where it was cut at the door; what a plan removed or
/// somebody mended stays so; and what the batch said about all of its messages stands in each.
pub fn envelope(event: &Event) -> Raw {
    let mut words = as_sent(event);
    let time = |time: kit::Timestamp| text(&time.to_string());
    let properties = properties(event, &mut words);
    let found = [
        ("type", Some(text(event.kind.as_str()))),
        (if event.kind == EventKind::Track { "event" } else { "name" }, event.name.as_deref().map(text)),
        ("messageId", Some(text(&event.message_id))),
        ("timestamp", Some(time(event.time))),
        ("originalTimestamp", event.original_timestamp.map(time)),
        ("sentAt", event.sent_at.map(time)),
        ("receivedAt", Some(time(event.received_at))),
        ("properties", properties),
        ("traits", traits(event)),
        ("context", event.context.as_ref().and_then(|raw| only(raw, |name| !OURS.contains(&name)))),
        ("integrations", event.integrations.clone()),
    ];
    let found = found.into_iter().chain(ids(event));
    words.extend(found.filter_map(|(word, raw)| Some((Cow::Borrowed(word), raw?))));
    written(&words)
}

fn as_sent(event: &Event) -> BTreeMap<Cow<'_, str>, Raw> {
    let words = event.as_sent.as_ref().and_then(|sent| sent.words.as_ref());
    let fields = words.map(|raw| Fields::of(raw.text())).unwrap_or_default();
    fields.0.into_iter().map(|(name, raw)| (name, written(raw))).collect()
}

/// An alias has two anonymous ids: first the one that it takes over, then its own.
fn ids(event: &Event) -> [(&'static str, Option<Raw>); 3] {
    let of = |kind| event.identifiers.iter().filter(move |id| id.kind() == kind).map(|id| text(id.value()));
    let (user, mut anonymous) = (of(kinds::USER_ID).next(), of(kinds::ANONYMOUS_ID));
    let previous = (event.kind == EventKind::Alias).then(|| anonymous.next()).flatten();
    [("userId", user), ("previousId", previous), ("anonymousId", anonymous.next())]
}

/// The properties without the one that was a word of the message; that word goes back to its place.
fn properties<'e>(event: &'e Event, words: &mut BTreeMap<Cow<'e, str>, Raw>) -> Option<Raw> {
    let Some((word, property)) = placed(event.kind) else { return event.properties.clone() };
    let fields = event.properties.as_ref().map(|raw| Fields::of(raw.text())).unwrap_or_default();
    let value = fields.get(property).map(written);
    match (words.get(word), value) {
        // A group has its id, so that only one whose place was taken was written down.
        (None, Some(value)) if event.kind == EventKind::Group => _ = words.insert(word.into(), value),
        (Some(given), Some(value)) if *given == value && event.kind != EventKind::Group => {}
        (_, value) => {
            if value.is_none() {
                words.remove(word);
            }
            return event.properties.clone();
        }
    }
    only(event.properties.as_ref()?, |name| name != property)
}

fn traits(event: &Event) -> Option<Raw> {
    let own = event.as_sent.as_ref().and_then(|sent| sent.own_traits.as_ref());
    match (&event.traits, own) {
        (Some(traits), Some(own)) => only(traits, |name| own.iter().any(|own| own == name)),
        (traits, _) => traits.clone(),
    }
}

/// The entries of an object that are wanted; an object of which nothing is left is none.
fn only(raw: &Raw, is_wanted: impl Fn(&str) -> bool) -> Option<Raw> {
    let fields = Fields::of(raw.text());
    if fields.0.iter().all(|(name, _)| is_wanted(name)) {
        return Some(raw.clone());
    }
    let wanted = fields.0.into_iter().filter(|(name, _)| is_wanted(name));
    let wanted: BTreeMap<Cow<'_, str>, &RawValue> = wanted.collect();
    (!wanted.is_empty()).then(|| written(&wanted))
}

fn text(text: &str) -> Raw {
    written(text)
}

fn written<T: serde::Serialize + ?Sized>(value: &T) -> Raw {
    Raw::of(value).expect("texts and JSON texts can be written")
}
