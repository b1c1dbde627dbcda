use std::io;

use model::Seq;

use super::blocks::{BLOCK_BYTES, Blocks, block_of, no_blocks};
use super::disk::DiskFile;
use super::frame::{FRAME_HEADER_BYTES, FRAME_MAGIC, FrameHeader, SEGMENT_HEADER_BYTES};

/// What is read at once: little at first, for a reader that follows the writer finds little; more the longer it goes on.
const FIRST_CHUNK_BYTES: usize = 16 << 10;
const LARGEST_CHUNK_BYTES: usize = 256 << 10;

/// The file name of the segment that starts with a fact.
pub(super) fn name_of(first_seq: Seq) -> String {
    format!("{first_seq:020}.seg")
}

/// The first fact of a segment, from its file name.
pub(super) fn first_seq_of(name: &str) -> Option<Seq> {
    let digits = name.strip_suffix(".seg")?;
    if digits.len() == 20 { digits.parse().ok() } else { None }
}

/// What stands next in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A sound frame; `Scanner::payload` holds its fact.
    Frame(Frame),
    /// The writer's word that every fact up to `floor` was durable.
    Proof { floor: Seq, offset: u64, end: u64 },
    /// Bytes that are neither, before some that are.
    Gap { offset: u64, bytes: u64 },
    /// Nothing sound follows.
    End { offset: u64 },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub seq: Seq,
    pub floor: Seq,
    pub offset: u64,
    pub end: u64,
}

/// Walks over the frames of one segment in chunks, and finds the next sound frame after bytes that are none.
///
/// A frame counts if its checksums hold and its number is above that of the frame before and at most `max_seq`. A proof
/// is a frame without payload that bears the number of the last durable fact.
#[derive(Debug)]
pub(super) struct Scanner {
    file: Box<dyn DiskFile>,
    max_seq: Seq,
    last_seq: Seq,
    /// Where the next step starts, in bytes from the start of the file.
    cursor: u64,
    /// Whole blocks of the file, from `window_start` on; what lies behind `filled` is left from before.
    window: Blocks,
    window_start: u64,
    filled: usize,
    chunk_bytes: usize,
    payload: std::ops::Range<usize>,
}

impl Scanner {
    /// Starts at the first frame of a segment.
    pub fn new(file: Box<dyn DiskFile>, first_seq: Seq, max_seq: Seq) -> Self {
        let cursor = SEGMENT_HEADER_BYTES as u64;
        let last_seq = first_seq.saturating_sub(1);
        let window_start = block_of(cursor);
        let (window, filled, chunk_bytes, payload) = (no_blocks(), 0, FIRST_CHUNK_BYTES, 0..0);
        Self { file, max_seq, last_seq, cursor, window, window_start, filled, chunk_bytes, payload }
    }

    /// Lets frames up to `max_seq` count, and forgets what was read ahead of them.
    pub fn extend(&mut self, max_seq: Seq) {
        self.max_seq = max_seq;
        self.filled = 0;
        self.window_start = block_of(self.cursor);
        self.chunk_bytes = FIRST_CHUNK_BYTES;
    }

    pub fn step(&mut self) -> io::Result<Step> {
        if let Some(frame) = self.frame_here()? {
            return Ok(self.pass(frame));
        }
        let offset = self.cursor;
        if self.find_frame()? {
            return Ok(Step::Gap { offset, bytes: self.cursor - offset });
        }
        self.cursor = offset;
        Ok(Step::End { offset })
    }

    /// The JSON of the frame that the last step returned.
    pub fn payload(&self) -> &[u8] {
        &self.window[self.payload.clone()]
    }

    pub fn into_file(self) -> Box<dyn DiskFile> {
        self.file
    }

    fn pass(&mut self, frame: Frame) -> Step {
        let start = (frame.offset - self.window_start) as usize;
        self.payload = start + FRAME_HEADER_BYTES..(frame.end - self.window_start) as usize;
        self.cursor = frame.end;
        self.last_seq = frame.seq;
        if self.payload.is_empty() {
            return Step::Proof { floor: frame.floor, offset: frame.offset, end: frame.end };
        }
        Step::Frame(frame)
    }

    fn frame_here(&mut self) -> io::Result<Option<Frame>> {
        let (last_seq, max_seq, offset) = (self.last_seq, self.max_seq, self.cursor);
        let is_next = |header: &FrameHeader| {
            let after = if header.is_proof() { header.seq >= last_seq } else { header.seq > last_seq };
            after && header.seq <= max_seq
        };
        let Some(header) = FrameHeader::read(self.ahead(FRAME_HEADER_BYTES)?).filter(is_next) else {
            return Ok(None);
        };
        let whole = FRAME_HEADER_BYTES + header.payload_bytes;
        let sound = match self.ahead(whole)?.get(FRAME_HEADER_BYTES..whole) {
            Some(payload) => crc32fast::hash(payload) == header.payload_crc,
            None => false,
        };
        let frame = Frame { seq: header.seq, floor: header.floor, offset, end: offset + whole as u64 };
        Ok(sound.then_some(frame))
    }

    /// Moves past at least one byte to the next sound frame.
    fn find_frame(&mut self) -> io::Result<bool> {
        self.cursor += 1;
        loop {
            let ahead = self.ahead(FRAME_HEADER_BYTES)?;
            if ahead.len() < FRAME_HEADER_BYTES {
                return Ok(false);
            }
            match ahead.windows(FRAME_MAGIC.len()).position(|bytes| bytes == FRAME_MAGIC) {
                Some(distance) => self.cursor += distance as u64,
                None => {
                    self.cursor += (ahead.len() - FRAME_MAGIC.len() + 1) as u64;
                    continue;
                }
            }
            if self.frame_here()?.is_some() {
                return Ok(true);
            }
            self.cursor += 1;
        }
    }

    /// Returns the bytes from the cursor on: at least `want`, or all up to the end of the file.
    fn ahead(&mut self, want: usize) -> io::Result<&[u8]> {
        if self.filled < (self.cursor - self.window_start) as usize + want {
            self.window_start = block_of(self.cursor);
            let before = (self.cursor - self.window_start) as usize;
            self.fill((before + want).max(self.chunk_bytes).next_multiple_of(BLOCK_BYTES))?;
            self.chunk_bytes = (2 * self.chunk_bytes).min(LARGEST_CHUNK_BYTES);
        }
        let start = (self.cursor - self.window_start) as usize;
        Ok(self.window[..self.filled].get(start..).unwrap_or_default())
    }

    fn fill(&mut self, want: usize) -> io::Result<()> {
        self.filled = 0;
        self.window.resize(want.max(self.window.len()), 0);
        while self.filled < want {
            let (rest, place) = (&mut self.window[self.filled..want], self.window_start + self.filled as u64);
            match self.file.read_at(rest, place) {
                Ok(0) => break,
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
