//! Which messages were stored: within a source's window the first one of an id wins, whatever comes again.

use std::collections::HashMap;

use kit::{Digest, Timestamp};
use model::{Event, Ordinal, Seq, Source};
use store::{Draft, Erasure, Keep, Read, ReadExt, StoreError, Table, read_u32};

use crate::sources;

/// The key is as long as a digest is (16 bytes): that two of 10⁹ remembered messages share one has a probability of 10⁻²¹.
pub(crate) static SEEN: Table = Table {
    name: "seen",
    about: "a message that was stored: digest of source and message id 16 bytes → the second until which it is remembered, journal position",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Passing,
};

pub(crate) static STORED: Table = Table {
    name: "stored",
    about: "an event that counts, and whose it is: journal position u64 → ordinal of its owner, or 0; messages that came again have none",
    writer: "collect",
    person_key: "owner (value)",
    erasure: Erasure::Recompute,
    keep: Keep::View,
};

pub(crate) static JOURNAL_TIME: Table = Table {
    name: "journal_time",
    about: "the latest time at which anything was received, up to where the views are: `time` → time",
    writer: "collect",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::View,
};

/// The one row of [`JOURNAL_TIME`].
const THE_ROW: &[u8] = b"time";

/// What is remembered while a batch of facts is walked.
///
/// Time is the journal's: the latest time at which anything was received, up to the fact at hand. It never goes back, so that an answer depends on
/// the facts alone, and never on when remembered rows are removed.
#[derive(Debug)]
pub struct Recall {
    time: Timestamp,
    /// The windows in force, in days.
    windows: HashMap<Source, u32>,
}

impl Recall {
    pub fn load(read: &dyn Read) -> Result<Self, StoreError> {
        Ok(Self { time: journal_time(read)?, windows: HashMap::new() })
    }

    /// Moves the journal's time on: called with every fact, before anything is asked about it.
    pub fn note_time(&mut self, received_at: Timestamp) {
        self.time = self.time.max(received_at);
    }

    /// Whether a message with this id was stored from this source within the window that was in force then. If not, this one is remembered.
    pub fn is_repeated(&mut self, draft: &mut Draft<'_>, event: &Event, seq: Seq) -> Result<bool, StoreError> {
        let key = key(&event.source, &event.message_id);
        let now = seconds(self.time);
        if let Some(first) = row(draft, &key)?
            && first.until > now
        {
            return Ok(first.seq != seq);
        }
        let until = now.saturating_add(self.window_days(draft, &event.source)?.saturating_mul(DAY_SECONDS));
        draft.put_bytes(&SEEN, key.as_bytes(), Remembered { until, seq }.to_bytes());
        Ok(false)
    }

    /// Writes down how far time has come, with the batch.
    pub fn write_down(&self, draft: &mut Draft<'_>) {
        draft.put(&JOURNAL_TIME, THE_ROW, &self.time);
    }

    fn window_days(&mut self, read: &dyn Read, source: &Source) -> Result<u32, StoreError> {
        if let Some(days) = self.windows.get(source) {
            return Ok(*days);
        }
        let days = sources::dedupe_days(read, source)?;
        self.windows.insert(source.clone(), days);
        Ok(days)
    }
}

/// The latest time at which anything was received, up to where the views are.
pub fn journal_time(read: &dyn Read) -> Result<Timestamp, StoreError> {
    Ok(read.read(&JOURNAL_TIME, THE_ROW)?.unwrap_or(Timestamp::MIN))
}

/// Returns the journal position of the message that is, or was lately, remembered by this id of a source.
pub fn position(read: &dyn Read, source: &str, message_id: &str) -> Result<Option<Seq>, StoreError> {
    Ok(row(read, &key(source, message_id))?.map(|first| first.seq))
}

/// Notes that an event counts, and which identifier owns it, if any does.
pub fn store(draft: &mut Draft<'_>, seq: Seq, owner: Option<Ordinal>) {
    draft.put(&STORED, seq.to_be_bytes(), &owner.unwrap_or(0));
}

/// Returns the owner of an event that counts, 0 where it has none; nothing of a message that came again.
pub fn owner(read: &dyn Read, seq: Seq) -> Result<Option<Ordinal>, StoreError> {
    read.read(&STORED, &seq.to_be_bytes())
}

/// A row of [`SEEN`]: what it means no more from the second `until` on, big-endian as the store wants it, and the journal position without its
/// leading zero bytes.
struct Remembered {
    until: u32,
    seq: Seq,
}

impl Remembered {
    fn to_bytes(&self) -> Vec<u8> {
        let seq = self.seq.to_be_bytes();
        let zeros = (self.seq.leading_zeros() / 8) as usize;
        [&self.until.to_be_bytes()[..], &seq[zeros..]].concat()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let until = read_u32(bytes, 0)?;
        let short = bytes.get(4..).filter(|short| short.len() <= 8)?;
        Some(Self { until, seq: short.iter().fold(0, |seq, byte| seq << 8 | Seq::from(*byte)) })
    }
}

const DAY_SECONDS: u32 = 24 * 60 * 60;

fn row(read: &dyn Read, key: &Digest) -> Result<Option<Remembered>, StoreError> {
    let Some(bytes) = read.get(&SEEN, key.as_bytes())? else { return Ok(None) };
    let corrupt = || StoreError::Corrupt { table: SEEN.name, reason: format!("{} bytes", bytes.len()) };
    Remembered::read(&bytes).map(Some).ok_or_else(corrupt)
}

fn key(source: &str, message_id: &str) -> Digest {
    Digest::of(&[source, message_id])
}

/// Whole seconds since 1970; earlier is 1970, and later than 2106 is then.
fn seconds(time: Timestamp) -> u32 {
    u32::try_from(time.as_ms().max(0) / 1_000).unwrap_or(u32::MAX)
}
