use model::{Event, Raw};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Kind, Mode, Plan, PlansInForce, Verdict, Violation, drop};
use crate::fields::{self, Pointer};
use crate::normalise::Region;

/// The key under `context` where an event that does not keep to a plan says so: `[{plan, version, rule, kind, pointer, mode}]`.
pub const MARK: &str = "plan_violations";

const MOST_MARKS: usize = 20;

/// What the plans in force make of an event.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// As it came when it is held; else with its fields dropped and its violations marked.
    pub event: Event,
    /// It goes into the quarantine and not into the journal.
    pub held: bool,
    /// By plan; empty when the event is as planned.
    pub broken: Vec<Broken>,
    /// To be kept aside ([`crate::quarantine::set_aside`]).
    pub removed: Vec<Removed>,
}

/// A plan that an event does not keep to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken {
    pub plan: String,
    pub version: u32,
    pub violations: Vec<Violation>,
    /// How many violations there are beyond those told.
    pub more: usize,
}

/// A field that a plan removed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Removed {
    pub plan: String,
    pub version: u32,
    pub pointer: String,
    /// Any JSON value, as it was written.
    pub value: Raw,
}

impl std::fmt::Debug for Removed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Removed {{ plan: {:?}, version: {} }}", self.plan, self.version)
    }
}

impl PlansInForce {
    /// Whether the event keeps to every plan of its source. Costs one look at the list where no plan applies.
    pub fn is_sound(&self, event: &Event) -> bool {
        self.of_source(&event.source).all(|plan| plan.check(event).is_sound())
    }

    /// Holds an event against every plan of its source.
    ///
    /// A "no" never waits: an event that takes a consent back is marked where it would be held.
    pub fn judge(&self, event: Event) -> Judged {
        let plans: Vec<_> = self.of_source(&event.source).collect();
        let verdicts = plans.iter().map(|plan| plan.check(&event));
        let broken: Vec<_> = plans.iter().zip(verdicts).filter(|(_, verdict)| !verdict.is_sound()).collect();
        let takes_back = event.consents.iter().any(|change| !change.granted);
        let held = !takes_back && broken.iter().any(|(_, verdict)| verdict.mode() == Some(Mode::Quarantine));
        let mut judged = Judged { event, held, broken: Vec::new(), removed: Vec::new() };
        for (plan, verdict) in broken {
            if !held {
                judged.carry_out(plan, &verdict);
            }
            judged.broken.push(Broken::of(plan, verdict));
        }
        if !held {
            judged.mark();
        }
        judged
    }
}

impl Judged {
    fn carry_out(&mut self, plan: &Plan, verdict: &Verdict) {
        if verdict.violations.iter().all(|violation| violation.mode != Mode::DropField) {
            return;
        }
        for field in drop::fields(plan, &self.event) {
            if let Some(value) = without(&mut self.event, &field) {
                let pointer = field.to_string();
                self.removed.push(Removed { plan: plan.name.clone(), version: plan.version, pointer, value });
            }
        }
    }

    fn mark(&mut self) {
        let marks = self.broken.iter().flat_map(Broken::marks).take(MOST_MARKS);
        let marks: Vec<_> = marks.collect();
        if !marks.is_empty() {
            let marks = Raw::of(&marks).expect("plain data always encodes");
            fields::put(&mut self.event, &Pointer::of(["context", MARK]), &marks);
        }
    }
}

impl Broken {
    pub(crate) fn of(plan: &Plan, verdict: Verdict) -> Self {
        Self { plan: plan.name.clone(), version: plan.version, violations: verdict.violations, more: verdict.more }
    }

    pub fn has(&self, kind: Kind) -> bool {
        self.violations.iter().any(|violation| violation.kind == kind)
    }

    fn marks(&self) -> impl Iterator<Item = serde_json::Value> {
        let told = self.violations.iter().filter(|violation| violation.mode > Mode::Allow);
        told.map(|violation| {
            json!({
                "plan": self.plan, "version": self.version, "rule": violation.rule, "kind": violation.kind,
                "pointer": violation.pointer, "mode": violation.mode,
            })
        })
    }
}

/// Removes a field, and the identifier that was taken from it. A field that holds the only identifier stays.
fn without(event: &mut Event, field: &Pointer) -> Option<Raw> {
    let traits = event.traits.clone();
    let value = fields::remove(event, field)?;
    if fields::follow(event, traits.as_ref(), Region::default()).is_err() {
        event.traits = traits;
        return None;
    }
    Some(value)
}
