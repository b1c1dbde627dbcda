//! Events that a plan holds back. Nothing of them is lost: they wait, are mended and replayed, or are dropped by someone who says so.
//!
//! One draft at a time may be open over these tables: numbers are given in it, and each event is replayed once.

mod aside;
mod erase;
mod held;
mod list;
mod mend;
mod replay;

pub use crate::document::Problem;
pub use aside::{Aside, aside_of, set_aside};
pub use erase::{Erased, Stale, erase, stale, sweep};
pub use held::{Counts, Held, Kept, State, counts, drop, get, keep};
pub use list::{Filter, Page, list};
pub use mend::{CannotMend, Mend};
pub use replay::{Replayed, Stayed, Why, replay};

pub(crate) use aside::ASIDE;
pub(crate) use held::{COUNTS, IDS, QUARANTINED};
