use model::{Fact, Identifier, Ordinal, Seq};
use store::{Draft, StoreError};

use crate::{activity, claims, search, timeline};

/// What a fact changed about its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Traits that were given a value or lost one.
    pub traits: Vec<String>,
    /// The label of the event that the timeline now holds.
    pub event: Option<String>,
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
            let traits = claims::from_event(draft, owner, event, seq)?;
            Ok(Step { traits, event: Some(event.label().to_owned()) })
        }
        Fact::Record(record) => Ok(Step { traits: claims::from_record(draft, owner, record, seq)?, event: None }),
        Fact::Link(_) => Ok(Step::default()),
    }
}
