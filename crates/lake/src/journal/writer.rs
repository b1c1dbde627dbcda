use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::Seq;

use super::blocks::{BLOCK_BYTES, Blocks, block_of, fill_up, no_blocks};
use super::disk::Disk;
use super::frame::{SEGMENT_HEADER_BYTES, proof, segment_header};
use super::queue::Request;
use super::recovery::Tail;
use super::segment::name_of;
use super::spares::{SPARE, Spares};
use super::{AppendReceipt, JournalError, Options, Shared};

/// So long nothing came to write when word is left of what is durable. A write of its own for every pause would be in the way of the next group.
const PROOF_AFTER: Duration = Duration::from_millis(5);

/// A group of so many appends says that there are more to come.
const MANY: usize = 4;
/// Where many append, a group begins this long after the one before, or later.
const GROUP_EVERY: Duration = Duration::from_micros(500);

/// The one thread that writes: takes what waits, writes it with one call, syncs once, acknowledges all of it.
#[derive(Debug)]
pub(super) struct Writer {
    disk: Arc<dyn Disk>,
    shared: Arc<Shared>,
    options: Options,
    spares: Spares,
    /// None after a failure: the next group starts a fresh segment.
    tail: Option<Tail>,
    durable: Seq,
    /// The blocks of one group, kept for their room.
    group: Blocks,
}

impl Writer {
    /// Takes over from recovery; an empty journal gets its first segment.
    pub fn new(
        disk: Arc<dyn Disk>,
        shared: Arc<Shared>,
        options: Options,
        tail: Option<Tail>,
    ) -> Result<Self, JournalError> {
        let spares = Spares::new(disk.clone(), options.segment_bytes);
        let durable = shared.durable_seq();
        let mut writer = Self { disk, shared, options, spares, tail, durable, group: no_blocks() };
        if writer.tail.is_none() {
            writer.tail = Some(writer.fresh_segment().map_err(JournalError::unavailable)?);
        }
        Ok(writer)
    }

    /// Serves the queue until it is closed and empty.
    pub fn run(mut self) {
        self.prove();
        let mut pace = Pace::default();
        while let Some(requests) = self.shared.queue.take(self.options.max_group_bytes) {
            pace.begin(requests.len());
            match self.commit(&requests) {
                Ok(()) => self.acknowledge(requests),
                Err(error) => self.refuse(requests, error),
            }
            pace.keep();
            if self.shared.queue.stays_empty(PROOF_AFTER) {
                self.prove();
            }
        }
        self.prove();
        if let Some(tail) = &self.tail {
            let _ = tail.file.sync();
        }
    }

    /// Makes a group durable. A failure leaves the segment behind, since nobody knows what it holds now.
    fn commit(&mut self, requests: &[Request]) -> io::Result<()> {
        let bytes = requests.iter().map(|request| request.frames.bytes()).sum();
        let started = Instant::now();
        let mut tail = match self.tail.take() {
            Some(tail) if tail.has_room(bytes) => tail,
            _ => self.fresh_segment()?,
        };
        self.lay_out(requests, &tail.edge);
        tail.file.write_at(&self.group, block_of(tail.end))?;
        tail.file.sync()?;
        tail.move_on(bytes, &self.group);
        self.spares.keep_up(tail.end);
        self.tail = Some(tail);
        let facts = requests.iter().map(|request| request.frames.count()).sum();
        self.shared.counters.group(requests.len(), facts, bytes, started.elapsed());
        Ok(())
    }

    /// Lays out whole blocks: what stands in the first one already, the group, and zeros.
    fn lay_out(&mut self, requests: &[Request], edge: &[u8]) {
        self.group.clear();
        self.group.extend_from_slice(edge);
        let mut next_seq = self.durable + 1;
        for Request { frames, .. } in requests {
            frames.number_into(&mut self.group, next_seq, self.durable);
            next_seq += frames.count();
        }
        fill_up(&mut self.group);
    }

    /// Puts a segment into place that starts with the next fact. It has its name for good before it gets a frame.
    fn fresh_segment(&mut self) -> io::Result<Tail> {
        let first_seq = self.durable + 1;
        let file = self.spares.take()?;
        let edge = segment_header(first_seq).to_vec();
        let mut head = no_blocks();
        head.extend_from_slice(&edge);
        fill_up(&mut head);
        file.write_at(&head, 0)?;
        file.sync()?;
        self.disk.rename(SPARE, &name_of(first_seq))?;
        self.disk.sync_names()?;
        self.shared.segments.add(first_seq);
        Ok(Tail { file, end: edge.len() as u64, capacity: self.options.segment_bytes, edge })
    }

    fn acknowledge(&mut self, requests: Vec<Request>) {
        let durable_at = self.options.clock.now();
        let mut first_seq = self.durable + 1;
        self.durable += requests.iter().map(|request| request.frames.count()).sum::<u64>();
        self.shared.durable.send_replace(self.durable);
        let answer = |Request { frames, reply }: Request| {
            let receipt = AppendReceipt { first_seq, last_seq: first_seq + frames.count() - 1, durable_at };
            first_seq = receipt.last_seq + 1;
            (reply, Ok(receipt))
        };
        self.shared.herald.tell(requests.into_iter().map(answer).collect());
    }

    fn refuse(&mut self, requests: Vec<Request>, error: io::Error) {
        tracing::error!(%error, appends = requests.len(), after_seq = self.durable, "the journal cannot be written");
        self.shared.counters.failed_group();
        let error = JournalError::unavailable(error);
        self.shared.herald.tell(requests.into_iter().map(|request| (request.reply, Err(error.clone()))).collect());
    }

    /// Leaves word behind the last frame that it was acknowledged. The next group is written over it; nothing waits for
    /// it to reach the disk, and where it does not, recovery only knows less.
    fn prove(&mut self) {
        if let Some(tail) = &self.tail {
            self.group.clear();
            self.group.extend_from_slice(&tail.edge);
            self.group.extend_from_slice(&proof(self.durable));
            fill_up(&mut self.group);
            let _ = tail.file.write_at(&self.group, block_of(tail.end));
        }
    }
}

/// Lets those gather who come at once: where many append, a sync that is begun for a few costs the others more than it gives. One who appends
/// alone never waits.
#[derive(Debug, Default)]
struct Pace {
    last: Option<(Instant, usize)>,
}

impl Pace {
    fn begin(&mut self, requests: usize) {
        self.last = Some((Instant::now(), requests));
    }

    fn keep(&self) {
        if let Some((began, requests)) = self.last
            && requests >= MANY
        {
            std::thread::sleep(GROUP_EVERY.saturating_sub(began.elapsed()));
        }
    }
}

impl Tail {
    /// Moves the end behind so many bytes, which were written in these blocks.
    fn move_on(&mut self, bytes: usize, blocks: &[u8]) {
        let used = self.edge.len() + bytes;
        self.end += bytes as u64;
        self.edge.clear();
        self.edge.extend_from_slice(&blocks[used - used % BLOCK_BYTES..used]);
    }

    /// Whether a group still fits. A segment without any frame takes a group of any size.
    fn has_room(&self, bytes: usize) -> bool {
        self.end + bytes as u64 <= self.capacity || self.end == SEGMENT_HEADER_BYTES as u64
    }
}
