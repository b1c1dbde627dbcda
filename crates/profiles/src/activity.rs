use kit::Timestamp;
use model::{Event, Ordinal};
use serde::{Deserialize, Serialize};
use store::{Draft, Key, Read, ReadExt, StoreError};

use crate::tables::ACTIVITY;

/// When something was heard of an identifier, or of a whole profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    pub first: Timestamp,
    pub last: Timestamp,
    pub events: u64,
}

/// Returns the activity of a profile's identifiers together; `None` when none of them has an event.
pub fn activity(read: &dyn Read, members: &[Ordinal]) -> Result<Option<Activity>, StoreError> {
    let mut whole: Option<Activity> = None;
    for member in members {
        if let Some(part) = of(read, *member)? {
            whole = Some(whole.map_or(part, |sum| sum.with(part)));
        }
    }
    Ok(whole)
}

pub(crate) fn note(draft: &mut Draft<'_>, owner: Ordinal, event: &Event) -> Result<(), StoreError> {
    let one = Activity { first: event.time, last: event.time, events: 1 };
    let sum = of(draft, owner)?.map_or(one, |before| before.with(one));
    draft.put(&ACTIVITY, Key::new().u32(owner), &sum);
    Ok(())
}

fn of(read: &dyn Read, ordinal: Ordinal) -> Result<Option<Activity>, StoreError> {
    read.read(&ACTIVITY, Key::new().u32(ordinal).as_slice())
}

impl Activity {
    fn with(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last), events: self.events + other.events }
    }
}
