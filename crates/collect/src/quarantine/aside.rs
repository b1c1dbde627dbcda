use kit::{Digest, Timestamp};
use model::{Event, Identifier};
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Read, ReadExt, StoreError, Table};

use crate::plans::Removed;

pub(crate) static ASIDE: Table = Table {
    name: "removed_fields",
    about: "what plans removed from an event: source text, digest of the message id 16 bytes → fields with their values (JSON)",
    writer: "collect",
    person_key: "identifiers (value)",
    erasure: Erasure::Remove,
    keep: Keep::Lasting,
};

/// What plans removed from an event that went on without it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Aside {
    pub message_id: String,
    /// Whose event it is.
    pub identifiers: Vec<Identifier>,
    pub removed: Vec<Removed>,
    pub removed_at: Timestamp,
}

impl std::fmt::Debug for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Aside {{ fields: {}, removed_at: {} }}", self.removed.len(), self.removed_at)
    }
}

/// Keeps what was removed from an event; the first time counts, as for the event itself.
///
/// `identifiers` are those with which the event came: one of them may have gone with its field.
pub fn set_aside(
    draft: &mut Draft<'_>,
    event: &Event,
    identifiers: &[Identifier],
    removed: &[Removed],
    now: Timestamp,
) -> Result<(), StoreError> {
    if removed.is_empty() || aside_of(draft, &event.source, &event.message_id)?.is_some() {
        return Ok(());
    }
    let aside = Aside {
        message_id: event.message_id.clone(),
        identifiers: identifiers.to_vec(),
        removed: removed.to_vec(),
        removed_at: now,
    };
    draft.put_json(&ASIDE, key(&event.source, &event.message_id), &aside);
    Ok(())
}

/// Returns what was removed from a message.
pub fn aside_of(read: &dyn Read, source: &str, message_id: &str) -> Result<Option<Aside>, StoreError> {
    read.read_json(&ASIDE, key(source, message_id).as_slice())
}

fn key(source: &str, message_id: &str) -> Key {
    Key::new().text(source).bytes(Digest::of(&[message_id]).as_bytes())
}
