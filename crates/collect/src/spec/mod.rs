//! The Segment HTTP API: one message, or a batch of them, into events.
//!
//! Pure: bytes in, facts and refusals out. Bodies are judged by their contents: gzip is recognised by its first bytes, a byte order mark and
//! white space around the JSON do no harm, and no header is trusted.

mod body;
mod envelope;
mod event;
mod identifiers;
mod key;
mod refusal;
mod sound;
mod time;
mod wire;

use kit::{Coded, Digest, Timestamp};
use model::{Event, EventKind, Source};
use serde_json::value::RawValue;

pub use body::inflated;
pub(crate) use body::text;
pub use envelope::envelope;
pub(crate) use key::OAUTH_PREFIX;
pub use key::{key_from_authorization, key_from_body, key_from_query};
pub use refusal::{Refusal, TimeReason};
pub(crate) use time::plausible;
pub(crate) use wire::Fields;

use crate::normalise::Region;
use event::Shared;
use wire::{Envelope, Items, Object};

/// The address to which a body was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Route {
    Identify,
    Track,
    Page,
    Screen,
    Group,
    Alias,
    Batch,
}

impl Route {
    /// Reads the last word of a path: `track`, its short form `t`, `batch`, `b` or `import`.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "identify" | "i" => Self::Identify,
            "track" | "t" => Self::Track,
            "page" | "p" => Self::Page,
            "screen" | "s" => Self::Screen,
            "group" | "g" => Self::Group,
            "alias" | "a" => Self::Alias,
            "batch" | "b" | "import" => Self::Batch,
            _ => return None,
        })
    }

    fn kind(self) -> Option<EventKind> {
        Some(match self {
            Self::Identify => EventKind::Identify,
            Self::Track => EventKind::Track,
            Self::Page => EventKind::Page,
            Self::Screen => EventKind::Screen,
            Self::Group => EventKind::Group,
            Self::Alias => EventKind::Alias,
            Self::Batch => return None,
        })
    }
}

/// What is known about messages before they are read.
#[derive(Debug, Clone)]
pub struct Door {
    pub source: Source,
    pub received_at: Timestamp,
    pub limits: Limits,
    /// Whose rules telephone numbers without a country code follow.
    pub phone_region: Region,
    pub arrival: Arrival,
}

impl Door {
    /// A door for live messages with the usual limits.
    pub fn live(source: Source, received_at: Timestamp) -> Self {
        Self { source, received_at, limits: Limits::default(), phone_region: Region::default(), arrival: Arrival::Live }
    }
}

/// How messages come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// From the device or server where they happened: clocks are corrected by `sentAt`, missing message ids are drawn at random.
    Live,
    /// From a row that is kept somewhere: times are taken as written, and a missing message id is this one, the same on every reading.
    Kept { id: Digest },
}

/// What is too much. The defaults are Segment's own limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of one message as JSON: 32 KiB.
    pub event_bytes: usize,
    /// Of one batch as JSON, inflated: 500 KiB.
    pub batch_bytes: usize,
    /// Messages in a batch: 2,500.
    pub batch_events: usize,
    /// Nested objects and arrays in a message: 64.
    pub depth: usize,
    /// Characters of a `messageId`: 100.
    pub message_id_chars: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { event_bytes: 32 * 1024, batch_bytes: 500 * 1024, batch_events: 2_500, depth: 64, message_id_chars: 100 }
    }
}

/// What came of a readable body.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Accepted {
    pub events: Vec<Event>,
    /// Messages of a batch that were not taken, in their order. Always empty for a single message.
    pub refused: Vec<Refused>,
}

/// One message of a batch that was not taken; those beside it were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place in the batch, from 0.
    pub index: usize,
    pub message_id: Option<String>,
    /// A code of [`Refusal`].
    pub code: &'static str,
    pub message: String,
    /// The beginning of the message as it was sent, for those who may see it: it is personal.
    pub sample: String,
}

/// The beginning of what was sent.
pub fn sample(text: &str) -> String {
    const SAMPLE_CHARS: usize = 500;
    text.trim_start().chars().take(SAMPLE_CHARS).collect()
}

/// Reads a body into events.
///
/// An error means that nothing of the body is to be stored: a single message that was refused, or a batch that cannot be read or is too large
/// as a whole. In a readable batch each message stands for itself.
pub fn accept(route: Route, body: &[u8], door: &Door) -> Result<Accepted, Refusal> {
    let limit_bytes = match route {
        Route::Batch => door.limits.batch_bytes,
        _ => door.limits.event_bytes,
    };
    let plain = inflated(body, limit_bytes)?;
    if plain.len() > limit_bytes {
        return Err(too_large(route, limit_bytes));
    }
    let text = body::text(&plain)?;
    match route.kind() {
        None => batch(text, door),
        Some(kind) => single(text, Some(kind), door),
    }
}

/// Reads one message whose kind is in its `type`, as a row of a file is.
pub(crate) fn message(text: &str, door: &Door) -> Result<Event, Refusal> {
    event::read(text.trim(), None, &Shared::default(), door).map_err(|(_, refusal)| refusal)
}

/// Checks that a text is JSON that can be read again, whoever reads it. Errors: `too_deep`, `invalid_json`.
pub(crate) fn check(text: &str) -> Result<(), Refusal> {
    sound::check_fully(text, Limits::default().depth)
}

fn single(text: &str, kind: Option<EventKind>, door: &Door) -> Result<Accepted, Refusal> {
    let event = event::read(text, kind, &Shared::default(), door).map_err(|(_, refusal)| refusal)?;
    Ok(Accepted { events: vec![event], refused: Vec::new() })
}

fn batch(text: &str, door: &Door) -> Result<Accepted, Refusal> {
    let envelope = around(text, door.limits.depth)?;
    let shared = shared(&envelope, door)?;
    let items = items(&envelope, door.limits.batch_events)?;
    let mut accepted = Accepted { events: Vec::with_capacity(items.len()), refused: Vec::new() };
    for (index, item) in items.iter().enumerate() {
        match event::read(item.get(), None, &shared, door) {
            Ok(event) => accepted.events.push(event),
            Err((message_id, refusal)) => {
                let (code, message, sample) = (refusal.code(), refusal.to_string(), sample(item.get()));
                accepted.refused.push(Refused { index, message_id, code, message, sample })
            }
        }
    }
    Ok(accepted)
}

fn around(text: &str, limit_depth: usize) -> Result<Envelope<'_>, Refusal> {
    if !text.starts_with('{') {
        sound::check_fully(text, limit_depth)?;
        return Err(Refusal::WrongType { field: "body", expected: "an object with a `batch`" });
    }
    serde_json::from_str(text).map_err(|error| Refusal::json(&error))
}

fn items<'e>(envelope: &'e Envelope<'_>, limit: usize) -> Result<&'e [&'e RawValue], Refusal> {
    match &envelope.batch {
        Items::Absent => Err(Refusal::MissingField { field: "batch" }),
        Items::Wrong => Err(Refusal::WrongType { field: "batch", expected: "an array" }),
        Items::Are(items) if items.len() > limit => Err(Refusal::BatchTooLong { events: items.len(), limit }),
        Items::Are(items) => Ok(items),
    }
}

fn shared<'e>(envelope: &'e Envelope<'_>, door: &Door) -> Result<Shared<'e>, Refusal> {
    Ok(Shared {
        sent_at: time::lenient(&envelope.sent_at),
        context: shared_object(&envelope.context, "context", door)?,
        integrations: shared_object(&envelope.integrations, "integrations", door)?,
    })
}

/// An empty object says nothing, so that the usual batch needs no merging.
fn shared_object<'e>(object: &'e Object, field: &'static str, door: &Door) -> Result<Option<Fields<'e>>, Refusal> {
    match object {
        Object::Absent => Ok(None),
        Object::Wrong => Err(Refusal::WrongType { field, expected: "an object" }),
        Object::Is(raw) => {
            sound::check(raw.text(), door.limits.depth)?;
            let fields = Fields::of(raw.text());
            Ok((!fields.0.is_empty()).then_some(fields))
        }
    }
}

fn too_large(route: Route, limit_bytes: usize) -> Refusal {
    match route {
        Route::Batch => Refusal::BatchTooLarge { limit_bytes },
        _ => Refusal::EventTooLarge { limit_bytes },
    }
}
