use std::collections::BTreeMap;

use kit::Timestamp;
use model::{Change, Claim, Event, Ordinal, Record, Seq};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Draft, Key, Range, Read, ReadExt, StoreError};

use crate::tables::CLAIMS;

/// The value of a trait that wins, and those that lost.
#[derive(Debug, Clone, PartialEq)]
pub struct Winner {
    pub claim: Claim,
    /// The identifier whose fact says so.
    pub ordinal: Ordinal,
    /// Losing claims with another value, newest first.
    pub others: Vec<Claim>,
}

/// What one origin says of one identifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Origin {
    version: Timestamp,
    seq: Seq,
    traits: BTreeMap<String, Claim>,
}

/// Returns every trait of a profile with the claim that wins: the latest by `(time, seq)`.
pub fn winners(read: &dyn Read, members: &[Ordinal]) -> Result<BTreeMap<String, Winner>, StoreError> {
    let mut winners: BTreeMap<String, Winner> = BTreeMap::new();
    for ordinal in members {
        for (_, bytes) in read.rows(&CLAIMS, Range::prefix(&ordinal.to_be_bytes()), usize::MAX)? {
            for (name, claim) in parse(&bytes)?.traits {
                weigh(&mut winners, name, claim, *ordinal);
            }
        }
    }
    for winner in winners.values_mut() {
        winner.others.retain(|claim| claim.value != winner.claim.value);
        winner.others.sort_by_key(|claim| std::cmp::Reverse((claim.time, claim.seq)));
    }
    Ok(winners)
}

/// Returns the winning values alone.
pub fn traits(read: &dyn Read, members: &[Ordinal]) -> Result<Map<String, Value>, StoreError> {
    Ok(winners(read, members)?.into_iter().map(|(name, winner)| (name, winner.claim.value)).collect())
}

/// Returns what tells a person apart best among the traits: a name, else an e-mail.
pub fn label(traits: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| traits.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    let either = |names: [&str; 2]| names.into_iter().find_map(text);
    let whole = either(["name", "full_name"]).map(str::to_owned);
    let parts = (either(["first_name", "firstName"]), either(["last_name", "lastName"]));
    whole.or(match parts {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
        (None, None) => text("email").map(str::to_owned),
    })
}

/// Takes in what an event says of its owner; returns the names of the traits that it gave.
pub(crate) fn from_event(
    draft: &mut Draft<'_>,
    owner: Ordinal,
    event: &Event,
    seq: Seq,
) -> Result<Vec<String>, StoreError> {
    let said = event.traits.as_ref().map(model::Raw::object).unwrap_or_default();
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let key = Key::new().u32(owner).text("event").text(&event.source);
    let fresh = || Origin { version: event.time, seq, traits: BTreeMap::new() };
    let mut origin = read_origin(draft, &key)?.unwrap_or_else(fresh);
    let mut given = Vec::new();
    for (name, value) in said {
        let claim = Claim { value, time: event.time, seq, source: event.source.clone() };
        let wins = origin.traits.get(&name).is_none_or(|held| is_later(&claim, held));
        if wins {
            given.push(name.clone());
            origin.traits.insert(name, claim);
        }
    }
    draft.put_json(&CLAIMS, key, &origin);
    Ok(given)
}

/// Takes in a record's version; returns the names of the traits that it gave or took back.
pub(crate) fn from_record(
    draft: &mut Draft<'_>,
    owner: Ordinal,
    record: &Record,
    seq: Seq,
) -> Result<Vec<String>, StoreError> {
    let key = Key::new().u32(owner).text("record").text(&record.source).text(&record.key);
    let held = read_origin(draft, &key)?;
    if held.as_ref().is_some_and(|held| (held.version, held.seq) > (record.version, seq)) {
        return Ok(Vec::new());
    }
    let said = match record.change {
        Change::Upsert => record.traits.as_ref().map(model::Raw::object).unwrap_or_default(),
        Change::Delete => Map::new(),
    };
    let claim = |value| Claim { value, time: record.version, seq, source: record.source.clone() };
    let traits: BTreeMap<_, _> = said.into_iter().map(|(name, value)| (name, claim(value))).collect();
    let before = held.map(|held| held.traits).unwrap_or_default();
    let changed = changed_names(&before, &traits);
    draft.put_json(&CLAIMS, key, &Origin { version: record.version, seq, traits });
    Ok(changed)
}

fn changed_names(before: &BTreeMap<String, Claim>, after: &BTreeMap<String, Claim>) -> Vec<String> {
    let value = |claims: &BTreeMap<String, Claim>, name: &String| claims.get(name).map(|claim| claim.value.clone());
    let mut names: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| value(before, name) != value(after, name));
    names
}

fn weigh(winners: &mut BTreeMap<String, Winner>, name: String, claim: Claim, ordinal: Ordinal) {
    match winners.get_mut(&name) {
        None => {
            winners.insert(name, Winner { claim, ordinal, others: Vec::new() });
        }
        Some(held) if is_later(&claim, &held.claim) => {
            held.others.push(std::mem::replace(&mut held.claim, claim));
            held.ordinal = ordinal;
        }
        Some(held) => held.others.push(claim),
    }
}

fn is_later(claim: &Claim, than: &Claim) -> bool {
    (claim.time, claim.seq) > (than.time, than.seq)
}

fn read_origin(read: &dyn Read, key: &Key) -> Result<Option<Origin>, StoreError> {
    read.read_json(&CLAIMS, key.as_slice())
}

fn parse(bytes: &[u8]) -> Result<Origin, StoreError> {
    serde_json::from_slice(bytes)
        .map_err(|_| StoreError::Corrupt { table: CLAIMS.name, reason: "not a set of claims".to_owned() })
}
