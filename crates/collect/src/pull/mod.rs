//! Pulls: rows that are fetched where they are (PostgreSQL, folders, buckets) and become facts, by a schedule, each one once.
//!
//! A run reads, hands facts to a [`Keeper`] in portions, and writes down how far it has come after a portion is durable. So a run that dies
//! repeats at most a portion, and what is repeated has the same keys, versions and message ids. `docs/guide/pulls.md` teaches definitions.

mod definition;
mod desk;
mod error;
mod known;
mod objects;
mod parse;
mod pattern;
mod postgres;
mod report;
mod saved;
mod schedule;
mod state;
mod take;
mod taken;

pub use crate::document::Problem;
pub use definition::{Bucket, Cursor, Folder, Keys, Mode, Origin, Postgres, Pull, Relation, Tls};
pub use desk::{Desk, KeepError, Keeper};
pub use error::PullError;
pub use known::erase;
pub use pattern::Pattern;
pub use report::{Progress, Report, Sample};
pub use saved::{PullsError, Saved, all, create, due_at, get, remove};
pub use schedule::Schedule;
pub use state::{Ended, Reached, RunRecord, State, state};

pub(crate) use known::PULL_KEYS;
pub(crate) use saved::PULLS;
pub(crate) use state::PULL_STATES;
pub(crate) use taken::PULL_FILES;

use take::{Take, Way};

/// Runs a saved pull once and writes down what came of it, also where it fails. One run of a pull at a time.
pub async fn run(pull: &Pull, desk: &Desk<'_>) -> Result<Report, PullError> {
    let started_at = desk.clock.now();
    let mut take = Take::new(pull, desk, started_at, Way::Keep);
    let outcome = read(pull, &mut take).await;
    let (report, quarantine) = take.finish();
    state::ended(desk, pull, RunRecord::of(started_at, desk.clock.now(), &report, &outcome, quarantine?))?;
    outcome.map(|()| report)
}

/// Reads as a run would, and writes nothing: what it would bring is counted, from where the saved pull of this name stands.
pub async fn dry_run(pull: &Pull, desk: &Desk<'_>) -> Result<Report, PullError> {
    let mut take = Take::new(pull, desk, desk.clock.now(), Way::Dry);
    read(pull, &mut take).await?;
    Ok(take.finish().0)
}

async fn read(pull: &Pull, take: &mut Take<'_>) -> Result<(), PullError> {
    match &pull.origin {
        Origin::Postgres(from) => postgres::read(from, take).await,
        Origin::Folder(from) => objects::read(objects::Place::folder(from)?, take).await,
        Origin::Bucket(from) => objects::read(objects::Place::bucket(from)?, take).await,
    }
}
