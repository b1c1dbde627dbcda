//! A plan from what events look like. Deterministic: the same events in any order and in any pieces give the same plan.
//!
//! Memory is bounded by keeping the smallest names of a kind and forgetting the rest: a name among the smallest of all is among the smallest of
//! every piece, so its counts are exact however the events are divided.

mod schema;
mod shape;

use std::collections::BTreeMap;

use kit::Timestamp;
use model::{Event, EventKind, Raw};
use serde_json::{Value, json};

use super::{Mode, Sources, names};
use shape::Shapes;

const MOST_EVENTS: usize = 200;
const MOST_NAME_CHARS: usize = 100;
/// Of the rules of a plan as text, so that it can be saved.
const MOST_PLAN_BYTES: usize = 6 << 20;

/// What was seen of some events. Grows to at most some 25 MB.
#[derive(Clone, Default, PartialEq)]
pub struct Sketch {
    sorts: BTreeMap<Sort, Seen>,
    /// Whether there were sorts of events beyond those kept.
    more: bool,
}

/// What a plan is asked to say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Options {
    /// A field is required when it is there in at least this share of the events (of the objects, further inside), 0 to 1. With 1 the plan
    /// accepts every event that it was inferred from.
    pub required_share: f64,
    /// Of rarer events nothing is required.
    pub required_seen: u64,
    /// A text becomes an enum when it has at most this many values (never more than 8) …
    pub enum_values: usize,
    /// … each of them seen at least this often.
    pub enum_seen: u64,
    /// Whether fields that were never seen are violations.
    pub closed: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { required_share: 1.0, required_seen: 10, enum_values: 8, enum_seen: 5, closed: false }
    }
}

/// A sort of event that was seen, as the console lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenSort {
    pub kind: EventKind,
    /// Of a track.
    pub name: Option<String>,
    pub events: u64,
    /// Fields, nested ones included.
    pub fields: usize,
    pub first_seen: Timestamp,
    pub last_seen: Timestamp,
}

type Sort = (u8, Option<String>);

#[derive(Clone, PartialEq)]
struct Seen {
    kind: EventKind,
    events: u64,
    first: Timestamp,
    last: Timestamp,
    shapes: Shapes,
}

impl Sketch {
    pub fn of<'e>(events: impl IntoIterator<Item = &'e Event>) -> Self {
        let mut sketch = Self::default();
        events.into_iter().for_each(|event| sketch.see(event));
        sketch
    }

    pub fn see(&mut self, event: &Event) {
        let Some(sort) = sort(event) else {
            self.more |= event.kind == EventKind::Track;
            return;
        };
        let section = match event.kind {
            EventKind::Identify | EventKind::Group => &event.traits,
            _ => &event.properties,
        };
        let object = section.as_ref().map(Raw::object).unwrap_or_default();
        let mut shapes = Shapes::default();
        shapes.see(&Value::Object(object));
        let seen = Seen { kind: event.kind, events: 1, first: event.received_at, last: event.received_at, shapes };
        self.add(sort, seen);
    }

    /// Puts what another sketch saw to this one.
    pub fn merge(&mut self, other: Self) {
        self.more |= other.more;
        other.sorts.into_iter().for_each(|(sort, seen)| self.add(sort, seen));
    }

    pub fn seen(&self) -> Vec<SeenSort> {
        let seen = |((_, name), seen): (&Sort, &Seen)| SeenSort {
            kind: seen.kind,
            name: name.clone(),
            events: seen.events,
            fields: seen.shapes.fields(),
            first_seen: seen.first,
            last_seen: seen.last,
        };
        self.sorts.iter().map(seen).collect()
    }

    /// Whether some sorts of events were left out: there were more than 200, or names that no plan should hold.
    pub fn is_partial(&self) -> bool {
        self.more
    }

    /// Writes the plan as JSON, to be read by a person and saved. Its mode is `warn`. Rules that would make it longer than some 12 MiB are left out.
    pub fn plan(&self, sources: &Sources, options: &Options) -> String {
        let rules = self.sorts.iter().map(|((_, name), seen)| seen.rule(name.as_deref(), options));
        let mut left_bytes = MOST_PLAN_BYTES;
        let fits = |rule: &Value| {
            let left = left_bytes.checked_sub(pretty(rule).len());
            left_bytes = left.unwrap_or_default();
            left.is_some()
        };
        let rules: Vec<_> = rules.take_while(fits).collect();
        let sources = match sources {
            Sources::All => json!("all"),
            Sources::These(names) => json!(names),
        };
        let plan = json!({ "version": 1, "sources": sources, "mode": Mode::Warn, "unplanned_events": Mode::Allow, "rules": rules });
        pretty(&plan)
    }

    fn add(&mut self, sort: Sort, new: Seen) {
        match self.sorts.get_mut(&sort) {
            Some(seen) => seen.merge(new),
            None => {
                self.sorts.insert(sort, new);
            }
        }
        while self.sorts.len() > MOST_EVENTS {
            self.sorts.pop_last();
            self.more = true;
        }
    }
}

impl std::fmt::Debug for Sketch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sketch").field("sorts", &self.sorts.len()).field("more", &self.more).finish()
    }
}

impl Seen {
    fn merge(&mut self, other: Self) {
        self.events += other.events;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.shapes.merge(other.shapes);
    }

    fn rule(&self, name: Option<&str>, options: &Options) -> Value {
        let section = match self.kind {
            EventKind::Identify | EventKind::Group => "traits",
            _ => "properties",
        };
        let schema = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": { section: schema::of(&self.shapes, options) },
        });
        json!({ (self.kind.as_str()): name.unwrap_or("all"), "schema": schema })
    }
}

/// Tracks by name, all other kinds as one sort each; alias and consent say nothing that a plan could hold.
fn sort(event: &Event) -> Option<Sort> {
    let rank = match event.kind {
        EventKind::Identify => 0,
        EventKind::Group => 1,
        EventKind::Page => 2,
        EventKind::Screen => 3,
        EventKind::Track => 4,
        EventKind::Alias | EventKind::Consent => return None,
    };
    if event.kind != EventKind::Track {
        return Some((rank, None));
    }
    let name = event.name.as_deref().filter(|name| is_name(name))?;
    Some((rank, Some(name.to_owned())))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("plain data always encodes")
}

/// Whether a name is short, and no address that a client wrote where a name belongs.
fn is_name(name: &str) -> bool {
    name.chars().nth(MOST_NAME_CHARS).is_none() && !names::is_address(name)
}
