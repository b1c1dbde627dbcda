use std::sync::Arc;

use model::{Fact, Seq};

use super::segment::{Frame, Scanner, Step};
use super::segments::SegmentId;
use super::{Damage, JournalError, Shared};

/// What stands at a place of the journal.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    Fact {
        seq: Seq,
        fact: Fact,
    },
    /// Acknowledged facts that cannot be read any more; reading goes on behind them.
    Damage(Damage),
}

/// Reads facts in order, up to the last durable one.
///
/// `next` returns `None` at the durable end and goes on once more facts are durable, so a follower loops over the
/// reader, then awaits `Journal::wait_past(reader.position())`. After an error the same call
/// may be tried again, but for `not_a_fact`: then reading goes on behind that frame.
#[derive(Debug)]
pub struct Reader {
    shared: Arc<Shared>,
    /// The next fact to be returned.
    next_seq: Seq,
    /// The last fact that may be read before the journal has to be asked again.
    limit: Seq,
    open: Option<(SegmentId, Scanner)>,
    /// Unreadable bytes that were passed, and a frame that was found behind them.
    gap: Option<(u64, u64)>,
    ahead: Option<Frame>,
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>, from_seq: Seq) -> Self {
        Self { shared, next_seq: from_seq.max(1), limit: 0, open: None, gap: None, ahead: None }
    }

    /// The last fact that was returned, or reported as damaged; what `wait_past` wants.
    pub fn position(&self) -> Seq {
        self.next_seq - 1
    }

    fn read(&mut self) -> Result<Option<Entry>, JournalError> {
        loop {
            if let Some(frame) = self.ahead {
                return self.arrive(frame).map(Some);
            }
            if self.next_seq > self.limit {
                if let Some(damage) = self.before_the_first_segment() {
                    return Ok(Some(Entry::Damage(damage)));
                }
                if !self.reach_on()? {
                    return Ok(None);
                }
            }
            let Some((segment, scanner)) = &mut self.open else { return Ok(None) };
            match scanner.step().map_err(JournalError::unreadable)? {
                Step::Frame(frame) if frame.seq < self.next_seq => self.gap = None,
                Step::Frame(frame) => self.ahead = Some(frame),
                Step::Proof { .. } => {}
                Step::Gap { offset, bytes } => self.gap = Some((offset, bytes)),
                Step::End { offset } => {
                    let damage = Damage {
                        segment: segment.first_seq,
                        offset,
                        bytes: 0,
                        first_missing_seq: self.next_seq,
                        last_missing_seq: self.limit,
                    };
                    self.next_seq = self.limit + 1;
                    return Ok(Some(Entry::Damage(damage)));
                }
            }
        }
    }

    /// Facts whose segment is gone altogether.
    fn before_the_first_segment(&mut self) -> Option<Damage> {
        let segment = self.shared.segments.first_seq().filter(|first_seq| self.next_seq < *first_seq)?;
        let (first_missing_seq, last_missing_seq) = (self.next_seq, segment - 1);
        self.next_seq = segment;
        Some(Damage { segment, offset: 0, bytes: 0, first_missing_seq, last_missing_seq })
    }

    /// Returns the frame that was found, or first what is missing before it.
    fn arrive(&mut self, frame: Frame) -> Result<Entry, JournalError> {
        let Some((segment, scanner)) = &self.open else { return Err(JournalError::Closed) };
        let (offset, bytes) = self.gap.take().unwrap_or((frame.offset, 0));
        if frame.seq > self.next_seq {
            let (first_missing_seq, last_missing_seq) = (self.next_seq, frame.seq - 1);
            self.next_seq = frame.seq;
            let segment = segment.first_seq;
            return Ok(Entry::Damage(Damage { segment, offset, bytes, first_missing_seq, last_missing_seq }));
        }
        self.ahead = None;
        self.next_seq = frame.seq + 1;
        let fact = serde_json::from_slice(scanner.payload())
            .map_err(|error| JournalError::NotAFact { seq: frame.seq, source: Arc::new(error) })?;
        Ok(Entry::Fact { seq: frame.seq, fact })
    }

    /// Finds out how far can be read now, and where the next fact is. False if there is none yet.
    ///
    /// A segment is only trusted up to the fact before the next segment's first one, and asked for again each time: after a
    /// failed write the next fact is in a fresh segment, and what the old one holds behind the failure counts for nothing.
    fn reach_on(&mut self) -> Result<bool, JournalError> {
        let durable = self.shared.durable_seq();
        if self.next_seq > durable {
            return Ok(false);
        }
        let Some((segment, following)) = self.shared.segments.holding(self.next_seq) else { return Ok(false) };
        self.limit = following.map_or(durable, |first_seq| durable.min(first_seq - 1));
        match &mut self.open {
            Some((open, scanner)) if *open == segment => scanner.extend(self.limit),
            _ => {
                let file = self.shared.segments.open(segment).map_err(JournalError::unreadable)?;
                self.open = Some((segment, Scanner::new(file, segment.first_seq, self.limit)));
                self.gap = None;
            }
        }
        Ok(true)
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
