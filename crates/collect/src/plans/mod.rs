//! Tracking plans: what events should look like, and what is done with those that do not.

mod check;
mod drop;
mod envelope;
mod in_force;
pub mod infer;
mod judge;
mod names;
mod parse;
mod schema;
mod violation;
pub mod violations;

use std::collections::HashMap;

use jsonschema::Validator;
use model::{Event, EventKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::document::Problem;
pub use in_force::{DefineError, PlanVersion, PlansInForce, text_of, versions};
pub use judge::{Broken, Judged, MARK, Removed};
pub use violation::{Kind, Verdict, Violation};

pub(crate) use in_force::PLANS;

/// A plan that was read without problems, its schemas compiled.
#[derive(Debug)]
pub struct Plan {
    pub name: String,
    /// From 1; each save is the next one.
    pub version: u32,
    pub sources: Sources,
    /// What is done with events that break a rule without a mode of its own.
    pub mode: Mode,
    /// What is done with a track event for which there is no rule. Never `drop_field`.
    pub unplanned_events: Mode,
    rules: Vec<Rule>,
    by_target: HashMap<Target, usize>,
}

impl Plan {
    /// Reads a plan, JSON or YAML. Returns the plan unless it has problems, and *all* of its problems, in the order of their places.
    pub fn parse(name: &str, version: u32, text: &str) -> (Option<Self>, Vec<Problem>) {
        parse::plan(name, version, text)
    }

    /// Holds an event against every rule that speaks of it. Pure; the event stays as it is.
    pub fn check(&self, event: &Event) -> Verdict {
        check::verdict(self, event)
    }

    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules that speak of an event: what is common to all, then what is its own.
    fn rules_for<'p>(&'p self, event: &'p Event) -> impl Iterator<Item = (usize, &'p Rule)> {
        let found = Target::all_of(event).into_iter().filter_map(|target| self.by_target.get(&target));
        found.map(|at| (*at, &self.rules[*at]))
    }

    fn plans(&self, event: &Event) -> bool {
        let target = event.name.clone().map(Target::Track);
        event.kind != EventKind::Track || target.is_some_and(|target| self.by_target.contains_key(&target))
    }
}

/// What events of one sort should look like.
#[derive(Debug)]
pub struct Rule {
    pub target: Target,
    pub mode: Mode,
    pub schema: Value,
    validator: Validator,
}

/// The sources that a plan applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sources {
    All,
    These(Vec<String>),
}

impl Sources {
    pub fn hold(&self, source: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(names) => names.iter().any(|name| name == source),
        }
    }
}

/// What is done with an event that breaks a rule, mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Counted.
    Allow,
    /// Counted, and marked in the event's context.
    Warn,
    /// The offending optional fields are removed and kept aside; what cannot be removed is as `Warn`.
    DropField,
    /// The event does not go on.
    Quarantine,
}

impl Mode {
    pub const ALL: [Self; 4] = [Self::Allow, Self::Warn, Self::DropField, Self::Quarantine];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::DropField => "drop_field",
            Self::Quarantine => "quarantine",
        }
    }
}

/// The events that a rule speaks of. A page or screen without a name means all of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Target {
    Common,
    Track(String),
    Identify,
    Group,
    Page(Option<String>),
    Screen(Option<String>),
}

impl Target {
    fn all_of(event: &Event) -> Vec<Self> {
        let name = event.name.clone();
        let own = match event.kind {
            EventKind::Track => name.map(Self::Track).into_iter().collect(),
            EventKind::Identify => vec![Self::Identify],
            EventKind::Group => vec![Self::Group],
            EventKind::Page if name.is_some() => vec![Self::Page(None), Self::Page(name)],
            EventKind::Page => vec![Self::Page(None)],
            EventKind::Screen if name.is_some() => vec![Self::Screen(None), Self::Screen(name)],
            EventKind::Screen => vec![Self::Screen(None)],
            EventKind::Alias | EventKind::Consent => Vec::new(),
        };
        [Self::Common].into_iter().chain(own).collect()
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Common => f.write_str("common"),
            Self::Track(name) => write!(f, "track: {name}"),
            Self::Identify => f.write_str("identify"),
            Self::Group => f.write_str("group"),
            Self::Page(name) => write!(f, "page: {}", name.as_deref().unwrap_or("all")),
            Self::Screen(name) => write!(f, "screen: {}", name.as_deref().unwrap_or("all")),
        }
    }
}
