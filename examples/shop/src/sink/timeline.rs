use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use kit::DAY_MS;

use crate::{Error, Settings};

/// Rows that wait for their turn: a bucket for each quarter of a day of arrival, sorted when it is drained.
///
/// What does not fit into the budget is spilled, compressed, to one file beside the world's; so memory holds the budget, and a bucket.
/// Rows that arrive at the same moment keep the order in which they were pushed.
#[derive(Debug)]
pub struct Timeline {
    path: PathBuf,
    start_ms: i64,
    buckets: Vec<Bucket>,
    held: usize,
    budget: usize,
    spill: Option<File>,
}

/// Frames of `arrival i64 | length u32 | row`: the older in extents of the spill file, the younger in memory.
#[derive(Debug, Default)]
struct Bucket {
    frames: Vec<u8>,
    extents: Vec<Extent>,
}

#[derive(Debug)]
struct Extent {
    at: u64,
    length: u64,
}

const BUCKET_MS: i64 = DAY_MS / 4;
const BUDGET_BYTES: usize = 32 << 20;
const FRAME_HEAD: usize = 12;

impl Timeline {
    pub fn new(path: PathBuf, settings: &Settings) -> Self {
        Self::with_budget(path, settings, BUDGET_BYTES)
    }

    fn with_budget(path: PathBuf, settings: &Settings, budget: usize) -> Self {
        let buckets = (0..i64::from(settings.days) * DAY_MS / BUCKET_MS).map(|_| Bucket::default()).collect();
        Self { path, start_ms: settings.start().as_ms(), buckets, held: 0, budget, spill: None }
    }

    /// Adds a row. An arrival outside the settings' days counts to the nearest bucket.
    pub fn push(&mut self, arrives_ms: i64, row: &[u8]) -> Result<(), Error> {
        let bucket = (arrives_ms - self.start_ms).div_euclid(BUCKET_MS).clamp(0, self.buckets.len() as i64 - 1);
        let frames = &mut self.buckets[bucket as usize].frames;
        frames.extend(arrives_ms.to_le_bytes());
        frames.extend((row.len() as u32).to_le_bytes());
        frames.extend(row);
        self.held += FRAME_HEAD + row.len();
        if self.held > self.budget { self.spill().map_err(Error::at(&self.path)) } else { Ok(()) }
    }

    /// Hands out all rows by arrival, and removes the spill file.
    pub fn drain(mut self, mut each: impl FnMut(&[u8]) -> Result<(), Error>) -> Result<(), Error> {
        for bucket in std::mem::take(&mut self.buckets) {
            let frames = self.load(bucket).map_err(Error::at(&self.path))?;
            let mut rows: Vec<(i64, &[u8])> = Frames(&frames).collect();
            rows.sort_by_key(|(arrives_ms, _)| *arrives_ms);
            rows.into_iter().try_for_each(|(_, row)| each(row))?;
        }
        Ok(())
    }

    fn spill(&mut self) -> std::io::Result<()> {
        let mut open = OpenOptions::new();
        let open = open.read(true).write(true).create(true).truncate(true);
        let file = match self.spill.take() {
            Some(file) => file,
            None => open.open(&self.path)?,
        };
        let file = self.spill.insert(file);
        let mut at = file.seek(SeekFrom::End(0))?;
        for bucket in self.buckets.iter_mut().filter(|bucket| !bucket.frames.is_empty()) {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&std::mem::take(&mut bucket.frames))?;
            let packed = encoder.finish()?;
            file.write_all(&packed)?;
            bucket.extents.push(Extent { at, length: packed.len() as u64 });
            at += packed.len() as u64;
        }
        self.held = 0;
        Ok(())
    }

    /// Returns a bucket's frames in the order in which they were pushed.
    fn load(&mut self, bucket: Bucket) -> std::io::Result<Vec<u8>> {
        let mut frames = Vec::new();
        if let Some(file) = &mut self.spill {
            for extent in bucket.extents {
                file.seek(SeekFrom::Start(extent.at))?;
                DeflateDecoder::new(file.take(extent.length)).read_to_end(&mut frames)?;
            }
        }
        frames.extend(bucket.frames);
        Ok(frames)
    }
}

impl Drop for Timeline {
    fn drop(&mut self) {
        if self.spill.take().is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

struct Frames<'a>(&'a [u8]);

impl<'a> Iterator for Frames<'a> {
    type Item = (i64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (arrives_ms, rest) = self.0.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let (row, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        self.0 = rest;
        Some((i64::from_le_bytes(*arrives_ms), row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drained(budget: usize) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a folder");
        let end = kit::Timestamp::from_ms(40 * DAY_MS);
        let settings = Settings { people: 1_000, seed: 1, end, days: 30 };
        let mut timeline = Timeline::with_budget(dir.path().join("spill"), &settings, budget);
        for n in 0..2_000i64 {
            let arrives_ms = 10 * DAY_MS + (n * 7_919 % 400) * (DAY_MS / 13);
            timeline.push(arrives_ms, format!("{arrives_ms:012} {n:05}").as_bytes()).expect("a row fits");
        }
        let mut rows = Vec::new();
        timeline
            .drain(|row| {
                rows.push(String::from_utf8_lossy(row).into_owned());
                Ok(())
            })
            .expect("rows come back");
        assert_eq!(std::fs::read_dir(dir.path()).expect("a folder").count(), 0, "the spill file is gone");
        rows
    }

    #[test]
    fn rows_come_out_by_arrival_whatever_the_budget() {
        let rows = drained(usize::MAX);
        assert_eq!(rows.len(), 2_000);
        assert!(rows.is_sorted(), "by arrival, then in the order of pushing");
        assert_eq!(drained(1_000), rows);
        assert_eq!(drained(0), rows);
    }
}
