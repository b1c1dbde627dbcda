use super::session::{Session, key_of, text_of};
use super::{Beside, Postgres, TableRow, take_row};
use crate::files::{Row, RowError};
use crate::pull::PullError;
use crate::pull::known::{RowKey, Walk};
use crate::pull::take::{Mark, Take};

/// Reads every row beside what is known; what is known and not there any more has gone.
pub(super) async fn read(session: &Session<'_>, from: &Postgres, take: &mut Take<'_>) -> Result<(), PullError> {
    let mut known = Walk::new(take.desk.store, &take.pull.name);
    let mut rows = session.rows(&session.sql.every_row()).await?;
    let context = take.context();
    let mut last: Option<RowKey> = None;
    while let Some(portion) = rows.next().await? {
        for row in &portion {
            let row = TableRow { key: key_of(row, 0)?, json: text_of(row, 1)? };
            if last == Some(row.key) {
                refuse_twin(&row, take)?;
                continue;
            }
            last = Some(row.key);
            gone(&mut known, Some(&row.key), from.has_deletes, take).await?;
            let before = known.next_at(&row.key)?;
            take_row(&row, Beside { before, context: &context, has_deletes: from.has_deletes }, take)?;
        }
        if take.is_full() {
            take.flush().await?;
        }
    }
    gone(&mut known, None, from.has_deletes, take).await
}

/// Takes back what is known up to a key and was not there.
pub(super) async fn gone(
    known: &mut Walk<'_>,
    until: Option<&RowKey>,
    has_deletes: bool,
    take: &mut Take<'_>,
) -> Result<(), PullError> {
    while let Some((key, before)) = known.next_before(until)? {
        if !has_deletes {
            continue;
        }
        if let Some(said) = before.said {
            take.take_back(said);
        }
        take.mark(Mark::Row(key, None));
        if take.is_full() {
            take.flush().await?;
        }
    }
    Ok(())
}

/// Two rows of one key would replace each other at every run.
fn refuse_twin(row: &TableRow, take: &mut Take<'_>) -> Result<(), PullError> {
    take.report.rows += 1;
    let (number, raw) = (take.report.rows, row.json.as_bytes().to_vec());
    let message = "another row has the same key (name more columns in `key`)".to_owned();
    take.take(
        Row::Refused(Box::new(RowError { line: number, row: number, code: "key_not_unique", message, raw })),
        None,
    )
}
