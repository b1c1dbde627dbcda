//! A person of whom rules may ask.

use std::collections::BTreeMap;

use lang::{Occurrence, Rule, Rules, View};
use model::Raw;
use serde_json::{Value, json};

use crate::NOW;

/// Some traits, some events, one audience.
#[derive(Debug)]
pub struct Person {
    traits: BTreeMap<String, Value>,
    events: BTreeMap<String, Vec<Occurrence>>,
    audiences: BTreeMap<String, Rule>,
}

impl Default for Person {
    fn default() -> Self {
        let traits =
            json!({"a": 1, "country": "DE", "vip": true, "address": {"city": "Berlin"}, "t": "2026-01-01", "n": null});
        let occurrence = |seq: u64| Occurrence {
            time: NOW.minus_ms(seq as i64 * kit::DAY_MS),
            seq,
            properties: Raw::from_text(format!(r#"{{"revenue":{seq}0.5,"a":{{"b":"x"}}}}"#)).ok(),
        };
        let events: Vec<_> = (1..6).rev().map(occurrence).collect();
        let vip = lang::parse("vip = true").rule.expect("a rule");
        Self {
            traits: traits.as_object().expect("an object").clone().into_iter().collect(),
            events: ["page", "Order Completed"].map(|label| (label.to_owned(), events.clone())).into(),
            audiences: [("vip".to_owned(), vip)].into(),
        }
    }
}

impl View for Person {
    fn trait_value(&self, name: &str) -> Option<&Value> {
        self.traits.get(name)
    }

    fn occurrences(&self, label: &str) -> &[Occurrence] {
        self.events.get(label).map_or(&[], Vec::as_slice)
    }
}

impl Rules for Person {
    fn rule(&self, audience: &str) -> Option<&Rule> {
        self.audiences.get(audience)
    }
}
