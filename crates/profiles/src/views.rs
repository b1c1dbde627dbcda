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

    /// Takes in one more event at its place.
    fn insert(&mut self, event: &Event, seq: Seq) {
        let occurrences = self.occurrences.entry(event.label().to_owned()).or_default();
        let place = occurrences.partition_point(|other| (other.time, other.seq) < (event.time, seq));
        occurrences.insert(place, occurrence(event, seq));
    }

    fn weight(&self) -> usize {
        1 + self.occurrences.values().map(Vec::len).sum::<usize>()
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

/// Views of the profiles that are busy right now, kept up to date by the walker. Bounded by the occurrences that they hold.
#[derive(Debug)]
pub struct Views {
    labels: BTreeSet<String>,
    held: LruCache<ProfileId, PersonView>,
    weight: usize,
    max_weight: usize,
}

impl Views {
    /// Keeps views with up to `max_occurrences` in all.
    pub fn new(max_occurrences: usize) -> Self {
        // Unbounded in number: it is the weight that is bounded.
        Self { labels: BTreeSet::new(), held: LruCache::unbounded(), weight: 0, max_weight: max_occurrences }
    }

    /// Says which labels rules ask for. Views that were read for others are let go.
    pub fn set_labels(&mut self, labels: BTreeSet<String>) {
        if labels != self.labels {
            self.labels = labels;
            self.held.clear();
            self.weight = 0;
        }
    }

    /// Returns the view of a profile, reading it where it is not held.
    pub fn get(&mut self, read: &dyn Read, profile: ProfileId, members: &[Ordinal]) -> Result<&PersonView, StoreError> {
        if !self.held.contains(&profile) {
            let view = PersonView::load(read, members, &self.labels)?;
            self.weight += view.weight();
            self.held.put(profile, view);
            self.let_go_of_the_oldest(profile);
        }
        Ok(self.held.get(&profile).expect("was just put there"))
    }

    /// Takes an event of a profile into its view, where that is held.
    pub fn note(&mut self, profile: ProfileId, event: &Event, seq: Seq) {
        if !self.labels.contains(event.label()) {
            return;
        }
        if let Some(view) = self.held.get_mut(&profile) {
            view.insert(event, seq);
            self.weight += 1;
        }
    }

    /// Takes in what a step did to a profile's traits. Those that its held view shows with the given value already are struck from the step,
    /// since the value that wins stays what it is; where any is left, the view is forgotten.
    pub fn note_traits(&mut self, profile: ProfileId, step: &mut Step) {
        if let Some(view) = self.held.peek(&profile) {
            step.traits.retain(|name| step.given.get(name).is_none_or(|given| view.traits.get(name) != Some(given)));
        }
        if !step.traits.is_empty() {
            self.forget(profile);
        }
    }

    /// Forgets a profile whose traits or identifiers changed; it is read again when it is asked for.
    pub fn forget(&mut self, profile: ProfileId) {
        if let Some(view) = self.held.pop(&profile) {
            self.weight -= view.weight();
        }
    }

    fn let_go_of_the_oldest(&mut self, but: ProfileId) {
        while self.weight > self.max_weight {
            match self.held.pop_lru() {
                Some((profile, view)) if profile == but => {
                    self.held.put(profile, view);
                    return;
                }
                Some((_, view)) => self.weight -= view.weight(),
                None => return,
            }
        }
    }
}
