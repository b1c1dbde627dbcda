use std::sync::Arc;

use kit::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Identifier, Raw};

/// The place of a fact in the journal: 1, 2, 3 … without holes, for ever.
pub type Seq = u64;

/// The name of a source, e.g. `web` or `crm`.
pub type Source = Arc<str>;

/// The only truth. All three kinds are append-only.
///
/// On disk a fact is JSON, tagged by its kind (`{"event": {…}}`), inside a journal frame that carries the format's version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// An identifier did something, or told us something, at a time.
    Event(Event),
    /// A source's row, at a version.
    Record(Record),
    /// Evidence that two identifiers are, or are not, the same person.
    Link(Link),
}

impl Fact {
    pub fn received_at(&self) -> Timestamp {
        match self {
            Self::Event(event) => event.received_at,
            Self::Record(record) => record.received_at,
            Self::Link(link) => link.received_at,
        }
    }

    /// The noun, as counted and shown: `event`, `record` or `link`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Record(_) => "record",
            Self::Link(_) => "link",
        }
    }

    /// Every identifier that the fact carries, highest priority as the source gave them.
    pub fn identifiers(&self) -> Vec<Identifier> {
        match self {
            Self::Event(event) => event.identifiers.clone(),
            Self::Record(record) => record.identifiers.clone(),
            Self::Link(link) => vec![link.a.clone(), link.b.clone()],
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Unique within its source; the first one stored wins.
    pub message_id: String,
    pub source: Source,
    pub kind: EventKind,
    /// The event's name (`track`), or the page's or screen's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// At least one.
    pub identifiers: Vec<Identifier>,
    /// When it happened, corrected for the clock of the device: `received_at - (sent_at - original_timestamp)`.
    pub time: Timestamp,
    pub received_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_timestamp: Option<Timestamp>,
    /// What `identify` (and `context.traits`) say about the person, or `group` about the group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traits: Option<Raw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub properties: Option<Raw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Raw>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integrations: Option<Raw>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentChange>,
    /// What else it takes to write the message again as it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_sent: Option<Box<AsSent>>,
}

/// What of a message has no place of its own in an event. Most messages have nothing like it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct AsSent {
    /// Words beside those of the spec, as they were written: an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Raw>,
    /// Names of the message's own `traits`, where those of its context lie under them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_traits: Option<Vec<String>>,
}

impl Event {
    /// What rules and timelines call the event: a track's own name, else the kind (`page`, `identify` …).
    pub fn label(&self) -> &str {
        match (self.kind, &self.name) {
            (EventKind::Track, Some(name)) => name,
            (kind, _) => kind.as_str(),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Track,
    Page,
    Screen,
    Identify,
    Group,
    Alias,
    /// A person's decision about a purpose, when nothing else is said.
    Consent,
}

impl EventKind {
    pub const ALL: [Self; 7] =
        [Self::Track, Self::Page, Self::Screen, Self::Identify, Self::Group, Self::Alias, Self::Consent];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Track => "track",
            Self::Page => "page",
            Self::Screen => "screen",
            Self::Identify => "identify",
            Self::Group => "group",
            Self::Alias => "alias",
            Self::Consent => "consent",
        }
    }
}

/// A decision about one purpose, e.g. `email_marketing` granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentChange {
    pub purpose: String,
    pub granted: bool,
}

/// A row of a source at a version. The latest version of a key replaces what earlier versions said; a delete takes it back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub source: Source,
    /// Unique within its source.
    pub key: String,
    /// Later wins; equal versions: the later in the journal wins.
    pub version: Timestamp,
    pub change: Change,
    /// At least one; the first owns the record.
    pub identifiers: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traits: Option<Raw>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consents: Vec<ConsentChange>,
    pub received_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Upsert,
    Delete,
}

/// What someone, or a model, says about two identifiers. The latest word about a pair holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    pub a: Identifier,
    pub b: Identifier,
    pub verdict: Verdict,
    pub reason: String,
    /// Who says so: `operator`, later also a model and its version.
    pub by: String,
    pub received_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The two are one person, whatever the limits say.
    Always,
    /// The two are never one person.
    Never,
    /// Takes back what was said about the pair before.
    Withdrawn,
}
