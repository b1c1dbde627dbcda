use kit::Timestamp;
use model::{Delivery, Seq};
use serde::{Deserialize, Serialize};
use store::{Draft, Key, Range, Read, ReadExt, StoreError, Table, read_u64};

use crate::Definition;
use crate::tables::{OUTBOX, PLAN, from_json};

/// The number of a delivery, in the order in which they were planned.
pub(crate) type Number = u64;

/// A delivery that waits, or that was given up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// The turn of the standing that it belongs to.
    pub turn: u64,
    pub delivery: Delivery,
    /// How often it was tried; raised before each attempt.
    pub attempts: u32,
    pub next_try_at: Timestamp,
    /// How many of the attempts failed in a way for which this delivery may be the reason.
    #[serde(default)]
    pub suspected: u32,
}

impl Waiting {
    /// Whether it is sent alone from now on, so that a bad delivery takes no others with it.
    pub fn is_suspect(&self) -> bool {
        const TOGETHER: u32 = 3;
        self.suspected >= TOGETHER
    }
}

/// How far deliveries are planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub seq: Seq,
    pub at: Timestamp,
    pub next: Number,
}

impl Mark {
    pub fn read(read: &dyn Read) -> Result<Self, StoreError> {
        Ok(read.read_json(&PLAN, b"mark")?.unwrap_or(Self { seq: 0, at: Timestamp::from_ms(0), next: 1 }))
    }

    pub fn write(&self, draft: &mut Draft<'_>) {
        draft.put_json(&PLAN, *b"mark", self);
    }
}

/// The key of a delivery in the outbox and among the dead letters.
pub(crate) fn key(definition: &Definition, number: Number) -> Key {
    definition.scope().u64(number)
}

/// Returns a destination's deliveries in order, with their numbers; at most `limit`.
pub(crate) fn waiting(
    read: &dyn Read,
    table: &Table,
    definition: &Definition,
    limit: usize,
) -> Result<Vec<(Number, Waiting)>, StoreError> {
    let scope = definition.scope();
    let rows = read.rows(table, Range::prefix(scope.as_slice()), limit)?;
    rows.iter().map(|(key, value)| Ok((number_in(key), from_json(table, value)?))).collect()
}

/// Returns up to `limit` deliveries whose destination is not among these, with their keys.
pub(crate) fn orphans(
    read: &dyn Read,
    table: &Table,
    living: &[Definition],
    limit: usize,
) -> Result<Vec<(Vec<u8>, Waiting)>, StoreError> {
    let scopes: Vec<_> = living.iter().map(Definition::scope).collect();
    let mut found = Vec::new();
    let mut after: Option<Vec<u8>> = None;
    // Jumps over what belongs to the living: their rows may be many.
    while found.len() < limit {
        let next = read.rows(table, Range::default().after(after.as_deref()), 1)?;
        let Some((key, value)) = next.into_iter().next() else { break };
        after = match scopes.iter().find(|scope| key.starts_with(scope.as_slice())) {
            Some(scope) => Some(scope.clone().u64(Number::MAX).into()),
            None => {
                found.push((key.clone(), from_json(table, &value)?));
                Some(key)
            }
        };
    }
    Ok(found)
}

/// The number that ends a key.
pub(crate) fn number_in(key: &[u8]) -> Number {
    key.len().checked_sub(8).and_then(|at| read_u64(key, at)).unwrap_or_default()
}

pub(crate) fn put(draft: &mut Draft<'_>, definition: &Definition, number: Number, waiting: &Waiting) {
    draft.put_json(&OUTBOX, key(definition, number), waiting);
}
