use std::io;

use model::Seq;

use super::blocks::block_of;
use super::disk::{Disk, DiskFile};
use super::frame::{FORMAT_VERSION, SEGMENT_HEADER_BYTES, segment_version};
use super::segment::{Frame, Scanner, Step, first_seq_of, name_of};
use super::{Damage, JournalError};

const ZERO_CHUNK_BYTES: usize = 1 << 20;

/// What opening a journal found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recovery {
    pub segments: usize,
    /// The last fact of the journal; 0 when it is empty.
    pub last_seq: Seq,
    /// Bytes of never acknowledged appends that were cut from the end.
    pub cut_bytes: u64,
    /// Acknowledged facts of the last segment that cannot be read. `Journal::verify` looks at every segment.
    pub damages: Vec<Damage>,
}

/// The segment that the writer goes on with.
#[derive(Debug)]
pub(super) struct Tail {
    pub file: Box<dyn DiskFile>,
    /// Where the next frame goes. Behind it all is zeros.
    pub end: u64,
    pub capacity: u64,
    /// The bytes before the end that stand in the same block; the next write repeats them.
    pub edge: Vec<u8>,
}

#[derive(Debug, Default)]
pub(super) struct Recovered {
    pub report: Recovery,
    /// First facts of all segments, ascending.
    pub first_seqs: Vec<Seq>,
    pub tail: Option<Tail>,
}

/// Removes what a dead process left half made, finds the end of the last segment and makes everything up to it durable.
pub(super) fn recover(disk: &dyn Disk) -> Result<Recovered, JournalError> {
    let names = disk.list().map_err(JournalError::unreadable)?;
    for unfinished in names.iter().filter(|name| name.ends_with(".tmp")) {
        disk.remove(unfinished).map_err(JournalError::unreadable)?;
    }
    disk.sync_names().map_err(JournalError::unreadable)?;
    let mut first_seqs: Vec<Seq> = names.iter().filter_map(|name| first_seq_of(name)).collect();
    first_seqs.sort_unstable();
    for &first_seq in &first_seqs {
        check_version(disk, first_seq)?;
    }
    let Some(&last) = first_seqs.last() else { return Ok(Recovered::default()) };
    let (tail, mut report) = recover_tail(disk, last).map_err(JournalError::unreadable)?;
    report.segments = first_seqs.len();
    Ok(Recovered { report, first_seqs, tail: Some(tail) })
}

/// Refuses a segment of a later program. A damaged head names no version: frames carry their own checksums, so they are read.
fn check_version(disk: &dyn Disk, first_seq: Seq) -> Result<(), JournalError> {
    let segment = name_of(first_seq);
    let mut header = [0; SEGMENT_HEADER_BYTES];
    let read = disk.open(&segment).and_then(|file| file.read_at(&mut header, 0)).map_err(JournalError::unreadable)?;
    match segment_version(&header[..read]) {
        Some(version) if version > FORMAT_VERSION => {
            Err(JournalError::UnknownVersion { segment, version, newest: FORMAT_VERSION })
        }
        Some(_) => Ok(()),
        None => {
            tracing::warn!(segment, "the head of a journal segment is damaged, its frames are read nevertheless");
            Ok(())
        }
    }
}

fn recover_tail(disk: &dyn Disk, first_seq: Seq) -> io::Result<(Tail, Recovery)> {
    let mut scanner = Scanner::new(disk.open(&name_of(first_seq))?, first_seq, Seq::MAX);
    let mut found = Survey::new(first_seq);
    let end = loop {
        match scanner.step()? {
            Step::Frame(frame) => found.frame(frame),
            Step::Proof { floor, offset, end } => found.proof(floor, offset, end),
            Step::Gap { offset, bytes } => found.gap = Some((offset, bytes)),
            Step::End { offset } => break offset,
        }
    };
    let file = scanner.into_file();
    let (last_seq, end, damages) = found.conclude(end);
    let cut_bytes = zero_from(&*file, end)?;
    write_again(&*file, found.unproven_from.min(end), end)?;
    file.sync()?;
    let capacity = file.bytes()?;
    let edge = edge(&*file, end)?;
    Ok((Tail { file, end, capacity, edge }, Recovery { segments: 0, last_seq, cut_bytes, damages }))
}

fn edge(file: &dyn DiskFile, end: u64) -> io::Result<Vec<u8>> {
    let start = block_of(end);
    let mut edge = vec![0; (end - start) as usize];
    let mut have = 0;
    while have < edge.len() {
        match file.read_at(&mut edge[have..], start + have as u64)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => have += read,
        }
    }
    Ok(edge)
}

/// What stands in a last segment: which facts are missing, and what is known to have been durable.
#[derive(Debug)]
struct Survey {
    first_seq: Seq,
    last_seq: Seq,
    /// Everything up to here was acknowledged: a later frame says so.
    proven: Seq,
    /// Where the frames start whose acknowledgement nothing proves.
    unproven_from: u64,
    gap: Option<(u64, u64)>,
    holes: Vec<Damage>,
}

impl Survey {
    fn new(first_seq: Seq) -> Self {
        let before = first_seq.saturating_sub(1);
        let unproven_from = SEGMENT_HEADER_BYTES as u64;
        Self { first_seq, last_seq: before, proven: before, unproven_from, gap: None, holes: Vec::new() }
    }

    fn frame(&mut self, frame: Frame) {
        if frame.floor > self.proven {
            self.proven = frame.floor;
            self.unproven_from = frame.offset;
        }
        self.reach(frame.seq - 1, frame.offset);
        self.last_seq = frame.seq;
    }

    fn proof(&mut self, floor: Seq, offset: u64, end: u64) {
        self.proven = self.proven.max(floor);
        self.unproven_from = end;
        self.reach(floor, offset);
        self.last_seq = floor;
    }

    /// Notes a hole if facts up to `seq` should stand before `offset` and do not.
    fn reach(&mut self, seq: Seq, offset: u64) {
        let (offset, bytes) = self.gap.take().unwrap_or((offset, 0));
        if seq > self.last_seq {
            self.holes.push(Damage {
                segment: self.first_seq,
                offset,
                bytes,
                first_missing_seq: self.last_seq + 1,
                last_missing_seq: seq,
            });
        }
    }

    /// Returns the last fact, the offset at which the segment ends, and which acknowledged facts are missing.
    ///
    /// A hole among facts that were never acknowledged is where a group tore: the segment ends there.
    fn conclude(&self, end: u64) -> (Seq, u64, Vec<Damage>) {
        let proven = self.proven;
        let torn = self.holes.iter().find(|hole| hole.last_missing_seq > proven);
        let (last_seq, end) = match torn {
            Some(hole) => (proven.max(hole.first_missing_seq - 1), hole.offset),
            None => (self.last_seq, end),
        };
        let acknowledged = self.holes.iter().filter(|hole| hole.first_missing_seq <= proven);
        let damages =
            acknowledged.map(|hole| Damage { last_missing_seq: hole.last_missing_seq.min(proven), ..hole.clone() });
        (last_seq, end, damages.collect())
    }
}

/// Overwrites what stands behind the end, so that no old frame can be found there. Returns how many bytes were not zero.
fn zero_from(file: &dyn DiskFile, end: u64) -> io::Result<u64> {
    let zeros = vec![0; ZERO_CHUNK_BYTES];
    let mut chunk = vec![0; ZERO_CHUNK_BYTES];
    let (mut at, mut cut) = (end, 0);
    loop {
        let read = file.read_at(&mut chunk, at)?;
        if read == 0 {
            return Ok(cut);
        }
        let garbage = chunk[..read].iter().filter(|&&byte| byte != 0).count();
        if garbage > 0 {
            file.write_at(&zeros[..read], at)?;
            cut += garbage as u64;
        }
        at += read as u64;
    }
}

/// Writes bytes over themselves. What a dead process wrote, or what a failed sync dropped, may be in the page cache and
/// not on disk; only bytes written again are sure to reach it with the next sync.
fn write_again(file: &dyn DiskFile, from: u64, to: u64) -> io::Result<()> {
    let mut chunk = vec![0; ZERO_CHUNK_BYTES];
    let mut at = from;
    while at < to {
        let want = chunk.len().min((to - at) as usize);
        let read = file.read_at(&mut chunk[..want], at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.write_at(&chunk[..read], at)?;
        at += read as u64;
    }
    Ok(())
}
