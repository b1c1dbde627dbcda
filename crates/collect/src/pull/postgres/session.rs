use std::collections::BTreeSet;

use tokio_postgres::types::Type;
use tokio_postgres::{Column, IsolationLevel, Portal, Row, Transaction};

use super::connect::Connection;
use super::sql::{CursorKind, SETTINGS, Sql};
use super::{Postgres, fault};
use crate::files::Mapping;
use crate::pull::known::RowKey;
use crate::pull::{Mode, PullError, Relation};

/// Rows that come at once. A portion is what is held in memory.
const ROWS_AT_ONCE: i32 = 500;

/// A transaction that reads, and sees one moment of the database.
pub(super) struct Session<'c> {
    transaction: Transaction<'c>,
    pub sql: Sql,
    pub cursor: CursorKind,
}

impl<'c> Session<'c> {
    /// Begins, and makes sure that every column that is spoken of is there.
    pub async fn begin(connection: &'c mut Connection, from: &Postgres, mapping: &Mapping) -> Result<Self, PullError> {
        let builder = connection.client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
        let transaction = builder.read_only(true).start().await.map_err(|error| fault::of_asking(&error, 0))?;
        transaction.batch_execute(SETTINGS).await.map_err(|error| fault::of_asking(&error, 0))?;
        let sql = Sql::of(from);
        let described = transaction.prepare(&sql.no_row()).await.map_err(|error| fault::of_asking(&error, 0))?;
        check_columns(described.columns(), from, mapping)?;
        let cursor = cursor_kind(described.columns(), from);
        Ok(Self { transaction, sql, cursor })
    }

    /// Asks for rows, which then come in portions.
    pub async fn rows(&self, statement: &str) -> Result<Rows<'_>, PullError> {
        let portal = self.transaction.bind(statement, &[]).await;
        let portal = portal.map_err(|error| fault::of_asking(&error, 0))?;
        Ok(Rows { transaction: &self.transaction, portal, rows: 0, has_ended: false })
    }
}

/// The digest of a key, in this column of an answer.
pub(super) fn key_of(row: &Row, at: usize) -> Result<RowKey, PullError> {
    let bytes: &[u8] = row.try_get(at).map_err(|error| fault::of_asking(&error, 0))?;
    let too_short = |_| PullError::Query { reason: "a key's digest is too short".to_owned(), is_passing: false };
    bytes.try_into().map_err(too_short)
}

pub(super) fn text_of(row: &Row, at: usize) -> Result<String, PullError> {
    row.try_get(at).map_err(|error| fault::of_asking(&error, 0))
}

/// Rows on their way.
pub(super) struct Rows<'s> {
    transaction: &'s Transaction<'s>,
    portal: Portal,
    rows: u64,
    has_ended: bool,
}

impl Rows<'_> {
    /// Returns the next portion; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<Row>>, PullError> {
        if self.has_ended {
            return Ok(None);
        }
        let portion = self.transaction.query_portal(&self.portal, ROWS_AT_ONCE).await;
        let portion = portion.map_err(|error| fault::of_asking(&error, self.rows))?;
        self.rows += portion.len() as u64;
        self.has_ended = portion.len() < ROWS_AT_ONCE as usize;
        Ok(Some(portion).filter(|portion| !portion.is_empty()))
    }
}

/// A column of the mapping may reach inside JSON by dots, a column of the pull may not.
fn check_columns(columns: &[Column], from: &Postgres, mapping: &Mapping) -> Result<(), PullError> {
    let has = |name: &str| columns.iter().any(|column| column.name() == name);
    let has_outer = |name: &str| has(name) || name.split('.').next().is_some_and(has);
    let cursor = match &from.mode {
        Mode::Incremental(cursor) => Some(&cursor.column),
        Mode::Full => None,
    };
    let own = from.key.iter().chain(cursor).filter(|name| !has(name));
    let missing: BTreeSet<_> = own.chain(mapping.columns().iter().filter(|name| !has_outer(name))).cloned().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let table = match &from.rows {
        Relation::Table(table) => table.clone(),
        Relation::Query(_) => "the query".to_owned(),
    };
    let columns = columns.iter().map(|column| column.name().to_owned()).collect();
    Err(PullError::MissingColumns { table, missing: missing.into_iter().collect(), columns })
}

fn cursor_kind(columns: &[Column], from: &Postgres) -> CursorKind {
    let Mode::Incremental(cursor) = &from.mode else { return CursorKind::Other };
    let of = columns.iter().find(|column| column.name() == cursor.column).map(Column::type_);
    let is_time = of.is_some_and(|of| [Type::TIMESTAMP, Type::TIMESTAMPTZ, Type::DATE].contains(of));
    if is_time { CursorKind::Time } else { CursorKind::Other }
}
