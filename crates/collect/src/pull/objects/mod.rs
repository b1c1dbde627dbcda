//! Files of a folder or a bucket: those that are new or have changed, each read once to its end.

mod place;
mod scratch;

use futures_util::TryStreamExt;
use kit::{Coded, Timestamp};
use object_store::{ObjectMeta, ObjectStore};

pub(super) use place::Place;

use self::scratch::Scratch;
use super::PullError;
use super::take::{Mark, Take};
use super::taken::{self, Taken};
use crate::files::{self, Import, Row};

/// Rows that are read between two looks at everything else.
const ROWS_AT_ONCE: usize = 2_000;

/// Reads what is new. A file is written down as taken once all of its facts are durable; one that is read again gives the same facts.
pub(super) async fn read(place: Place, take: &mut Take<'_>) -> Result<(), PullError> {
    let scratch = Scratch::of(take.desk.scratch_dir, &take.pull.name);
    let mut files = fresh(&place, take).await?;
    files.sort_by(|a, b| (a.last_modified, &a.location).cmp(&(b.last_modified, &b.location)));
    take.expect(files.len() as u64, files.iter().map(|file| file.size).sum());
    take.tell();
    for file in &files {
        read_file(&place, &scratch, file, take).await?;
    }
    take.flush().await
}

/// The files that are not taken yet, or have changed since.
async fn fresh(place: &Place, take: &mut Take<'_>) -> Result<Vec<ObjectMeta>, PullError> {
    let mut listed = place.store.list(place.prefix.as_ref());
    let mut fresh = Vec::new();
    while let Some(file) = place.in_time(listed.try_next()).await? {
        let name = place.name(&file);
        if !place.pattern.fits(&name) {
            continue;
        }
        let before = taken::get(take.desk.store, &take.pull.name, &name)?;
        if before.is_some_and(|before| before.is_same(&seen(&file, take.started_at))) {
            continue;
        }
        // A time ahead of the clock is another machine's: nothing can be told from it.
        let left_alone_ms = take.started_at.since_ms(modified_at(&file));
        if (0..place.settle_ms).contains(&left_alone_ms) {
            take.report.files_waiting += 1;
        } else {
            fresh.push(file);
        }
    }
    Ok(fresh)
}

async fn read_file(place: &Place, scratch: &Scratch, file: &ObjectMeta, take: &mut Take<'_>) -> Result<(), PullError> {
    let name = place.name(file);
    let Some(local) = scratch.fetch(place, file).await? else { return Ok(()) };
    let mut context = take.context().at_usual_time(modified_at(&local.meta));
    context.file = Some(name.clone());
    let before = take.report.bytes;
    match files::open(&local.path, &take.pull.mapping, context) {
        Ok(import) => read_rows(import, &name, before, take).await?,
        Err(error @ files::OpenError::Io(_)) => return Err(PullError::File { file: name, error }),
        Err(error) => take.refuse_file(&name, error.code(), &error.to_string())?,
    }
    take.report.files += 1;
    take.report.bytes = before + local.meta.size;
    take.mark(Mark::File(name, seen(&local.meta, take.started_at)));
    if take.is_full() {
        take.flush().await?;
    }
    Ok(())
}

/// Reads rows in portions on a thread that may wait for the disk.
async fn read_rows(mut import: Import, file: &str, bytes_before: u64, take: &mut Take<'_>) -> Result<(), PullError> {
    loop {
        let read = tokio::task::spawn_blocking(move || {
            let rows: Vec<Row> = import.by_ref().take(ROWS_AT_ONCE).collect();
            (import, rows)
        });
        let (back, rows) = read.await.map_err(std::io::Error::other)?;
        import = back;
        let is_last = rows.len() < ROWS_AT_ONCE;
        for row in rows {
            take.report.rows += 1;
            take.take(row, Some(file))?;
        }
        take.report.bytes = bytes_before + import.progress().bytes_read;
        if take.is_full() {
            take.flush().await?;
        }
        if is_last {
            return Ok(());
        }
    }
}

fn seen(file: &ObjectMeta, now: Timestamp) -> Taken {
    Taken { bytes: file.size, modified_at: modified_at(file), tag: file.e_tag.clone(), taken_at: now }
}

fn modified_at(file: &ObjectMeta) -> Timestamp {
    Timestamp::from_ms(file.last_modified.timestamp_millis())
}
