use std::collections::BTreeMap;

use kit::Timestamp;
use model::{Raw, Seq};
use serde_json::Value;

use crate::Rule;

/// What is known about one person, as far as rules ask.
pub trait View {
    /// The winning value of the trait with exactly this name. Dotted names are resolved by `lang`, not here.
    fn trait_value(&self, name: &str) -> Option<&Value>;

    /// Every event with this label (`model::Event::label`), oldest first by `(time, seq)`; future ones included.
    fn occurrences(&self, label: &str) -> &[Occurrence];
}

/// One event of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    pub time: Timestamp,
    pub seq: Seq,
    pub properties: Option<Raw>,
}

/// The audiences in force, for rules that ask `in audience '…'`.
///
/// An audience that is not there has no members. Audiences that contain each other are refused by [`crate::check_references`] when they are
/// defined; should one be met all the same, the inner mention counts as one that is not there.
pub trait Rules {
    fn rule(&self, audience: &str) -> Option<&Rule>;
}

impl Rules for BTreeMap<String, Rule> {
    fn rule(&self, audience: &str) -> Option<&Rule> {
        self.get(audience)
    }
}
