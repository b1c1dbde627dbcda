use std::path::Path;
use std::time::Instant;

use super::JournalError;
use super::blocks::{BLOCK_BYTES, zeros};
use super::disk::{Disk, Folder};
use super::spares::{Wish, zeroed};

const NAME: &str = "ceiling.tmp";
const MAX_FILE_BYTES: u64 = 64 << 20;

/// What a disk can do at best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ceiling {
    pub writes_per_s: f64,
    pub bytes_per_s: f64,
}

/// Measures how many preallocated, synced writes of `bytes_per_write` bytes, in whole blocks as the journal writes them, the disk under `dir` does
/// per second: the limit of any journal there. Writes go one after the other over a file of at most 64 MiB (or one write), which is
/// removed in the end.
///
/// `dir` must not be the folder of an open journal.
pub fn disk_ceiling(dir: &Path, bytes_per_write: usize, writes: usize) -> Result<Ceiling, JournalError> {
    let disk = Folder::open(dir)?;
    let measured = measure(&disk, bytes_per_write.max(1), writes.max(1)).map_err(JournalError::unavailable);
    let _ = disk.remove(NAME);
    measured
}

fn measure(disk: &dyn Disk, bytes_per_write: usize, writes: usize) -> std::io::Result<Ceiling> {
    let mut payload = zeros(bytes_per_write.next_multiple_of(BLOCK_BYTES));
    payload.fill(0xA5);
    let place_bytes = payload.len() as u64;
    let places = (MAX_FILE_BYTES / place_bytes).clamp(1, writes as u64);
    let file = zeroed(disk, NAME, places * place_bytes, &Wish::for_all())?;
    let started = Instant::now();
    for write in 0..writes as u64 {
        file.write_at(&payload, write % places * place_bytes)?;
        file.sync()?;
    }
    let writes_per_s = writes as f64 / started.elapsed().as_secs_f64();
    Ok(Ceiling { writes_per_s, bytes_per_s: writes_per_s * bytes_per_write as f64 })
}
