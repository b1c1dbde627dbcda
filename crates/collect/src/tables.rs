use store::Table;

use crate::mappings::MAPPINGS;
use crate::plans::PLANS;
use crate::plans::violations::VIOLATIONS;
use crate::quarantine::{ASIDE, COUNTS, IDS, QUARANTINED};
use crate::seen::SEEN;
use crate::sources::{SOURCES, TALLIES, WRITE_KEYS};

/// Every table that this room writes.
pub static TABLES: &[&Table] =
    &[&SEEN, &SOURCES, &WRITE_KEYS, &TALLIES, &MAPPINGS, &PLANS, &VIOLATIONS, &QUARANTINED, &IDS, &COUNTS, &ASIDE];
