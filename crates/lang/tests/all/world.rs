//! One person, the time, and the audiences in force.

use std::collections::BTreeMap;

use kit::Timestamp;
use lang::{Occurrence, Rule, Rules, View, parse};
use model::Raw;
use serde_json::Value;

#[derive(Debug, Clone, Default)]
pub struct World {
    pub now: Timestamp,
    pub traits: BTreeMap<String, Value>,
    pub events: BTreeMap<String, Vec<Occurrence>>,
    pub audiences: BTreeMap<String, Rule>,
}

impl World {
    /// Reads the lines of a `world` block; `cases/traits.md` says how they are written.
    pub fn read(lines: &str) -> Self {
        let mut world = Self::default();
        for (place, line) in lines.lines().enumerate() {
            let (word, rest) = line.split_once(' ').unwrap_or_else(|| panic!("`{line}` says nothing"));
            match word {
                "now" => world.now = time(rest),
                "trait" => world.add_trait(rest),
                "event" => world.add_event(place as u64, rest),
                "audience" => world.add_audience(rest),
                _ => panic!("`{word}` is no word of a world"),
            }
        }
        world
    }

    pub fn add_occurrence(&mut self, label: &str, occurrence: Occurrence) {
        let events = self.events.entry(label.to_owned()).or_default();
        events.push(occurrence);
        events.sort_by_key(|event| (event.time, event.seq));
    }

    fn add_trait(&mut self, line: &str) {
        let parse = |place: usize| Some((&line[..place], serde_json::from_str(&line[place + 1..]).ok()?));
        let (name, value) = line.match_indices(' ').find_map(|(place, _)| parse(place)).expect("a name and its JSON");
        self.traits.insert(name.to_owned(), value);
    }

    fn add_event(&mut self, seq: u64, line: &str) {
        let (at, rest) = line.split_once(' ').expect("a time and a label");
        let (label, properties) = match rest.strip_prefix('\'') {
            Some(quoted) => quoted.split_once('\'').expect("a closing quote"),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        let properties = Some(properties.trim()).filter(|text| !text.is_empty());
        let properties = properties.map(|text| Raw::from_text(text.to_owned()).expect("properties are JSON"));
        self.add_occurrence(label, Occurrence { time: time(at), seq, properties });
    }

    fn add_audience(&mut self, line: &str) {
        let (name, text) = line.split_once(' ').expect("a name and a rule");
        self.audiences.insert(name.to_owned(), rule(text));
    }
}

impl View for World {
    fn trait_value(&self, name: &str) -> Option<&Value> {
        self.traits.get(name)
    }

    fn occurrences(&self, label: &str) -> &[Occurrence] {
        self.events.get(label).map_or(&[], Vec::as_slice)
    }
}

impl Rules for World {
    fn rule(&self, audience: &str) -> Option<&Rule> {
        self.audiences.get(audience)
    }
}

pub fn rule(text: &str) -> Rule {
    let parsed = parse(text);
    parsed.rule.unwrap_or_else(|| panic!("`{text}`: {:#?}", parsed.problems))
}

pub fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}
