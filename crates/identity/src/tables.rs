use store::{Erasure, Keep, Table};

pub(crate) static IDENTIFIERS: Table = Table {
    name: "identifiers",
    about: "the number of an identifier: `kind:value` text → ordinal u32",
    writer: "identity",
    person_key: "the identifier (key)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static NODES: Table = Table {
    name: "nodes",
    about: "an identifier in the graph: ordinal u32 → kind, value, first seen, source, root of its component",
    writer: "identity",
    person_key: "ordinal (key)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static COMPONENTS: Table = Table {
    name: "components",
    about: "a profile: root ordinal u32 → its identifiers",
    writer: "identity",
    person_key: "ordinals (value)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

pub(crate) static EDGES: Table = Table {
    name: "edges",
    about: "evidence that two identifiers are one person: ordinal u32, ordinal u32 → first fact, source, whether it holds (both ways round)",
    writer: "identity",
    person_key: "ordinals (key)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static WITNESSES: Table = Table {
    name: "witnesses",
    about: "whom an identifier met on one fact, as far as hubs are told by it: ordinal u32, witness text, value text → nothing",
    writer: "identity",
    person_key: "ordinal (key, first 4 bytes)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static LINKS: Table = Table {
    name: "links",
    about: "the latest word of an operator about two identifiers: ordinal u32, ordinal u32 → verdict (both ways round)",
    writer: "identity",
    person_key: "ordinals (key)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static HUBS: Table = Table {
    name: "hubs",
    about: "an identifier found on too many people, which links nobody any more: ordinal u32 → since which fact",
    writer: "identity",
    person_key: "ordinal (key)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static HISTORY: Table = Table {
    name: "history",
    about: "how a profile id came and went: profile u32, seq u64, number u32 → merged into, parted from",
    writer: "identity",
    person_key: "profile (key, first 4 bytes)",
    erasure: Erasure::Remove,
    keep: Keep::View,
};

pub(crate) static TOTALS: Table = Table {
    name: "totals",
    about: "how many identifiers and profiles there are",
    writer: "identity",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::View,
};

pub(crate) static RULES: Table = Table {
    name: "identity_rules",
    about: "the rules in force: `current` → rules (JSON)",
    writer: "identity",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// Every table that this room writes.
pub static TABLES: &[&Table] =
    &[&IDENTIFIERS, &NODES, &COMPONENTS, &EDGES, &WITNESSES, &LINKS, &HUBS, &HISTORY, &TOTALS, &RULES];
