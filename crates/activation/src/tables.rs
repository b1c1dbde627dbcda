use serde::de::DeserializeOwned;
use store::{Erasure, Keep, StoreError, Table};

/// Every table that this crate writes. All of them last: they record the house's decisions and its effects on the world.
///
/// Each row has one writer: the walker (`step`) inserts, and afterwards only the `Deliverer` touches what was inserted.
pub const TABLES: &[&Table] = &[&DESTINATIONS, &STANDINGS, &OUTBOX, &DEAD_LETTERS, &LEDGER, &TALLIES, &PLAN];

pub(crate) static DESTINATIONS: Table = Table {
    name: "destinations",
    about: "a destination and the audience, or the events, that it follows: name → kind, audience, events, purpose, options, created_at",
    writer: "activation",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

pub(crate) static STANDINGS: Table = Table {
    name: "standings",
    about: "how a profile stands at a destination: name, created_at, profile u32 → turn, state (out, entered, blocked)",
    writer: "activation",
    person_key: "the profile that ends the key",
    erasure: Erasure::Remove,
    keep: Keep::Lasting,
};

pub(crate) static OUTBOX: Table = Table {
    name: "outbox",
    about: "what is to be sent, in order: name, created_at, number u64 → delivery, attempts, next_try_at, suspected",
    writer: "activation",
    person_key: "the delivery's profile in the value",
    erasure: Erasure::Remove,
    keep: Keep::Lasting,
};

pub(crate) static DEAD_LETTERS: Table = Table {
    name: "dead_letters",
    about: "what was given up and may be put back: name, created_at, number u64 → delivery, attempts",
    writer: "activation",
    person_key: "the delivery's profile in the value",
    erasure: Erasure::Remove,
    keep: Keep::Lasting,
};

pub(crate) static LEDGER: Table = Table {
    name: "ledger",
    about: "what became of each delivery, without personal values: number u64 → id, profile, outcome, attempts, reason",
    writer: "activation",
    person_key: "the profile in the value",
    erasure: Erasure::Pseudonymise,
    keep: Keep::Lasting,
};

pub(crate) static TALLIES: Table = Table {
    name: "tallies",
    about: "how many deliveries of a destination came to which end: name, created_at, `plan` or `send` → counts",
    writer: "activation",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

pub(crate) static PLAN: Table = Table {
    name: "plan",
    about: "how far deliveries are planned: `mark` → journal position, the walker's time, next number",
    writer: "activation",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// Reads a row that was written as JSON. Lasting rows are JSON, so that a later house can add to them.
pub(crate) fn from_json<T: DeserializeOwned>(table: &Table, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|error| StoreError::Corrupt {
        table: table.name,
        reason: format!("not the expected JSON at column {}", error.column()),
    })
}
