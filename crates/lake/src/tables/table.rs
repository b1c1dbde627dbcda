use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// A table of the lake: what it holds, who writes it, and how a person leaves it.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub name: &'static str,
    pub doc: &'static str,
    pub kind: TableKind,
    pub columns: &'static [Column],
    /// The columns by which rows are sorted inside a file; together they name one row.
    pub sort: &'static [&'static str],
    /// The crate whose values these are.
    pub writer: &'static str,
    /// The columns that say whose row it is.
    pub person_key: &'static [&'static str],
    /// What erasing a person does to the table.
    pub erasure: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableKind {
    /// Grows with the journal, in parts.
    Facts,
    /// Replaced as a whole.
    View,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub kind: ColumnKind,
    /// Whether rows may lack it (SQL: null).
    pub optional: bool,
    pub doc: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    U64,
    U32,
    Bool,
    Text,
    /// JSON, as text.
    Json,
    /// Milliseconds since 1970, UTC.
    Time,
}

impl Table {
    /// Looks a table up by name.
    pub fn named(name: &str) -> Option<&'static Table> {
        TABLES.iter().find(|table| table.name == name)
    }

    /// The shape of its rows, as Arrow says it.
    pub fn schema(&self) -> SchemaRef {
        let field = |column: &Column| Field::new(column.name, column.kind.data_type(), column.optional);
        Arc::new(Schema::new(self.columns.iter().map(field).collect::<Vec<_>>()))
    }

    /// Where its sort columns stand among its columns.
    pub(crate) fn sort_indices(&self) -> Vec<usize> {
        let index = |name: &&str| self.columns.iter().position(|column| column.name == *name);
        self.sort.iter().filter_map(index).collect()
    }
}

impl ColumnKind {
    pub fn data_type(self) -> DataType {
        match self {
            Self::U64 => DataType::UInt64,
            Self::U32 => DataType::UInt32,
            Self::Bool => DataType::Boolean,
            Self::Text | Self::Json => DataType::Utf8,
            Self::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        }
    }
}

/// Every table there is.
pub static TABLES: &[Table] = &[EVENTS, RECORDS, LINKS, IDENTIFIERS, PROFILES, TRAITS, MEMBERSHIPS, CONSENTS];

const EVENTS: Table = Table {
    name: "events",
    doc: "What identifiers did, one row for each event, in a folder for each month",
    kind: TableKind::Facts,
    columns: &[
        column("seq", ColumnKind::U64, "place of the event in the journal"),
        column("owner", ColumnKind::U32, "ordinal of the identifier that owns the event"),
        column("event", ColumnKind::Text, "what rules call it: a track's own name, else the kind"),
        column("kind", ColumnKind::Text, "`track`, `page`, `screen`, `identify`, `group`, `alias` or `consent`"),
        optional("name", ColumnKind::Text, "name of the track, page or screen"),
        column("source", ColumnKind::Text, "where it came from"),
        column("message_id", ColumnKind::Text, "unique within its source"),
        column("time", ColumnKind::Time, "when it happened, corrected for the device's clock"),
        column("received_at", ColumnKind::Time, "when it arrived"),
        optional("properties", ColumnKind::Json, "what the source says about the event"),
        optional("context", ColumnKind::Json, "what the source says about its surroundings"),
    ],
    sort: &["event", "owner", "time", "seq"],
    writer: "server",
    person_key: &["owner"],
    erasure: "rows of the person's owners are left out when the files that hold them are written anew",
};

const RECORDS: Table = Table {
    name: "records",
    doc: "Rows of sources, one row for each version",
    kind: TableKind::Facts,
    columns: &[
        column("seq", ColumnKind::U64, "place of the record in the journal"),
        column("source", ColumnKind::Text, "where it came from"),
        column("key", ColumnKind::Text, "unique within its source"),
        column("version", ColumnKind::Time, "the latest version of a key holds"),
        column("change", ColumnKind::Text, "`upsert` or `delete`"),
        column("owner", ColumnKind::U32, "ordinal of the identifier that owns the record"),
        optional("traits", ColumnKind::Json, "what the row says about the person"),
        column("received_at", ColumnKind::Time, "when it arrived"),
    ],
    sort: &["source", "key", "version", "seq"],
    writer: "server",
    person_key: &["owner"],
    erasure: "rows of the person's owners are left out when the files that hold them are written anew",
};

const LINKS: Table = Table {
    name: "links",
    doc: "What was said about pairs of identifiers; the latest word about a pair holds",
    kind: TableKind::Facts,
    columns: &[
        column("seq", ColumnKind::U64, "place of the link in the journal"),
        column("a", ColumnKind::Text, "an identifier, as `kind:value`"),
        column("b", ColumnKind::Text, "the other one"),
        column("verdict", ColumnKind::Text, "`always`, `never` or `withdrawn`"),
        column("reason", ColumnKind::Text, "why"),
        column("by", ColumnKind::Text, "who says so"),
        column("received_at", ColumnKind::Time, "when it was said"),
    ],
    sort: &["seq"],
    writer: "server",
    person_key: &["a", "b"],
    erasure: "rows that name one of the person's identifiers are left out when the files that hold them are written anew",
};

const IDENTIFIERS: Table = Table {
    name: "identifiers",
    doc: "Every identifier, and the profile that it belongs to now",
    kind: TableKind::View,
    columns: &[
        column("ordinal", ColumnKind::U32, "number of the identifier, in order of first appearance"),
        column("kind", ColumnKind::Text, "`email`, `user_id`, …"),
        column("value", ColumnKind::Text, "normalised"),
        column("profile", ColumnKind::U32, "ordinal of the profile's oldest identifier: 17 for `P17`"),
    ],
    sort: &["ordinal"],
    writer: "identity",
    person_key: &["profile"],
    erasure: "written anew without the person",
};

const PROFILES: Table = Table {
    name: "profiles",
    doc: "Every profile",
    kind: TableKind::View,
    columns: &[
        column("profile", ColumnKind::U32, "17 for `P17`"),
        column("identifiers", ColumnKind::U32, "how many it has"),
        column("first_seen", ColumnKind::Time, "time of its first fact"),
        column("last_seen", ColumnKind::Time, "time of its latest fact"),
    ],
    sort: &["profile"],
    writer: "profiles",
    person_key: &["profile"],
    erasure: "written anew without the person",
};

const TRAITS: Table = Table {
    name: "traits",
    doc: "The winning value of each trait of each profile",
    kind: TableKind::View,
    columns: &[
        column("profile", ColumnKind::U32, "17 for `P17`"),
        column("name", ColumnKind::Text, "name of the trait"),
        column("value", ColumnKind::Json, "its value"),
        column("source", ColumnKind::Text, "who says so"),
        column("time", ColumnKind::Time, "as of when"),
    ],
    sort: &["name", "profile"],
    writer: "profiles",
    person_key: &["profile"],
    erasure: "written anew without the person",
};

const MEMBERSHIPS: Table = Table {
    name: "memberships",
    doc: "Who is in which audience now",
    kind: TableKind::View,
    columns: &[
        column("audience", ColumnKind::Text, "name of the audience"),
        column("profile", ColumnKind::U32, "17 for `P17`"),
        column("since", ColumnKind::Time, "when the profile entered"),
    ],
    sort: &["audience", "profile"],
    writer: "audiences",
    person_key: &["profile"],
    erasure: "written anew without the person",
};

const CONSENTS: Table = Table {
    name: "consents",
    doc: "The decision of each profile about each purpose that it spoke of",
    kind: TableKind::View,
    columns: &[
        column("profile", ColumnKind::U32, "17 for `P17`"),
        column("purpose", ColumnKind::Text, "e.g. `email_marketing`"),
        column("granted", ColumnKind::Bool, "yes or no"),
        column("source", ColumnKind::Text, "where the person said so"),
        column("time", ColumnKind::Time, "when"),
    ],
    sort: &["purpose", "profile"],
    writer: "consent",
    person_key: &["profile"],
    erasure: "written anew without the person",
};

const fn column(name: &'static str, kind: ColumnKind, doc: &'static str) -> Column {
    Column { name, kind, optional: false, doc }
}

const fn optional(name: &'static str, kind: ColumnKind, doc: &'static str) -> Column {
    Column { name, kind, optional: true, doc }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_columns_and_never_null() {
        for table in TABLES {
            assert_eq!(table.sort_indices().len(), table.sort.len(), "{}", table.name);
            for key in table.sort.iter().chain(table.person_key) {
                let column = table.columns.iter().find(|column| column.name == *key);
                assert_eq!(column.map(|column| column.optional), Some(false), "{}.{key}", table.name);
            }
        }
    }
}
