//! Messages in Segment's words, as Segment's pixel and the clients of Jitsu and RudderStack speak them: their texts stay as they are.

use serde_json::value::RawValue;

use crate::adapters::Message;
use crate::adapters::words::{self, Object};
use crate::spec::{Fields, Refusal, TimeReason};
use model::Raw;

const KINDS: [&str; 6] = ["track", "identify", "page", "screen", "group", "alias"];

/// Words that have their place in a message; all others are kept in the context, under the neighbour's name.
const PLACED: &[&str] = &[
    "type",
    "event",
    "name",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "context",
    "traits",
    "properties",
    "integrations",
    "writeKey",
];

/// The kind of message that a word says, e.g. the last one of an address.
pub fn kind_of(word: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|kind| *kind == word)
}

/// A batch: its messages, and what it says about all of them.
pub struct Batch<'a> {
    pub key: Option<String>,
    items: Vec<&'a RawValue>,
    shared: Shared<'a>,
}

impl<'a> Batch<'a> {
    /// Errors: `invalid_json`, `missing_field`, `wrong_type`, `batch_too_long`, `event_too_large`.
    pub fn of(text: &'a str) -> Result<Self, Refusal> {
        let around = match words::items(text)?[..] {
            [only] => Fields::of(only.get()),
            _ => Fields::default(),
        };
        let items = words::list(&around, "batch")?;
        Ok(Self { key: words::text(&around, "writeKey"), items, shared: Shared::of(&around)? })
    }

    pub fn messages(&self, neighbour: &'static str) -> Vec<Result<Message, Refusal>> {
        let read = |raw: &&RawValue| message(&words::item(raw)?, None, &self.shared, neighbour);
        self.items.iter().map(read).collect()
    }
}

/// What lies under every message of a batch.
#[derive(Default)]
pub struct Shared<'a> {
    sent_at: Option<String>,
    context: Fields<'a>,
    integrations: Fields<'a>,
}

impl<'a> Shared<'a> {
    fn of(around: &Fields<'a>) -> Result<Self, Refusal> {
        let written = ["context", "integrations"].into_iter().filter_map(|word| around.get(word));
        words::not_too_large(written.map(|raw| raw.get().len()).sum())?;
        Ok(Self {
            sent_at: words::word(around, "sentAt").ok().flatten(),
            context: words::object(around, "context")?,
            integrations: words::object(around, "integrations")?,
        })
    }
}

/// Reads one message; `route` is the kind that its address says. Errors: `unknown_type`, `missing_field`, `wrong_type`, `invalid_time`.
pub fn message(
    fields: &Fields<'_>,
    route: Option<&'static str>,
    shared: &Shared<'_>,
    neighbour: &'static str,
) -> Result<Message, Refusal> {
    let kind = kind(fields, route)?;
    let own_sent_at = words::word(fields, "sentAt").ok().flatten();
    Ok(Message {
        kind,
        event: words::word(fields, "event")?.filter(|_| kind == "track"),
        name: words::word(fields, "name")?,
        user_id: words::id(fields, "userId")?,
        anonymous_id: words::id(fields, "anonymousId")?,
        previous_id: words::id(fields, "previousId")?,
        group_id: words::id(fields, "groupId")?,
        message_id: words::id(fields, "messageId")?,
        timestamp: time(fields, "timestamp")?,
        original_timestamp: time(fields, "originalTimestamp")?,
        sent_at: own_sent_at.or_else(|| shared.sent_at.clone()),
        context: context(fields, kind, shared, neighbour)?,
        traits: words::value(fields, "traits").map(raw),
        properties: properties(fields, kind)?,
        integrations: integrations(fields, shared)?.raw(),
    })
}

/// The address wins over `type`, as at Segment; a `type` that is no word of the spec is refused in any case.
fn kind(fields: &Fields<'_>, route: Option<&'static str>) -> Result<&'static str, Refusal> {
    let written = words::word(fields, "type").map_err(|_| Refusal::UnknownType)?;
    let written = written.map(|word| kind_of(&word).ok_or(Refusal::UnknownType)).transpose()?;
    route.or(written).ok_or(Refusal::MissingField { field: "type" })
}

fn time(fields: &Fields<'_>, field: &'static str) -> Result<Option<String>, Refusal> {
    words::word(fields, field).map_err(|_| Refusal::InvalidTime { field, reason: TimeReason::Unreadable })
}

/// Where `category` has a place: in the properties of what was looked at.
fn has_category(kind: &str) -> bool {
    matches!(kind, "page" | "screen")
}

fn properties(fields: &Fields<'_>, kind: &str) -> Result<Option<Raw>, Refusal> {
    let category = words::text(fields, "category").filter(|_| has_category(kind));
    let Some(category) = category else { return Ok(words::value(fields, "properties").map(raw)) };
    let mut properties = Object::default();
    properties.put_all(&words::object(fields, "properties")?);
    properties.put_text("category", Some(&category));
    Ok(properties.raw())
}

fn context(
    fields: &Fields<'_>,
    kind: &str,
    shared: &Shared<'_>,
    neighbour: &'static str,
) -> Result<Option<Raw>, Refusal> {
    let category: &[&str] = if has_category(kind) { &["category"] } else { &[] };
    let rest = rest(fields, &[PLACED, category].concat());
    if rest.is_empty() && shared.context.0.is_empty() {
        return Ok(words::value(fields, "context").map(raw));
    }
    let mut context = Object::default();
    context.put_all(&words::object(fields, "context")?);
    context.put_all(&shared.context);
    context.put_object(neighbour, rest);
    Ok(context.raw())
}

/// Who else should hear of it: what the message says, over what its batch says.
fn integrations<'a>(fields: &Fields<'a>, shared: &Shared<'a>) -> Result<Object<'a>, Refusal> {
    let mut integrations = Object::default();
    integrations.put_all(&words::object(fields, "integrations")?);
    integrations.put_all(&shared.integrations);
    Ok(integrations)
}

/// What says something and has no place of its own.
fn rest<'a>(fields: &Fields<'a>, placed: &[&str]) -> Object<'a> {
    let entries = fields.0.iter().filter(|(name, _)| !placed.contains(&name.as_ref()));
    let mut rest = Object::default();
    rest.put_all(&words::said(Fields(entries.cloned().collect())));
    rest
}

fn raw(value: &RawValue) -> Raw {
    Raw::of(value).expect("a JSON text can be written")
}
