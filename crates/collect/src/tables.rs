use store::Table;

use crate::mappings::MAPPINGS;
use crate::plans::PLANS;
use crate::plans::violations::VIOLATIONS;
use crate::pull::{PULL_FILES, PULL_KEYS, PULL_STATES, PULLS};
use crate::quarantine::{ASIDE, COUNTS, IDS, QUARANTINED};
use crate::seen::{JOURNAL_TIME, SEEN, STORED};
use crate::sources::{SOURCES, TALLIES, WRITE_KEYS};
use crate::ways::{WAYS, WAYS_GONE};

/// Every table that this room writes.
pub static TABLES: &[&Table] = &[
    &SEEN,
    &STORED,
    &WAYS,
    &WAYS_GONE,
    &JOURNAL_TIME,
    &SOURCES,
    &WRITE_KEYS,
    &TALLIES,
    &MAPPINGS,
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
