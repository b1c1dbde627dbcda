use store::Table;

use crate::seen::SEEN;
use crate::sources::{SOURCES, TALLIES, WRITE_KEYS};

/// Every table that this room writes.
#[cfg(not(feature = "plans"))]
pub static TABLES: &[&Table] = &[&SEEN, &SOURCES, &WRITE_KEYS, &TALLIES];

/// Every table that this room writes, those of plans and of the quarantine among them.
#[cfg(feature = "plans")]
pub static TABLES: &[&Table] = {
    use crate::plans::PLANS;
    use crate::plans::violations::VIOLATIONS;
    use crate::quarantine::{ASIDE, COUNTS, IDS, QUARANTINED};
    &[&SEEN, &SOURCES, &WRITE_KEYS, &TALLIES, &PLANS, &VIOLATIONS, &QUARANTINED, &IDS, &COUNTS, &ASIDE]
};
