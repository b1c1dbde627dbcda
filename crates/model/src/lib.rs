//! The nouns of the house as plain data. No IO, no behaviour beyond reading a value.
//!
//! Facts (`Event`, `Record`, `Link`) are the only truth and are versioned on disk; everything else here is a view.

mod audience;
mod delivery;
mod fact;
mod identifier;
mod profile;
mod raw;

pub use audience::{Membership, Move, MoveCause};
pub use delivery::{Action, Delivery, Forwarded};
pub use fact::{AsSent, Change, ConsentChange, Event, EventKind, Fact, Link, Record, Seq, Source, Verdict};
pub use identifier::{Identifier, IdentifierError, kinds};
pub use profile::{Claim, Ordinal, ProfileId, ProfileIdError};
pub use raw::Raw;
