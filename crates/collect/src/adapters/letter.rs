use std::fmt;

use kit::Coded;
use model::Raw;
use serde::Serialize;

use crate::spec::{self, Accepted, Door, Refusal, Refused};

/// What a request says, in the words of the spec.
#[derive(Default)]
pub struct Letter {
    /// The write key that body or address carries; a header's goes before it.
    pub key: Option<String>,
    /// Each message, or why it cannot be turned into one, in the order of the request.
    pub messages: Vec<Result<Message, Refusal>>,
    /// Of whom the answer tells ([`super::Outcome::person`]), where it tells of somebody: the kind and the value of an identifier.
    pub about: Option<(String, String)>,
}

impl Letter {
    pub fn of(key: Option<String>, messages: Vec<Result<Message, Refusal>>) -> Self {
        Self { key, messages, about: None }
    }

    /// Reads the messages as the spec reads those of a batch: each stands for itself. Errors: `batch_too_long`.
    pub fn accept(&self, door: &Door) -> Result<Accepted, Refusal> {
        let (events, limit) = (self.messages.len(), door.limits.batch_events);
        if events > limit {
            return Err(Refusal::BatchTooLong { events, limit });
        }
        let mut accepted = Accepted::default();
        for (index, message) in self.messages.iter().enumerate() {
            let message_id = message.as_ref().ok().and_then(|message| message.message_id.clone());
            match message.as_ref().map_err(Clone::clone).and_then(|message| message.read(door)) {
                Ok(event) => accepted.events.push(event),
                Err(refusal) => {
                    let (code, message) = (refusal.code(), refusal.to_string());
                    accepted.refused.push(Refused { index, message_id, code, message });
                }
            }
        }
        Ok(accepted)
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("messages", &self.messages.len()).finish_non_exhaustive()
    }
}

/// One message of the spec; what is `None` is absent. Times are RFC 3339.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// `track`, `identify`, `page`, `screen`, `group` or `alias`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub event: Option<String>,
    pub name: Option<String>,
    pub user_id: Option<String>,
    pub anonymous_id: Option<String>,
    pub previous_id: Option<String>,
    pub group_id: Option<String>,
    pub message_id: Option<String>,
    pub timestamp: Option<String>,
    pub original_timestamp: Option<String>,
    pub sent_at: Option<String>,
    pub context: Option<Raw>,
    pub traits: Option<Raw>,
    pub properties: Option<Raw>,
    /// Who else should hear of it.
    pub integrations: Option<Raw>,
}

impl Message {
    fn read(&self, door: &Door) -> Result<model::Event, Refusal> {
        let text = serde_json::to_string(self).expect("texts and JSON texts can be written");
        spec::message(&text, door)
    }
}
