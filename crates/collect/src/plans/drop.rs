//! Which fields must go so that what is left is as planned, and no more than these.

use std::collections::BTreeSet;

use model::Event;
use serde_json::Value;

use super::check::{Finding, findings};
use super::envelope::envelope;
use super::{Kind, Mode, Plan};
use crate::fields::{Pointer, SECTIONS};

/// Beyond this many offending fields they go all at once or not at all: trying each would cost too much.
const MOST_TRIALS: usize = 256;

/// Returns the fields to remove, in the order in which they can be removed. Fields without which another rule would be broken are not among them.
pub(super) fn fields(plan: &Plan, event: &Event) -> Vec<Pointer> {
    let envelope = envelope(event);
    let before = findings(plan, event, &envelope);
    let offending = offending(plan, &before, &envelope);
    let few = offending.len() <= MOST_TRIALS;
    let mut trial = Trial { plan, event, envelope, found: before, removed: Vec::new() };
    if !trial.remove_all(&offending) && few {
        offending.iter().for_each(|field| trial.remove_if_better(field));
    }
    if few {
        trial.give_back_what_may_stay();
    }
    trial.removed.into_iter().map(|(field, _)| field).collect()
}

/// The fields that rules with `drop_field` do not like, deepest first.
fn offending(plan: &Plan, found: &BTreeSet<Finding>, envelope: &Value) -> Vec<Pointer> {
    let to_drop =
        |finding: &&Finding| plan.rules[finding.rule].mode == Mode::DropField && finding.kind != Kind::RequiredMissing;
    let fields: BTreeSet<Pointer> =
        found.iter().filter(to_drop).filter_map(|finding| field_of(&finding.at, envelope)).collect();
    let mut fields: Vec<Pointer> = fields.into_iter().collect();
    fields.sort_by_key(|field| std::cmp::Reverse(field.steps().len()));
    fields
}

/// The field that a place belongs to: an item of a list is no field, the list is. The parts of the envelope themselves are none either.
fn field_of(at: &Pointer, envelope: &Value) -> Option<Pointer> {
    let mut steps = at.steps();
    while let Some((_, parents)) = steps.split_last() {
        if value_at(envelope, parents)?.is_object() {
            break;
        }
        steps = parents;
    }
    let is_inside = steps.len() >= 2 && SECTIONS.contains(&steps[0].as_str());
    (is_inside && value_at(envelope, steps).is_some()).then(|| Pointer::of(steps.iter().cloned()))
}

struct Trial<'p> {
    plan: &'p Plan,
    event: &'p Event,
    envelope: Value,
    found: BTreeSet<Finding>,
    removed: Vec<(Pointer, Value)>,
}

impl Trial<'_> {
    /// Whether nothing new is found without all of these; else they are back.
    fn remove_all(&mut self, fields: &[Pointer]) -> bool {
        let removed = fields.iter().filter_map(|field| Some((field.clone(), take(&mut self.envelope, field)?)));
        self.removed = removed.collect();
        let now = self.findings();
        if now.is_subset(&self.found) {
            self.found = now;
            return true;
        }
        for (field, value) in std::mem::take(&mut self.removed).into_iter().rev() {
            give_back(&mut self.envelope, &field, value);
        }
        false
    }

    fn remove_if_better(&mut self, field: &Pointer) {
        let Some(value) = take(&mut self.envelope, field) else { return };
        let now = self.findings();
        if now.len() < self.found.len() && now.is_subset(&self.found) {
            self.found = now;
            self.removed.push((field.clone(), value));
        } else {
            give_back(&mut self.envelope, field, value);
        }
    }

    /// Last removed first, so that an object is back before what was in it.
    fn give_back_what_may_stay(&mut self) {
        for at in (0..self.removed.len()).rev() {
            let (field, value) = self.removed[at].clone();
            if !give_back(&mut self.envelope, &field, value) {
                continue;
            }
            let now = self.findings();
            if now.is_subset(&self.found) {
                self.found = now;
                self.removed.remove(at);
            } else {
                take(&mut self.envelope, &field);
            }
        }
    }

    fn findings(&self) -> BTreeSet<Finding> {
        findings(self.plan, self.event, &self.envelope)
    }
}

fn value_at<'v>(value: &'v Value, steps: &[String]) -> Option<&'v Value> {
    steps.iter().try_fold(value, |value, step| match value {
        Value::Object(fields) => fields.get(step),
        Value::Array(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn parent<'v>(envelope: &'v mut Value, field: &Pointer) -> Option<(&'v mut serde_json::Map<String, Value>, String)> {
    let (name, parents) = field.steps().split_last()?;
    let parent = parents.iter().try_fold(envelope, |value, step| match value {
        Value::Object(fields) => fields.get_mut(step),
        Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })?;
    Some((parent.as_object_mut()?, name.clone()))
}

fn take(envelope: &mut Value, field: &Pointer) -> Option<Value> {
    let (parent, name) = parent(envelope, field)?;
    parent.remove(&name)
}

fn give_back(envelope: &mut Value, field: &Pointer, value: Value) -> bool {
    let Some((parent, name)) = parent(envelope, field) else { return false };
    parent.insert(name, value);
    true
}
