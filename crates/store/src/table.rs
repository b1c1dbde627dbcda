/// A table of keyed state. Declared as a `static` by the room that writes it.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// What a row says, in one sentence, with the shape of its key.
    pub about: &'static str,
    /// The crate that writes it; no other does.
    pub writer: &'static str,
    /// By which part of the key (or value) a person is found.
    pub person_key: &'static str,
    pub erasure: Erasure,
    pub keep: Keep,
}

/// What happens to a person's rows when the person is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erasure {
    /// Rows are found by the person key and removed.
    Remove,
    /// The view is recomputed from facts without the person's.
    Recompute,
    /// Holds nothing of a person.
    NotPersonal,
    /// Kept as proof of what was done, with identifiers replaced by a digest.
    Pseudonymise,
}

/// Whether a table can be thrown away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// A pure function of the journal: dropped and rebuilt at will.
    View,
    /// A view whose rows pass: each value begins with the second since 1970 (u32, big-endian) from which the row means nothing any more. Once
    /// `Store::let_go` has said that it is that late, the row may be missing or not, so nobody may tell the difference; and a later row under
    /// the same key passes no earlier than the one before.
    Passing,
    /// The house's own decisions and effects: never dropped, synced at every commit.
    Lasting,
}
