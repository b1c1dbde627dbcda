//! The way of one message through the rooms, with times.

use api::{Step, Trace};
use collect::ways::{self, Way};
use collect::{seen, sources};
use kit::Coded;
use lake::journal::{Entry, JournalError};
use model::{Event, Fact, Seq};
use store::StoreError;

use crate::house::House;

/// Returns the ways of all messages with this id, one a source.
pub fn of(house: &House, message_id: &str) -> Result<Vec<Trace>, TraceError> {
    let mut traces = Vec::new();
    for (source, ..) in sources::all(&house.store)? {
        let Some(seq) = seen::position(&house.store, &source, message_id)? else { continue };
        let owner = seen::owner(&house.store, seq)?.filter(|owner| *owner > 0);
        let profile = owner.map(|owner| identity::holder(&house.store, owner)).transpose()?.flatten();
        let Some(event) = event(house, seq)? else { continue };
        let way = ways::of(&house.store, seq)?;
        traces.push(Trace {
            message_id: message_id.to_owned(),
            source,
            seq,
            received_at: event.received_at.to_string(),
            profile: profile.map(|profile| profile.to_string()).unwrap_or_default(),
            steps: steps(&event, seq, way),
        });
    }
    Ok(traces)
}

fn event(house: &House, seq: Seq) -> Result<Option<Event>, TraceError> {
    match house.journal.reader(seq).next().transpose()? {
        Some(Entry::Fact { seq: found, fact: Fact::Event(event) }) if found == seq => Ok(Some(event)),
        _ => Ok(None),
    }
}

/// What is known of a message's way; of one that is forgotten, only that the message is there.
fn steps(event: &Event, seq: Seq, way: Option<Way>) -> Vec<Step> {
    let step = |room: &str, at: kit::Timestamp, took_us: u64, what: String| Step {
        room: room.to_owned(),
        at: at.to_string(),
        took_us,
        what,
    };
    let happened = format!("happened {}, named {} identifier(s)", event.time, event.identifiers.len());
    let taken_up = match &way {
        Some(way) => format!("taken up {} ms after it came", way.walked_at.since_ms(event.received_at).max(0)),
        None => "its further way is no longer kept".to_owned(),
    };
    let mut steps = vec![
        step("collect", event.received_at, 0, happened),
        step("journal", event.received_at, 0, format!("durable as number {seq}, {taken_up}")),
    ];
    let Some(way) = way else { return steps };
    steps.extend(way.steps.iter().map(|part| {
        let what = if part.what.is_empty() { "nothing changed".to_owned() } else { part.what.join("; ") };
        step(&part.room, way.walked_at, u64::from(part.took_us), what)
    }));
    steps
}

#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Coded for TraceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Journal(error) => error.code(),
        }
    }
}
