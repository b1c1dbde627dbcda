//! Consent at its boundary: what facts say, what may be done, what may not.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall fail")]

mod decisions;
mod permits;

use consent::{Decision, TABLES};
use kit::Timestamp;
use model::{ConsentChange, Event, EventKind, Fact, Identifier, Seq};
use store::Store;

pub fn store() -> Store {
    Store::in_memory(TABLES)
}

pub fn change(purpose: &str, granted: bool) -> ConsentChange {
    ConsentChange { purpose: purpose.to_owned(), granted }
}

pub fn event(at_ms: i64, consents: Vec<ConsentChange>) -> Event {
    let time = Timestamp::from_ms(at_ms);
    Event {
        message_id: format!("m-{at_ms}"),
        source: "web".into(),
        kind: EventKind::Consent,
        name: None,
        identifiers: vec![Identifier::new("user_id", "u1")],
        time,
        received_at: time,
        sent_at: None,
        original_timestamp: None,
        traits: None,
        properties: None,
        context: None,
        integrations: None,
        consents,
        as_sent: None,
    }
}

/// Brings facts in one after the other, each with its owner and place, and returns whether each changed something.
pub fn walk(store: &Store, facts: &[(u32, Fact, Seq)]) -> Vec<bool> {
    let mut draft = store.draft();
    let step = |(owner, fact, seq): &(u32, Fact, Seq)| consent::step(&mut draft, *owner, fact, *seq).unwrap();
    let changed = facts.iter().map(step).collect();
    store.commit(draft).unwrap();
    changed
}

pub fn shown(decision: &Decision) -> String {
    match decision {
        Decision::Granted(given) => format!("granted at {} by {} in {}", given.time.as_ms(), given.seq, given.source),
        Decision::Denied(given) => format!("denied at {} by {} in {}", given.time.as_ms(), given.seq, given.source),
        Decision::Unknown => "unknown".to_owned(),
    }
}
