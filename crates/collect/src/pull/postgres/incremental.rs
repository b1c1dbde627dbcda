use kit::Timestamp;

use super::full::gone;
use super::session::{Session, key_of, text_of};
use super::{Beside, Postgres, TableRow, take_row};
use crate::pull::known::{self, RowKey, Walk};
use crate::pull::state::{self, Reached};
use crate::pull::take::{Mark, Take};
use crate::pull::{Cursor, PullError};

/// Reads rows from the cursor on, in its order. Rows with its last value, and those within the overlap, come again and are passed over where
/// they are known as they are.
pub(super) async fn read(
    session: &Session<'_>,
    from: &Postgres,
    cursor: &Cursor,
    take: &mut Take<'_>,
) -> Result<(), PullError> {
    let reached = state::state(take.desk.store, &take.pull.name)?.reached;
    let start = reached.filter(|reached| reached.column == cursor.column && reached.mapping == take.pull.fingerprint);
    let statement = session.sql.rows_from(cursor, start.as_ref().map(|start| start.value.as_str()), session.cursor);
    let mut rows = session.rows(&statement).await?;
    let usual = take.context();
    while let Some(portion) = rows.next().await? {
        let mut value = None;
        for row in &portion {
            let at = text_of(row, 2)?;
            let context = match Timestamp::parse(&at) {
                Ok(time) if session.cursor.is_time() => usual.clone().at_usual_time(time),
                _ => usual.clone(),
            };
            let row = TableRow { key: key_of(row, 0)?, json: text_of(row, 1)? };
            let before = known::get(take.desk.store, &take.pull.name, &row.key)?;
            take_row(&row, Beside { before, context: &context, has_deletes: from.has_deletes }, take)?;
            value = Some(at);
        }
        if let Some(value) = value {
            let (column, mapping) = (cursor.column.clone(), take.pull.fingerprint);
            take.mark(Mark::Reached(Reached { column, mapping, value }));
        }
        if take.is_full() {
            take.flush().await?;
        }
    }
    // The keys are compared with what is known by then.
    take.flush().await
}

/// Compares the keys that are there with those that are known.
pub(super) async fn compare_keys(session: &Session<'_>, take: &mut Take<'_>) -> Result<(), PullError> {
    let mut known = Walk::new(take.desk.store, &take.pull.name);
    let mut rows = session.rows(&session.sql.every_key()).await?;
    while let Some(portion) = rows.next().await? {
        for row in &portion {
            let key: RowKey = key_of(row, 0)?;
            gone(&mut known, Some(&key), true, take).await?;
            known.next_at(&key)?;
        }
    }
    gone(&mut known, None, true, take).await
}
