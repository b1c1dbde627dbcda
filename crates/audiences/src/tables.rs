use store::{Erasure, Keep, Table};

pub(crate) static AUDIENCES: Table = Table {
    name: "audiences",
    about: "an audience's definition: name text → rule, description, time of creation (JSON)",
    writer: "audiences",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

pub(crate) static MEMBERSHIPS: Table = Table {
    name: "memberships",
    about: "that a profile is in an audience: audience text, profile u32 → since",
    writer: "audiences",
    person_key: "profile (key, last 4 bytes)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

pub(crate) static MEMBER_OF: Table = Table {
    name: "member_of",
    about: "the same by person: profile u32, audience text → since",
    writer: "audiences",
    person_key: "profile (key, first 4 bytes)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

pub(crate) static TIMERS: Table = Table {
    name: "timers",
    about: "when time alone could change an answer: due time, profile u32, audience text → nothing",
    writer: "audiences",
    person_key: "profile (key, bytes 8 to 11)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

pub(crate) static CHECKS: Table = Table {
    name: "checks",
    about: "the timer that is set for a profile and an audience: profile u32, audience text → due time",
    writer: "audiences",
    person_key: "profile (key, first 4 bytes)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

/// Every table that this room writes.
pub static TABLES: &[&Table] = &[&AUDIENCES, &MEMBERSHIPS, &MEMBER_OF, &TIMERS, &CHECKS];
