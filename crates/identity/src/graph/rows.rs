//! The rows of the graph's tables, and reading them.

use std::sync::Arc;

use kit::Timestamp;
use model::{Identifier, Ordinal, ProfileId, Seq, Verdict};
use serde::{Deserialize, Serialize};
use store::{Key, Range, Read, ReadExt, StoreError, read_u32};

use crate::tables::{COMPONENTS, EDGES, HISTORY, HUBS, IDENTIFIERS, LINKS, NODES, TOTALS, WITNESSES};

/// An identifier in the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    pub kind: String,
    pub value: String,
    pub first_seen: Timestamp,
    pub source: Arc<str>,
    /// The oldest identifier of its component: the profile's number.
    pub root: Ordinal,
}

impl Node {
    pub fn identifier(&self) -> Identifier {
        Identifier::new(self.kind.as_str(), self.value.as_str())
    }
}

/// Evidence between two identifiers: the first fact that carried both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    pub seq: Seq,
    /// The edge's place among those of its fact: higher priority first.
    pub place: u16,
    pub time: Timestamp,
    pub source: Arc<str>,
    /// Whether it joins its two ends, or why not.
    pub standing: Standing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    Holds,
    Refused(Refusal),
}

/// Why an edge does not join its ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The profile would have more identifiers of this kind than its limit.
    Limit(String),
    /// An operator said so.
    Never,
    /// One end is found on too many people.
    Hub,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Limit(kind) => write!(f, "limit of `{kind}` reached"),
            Self::Never => f.write_str("an operator said never"),
            Self::Hub => f.write_str("found on too many people"),
        }
    }
}

/// An identifier as its component lists it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Member {
    pub ordinal: Ordinal,
    pub kind: String,
}

/// An operator's word about a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub verdict: Verdict,
    pub seq: Seq,
    pub time: Timestamp,
    pub by: String,
    pub reason: String,
}

/// How a profile's id came or went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum IdChange {
    MergedInto(ProfileId),
    Absorbed(ProfileId),
    PartedFrom(ProfileId),
    Released(ProfileId),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    pub identifiers: u32,
    pub profiles: u32,
    /// Profiles of which more than a device is known.
    pub known: u32,
}

pub fn ordinal(read: &dyn Read, identifier: &Identifier) -> Result<Option<Ordinal>, StoreError> {
    Ok(read.get(&IDENTIFIERS, &identifier_key(identifier))?.and_then(|bytes| read_u32(&bytes, 0)))
}

pub fn node(read: &dyn Read, ordinal: Ordinal) -> Result<Option<Node>, StoreError> {
    read.read(&NODES, &ordinal.to_be_bytes())
}

/// Returns the identifiers of the profile that the root names; empty when it names none now.
pub fn component(read: &dyn Read, root: Ordinal) -> Result<Vec<Member>, StoreError> {
    Ok(read.read(&COMPONENTS, &root.to_be_bytes())?.unwrap_or_default())
}

pub fn edge(read: &dyn Read, a: Ordinal, b: Ordinal) -> Result<Option<Edge>, StoreError> {
    read.read(&EDGES, pair(a, b).as_slice())
}

/// Returns all edges at an identifier, those refused included, by the other end.
pub fn edges(read: &dyn Read, ordinal: Ordinal) -> Result<Vec<(Ordinal, Edge)>, StoreError> {
    neighbours(read, &EDGES, ordinal)
}

/// Returns what operators say about an identifier and others.
pub fn words(read: &dyn Read, ordinal: Ordinal) -> Result<Vec<(Ordinal, Word)>, StoreError> {
    neighbours(read, &LINKS, ordinal)
}

/// Returns how many different values of a witness an identifier has met.
pub fn witnesses(read: &dyn Read, ordinal: Ordinal, witness: &str) -> Result<usize, StoreError> {
    Ok(read.rows(&WITNESSES, Range::prefix(witness_key(ordinal, witness).as_slice()), usize::MAX)?.len())
}

pub fn witness_key(ordinal: Ordinal, witness: &str) -> Key {
    Key::new().u32(ordinal).text(witness)
}

pub fn is_hub(read: &dyn Read, ordinal: Ordinal) -> Result<bool, StoreError> {
    Ok(read.get(&HUBS, &ordinal.to_be_bytes())?.is_some())
}

pub fn totals(read: &dyn Read) -> Result<Totals, StoreError> {
    Ok(read.read(&TOTALS, b"all")?.unwrap_or_default())
}

/// Returns how a profile id came and went, oldest first, each with the place of the fact that did it.
pub fn history(read: &dyn Read, profile: ProfileId) -> Result<Vec<(Seq, IdChange)>, StoreError> {
    let rows = read.rows(&HISTORY, Range::prefix(&profile.0.to_be_bytes()), usize::MAX)?;
    rows.iter().map(|(key, bytes)| Ok((store::read_u64(key, 4).unwrap_or_default(), parse(&HISTORY, bytes)?))).collect()
}

pub fn identifier_key(identifier: &Identifier) -> Vec<u8> {
    Key::new().text(&identifier.to_string()).into()
}

pub fn pair(a: Ordinal, b: Ordinal) -> Key {
    Key::new().u32(a).u32(b)
}

fn neighbours<T: serde::de::DeserializeOwned>(
    read: &dyn Read,
    table: &'static store::Table,
    ordinal: Ordinal,
) -> Result<Vec<(Ordinal, T)>, StoreError> {
    let rows = read.rows(table, Range::prefix(&ordinal.to_be_bytes()), usize::MAX)?;
    rows.iter().map(|(key, bytes)| Ok((read_u32(key, 4).unwrap_or_default(), parse(table, bytes)?))).collect()
}

fn parse<T: serde::de::DeserializeOwned>(table: &'static store::Table, bytes: &[u8]) -> Result<T, StoreError> {
    store::from_bytes(table, bytes)
}
