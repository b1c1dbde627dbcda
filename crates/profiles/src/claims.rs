use std::collections::BTreeMap;

use model::{Change, Claim, Event, EventKind, Ordinal, Record, Seq};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Draft, Key, Range, Read, ReadExt, StoreError};

use crate::records::{self, Holder};
use crate::step::{Left, Step};
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

/// What one origin says of one identifier, by trait.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Origin(BTreeMap<String, Claim>);

/// Returns every trait of a profile with the claim that wins: the latest by `(time, seq)`.
pub fn winners(read: &dyn Read, members: &[Ordinal]) -> Result<BTreeMap<String, Winner>, StoreError> {
    let mut winners: BTreeMap<String, Winner> = BTreeMap::new();
    for ordinal in members {
        for (_, bytes) in read.rows(&CLAIMS, Range::prefix(&ordinal.to_be_bytes()), usize::MAX)? {
            for (name, claim) in parse(&bytes)?.0 {
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

/// Takes in what an event says of its owner; returns the traits that it gave, be it with the value that they had.
pub(crate) fn from_event(
    draft: &mut Draft<'_>,
    owner: Ordinal,
    event: &Event,
    seq: Seq,
) -> Result<Map<String, Value>, StoreError> {
    // What a group's message says is the group's, and no claim about the person.
    let persons = event.traits.as_ref().filter(|_| event.kind != EventKind::Group);
    let said = persons.map(model::Raw::object).unwrap_or_default();
    if said.is_empty() {
        return Ok(Map::new());
    }
    let key = Key::new().u32(owner).text("event").text(&event.source);
    let mut origin = read_origin(draft, &key)?;
    let mut given = Map::new();
    for (name, value) in said {
        let claim = Claim { value, time: event.time, seq, source: event.source.clone() };
        if origin.0.get(&name).is_none_or(|held| is_later(&claim, held)) {
            given.insert(name.clone(), claim.value.clone());
            origin.0.insert(name, claim);
        }
    }
    if !given.is_empty() {
        draft.put_json(&CLAIMS, key, &origin);
    }
    Ok(given)
}

/// Takes in a record's version. What an older version said goes, even where another identifier owned that one; an older version that comes
/// late says nothing.
pub(crate) fn from_record(
    draft: &mut Draft<'_>,
    owner: Ordinal,
    record: &Record,
    seq: Seq,
) -> Result<Step, StoreError> {
    let held = records::holder(draft, record)?;
    if held.is_some_and(|held| (held.version, held.seq) > (record.version, seq)) {
        return Ok(Step::default());
    }
    let before = match held {
        Some(held) => take_back(draft, held.owner, record)?,
        None => Origin::default(),
    };
    records::hold(draft, record, Holder { owner, version: record.version, seq });
    let said = match record.change {
        Change::Upsert => record.traits.as_ref().map(model::Raw::object).unwrap_or_default(),
        Change::Delete => Map::new(),
    };
    write_record(draft, owner, record, seq, &said);
    let lost = before.0.into_keys();
    let mut traits: Vec<String> = said.keys().cloned().collect();
    let left = match held.filter(|held| held.owner != owner) {
        Some(held) => Some(Left { owner: held.owner, traits: lost.collect() }),
        None => {
            traits.extend(lost.filter(|name| !said.contains_key(name)));
            None
        }
    };
    Ok(Step { traits, given: said, left: left.filter(|left| !left.traits.is_empty()), event: None })
}

/// Removes, and returns, what a record says of an identifier.
fn take_back(draft: &mut Draft<'_>, owner: Ordinal, record: &Record) -> Result<Origin, StoreError> {
    let key = record_key(owner, record);
    let origin = read_origin(draft, &key)?;
    draft.remove(&CLAIMS, key);
    Ok(origin)
}

fn write_record(draft: &mut Draft<'_>, owner: Ordinal, record: &Record, seq: Seq, said: &Map<String, Value>) {
    if said.is_empty() {
        return;
    }
    let claim =
        |value: &Value| Claim { value: value.clone(), time: record.version, seq, source: record.source.clone() };
    let origin = Origin(said.iter().map(|(name, value)| (name.clone(), claim(value))).collect());
    draft.put_json(&CLAIMS, record_key(owner, record), &origin);
}

fn record_key(owner: Ordinal, record: &Record) -> Key {
    Key::new().u32(owner).text("record").text(&record.source).text(&record.key)
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

fn read_origin(read: &dyn Read, key: &Key) -> Result<Origin, StoreError> {
    Ok(read.read_json(&CLAIMS, key.as_slice())?.unwrap_or_default())
}

fn parse(bytes: &[u8]) -> Result<Origin, StoreError> {
    serde_json::from_slice(bytes)
        .map_err(|_| StoreError::Corrupt { table: CLAIMS.name, reason: "not a set of claims".to_owned() })
}
