use kit::Timestamp;
use model::Event;
use store::{Draft, StoreError};

use super::held::{self, Held, State};
use super::{CannotMend, Mend, set_aside};
use crate::plans::{Broken, PlansInForce};

/// What came of a replay.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Replayed {
    /// To be put into the journal before the draft is committed: mended, with their own message ids and times, by number.
    pub events: Vec<Event>,
    /// Those that go on waiting.
    pub stayed: Vec<Stayed>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stayed {
    pub number: u64,
    pub why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    CannotMend(CannotMend),
    /// The plans in force would hold it back again.
    StillHeld(Vec<Broken>),
}

/// Takes waiting events out of the quarantine: mends them, holds them against the plans in force (without `plans`, against none), and marks each
/// that passes as replayed in this draft. What was replayed or dropped before is passed over.
///
/// Put the events into the journal, then commit the draft. Should the house stop between the two, they are replayed once more, and `seen` drops
/// the second ones by their message ids.
pub fn replay(
    draft: &mut Draft<'_>,
    source: &str,
    numbers: &[u64],
    mend: Option<&Mend>,
    plans: Option<&PlansInForce>,
    now: Timestamp,
) -> Result<Replayed, StoreError> {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    let mut replayed = Replayed::default();
    for number in numbers {
        let Some(held) = held::waiting(draft, source, number)? else { continue };
        match passed(draft, &held, mend, plans, now)? {
            Ok(event) => {
                replayed.events.push(event);
                held::settle(draft, held, State::Replayed, now)?;
            }
            Err(why) => replayed.stayed.push(Stayed { number, why }),
        }
    }
    Ok(replayed)
}

fn passed(
    draft: &mut Draft<'_>,
    held: &Held,
    mend: Option<&Mend>,
    plans: Option<&PlansInForce>,
    now: Timestamp,
) -> Result<Result<Event, Why>, StoreError> {
    let event = match mend.map_or_else(|| Ok(held.event.clone()), |mend| mend.mended(&held.event)) {
        Ok(event) => event,
        Err(cannot) => return Ok(Err(Why::CannotMend(cannot))),
    };
    let Some(plans) = plans else { return Ok(Ok(event)) };
    let identifiers = event.identifiers.clone();
    let judged = plans.judge(event);
    if judged.held {
        return Ok(Err(Why::StillHeld(judged.broken)));
    }
    set_aside(draft, &judged.event, &identifiers, &judged.removed, now)?;
    Ok(Ok(judged.event))
}
