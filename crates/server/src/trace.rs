//! The way of one message through the rooms, with times.

use api::{Step, Trace};
use collect::seen::{self, Way};
use kit::Coded;
use lake::journal::{Entry, JournalError};
use model::{Event, Fact, Seq};
use store::StoreError;

use crate::house::House;

/// Returns the ways of all messages with this id, one a source.
pub fn of(house: &House, message_id: &str) -> Result<Vec<Trace>, TraceError> {
    let mut traces = Vec::new();
    for (source, way) in seen::ways(&house.store, message_id)? {
        let profile = way.owner.map(|owner| identity::holder(&house.store, owner)).transpose()?.flatten();
        let Some(event) = event(house, way.seq)? else { continue };
        traces.push(Trace {
            message_id: message_id.to_owned(),
            source,
            seq: way.seq,
            received_at: event.received_at.to_string(),
            profile: profile.map(|profile| profile.to_string()).unwrap_or_default(),
            steps: steps(&event, &way),
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

fn steps(event: &Event, way: &Way) -> Vec<Step> {
    let step = |room: &str, at: kit::Timestamp, took_us: u64, what: String| Step {
        room: room.to_owned(),
        at: at.to_string(),
        took_us,
        what,
    };
    let happened = format!("happened {}, named {} identifier(s)", event.time, event.identifiers.len());
    let waited_ms = way.walked_at.since_ms(event.received_at).max(0);
    let mut steps = vec![
        step("collect", event.received_at, 0, happened),
        step(
            "journal",
            event.received_at,
            0,
            format!("durable as number {}, taken up {waited_ms} ms after it came", way.seq),
        ),
    ];
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
