#![doc = include_str!("../README.md")]

mod way;

mod house;
mod imports;
mod live;
mod live_words;
mod pending;
mod people;
pub mod plans;
mod precedence;
mod pull_words;
mod pulls;
pub mod quarantine;
mod round;
mod shelf;
mod tally;
mod trace;
mod walker;

mod auth;
mod console;
mod cross_origin;
mod errors;
mod forgetting;
mod metrics;
mod openapi;
mod peer;
mod questions;
mod routes;

pub use auth::{Token, first_token};
pub use errors::{DoorError, Problem};
pub use house::{House, OpenError, Options, tables};
pub use imports::import;
pub use live::{LIVE_EVENTS, Live};
pub use openapi::document;
pub use pull_words::{detail as pull_detail, report as pull_report, row as pull_row};
pub use pulls::{Pulls, dry_run as dry_run_pull, run as run_pull};
pub use questions::{AskError, PREVIEW_DEADLINE, define, follow, preview, sql, undefine, why};
pub use routes::{App, router};
pub use shelf::{ShelfError, lay};
pub use tally::Refusals;
pub use trace::{TraceError, of as trace};
pub use walker::{WalkError, Walker};
pub use way::{Moment, Received, Walked, keep, walk};

/// Every table that the house itself writes.
pub static TABLES: &[&store::Table] = &[&pending::PENDING, &auth::TOKENS, &imports::IMPORTS];
