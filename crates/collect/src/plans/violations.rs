//! How often events did not keep to their plan: counts with samples, never values.

use std::collections::BTreeMap;

use kit::{Digest, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Draft, Erasure, Keep, Key, Range, Read, ReadExt, StoreError, Table};

use super::{Judged, Kind, names};

pub(crate) static VIOLATIONS: Table = Table {
    name: "violations",
    about: "how often events broke a plan: plan text, digest of event, kind and pointer 16 bytes → these, count, times, message ids (JSON)",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

const MOST_SAMPLES: usize = 5;
/// Rows of one plan, and sorts held in memory. What comes beyond is counted together, with `*` as event and pointer.
const MOST_ROWS: usize = 2_000;

/// One sort of violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViolationCount {
    pub plan: String,
    /// The version that saw it last.
    pub version: u32,
    /// The event's name for a track, else its kind (`page`, `identify` …).
    pub event: String,
    pub kind: Kind,
    pub pointer: String,
    pub count: u64,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
    /// The latest message ids, at most 5.
    pub samples: Vec<String>,
}

/// Counts that are not written yet: the door notes, someone writes every few seconds. Bounded, whatever comes.
#[derive(Debug, Clone, Default)]
pub struct Counts(BTreeMap<Sort, ViolationCount>);

type Sort = (String, String, Kind, String);

impl Counts {
    pub fn note(&mut self, judged: &Judged) {
        for broken in &judged.broken {
            for violation in &broken.violations {
                let event = names::shown_event(judged.event.label());
                self.add(ViolationCount {
                    plan: broken.plan.clone(),
                    version: broken.version,
                    event,
                    kind: violation.kind,
                    pointer: violation.pointer.clone(),
                    count: 1,
                    first_seen: judged.event.received_at,
                    last_seen: judged.event.received_at,
                    samples: sample(&judged.event.message_id),
                });
            }
        }
    }

    /// Adds what others counted, e.g. what could not be written.
    pub fn merge(&mut self, other: Self) {
        other.0.into_values().for_each(|count| self.add(count));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds everything to the table, and is empty afterwards. One draft at a time may be open over it.
    pub fn write(&mut self, draft: &mut Draft<'_>) -> Result<(), StoreError> {
        let mut rows: BTreeMap<String, usize> = BTreeMap::new();
        for (_, mut count) in std::mem::take(&mut self.0) {
            let mut before = row(draft, &count)?;
            if before.is_none() {
                let known = match rows.get(&count.plan) {
                    Some(known) => *known,
                    None => rows_of(draft, &count.plan)?,
                };
                rows.insert(count.plan.clone(), known + usize::from(known < MOST_ROWS));
                if known >= MOST_ROWS {
                    count = count.among_others();
                    before = row(draft, &count)?;
                }
            }
            let sum = before.map_or_else(|| count.clone(), |before| before.and(&count));
            draft.put_json(&VIOLATIONS, key(&count), &sum);
        }
        Ok(())
    }

    fn add(&mut self, count: ViolationCount) {
        let full = self.0.len() >= MOST_ROWS && !self.0.contains_key(&count.sort());
        let count = if full { count.among_others() } else { count };
        let sum = self.0.remove(&count.sort()).map_or_else(|| count.clone(), |before| before.and(&count));
        self.0.insert(count.sort(), sum);
    }
}

/// Returns the counts of one plan, or of all, most frequent first.
pub fn list(read: &dyn Read, plan: Option<&str>) -> Result<Vec<ViolationCount>, StoreError> {
    let prefix = plan.map(|plan| Key::new().text(plan)).unwrap_or_default();
    let rows = read.rows(&VIOLATIONS, Range::prefix(prefix.as_slice()), usize::MAX)?;
    let mut counts = rows.iter().map(|(_, bytes)| parse(bytes)).collect::<Result<Vec<_>, _>>()?;
    counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.sort().cmp(&b.sort())));
    Ok(counts)
}

/// Begins to count a plan anew.
pub fn forget(draft: &mut Draft<'_>, plan: &str) -> Result<(), StoreError> {
    let prefix = Key::new().text(plan);
    for (key, _) in draft.rows(&VIOLATIONS, Range::prefix(prefix.as_slice()), usize::MAX)? {
        draft.remove(&VIOLATIONS, key);
    }
    Ok(())
}

impl ViolationCount {
    fn sort(&self) -> Sort {
        (self.plan.clone(), self.event.clone(), self.kind, self.pointer.clone())
    }

    fn among_others(self) -> Self {
        Self { event: "*".to_owned(), pointer: "*".to_owned(), ..self }
    }

    fn and(mut self, later: &Self) -> Self {
        self.version = self.version.max(later.version);
        self.count += later.count;
        self.first_seen = self.first_seen.min(later.first_seen);
        self.last_seen = self.last_seen.max(later.last_seen);
        self.samples.retain(|id| !later.samples.contains(id));
        self.samples.extend(later.samples.iter().cloned());
        let too_many = self.samples.len().saturating_sub(MOST_SAMPLES);
        self.samples.drain(..too_many);
        self
    }
}

/// A message id that looks like an address is not kept.
fn sample(message_id: &str) -> Vec<String> {
    if message_id.contains('@') { Vec::new() } else { vec![message_id.to_owned()] }
}

fn row(read: &dyn Read, count: &ViolationCount) -> Result<Option<ViolationCount>, StoreError> {
    read.read_json(&VIOLATIONS, key(count).as_slice())
}

fn rows_of(read: &dyn Read, plan: &str) -> Result<usize, StoreError> {
    let prefix = Key::new().text(plan);
    Ok(read.rows(&VIOLATIONS, Range::prefix(prefix.as_slice()), MOST_ROWS)?.len())
}

fn key(count: &ViolationCount) -> Key {
    let digest = Digest::of(&[&count.event, count.kind.as_str(), &count.pointer]);
    Key::new().text(&count.plan).bytes(digest.as_bytes())
}

fn parse(bytes: &[u8]) -> Result<ViolationCount, StoreError> {
    serde_json::from_slice(bytes)
        .map_err(|_| StoreError::Corrupt { table: VIOLATIONS.name, reason: "not a count".to_owned() })
}
