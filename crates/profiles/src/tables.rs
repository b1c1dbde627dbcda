use store::{Erasure, Keep, Table};

pub(crate) static CLAIMS: Table = Table {
    name: "claims",
    about: "what one origin says of one identifier: ordinal u32, origin text → traits with value, time and place (JSON)",
    writer: "profiles",
    person_key: "ordinal (key, first 4 bytes)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static RECORDS: Table = Table {
    name: "records",
    about: "whose a record is: source text, key text → ordinal of the owner, latest version and its place",
    writer: "profiles",
    person_key: "ordinal (value)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

pub(crate) static TIMELINE: Table = Table {
    name: "timeline",
    about: "one event of an identifier: ordinal u32, time, seq u64 → label, zero byte, the event as JSON",
    writer: "profiles",
    person_key: "ordinal (key, first 4 bytes)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static ACTIVITY: Table = Table {
    name: "activity",
    about: "first and last time and number of events of an identifier: ordinal u32 → activity",
    writer: "profiles",
    person_key: "ordinal (key)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static WORDS: Table = Table {
    name: "words",
    about: "a word by which an identifier's person can be found: word text, ordinal u32 → nothing",
    writer: "profiles",
    person_key: "ordinal (key, last 4 bytes)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

/// Every table that this room writes.
pub static TABLES: &[&Table] = &[&CLAIMS, &RECORDS, &TIMELINE, &ACTIVITY, &WORDS];
