use std::collections::{BTreeSet, HashMap};

use lang::Occurrence;
use lru::LruCache;
use model::{Event, Ordinal, ProfileId, Seq};
use serde_json::{Map, Value};
use store::{Read, StoreError};

use crate::{Step, claims, timeline};

/// What the evaluator sees of one profile: winning traits, and the occurrences of the labels that rules ask for.
#[derive(Debug, Clone, Default)]
pub struct PersonView {
    traits: Map<String, Value>,
    occurrences: HashMap<String, Vec<Occurrence>>,
}

impl PersonView {
    /// Reads a profile whole, with the occurrences of `labels` only.
    pub fn load(read: &dyn Read, members: &[Ordinal], labels: &BTreeSet<String>) -> Result<Self, StoreError> {
        let mut view = Self { traits: claims::traits(read, members)?, occurrences: HashMap::new() };
        for member in members.iter().filter(|_| !labels.is_empty()) {
            timeline::occurrences(read, *member, &|label| labels.contains(label), &mut |place, event| {
                view.add(&event, place.seq);
            })?;
        }
        for occurrences in view.occurrences.values_mut() {
            occurrences.sort_by_key(|occurrence| (occurrence.time, occurrence.seq));
        }
        Ok(view)
    }

    fn add(&mut self, event: &Event, seq: Seq) {
        self.occurrences.entry(event.label().to_owned()).or_default().push(occurrence(event, seq));
    }

    /// Takes in one more event at its place; returns about what that takes in memory.
    fn insert(&mut self, event: &Event, seq: Seq) -> usize {
        let occurrences = self.occurrences.entry(event.label().to_owned()).or_default();
        let place = occurrences.partition_point(|other| (other.time, other.seq) < (event.time, seq));
        let occurrence = occurrence(event, seq);
        let bytes = occurrence_bytes(&occurrence);
        occurrences.insert(place, occurrence);
        bytes
    }

    /// About what the view takes in memory. Looks at everything in it.
    fn bytes(&self) -> usize {
        let occurrences = self.occurrences.values().flatten().map(occurrence_bytes).sum::<usize>();
        size_of::<ProfileId>() + size_of::<Self>() + members_bytes(&self.traits) + occurrences
    }
}

impl lang::View for PersonView {
    fn trait_value(&self, name: &str) -> Option<&Value> {
        self.traits.get(name)
    }

    fn occurrences(&self, label: &str) -> &[Occurrence] {
        self.occurrences.get(label).map_or(&[], Vec::as_slice)
    }
}

fn occurrence(event: &Event, seq: Seq) -> Occurrence {
    Occurrence { time: event.time, seq, properties: event.properties.clone() }
}

fn occurrence_bytes(occurrence: &Occurrence) -> usize {
    size_of::<Occurrence>() + occurrence.properties.as_ref().map_or(0, |raw| raw.text().len())
}

fn value_bytes(value: &Value) -> usize {
    let inside = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(value_bytes).sum(),
        Value::Object(members) => members_bytes(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inside
}

fn members_bytes(members: &Map<String, Value>) -> usize {
    members.iter().map(|(name, value)| size_of::<String>() + name.len() + value_bytes(value)).sum()
}

/// Views of the profiles that are busy right now, kept up to date by the walker. Bounded by about what they take in memory.
#[derive(Debug)]
pub struct Views {
    labels: BTreeSet<String>,
    held: LruCache<ProfileId, Held>,
    bytes: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Held {
    view: PersonView,
    bytes: usize,
}

impl Views {
    /// Keeps views of about `max_bytes` in all, and always the one that was asked for last.
    pub fn new(max_bytes: usize) -> Self {
        // Unbounded in number: it is their bytes that are bounded.
        Self { labels: BTreeSet::new(), held: LruCache::unbounded(), bytes: 0, max_bytes }
    }

    /// About what the views take in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Says which labels rules ask for. Views that were read for others are let go.
    pub fn set_labels(&mut self, labels: BTreeSet<String>) {
        if labels != self.labels {
            self.labels = labels;
            self.held.clear();
            self.bytes = 0;
        }
    }

    /// Returns the view of a profile, reading it where it is not held.
    pub fn get(&mut self, read: &dyn Read, profile: ProfileId, members: &[Ordinal]) -> Result<&PersonView, StoreError> {
        if !self.held.contains(&profile) {
            let view = PersonView::load(read, members, &self.labels)?;
            let bytes = view.bytes();
            self.bytes += bytes;
            self.held.put(profile, Held { view, bytes });
            self.let_go_of_the_oldest(profile);
        }
        Ok(&self.held.get(&profile).expect("was just put there").view)
    }

    /// Takes an event of a profile into its view, where that is held.
    pub fn note(&mut self, profile: ProfileId, event: &Event, seq: Seq) {
        if !self.labels.contains(event.label()) {
            return;
        }
        if let Some(held) = self.held.get_mut(&profile) {
            let bytes = held.view.insert(event, seq);
            held.bytes += bytes;
            self.bytes += bytes;
        }
    }

    /// Takes in what a step did to a profile's traits. Those that its held view shows with the given value already are struck from the step,
    /// since the value that wins stays what it is; where any is left, the view is forgotten.
    pub fn note_traits(&mut self, profile: ProfileId, step: &mut Step) {
        if let Some(Held { view, .. }) = self.held.peek(&profile) {
            step.traits.retain(|name| step.given.get(name).is_none_or(|given| view.traits.get(name) != Some(given)));
        }
        if !step.traits.is_empty() {
            self.forget(profile);
        }
    }

    /// Forgets a profile whose traits or identifiers changed; it is read again when it is asked for.
    pub fn forget(&mut self, profile: ProfileId) {
        if let Some(held) = self.held.pop(&profile) {
            self.bytes -= held.bytes;
        }
    }

    fn let_go_of_the_oldest(&mut self, but: ProfileId) {
        while self.bytes > self.max_bytes {
            match self.held.pop_lru() {
                Some((profile, held)) if profile == but => {
                    self.held.put(profile, held);
                    return;
                }
                Some((_, held)) => self.bytes -= held.bytes,
                None => return,
            }
        }
    }
}
