#![doc = include_str!("../README.md")]

mod definitions;
mod deliver;
mod destinations;
mod errors;
mod forward;
mod ledger;
mod options;
mod outbox;
mod people;
mod plan;
mod standing;
mod tables;

pub use definitions::{Definition, Events, NewDefinition, create, definitions, delete, find};
pub use deliver::{BACKOFF, Deliverer, Report};
pub use destinations::{ALL, Checked, Context, Destination, Kind, Sending, Verdict, kind};
pub use errors::{Error, Problem};
pub use forward::{Happened, forward};
pub use ledger::{Health, Line, Outcome, Status, lines, status, statuses};
pub use people::{People, Touched};
pub use plan::{Planned, step};
pub use standing::standing_profiles;
pub use tables::TABLES;
