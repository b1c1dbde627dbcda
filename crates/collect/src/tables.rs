use store::Table;

use crate::seen::SEEN;
use crate::sources::{SOURCES, TALLIES, WRITE_KEYS};

/// Every table that this room writes.
pub static TABLES: &[&Table] = &[&SEEN, &SOURCES, &WRITE_KEYS, &TALLIES];
