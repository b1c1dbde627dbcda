use super::ROW_BYTES;
use crate::pull::{Cursor, Postgres, Relation};

/// The statements of a pull. Names are quoted, and so are values: the database reads each as its column's type.
#[derive(Debug)]
pub(super) struct Sql {
    /// `FROM …`, called `t`.
    from: String,
    /// A digest of the key, 16 bytes.
    key: String,
}

/// What the cursor's column holds, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CursorKind {
    /// A moment: reading may start some time before the last one.
    Time,
    Other,
}

impl CursorKind {
    pub fn is_time(self) -> bool {
        self == Self::Time
    }
}

/// Times, numbers and bytes are written in one way, whatever the server is set to. A long reading may take its time; a lock is not waited for
/// without an end.
pub(super) const SETTINGS: &str = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'; \
    SET LOCAL IntervalStyle = 'iso_8601'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; \
    SET LOCAL standard_conforming_strings = on; SET LOCAL xmloption = 'content'; SET LOCAL statement_timeout = 0; \
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '60s'";

impl Sql {
    pub fn of(from: &Postgres) -> Self {
        let relation = match &from.rows {
            Relation::Table(table) => table.split('.').map(name).collect::<Vec<_>>().join("."),
            // The line end closes a comment at the end of the query.
            Relation::Query(query) => format!("({query}\n)"),
        };
        let columns: Vec<_> = from.key.iter().map(|column| format!("t.{}", name(column))).collect();
        let text = format!("json_build_array({})::text", columns.join(", "));
        let key = format!("substring(sha256(convert_to({text}, 'UTF8')) from 1 for 16)");
        Self { from: format!("FROM {relation} AS t"), key }
    }

    /// No row, but every column.
    pub fn no_row(&self) -> String {
        format!("SELECT * {} WHERE false", self.from)
    }

    /// Every row, in the order of its key's digest: key, JSON.
    pub fn every_row(&self) -> String {
        format!("SELECT {} AS key, {} {} ORDER BY key", self.key, json(), self.from)
    }

    /// Every key's digest in order.
    pub fn every_key(&self) -> String {
        format!("SELECT {} AS key {} ORDER BY key", self.key, self.from)
    }

    /// Rows from a value of the cursor on, in its order: key, JSON, the cursor's value.
    pub fn rows_from(&self, cursor: &Cursor, start: Option<&str>, kind: CursorKind) -> String {
        let (column, overlap_ms) = (name(&cursor.column), cursor.overlap_ms);
        let since = match start {
            None => String::new(),
            Some(value) if kind.is_time() && overlap_ms > 0 => {
                format!("AND t.{column} >= {}::timestamptz - interval '{overlap_ms} milliseconds'", text(value))
            }
            Some(value) => format!("AND t.{column} >= {}", text(value)),
        };
        // A moment of a far future would stand in the way of all that come after it.
        let until = if kind.is_time() { format!("AND t.{column} <= now() + interval '1 day'") } else { String::new() };
        let (key, json, from) = (&self.key, json(), &self.from);
        format!(
            "SELECT {key}, {json}, t.{column}::text {from} \
             WHERE t.{column} IS NOT NULL {since} {until} ORDER BY t.{column}"
        )
    }
}

/// A row as JSON; of one that is too long a letter more than may be, so that it is found too long.
fn json() -> String {
    format!("left(row_to_json(t)::text, {})", ROW_BYTES + 1)
}

fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}
