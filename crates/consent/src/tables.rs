use store::{Erasure, Keep, Table};

/// Every table that this crate writes.
pub const TABLES: &[&Table] = &[&DECISIONS, &TOLD];

pub(crate) static DECISIONS: Table = Table {
    name: "decisions",
    about: "the latest decision of an identifier about a purpose: ordinal u32, purpose → granted, time (not beyond its receipt), seq, source",
    writer: "consent",
    person_key: "the ordinal that starts the key",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

pub(crate) static TOLD: Table = Table {
    name: "told",
    about: "which identifiers a destination was told about and not yet told to forget: destination, digest of the identifier → nothing",
    writer: "consent",
    person_key: "the digest of the identifier that ends the key",
    erasure: Erasure::Pseudonymise,
    keep: Keep::Lasting,
};
