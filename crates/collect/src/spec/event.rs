//! From one message to one fact.

use std::collections::BTreeMap;

use kit::Timestamp;
use model::{AsSent, ConsentChange, Event, EventKind, Raw};

use serde_json::value::RawValue;

use super::identifiers::{self, Context};
use super::wire::{Fields, Item, Object, Text};
use super::{Arrival, Door, Refusal, sound, time};

/// What a batch says about all of its messages.
#[derive(Debug, Default)]
pub(super) struct Shared<'a> {
    pub sent_at: Option<Timestamp>,
    pub context: Option<Fields<'a>>,
    pub integrations: Option<Fields<'a>>,
}

/// A message that was not taken: its id, where one could be read, and the reason.
pub(super) type Rejection = (Option<String>, Refusal);

/// Reads one message; `route` is the kind that the address already says.
pub(super) fn read(text: &str, route: Option<EventKind>, shared: &Shared<'_>, door: &Door) -> Result<Event, Rejection> {
    let item = item(text, door).map_err(|refusal| (None, refusal))?;
    let message_id = item.message_id.some().map(str::to_owned);
    build(item, route, shared, door).map_err(|refusal| (message_id, refusal))
}

fn item<'a>(text: &'a str, door: &Door) -> Result<Item<'a>, Refusal> {
    let limits = &door.limits;
    if text.len() > limits.event_bytes {
        let limit_bytes = limits.event_bytes;
        return Err(Refusal::EventTooLarge { limit_bytes });
    }
    if !text.starts_with('{') {
        sound::check_fully(text, limits.depth)?;
        return Err(wrong_object("message"));
    }
    sound::check(text, limits.depth)?;
    serde_json::from_str(text).map_err(|error| Refusal::json(&error))
}

fn build(mut item: Item<'_>, route: Option<EventKind>, shared: &Shared<'_>, door: &Door) -> Result<Event, Refusal> {
    let kind = kind(&item.kind, route)?;
    let message_id = message_id(&item.message_id, door)?;
    let name = name(kind, &item)?;
    let times = time::times(&item, shared.sent_at, door)?;
    let context = inherit(object(std::mem::take(&mut item.context), "context")?, shared.context.as_ref());
    let integrations = object(std::mem::take(&mut item.integrations), "integrations")?;
    let integrations = inherit(integrations, shared.integrations.as_ref());
    let own_traits = object(std::mem::take(&mut item.traits), "traits")?;
    let hints = hints(context.as_ref())?;
    let identifiers = identifiers::promoted(kind, &item, own_traits.as_ref(), &hints, door)?;
    let consents = consents(&hints)?;
    let as_sent = as_sent(kind, &item, own_traits.as_ref(), &hints);
    let traits = traits(kind, own_traits, &hints);
    let properties = properties(kind, &mut item)?;
    Ok(Event {
        message_id,
        source: door.source.clone(),
        kind,
        name,
        identifiers,
        time: times.time,
        received_at: door.received_at,
        sent_at: times.sent,
        original_timestamp: times.original,
        traits,
        properties,
        context,
        integrations,
        consents,
        as_sent,
    })
}

/// The address wins over `type`, as at Segment; a `type` that is no word of the spec is refused in any case.
fn kind(written: &Text<'_>, route: Option<EventKind>) -> Result<EventKind, Refusal> {
    let written = match (written, written.some()) {
        (Text::Wrong, _) => return Err(Refusal::UnknownType),
        (_, Some(word)) => Some(spec_kind(word).ok_or(Refusal::UnknownType)?),
        (_, None) => None,
    };
    let missing = Refusal::MissingField { field: "type" };
    route.or(written).ok_or(missing)
}

fn spec_kind(word: &str) -> Option<EventKind> {
    let spoken = EventKind::ALL.into_iter();
    let mut spoken = spoken.filter(|kind| *kind != EventKind::Consent);
    spoken.find(|kind| kind.as_str() == word)
}

fn message_id(written: &Text<'_>, door: &Door) -> Result<String, Refusal> {
    let limit = door.limits.message_id_chars;
    match (written, written.some()) {
        (Text::Wrong, _) => Err(Refusal::WrongType { field: "messageId", expected: "a string" }),
        (_, Some(id)) if id.chars().count() > limit => Err(Refusal::MessageIdTooLong { limit }),
        (_, Some(id)) => Ok(id.to_owned()),
        (_, None) => Ok(minted(door)),
    }
}

/// A message id for a message that came without one: random for a live one; for a kept row the same on every reading.
fn minted(door: &Door) -> String {
    match door.arrival {
        Arrival::Live => random_uuid(),
        Arrival::Kept { id } => id.to_string(),
    }
}

fn random_uuid() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("an operating system that runs a server gives random bytes");
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = kit::hex(&bytes);
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}

fn name(kind: EventKind, item: &Item<'_>) -> Result<Option<String>, Refusal> {
    let (text, field) = match kind {
        EventKind::Track => (&item.event, "event"),
        EventKind::Page | EventKind::Screen => (&item.name, "name"),
        _ => return Ok(None),
    };
    match (text, text.some()) {
        (Text::Wrong | Text::Number(_), _) => Err(Refusal::WrongType { field, expected: "a string" }),
        (_, None) if kind == EventKind::Track => Err(Refusal::MissingField { field }),
        (_, name) => Ok(name.map(str::to_owned)),
    }
}

fn object(object: Object, field: &'static str) -> Result<Option<Raw>, Refusal> {
    match object {
        Object::Absent => Ok(None),
        Object::Is(raw) => Ok(Some(raw)),
        Object::Wrong => Err(wrong_object(field)),
    }
}

fn wrong_object(field: &'static str) -> Refusal {
    Refusal::WrongType { field, expected: "an object" }
}

/// Puts what the batch says under what the message says.
fn inherit(own: Option<Raw>, shared: Option<&Fields<'_>>) -> Option<Raw> {
    let Some(shared) = shared else { return own };
    let own = own.as_ref().map(|raw| Fields::of(raw.text())).unwrap_or_default();
    Some(written(&own.over(shared)))
}

fn hints(context: Option<&Raw>) -> Result<Context<'_>, Refusal> {
    let Some(raw) = context else {
        return Ok(Context::default());
    };
    serde_json::from_str(raw.text()).map_err(|error| Refusal::json(&error))
}

/// `context.traits` are the person's too, under those of the message itself; the traits of a `group` are the group's alone.
fn traits(kind: EventKind, own: Option<Raw>, hints: &Context<'_>) -> Option<Raw> {
    let Some(shared) = shared_traits(kind, hints) else { return own };
    let own = own.as_ref().map(|raw| Fields::of(raw.text())).unwrap_or_default();
    Some(written(&own.over(&Fields::of(shared.get()))))
}

fn shared_traits<'a>(kind: EventKind, hints: &Context<'a>) -> Option<&'a RawValue> {
    hints.traits.filter(|raw| kind != EventKind::Group && raw.get().starts_with('{'))
}

/// What [`super::envelope`] cannot find in the event's own fields: words beside the spec's, a page's category (and a group's id where its place among
/// the properties is taken), and which traits stood in the message itself.
fn as_sent(kind: EventKind, item: &Item<'_>, own: Option<&Raw>, hints: &Context<'_>) -> Option<Box<AsSent>> {
    let others = item.others.0.iter().filter(|(name, _)| name != "writeKey");
    let mut words: BTreeMap<&str, Raw> = others.map(|(name, raw)| (name.as_ref(), written(*raw))).collect();
    let is_taken = |property: &str| kind != EventKind::Group || has(&item.properties, property);
    let placed = placed(kind).zip(placed_word(kind, item)).filter(|((_, property), _)| is_taken(property));
    words.extend(placed.map(|((word, _), text)| (word, written(text))));
    let own_traits = shared_traits(kind, hints).map(|_| names(own));
    let words = (!words.is_empty()).then(|| written(&words));
    (words.is_some() || own_traits.is_some()).then(|| Box::new(AsSent { words, own_traits }))
}

fn names(object: Option<&Raw>) -> Vec<String> {
    let fields = object.map(|raw| Fields::of(raw.text())).unwrap_or_default();
    fields.0.into_iter().map(|(name, _)| name.into_owned()).collect()
}

fn has(object: &Object, name: &str) -> bool {
    matches!(object, Object::Is(raw) if Fields::of(raw.text()).get(name).is_some())
}

/// `groupId` of a group and `category` of a page have no place of their own in a fact: they become properties, unless one has that name.
fn properties(kind: EventKind, item: &mut Item<'_>) -> Result<Option<Raw>, Refusal> {
    let own = object(std::mem::take(&mut item.properties), "properties")?;
    if kind == EventKind::Group {
        group_id(item)?;
    }
    let Some(((_, property), text)) = placed(kind).zip(placed_word(kind, item)) else { return Ok(own) };
    let own = own.as_ref().map(|raw| Fields::of(raw.text())).unwrap_or_default();
    let extra = written(&BTreeMap::from([(property, text)]));
    Ok(Some(written(&own.over(&Fields::of(extra.text())))))
}

/// The word of a message that becomes a property, and the property's name.
pub(super) fn placed(kind: EventKind) -> Option<(&'static str, &'static str)> {
    match kind {
        EventKind::Group => Some(("groupId", "group_id")),
        EventKind::Page | EventKind::Screen => Some(("category", "category")),
        _ => None,
    }
}

fn placed_word<'t>(kind: EventKind, item: &'t Item<'_>) -> Option<&'t str> {
    if kind == EventKind::Group { item.group_id.some() } else { item.category.some() }
}

fn group_id<'t>(item: &'t Item<'_>) -> Result<Option<&'t str>, Refusal> {
    let missing = Refusal::MissingField { field: "groupId" };
    identifiers::id(&item.group_id, "groupId")?.map(Some).ok_or(missing)
}

fn consents(hints: &Context<'_>) -> Result<Vec<ConsentChange>, Refusal> {
    let Some(consent) = hints.consent.filter(|raw| raw.get() != "null") else {
        return Ok(Vec::new());
    };
    let preferences = fields(consent.get(), "context.consent")?;
    let Some(preferences) = preferences.get("categoryPreferences") else {
        return Ok(Vec::new());
    };
    let preferences = fields(preferences.get(), "context.consent.categoryPreferences")?;
    let changes = preferences.0.iter().map(|(purpose, value)| {
        let granted = serde_json::from_str(value.get()).map_err(|_| Refusal::WrongType {
            field: "context.consent.categoryPreferences",
            expected: "an object of `true` and `false`",
        })?;
        let purpose = purpose.clone().into_owned();
        Ok(ConsentChange { purpose, granted })
    });
    changes.collect()
}

fn fields<'a>(text: &'a str, field: &'static str) -> Result<Fields<'a>, Refusal> {
    serde_json::from_str(text).map_err(|_| wrong_object(field))
}

fn written<T: serde::Serialize + ?Sized>(value: &T) -> Raw {
    Raw::of(value).expect("text keys and JSON texts can be written")
}
