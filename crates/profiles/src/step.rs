use model::{Fact, Identifier, Ordinal, Seq};
use serde_json::{Map, Value};
use store::{Draft, StoreError};

use crate::{activity, claims, search, timeline};

/// What a fact changed about its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Traits that were given, be it with the value that they had (a later claim may outdo another source's), and traits that were lost.
    pub traits: Vec<String>,
    /// The values that were given.
    pub given: Map<String, Value>,
    /// What another identifier lost, because the record was its own before.
    pub left: Option<Left>,
    /// The label of the event that the timeline now holds.
    pub event: Option<String>,
}

/// A record passed from this identifier to another one, and took its traits along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub owner: Ordinal,
    pub traits: Vec<String>,
}

/// Takes one fact into the tables of this room. `fresh` are identifiers seen for the first time in it.
pub fn step(
    draft: &mut Draft<'_>,
    owner: Ordinal,
    fresh: &[(Ordinal, Identifier)],
    fact: &Fact,
    seq: Seq,
) -> Result<Step, StoreError> {
    for (ordinal, identifier) in fresh {
        search::note_identifier(draft, *ordinal, identifier);
    }
    search::note_traits(draft, owner, fact);
    match fact {
        Fact::Event(event) => {
            timeline::note(draft, owner, event, seq);
            activity::note(draft, owner, event)?;
            let given = claims::from_event(draft, owner, event, seq)?;
            let traits = given.keys().cloned().collect();
            Ok(Step { traits, given, left: None, event: Some(event.label().to_owned()) })
        }
        Fact::Record(record) => claims::from_record(draft, owner, record, seq),
        Fact::Link(_) => Ok(Step::default()),
    }
}
