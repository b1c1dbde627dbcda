//! Rows of a PostgreSQL database, streamed through a portal in one read-only transaction that sees one moment.
//!
//! Each row comes as JSON that the database writes, so every type that it can show can be read. The database also digests the key, and rows of
//! a full reading come in the order of these digests, which is the order in which the known rows lie in the store: so two sorted lists are
//! laid beside each other, and memory does not grow with the table.

mod connect;
mod fault;
mod full;
mod incremental;
mod session;
mod sql;

use kit::Digest;
use model::{Change, Fact};

pub(super) use connect::certificates;

use self::session::Session;
use super::known::{Known, RowKey, Said};
use super::take::{Mark, Take};
use super::{Mode, Postgres, PullError};
use crate::files::{self, ImportContext, Row, RowError};

/// The longest row, in bytes of its JSON.
const ROW_BYTES: usize = 1 << 20;

pub(super) async fn read(from: &Postgres, take: &mut Take<'_>) -> Result<(), PullError> {
    let mut connection = connect::open(from).await?;
    let session = Session::begin(&mut connection, from, &take.pull.mapping).await?;
    match &from.mode {
        Mode::Full => full::read(&session, from, take).await?,
        Mode::Incremental(cursor) => {
            incremental::read(&session, from, cursor, take).await?;
            if from.has_deletes {
                incremental::compare_keys(&session, take).await?;
            }
        }
    }
    take.flush().await
}

/// A row as it comes.
#[derive(Debug)]
struct TableRow {
    key: RowKey,
    json: String,
}

/// What a row is compared with, and what it becomes part of.
struct Beside<'b> {
    /// What is known of it from earlier runs.
    before: Option<Known>,
    context: &'b ImportContext,
    has_deletes: bool,
}

/// Takes a row, unless it is known as it is.
///
/// One that the mapping leaves out counts as gone where what has gone is taken back. One that cannot be read takes nothing back, and is not
/// told again before it changes.
fn take_row(row: &TableRow, beside: Beside<'_>, take: &mut Take<'_>) -> Result<(), PullError> {
    take.report.rows += 1;
    take.report.bytes += row.json.len() as u64;
    let content = Digest::of(&[&take.pull.fingerprint.to_string(), &row.json]);
    if beside.before.as_ref().is_some_and(|before| before.content == content) {
        take.report.unchanged += 1;
        return Ok(());
    }
    let said_before = beside.before.and_then(|before| before.said);
    let read = read_row(row, beside.context, take);
    let (said, gone) = match &read {
        Row::Fact(fact) => (said_by(fact), said_before.filter(|before| !is_about(fact, before))),
        Row::Skipped if beside.has_deletes => (None, said_before),
        Row::Skipped | Row::Refused(_) => (said_before, None),
    };
    if let Some(gone) = gone.filter(|_| beside.has_deletes) {
        take.take_back(gone);
    }
    take.take(read, None)?;
    take.mark(Mark::Row(row.key, Some(Known { content, said })));
    Ok(())
}

fn read_row(row: &TableRow, context: &ImportContext, take: &Take<'_>) -> Row {
    let number = take.report.rows;
    if row.json.len() <= ROW_BYTES {
        return files::table_row(&row.json, number, &kit::hex(&row.key), &take.pull.mapping, context);
    }
    let message = format!("the row is longer than {ROW_BYTES} bytes");
    let end = row.json.floor_char_boundary(ROW_BYTES);
    let raw = row.json.as_bytes()[..end].to_vec();
    Row::Refused(Box::new(RowError { line: number, row: number, code: "row_too_long", message, raw }))
}

fn is_about(fact: &Fact, said: &Said) -> bool {
    matches!(fact, Fact::Record(record) if record.key == said.key)
}

fn said_by(fact: &Fact) -> Option<Said> {
    match fact {
        Fact::Record(record) if record.change == Change::Upsert => Said::of(record),
        _ => None,
    }
}
