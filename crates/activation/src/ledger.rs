use kit::Timestamp;
use model::{Action, Delivery, ProfileId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Draft, Key, Range, Read, ReadExt, StoreError};

use crate::Definition;
use crate::definitions::definitions;
use crate::outbox::{Number, number_in};
use crate::tables::{LEDGER, TALLIES, from_json};

/// What became of one delivery. Holds no personal value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The delivery's id, stable over retries.
    pub id: String,
    pub destination: String,
    pub audience: String,
    pub profile: ProfileId,
    pub action: Action,
    pub outcome: Outcome,
    pub attempts: u64,
    /// The receiver's answer, or the code of consent's refusal. Empty while nothing was tried.
    pub reason: String,
    /// When it was planned.
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Waiting,
    Delivered,
    /// Refused by consent.
    Blocked,
    /// Given up: refused by the receiver, or after all attempts.
    Dead,
}

impl Outcome {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Blocked => "blocked",
            Self::Dead => "dead",
        }
    }
}

/// A destination and how it fares.
#[derive(Debug, Clone, PartialEq)]
pub struct Status {
    pub definition: Definition,
    pub health: Health,
    /// Why the last call did not arrive, where it did not.
    pub failure: Option<String>,
    pub delivered: u64,
    pub blocked: u64,
    pub waiting: u64,
    pub dead: u64,
}

impl Status {
    /// The options with secrets hidden.
    pub fn shown_options(&self) -> Value {
        self.definition.shown_options()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// The last call arrived.
    Ok,
    /// The last call did not.
    Failing,
    /// Nothing was sent yet.
    Waiting,
}

impl Health {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Waiting => "waiting",
        }
    }
}

/// Returns lines, newest first, with their numbers: of one destination if named, at most `limit`.
pub fn lines(read: &dyn Read, destination: Option<&str>, limit: usize) -> Result<Vec<(u64, Line)>, StoreError> {
    let mut found = Vec::new();
    read.scan(&LEDGER, Range::default().backward(), &mut |key, value| {
        let line: Line = from_json(&LEDGER, value)?;
        if found.len() < limit && destination.is_none_or(|name| name == line.destination) {
            found.push((number_in(key), line));
        }
        Ok(found.len() < limit)
    })?;
    Ok(found)
}

/// Returns all destinations by name, with how they fare.
pub fn statuses(read: &dyn Read) -> Result<Vec<Status>, StoreError> {
    definitions(read)?.into_iter().map(|definition| status(read, definition)).collect()
}

/// Returns how a destination fares.
pub fn status(read: &dyn Read, definition: Definition) -> Result<Status, StoreError> {
    let planned = Planned::read(read, &definition)?;
    let sent = Sent::read(read, &definition)?;
    let ended = sent.delivered + sent.blocked + sent.dead;
    Ok(Status {
        health: sent.health(),
        failure: Some(sent.failure).filter(|failure| !failure.is_empty()),
        delivered: sent.delivered,
        blocked: planned.blocked + sent.blocked,
        waiting: planned.queued.saturating_sub(ended),
        dead: sent.dead,
        definition,
    })
}

/// What the walker counts of a destination.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Planned {
    pub queued: u64,
    pub blocked: u64,
}

impl Planned {
    pub fn read(read: &dyn Read, definition: &Definition) -> Result<Self, StoreError> {
        Ok(read.read_json(&TALLIES, definition.scope().text("plan").as_slice())?.unwrap_or_default())
    }

    pub fn write(&self, draft: &mut Draft<'_>, definition: &Definition) {
        draft.put_json(&TALLIES, definition.scope().text("plan"), self);
    }
}

/// What the deliverer counts of a destination.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Sent {
    pub delivered: u64,
    pub blocked: u64,
    pub dead: u64,
    /// Whether the last call arrived; nothing before the first one.
    pub arrived: Option<bool>,
    /// Why the last call did not arrive; empty when it did.
    pub failure: String,
}

impl Sent {
    pub fn read(read: &dyn Read, definition: &Definition) -> Result<Self, StoreError> {
        Ok(read.read_json(&TALLIES, definition.scope().text("send").as_slice())?.unwrap_or_default())
    }

    pub fn write(&self, draft: &mut Draft<'_>, definition: &Definition) {
        draft.put_json(&TALLIES, definition.scope().text("send"), self);
    }

    pub fn arrived(&mut self) {
        self.arrived = Some(true);
        self.failure.clear();
    }

    pub fn failed(&mut self, reason: &str) {
        self.arrived = Some(false);
        reason.clone_into(&mut self.failure);
    }

    fn health(&self) -> Health {
        match self.arrived {
            None => Health::Waiting,
            Some(true) => Health::Ok,
            Some(false) => Health::Failing,
        }
    }
}

/// Writes, or rewrites, the line of a delivery.
pub(crate) fn note(
    draft: &mut Draft<'_>,
    number: Number,
    delivery: &Delivery,
    outcome: Outcome,
    attempts: u32,
    reason: &str,
) {
    let line = Line {
        id: delivery.id.clone(),
        destination: delivery.destination.clone(),
        audience: delivery.audience.clone(),
        profile: delivery.profile,
        action: delivery.action,
        outcome,
        attempts: attempts.into(),
        reason: reason.to_owned(),
        at: delivery.at,
    };
    draft.put_json(&LEDGER, Key::new().u64(number), &line);
}
