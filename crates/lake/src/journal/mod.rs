//! The journal: facts, durable before anyone is told so, in one order for ever.
//!
//! # What it must hold
//!
//! 1. An acknowledged fact is on disk: it survives a kill and a loss of power.
//! 2. Facts are numbered 1, 2, 3 … without holes, in the order of the file; a number never changes its fact.
//! 3. Nothing is read that was not appended; what was appended is read at most once.
//! 4. A disk that refuses writes costs the appends of that time, and no restart.
//! 5. Damage (a flipped bit, a lost file) costs the frames that it hits, is reported with its place, and hides nothing behind it.
//!
//! # On disk, version 1
//!
//! A folder of segments, `{first fact:020}.seg`, each made ahead of need as a file of zeros and written from front to back.
//! Numbers are little-endian; checksums are CRC-32 (IEEE).
//!
//! | segment head, 32 bytes | | frame head, 32 bytes | |
//! |---|---|---|---|
//! | 0 | magic `F5 "sonder" FF` | 0 | magic `F9 "f" FF FE` |
//! | 8 | u32 format version | 4 | u32 bytes of payload |
//! | 12 | zero | 8 | u64 number of the fact |
//! | 16 | u64 number of the first fact | 16 | u64 *floor*: every fact up to it was durable when this was written |
//! | 24 | zero | 24 | u32 checksum of the payload |
//! | 28 | u32 checksum of bytes 0..28 | 28 | u32 checksum of bytes 0..28 |
//!
//! The payload is a `model::Fact` as JSON. Its checksum is made by the caller; the writer thread only numbers frames and
//! sums 28 bytes for each. The magic cannot occur in UTF-8, so no payload can pose as a frame. A frame without payload is a
//! *proof*: it bears the number of the last durable fact and says nothing else.
//!
//! # Writing
//!
//! One thread takes everything that waits, writes it with one call, syncs once and acknowledges all of it; meanwhile the next group
//! gathers. What waits is bounded in bytes, and above that an append fails at once with `journal_busy`. When nothing waits, the writer
//! leaves a proof behind the last frame, which the next group overwrites.
//!
//! # When the disk fails
//!
//! - *A write or sync failed.* Nobody knows which bytes reached the disk, and after a failed sync the kernel may hold as clean what it never
//!   wrote. So that segment gets no further frame. The group's callers hear `journal_unavailable`, and the next group opens a fresh segment
//!   that starts with the first number not acknowledged. **In a segment only frames below the next segment's first number count**;
//!   so once later facts took its numbers, a frame of the failed group cannot come back as a phantom. (If the machine dies before
//!   that fresh segment exists, frames of the failed group may be found and kept: their callers were told "not known to be stored",
//!   never "not stored", and a retry has the same message id.)
//! - *Fresh segments* are synced, renamed and their names synced before their first frame, so a frame is never in a file without a name.
//! - *A torn tail.* Only the last group of the last segment may be torn, and any part of it may be missing. Recovery takes the floor of the last sound
//!   frame or proof as what was acknowledged. A hole above it ends the journal: the rest is overwritten with zeros, so that no stale
//!   frame can be met later. A hole at or below it is damage: reported, and read over.
//! - *After a kill*, bytes may be in the page cache only. Recovery writes again what no floor covers and syncs before it counts as durable.
//! - *What cannot be told*: if the last group was acknowledged, its proof did not reach the disk before a loss of power, and one of its frames
//!   rotted as well, it looks torn and is cut.

mod blocks;
mod ceiling;
mod disk;
mod error;
mod frame;
mod herald;
mod queue;
mod reader;
mod recovery;
mod segment;
mod segments;
mod spares;
mod stats;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use kit::{Clock, SystemClock, Timestamp};
use model::{Fact, Seq};
use tokio::sync::{oneshot, watch};

pub use ceiling::{Ceiling, disk_ceiling};
pub use disk::{Disk, DiskFile, Folder};
pub use error::JournalError;
pub use frame::{FORMAT_VERSION, Frames, MAX_FACT_BYTES};
pub use reader::{Entry, Reader};
pub use recovery::Recovery;
pub use stats::JournalStats;

use herald::Herald;
use queue::{Queue, Request};
use recovery::recover;
use segments::Segments;
use stats::Counters;
use writer::Writer;

/// How a journal is kept.
#[derive(Debug, Clone)]
pub struct Options {
    /// Size of a segment file, written with zeros ahead of need.
    pub segment_bytes: u64,
    /// How many bytes may wait for the disk before appends are refused as `journal_busy`.
    pub max_waiting_bytes: usize,
    /// About the most that is written with one sync.
    pub max_group_bytes: usize,
    pub clock: Arc<dyn Clock>,
}

impl Default for Options {
    /// 64 MiB segments, 64 MiB may wait, groups of up to 4 MiB, the machine's clock.
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            max_waiting_bytes: 64 << 20,
            max_group_bytes: 4 << 20,
            clock: Arc::new(SystemClock),
        }
    }
}

/// Where appended facts went. The facts are durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AppendReceipt {
    pub first_seq: Seq,
    /// One less than `first_seq` if no facts were given.
    pub last_seq: Seq,
    pub durable_at: Timestamp,
}

/// Acknowledged facts that cannot be read, and where they should stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The first fact of the segment, which is its file's name.
    pub segment: Seq,
    /// Where the unreadable bytes start, from the start of the file.
    pub offset: u64,
    /// How many there are; 0 when nothing readable follows in the segment.
    pub bytes: u64,
    pub first_missing_seq: Seq,
    pub last_missing_seq: Seq,
}

/// An open journal. Dropping it writes what still waits, and lets go of the folder.
#[derive(Debug)]
pub struct Journal {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    writer: Option<JoinHandle<()>>,
}

impl Journal {
    /// Opens the journal in a folder, which is made if it is not there, and recovers it.
    pub fn open(dir: &Path, options: Options) -> Result<(Self, Recovery), JournalError> {
        Self::open_on(Arc::new(Folder::open(dir)?), options)
    }

    /// Opens a journal on any disk.
    pub fn open_on(disk: Arc<dyn Disk>, options: Options) -> Result<(Self, Recovery), JournalError> {
        let recovered = recover(&*disk)?;
        let shared = Arc::new(Shared {
            queue: Queue::new(options.max_waiting_bytes),
            segments: Segments::new(disk.clone(), &recovered.first_seqs),
            durable: watch::Sender::new(recovered.report.last_seq),
            counters: Counters::default(),
            herald: Herald::default(),
        });
        let clock = options.clock.clone();
        let writer = Writer::new(disk, shared.clone(), options, recovered.tail)?;
        let thread = std::thread::Builder::new().name("journal-writer".to_owned());
        let writer = thread.spawn(move || writer.run()).map_err(JournalError::unavailable)?;
        Ok((Self { shared, clock, writer: Some(writer) }, recovered.report))
    }

    /// Appends facts and returns once they are durable: one after the other, with nothing between them.
    ///
    /// A caller that stops waiting does not take the facts back.
    ///
    /// # Errors
    /// `journal_busy` at once when too much waits, `journal_unavailable` when the disk refuses, `fact_too_large`.
    pub async fn append(&self, facts: Vec<Fact>) -> Result<AppendReceipt, JournalError> {
        self.append_frames(Frames::of(&facts)?).await
    }

    /// Appends facts that were already written down.
    pub async fn append_frames(&self, frames: Frames) -> Result<AppendReceipt, JournalError> {
        if frames.count() == 0 {
            return Ok(self.nothing_to_do());
        }
        let (reply, answer) = oneshot::channel();
        self.shared.queue.push(Request { frames, reply })?;
        answer.await.unwrap_or(Err(JournalError::Closed))
    }

    /// Appends from a thread that may block, such as an import: waits for room in the queue instead of failing as busy.
    ///
    /// Must not be called from an async task.
    pub fn append_blocking(&self, frames: Frames) -> Result<AppendReceipt, JournalError> {
        if frames.count() == 0 {
            return Ok(self.nothing_to_do());
        }
        let (reply, answer) = oneshot::channel();
        self.shared.queue.push_waiting(Request { frames, reply })?;
        answer.blocking_recv().unwrap_or(Err(JournalError::Closed))
    }

    /// Lets a task of the present Tokio runtime answer those who append: waking a task from inside its runtime costs a fraction of what it
    /// costs the writer's thread. Without it the writer answers by itself. Must not be called where every thread of the runtime may block in
    /// [`Journal::append_blocking`].
    pub fn answer_from_here(&self) {
        self.shared.herald.start();
    }

    /// The last fact that is durable; 0 when there is none.
    pub fn durable_seq(&self) -> Seq {
        self.shared.durable_seq()
    }

    /// Waits until there is a durable fact after `seq`, and returns the last one.
    pub async fn wait_past(&self, seq: Seq) -> Seq {
        let mut durable = self.shared.durable.subscribe();
        // The sender lives in `self`, so this ends only with a fact.
        durable.wait_for(|&last| last > seq).await.map_or(seq, |last| *last)
    }

    /// Reads from a fact on, in order; 0 and 1 both mean from the start.
    pub fn reader(&self, from_seq: Seq) -> Reader {
        Reader::new(self.shared.clone(), from_seq)
    }

    /// Reads the whole journal and returns what is damaged. As slow as it sounds.
    pub fn verify(&self) -> Result<Vec<Damage>, JournalError> {
        let mut damages = Vec::new();
        for entry in self.reader(1) {
            if let Entry::Damage(damage) = entry? {
                damages.push(damage);
            }
        }
        Ok(damages)
    }

    pub fn stats(&self) -> JournalStats {
        self.shared.counters.stats(self.shared.queue.waiting_bytes(), self.shared.segments.count())
    }

    fn nothing_to_do(&self) -> AppendReceipt {
        let last_seq = self.durable_seq();
        AppendReceipt { first_seq: last_seq + 1, last_seq, durable_at: self.clock.now() }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.shared.queue.close();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// What the writer, readers and callers share.
#[derive(Debug)]
struct Shared {
    queue: Queue,
    segments: Segments,
    durable: watch::Sender<Seq>,
    counters: Counters,
    herald: Herald,
}

impl Shared {
    fn durable_seq(&self) -> Seq {
        *self.durable.borrow()
    }
}
