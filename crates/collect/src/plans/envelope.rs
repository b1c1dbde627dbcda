//! An event as the schemas see it: Segment's envelope.

use model::{Event, EventKind, Raw, kinds};
use serde_json::{Map, Value, json};

use super::MARK;
use crate::enrich;

/// Returns `{type, messageId, event | name, userId, anonymousId, timestamp, properties, traits, context, integrations}`.
///
/// The parts in which a plan looks for fields are there even when the event came without them, so that what is required is missed. What the
/// house itself wrote (`context.enriched`, an earlier mark of a plan) is no part of the event.
pub(super) fn envelope(event: &Event) -> Value {
    let mut envelope = Map::new();
    envelope.insert("type".to_owned(), json!(event.kind.as_str()));
    envelope.insert("messageId".to_owned(), json!(event.message_id));
    envelope.insert("timestamp".to_owned(), json!(event.time));
    let name_key = if event.kind == EventKind::Track { "event" } else { "name" };
    put(&mut envelope, name_key, event.name.as_ref().map(|name| json!(name)));
    put(&mut envelope, "userId", identifier(event, kinds::USER_ID));
    put(&mut envelope, "anonymousId", identifier(event, kinds::ANONYMOUS_ID));
    let is_about_a_person = matches!(event.kind, EventKind::Identify | EventKind::Group);
    put(&mut envelope, "properties", section(event.properties.as_ref(), !is_about_a_person));
    put(&mut envelope, "traits", section(event.traits.as_ref(), is_about_a_person));
    put(&mut envelope, "integrations", section(event.integrations.as_ref(), false));
    let mut context = event.context.as_ref().map(Raw::object).unwrap_or_default();
    context.remove(MARK);
    context.remove(enrich::KEY);
    envelope.insert("context".to_owned(), Value::Object(context));
    Value::Object(envelope)
}

fn put(envelope: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        envelope.insert(key.to_owned(), value);
    }
}

fn identifier(event: &Event, kind: &str) -> Option<Value> {
    let found = event.identifiers.iter().find(|identifier| identifier.kind() == kind)?;
    Some(json!(found.value()))
}

fn section(raw: Option<&Raw>, always: bool) -> Option<Value> {
    (raw.is_some() || always).then(|| Value::Object(raw.map(Raw::object).unwrap_or_default()))
}
