//! The files of a world: rows go in as people are drawn, and come out in the order in which they arrive.

mod file;
mod gzip;
mod rows;
mod timeline;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};

use serde::Serialize;

use crate::{Error, Settings};
pub use file::File;
use gzip::Gzip;
use timeline::Timeline;

/// Takes the rows of all files.
///
/// Exports (CRM, customers, members, truth) are written at once, in the order of people. Streams wait in a [`Timeline`].
#[derive(Debug)]
pub struct Sink {
    dir: PathBuf,
    lanes: Vec<Lane>,
    counts: Vec<u64>,
    row: Vec<u8>,
}

#[derive(Debug)]
enum Lane {
    Export(Gzip),
    Stream(Timeline),
}

impl Sink {
    /// Begins the files in `dir`, which is made if it is not there. Older files of a world are overwritten.
    pub fn create(dir: &Path, settings: &Settings) -> Result<Self, Error> {
        std::fs::create_dir_all(dir).map_err(Error::at(dir))?;
        let lane = |file: &File| match file.is_export() {
            true => Gzip::create(&dir.join(file.name()), file.header()).map(Lane::Export),
            false => Ok(Lane::Stream(Timeline::new(dir.join(format!(".{}.spill", file.name())), settings))),
        };
        let lanes = File::ALL.iter().map(lane).collect::<Result<_, _>>()?;
        Ok(Self { dir: dir.to_owned(), lanes, counts: vec![0; File::ALL.len()], row: Vec::new() })
    }

    /// Adds a CSV row that arrives at `arrives_ms`.
    pub fn csv(&mut self, file: File, arrives_ms: i64, fields: &[&str]) -> Result<(), Error> {
        self.row.clear();
        rows::csv(&mut self.row, fields);
        self.push(file, arrives_ms)
    }

    /// Adds a line of JSON that arrives at `arrives_ms`.
    pub fn json(&mut self, file: File, arrives_ms: i64, line: &impl Serialize) -> Result<(), Error> {
        self.row.clear();
        rows::json(&mut self.row, line);
        self.push(file, arrives_ms)
    }

    /// Puts the streams in order and closes all files; `done` hears the name of each stream that is written.
    pub fn finish(self, done: &mut dyn FnMut(File)) -> Result<BTreeMap<String, u64>, Error> {
        let mut streams = VecDeque::new();
        for (&file, lane) in File::ALL.iter().zip(self.lanes) {
            match lane {
                Lane::Export(gzip) => gzip.finish()?,
                Lane::Stream(timeline) => streams.push_back((file, timeline)),
            }
        }
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        write_streams(&self.dir, streams, workers, done)?;
        Ok(File::ALL.iter().map(|file| file.name().to_owned()).zip(self.counts).collect())
    }

    fn push(&mut self, file: File, arrives_ms: i64) -> Result<(), Error> {
        self.counts[file as usize] += 1;
        match &mut self.lanes[file as usize] {
            Lane::Export(gzip) => gzip.write(&self.row),
            Lane::Stream(timeline) => timeline.push(arrives_ms, &self.row),
        }
    }
}

/// Writes the streams side by side: each file is one worker's, so the number of workers leaves no trace.
fn write_streams(
    dir: &Path,
    streams: VecDeque<(File, Timeline)>,
    workers: usize,
    done: &mut dyn FnMut(File),
) -> Result<(), Error> {
    let (queue, (finished, results)) = (Mutex::new(streams), mpsc::channel());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (queue, finished) = (&queue, finished.clone());
            scope.spawn(move || {
                while let Some((file, timeline)) = take(queue) {
                    let _ = finished.send(write_stream(dir, file, timeline).map(|()| file));
                }
            });
        }
        drop(finished);
        results.into_iter().try_for_each(|result| result.map(&mut *done))
    })
}

fn take<T>(queue: &Mutex<VecDeque<T>>) -> Option<T> {
    queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

fn write_stream(dir: &Path, file: File, timeline: Timeline) -> Result<(), Error> {
    let mut gzip = Gzip::create(&dir.join(file.name()), file.header())?;
    timeline.drain(|row| gzip.write(row))?;
    gzip.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(workers: usize) -> Vec<Vec<u8>> {
        let dir = tempfile::tempdir().expect("a folder");
        let end = kit::Timestamp::from_ms(40 * kit::DAY_MS);
        let settings = Settings { people: 1_000, seed: 1, end, days: 30 };
        let files = [File::Consents, File::PosReceipts, File::EcommerceOrders];
        let stream = |file: File| {
            let mut timeline = Timeline::new(dir.path().join(".spill"), &settings);
            (0..500i64).for_each(|n| timeline.push(n * 7_919 % 500, file.name().as_bytes()).expect("a row fits"));
            (file, timeline)
        };
        write_streams(dir.path(), files.map(stream).into(), workers, &mut |_| ()).expect("files are written");
        files.map(|file| std::fs::read(dir.path().join(file.name())).expect("the file is there")).into()
    }

    #[test]
    fn the_number_of_workers_leaves_no_trace() {
        assert_eq!(written(1), written(3));
        assert_eq!(written(1), written(16));
    }
}
