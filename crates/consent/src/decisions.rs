use std::collections::BTreeMap;

use kit::Timestamp;
use model::{Change, ConsentChange, Fact, Ordinal, Seq, Source};
use serde::{Deserialize, Serialize};
use store::{Draft, Key, Range, Read, ReadExt, StoreError, from_bytes};

use crate::purposes::{canonical, tidy};
use crate::tables::DECISIONS;

/// What is known of a profile's will about one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Granted(Given),
    Denied(Given),
    /// Nobody of the profile ever said anything.
    Unknown,
}

/// When and where a decision was given: at its own time, or when it was received where it claims to come later. Only read from the table, so that nobody can grant in another's name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Given {
    pub time: Timestamp,
    pub seq: Seq,
    pub source: Source,
}

impl Decision {
    pub fn is_granted(&self) -> bool {
        matches!(self, Self::Granted(_))
    }

    /// Returns when and where it was given, unless it is unknown.
    pub fn given(&self) -> Option<&Given> {
        match self {
            Self::Granted(given) | Self::Denied(given) => Some(given),
            Self::Unknown => None,
        }
    }
}

/// Writes down what a fact says about purposes, for the identifier that owns it. Returns whether something changed.
pub fn step(draft: &mut Draft<'_>, owner: Ordinal, fact: &Fact, seq: Seq) -> Result<bool, StoreError> {
    let Some((said, source, time)) = said(fact) else { return Ok(false) };
    let mut changed = false;
    for ConsentChange { purpose, granted } in said {
        let word = Word { granted, time, seq, source: source.clone() };
        let key = Key::new().u32(owner).text(&purpose);
        let before: Option<Word> = draft.read(&DECISIONS, key.as_slice())?;
        if before.is_none_or(|before| word.is_later_than(&before)) {
            draft.put(&DECISIONS, key, &word);
            changed = true;
        }
    }
    Ok(changed)
}

/// Returns the latest decision about a purpose among a profile's identifiers.
pub fn decision(read: &dyn Read, members: &[Ordinal], purpose: &str) -> Result<Decision, StoreError> {
    let purpose = canonical(purpose);
    let mut latest: Option<Word> = None;
    for ordinal in members {
        let key = Key::new().u32(*ordinal).text(&purpose);
        let word: Option<Word> = read.read(&DECISIONS, key.as_slice())?;
        if let Some(word) = word {
            keep_later(&mut latest, word);
        }
    }
    Ok(latest.map_or(Decision::Unknown, Decision::from))
}

/// Returns the latest decision about every purpose that a profile's identifiers ever spoke of.
pub fn decisions(read: &dyn Read, members: &[Ordinal]) -> Result<BTreeMap<String, Decision>, StoreError> {
    let mut latest: BTreeMap<String, Option<Word>> = BTreeMap::new();
    for ordinal in members {
        for (key, value) in read.rows(&DECISIONS, Range::prefix(&ordinal.to_be_bytes()), usize::MAX)? {
            keep_later(latest.entry(purpose_in(&key)?).or_default(), from_bytes(&DECISIONS, &value)?);
        }
    }
    let known = latest.into_iter().filter_map(|(purpose, word)| word.map(|word| (purpose, Decision::from(word))));
    Ok(known.collect())
}

/// A row of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Word {
    granted: bool,
    time: Timestamp,
    seq: Seq,
    source: Source,
}

impl Word {
    fn is_later_than(&self, other: &Self) -> bool {
        self.place() > other.place()
    }

    /// Of two words at one moment the denial is the later, wherever it stands in the journal.
    fn place(&self) -> (Timestamp, bool, Seq) {
        (self.time, !self.granted, self.seq)
    }
}

impl From<Word> for Decision {
    fn from(word: Word) -> Self {
        let given = Given { time: word.time, seq: word.seq, source: word.source };
        if word.granted { Self::Granted(given) } else { Self::Denied(given) }
    }
}

/// What a fact says about purposes, who says it and when. A deletion can deny, but not grant.
///
/// A clock that is ahead must not outlast what is said after it: a time beyond the receipt counts as the receipt.
fn said(fact: &Fact) -> Option<(Vec<ConsentChange>, &Source, Timestamp)> {
    let (consents, source, time) = match fact {
        Fact::Event(event) => (&event.consents, &event.source, event.time),
        Fact::Record(record) => (&record.consents, &record.source, record.version),
        Fact::Link(_) => return None,
    };
    let mut said = consents.clone();
    tidy(&mut said);
    if matches!(fact, Fact::Record(record) if record.change == Change::Delete) {
        said.retain(|change| !change.granted);
    }
    Some((said, source, time.min(fact.received_at())))
}

fn keep_later(latest: &mut Option<Word>, word: Word) {
    if latest.as_ref().is_none_or(|known| word.is_later_than(known)) {
        *latest = Some(word);
    }
}

fn purpose_in(key: &[u8]) -> Result<String, StoreError> {
    let text = key.get(4..).and_then(|rest| rest.strip_suffix(b"\0")).unwrap_or_default();
    let corrupt = |_| StoreError::Corrupt { table: DECISIONS.name, reason: "the key holds no text".to_owned() };
    String::from_utf8(text.to_vec()).map_err(corrupt)
}
