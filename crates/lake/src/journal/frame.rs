use std::sync::Arc;

use model::{Fact, Seq};

use super::JournalError;
use super::blocks::Blocks;

/// The version that segments are written in. Readers know every version up to it.
pub const FORMAT_VERSION: u32 = 1;

/// The most bytes of JSON that one fact may have.
pub const MAX_FACT_BYTES: usize = 16 << 20;

pub(super) const SEGMENT_HEADER_BYTES: usize = 32;
pub(super) const FRAME_HEADER_BYTES: usize = 32;

/// Bytes that no UTF-8 text can hold: what a person sends can never be taken for a frame.
pub(super) const FRAME_MAGIC: [u8; 4] = [0xF9, b'f', 0xFF, 0xFE];
const SEGMENT_MAGIC: [u8; 8] = *b"\xF5sonder\xFF";

/// Facts in their form on disk, but for their numbers, which the writer gives.
///
/// Made on the caller's side, so that the one writer thread neither serialises nor reads payloads.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    bytes: Vec<u8>,
    count: u64,
}

impl Frames {
    /// Writes facts down, in order.
    pub fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Result<Self, JournalError> {
        let mut frames = Self::default();
        for fact in facts {
            frames.push(fact)?;
        }
        Ok(frames)
    }

    /// Adds one fact. After an error the frames are as before.
    pub fn push(&mut self, fact: &Fact) -> Result<(), JournalError> {
        let start = self.bytes.len();
        self.bytes.reserve(likely_bytes(fact));
        self.bytes.resize(start + FRAME_HEADER_BYTES, 0);
        let written = self.write_payload(start, fact);
        if written.is_err() {
            self.bytes.truncate(start);
        }
        written
    }

    /// How many facts these are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How many bytes they take on disk.
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Copies the frames to the end of `group`, numbered from `first_seq` on.
    pub(super) fn number_into(&self, group: &mut Blocks, first_seq: Seq, floor: Seq) {
        let mut at = group.len();
        group.extend_from_slice(&self.bytes);
        for seq in first_seq..first_seq + self.count {
            let header = &mut group[at..at + FRAME_HEADER_BYTES];
            at += FRAME_HEADER_BYTES + u32_at(header, 4) as usize;
            number(header, seq, floor);
        }
    }

    fn write_payload(&mut self, start: usize, fact: &Fact) -> Result<(), JournalError> {
        serde_json::to_writer(&mut self.bytes, fact).map_err(|error| JournalError::Encode(Arc::new(error)))?;
        let (header, payload) = self.bytes[start..].split_at_mut(FRAME_HEADER_BYTES);
        if payload.len() > MAX_FACT_BYTES {
            return Err(JournalError::TooLarge { bytes: payload.len(), max_bytes: MAX_FACT_BYTES });
        }
        header[0..4].copy_from_slice(&FRAME_MAGIC);
        header[4..8].copy_from_slice(&(payload.len() as u32).to_le_bytes());
        header[24..28].copy_from_slice(&crc32fast::hash(payload).to_le_bytes());
        self.count += 1;
        Ok(())
    }
}

/// About what a fact takes, so that its bytes are not moved while they grow.
fn likely_bytes(fact: &Fact) -> usize {
    const ROOM_BYTES: usize = 512;
    let Fact::Event(event) = fact else { return ROOM_BYTES };
    let raw = [&event.traits, &event.properties, &event.context, &event.integrations];
    ROOM_BYTES + raw.into_iter().flatten().map(|raw| raw.text().len()).sum::<usize>()
}

/// What stands before a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub payload_bytes: usize,
    pub seq: Seq,
    /// Every fact up to this one was durable when the frame was written.
    pub floor: Seq,
    pub payload_crc: u32,
}

impl FrameHeader {
    /// Reads a header, if `bytes` start with a sound one.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let header = bytes.get(..FRAME_HEADER_BYTES)?;
        if header[..4] != FRAME_MAGIC || crc32fast::hash(&header[..28]) != u32_at(header, 28) {
            return None;
        }
        let payload_bytes = u32_at(header, 4) as usize;
        (payload_bytes <= MAX_FACT_BYTES).then(|| Self {
            payload_bytes,
            seq: u64_at(header, 8),
            floor: u64_at(header, 16),
            payload_crc: u32_at(header, 24),
        })
    }

    /// Whether this is the writer's word that facts up to here were durable, and holds no fact.
    pub fn is_proof(&self) -> bool {
        self.payload_bytes == 0
    }
}

/// A frame without a fact, which says that every fact up to `floor` is durable.
pub(super) fn proof(floor: Seq) -> [u8; FRAME_HEADER_BYTES] {
    let mut header = [0; FRAME_HEADER_BYTES];
    header[..4].copy_from_slice(&FRAME_MAGIC);
    number(&mut header, floor, floor);
    header
}

/// Gives a frame its number; only the header has to be summed for it.
fn number(header: &mut [u8], seq: Seq, floor: Seq) {
    header[8..16].copy_from_slice(&seq.to_le_bytes());
    header[16..24].copy_from_slice(&floor.to_le_bytes());
    let crc = crc32fast::hash(&header[..28]);
    header[28..32].copy_from_slice(&crc.to_le_bytes());
}

/// The head of a segment file.
pub(super) fn segment_header(first_seq: Seq) -> [u8; SEGMENT_HEADER_BYTES] {
    let mut header = [0; SEGMENT_HEADER_BYTES];
    header[..8].copy_from_slice(&SEGMENT_MAGIC);
    header[8..12].copy_from_slice(&FORMAT_VERSION.to_le_bytes());
    header[16..24].copy_from_slice(&first_seq.to_le_bytes());
    let crc = crc32fast::hash(&header[..28]);
    header[28..32].copy_from_slice(&crc.to_le_bytes());
    header
}

/// Returns the format version that a segment's head names, or `None` if the head is damaged.
pub(super) fn segment_version(header: &[u8]) -> Option<u32> {
    let sound = header.len() >= SEGMENT_HEADER_BYTES
        && header[..8] == SEGMENT_MAGIC
        && crc32fast::hash(&header[..28]) == u32_at(header, 28);
    sound.then(|| u32_at(header, 8))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
