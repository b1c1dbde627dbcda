use store::Table;

use crate::plans::PLANS;
use crate::plans::violations::VIOLATIONS;
use crate::pull::{PULL_FILES, PULL_KEYS, PULL_STATES, PULLS};
use crate::quarantine::{ASIDE, COUNTS, IDS, QUARANTINED};
use crate::seen::SEEN;
use crate::sources::{SOURCES, TALLIES, WRITE_KEYS};

/// Every table that this room writes.
pub static TABLES: &[&Table] = &[
    &SEEN,
    &SOURCES,
    &WRITE_KEYS,
    &TALLIES,
    &PLANS,
    &VIOLATIONS,
    &QUARANTINED,
    &IDS,
    &COUNTS,
    &ASIDE,
    &PULLS,
    &PULL_STATES,
    &PULL_KEYS,
    &PULL_FILES,
];
