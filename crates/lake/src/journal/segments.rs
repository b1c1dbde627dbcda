use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use model::Seq;

use super::disk::{Disk, DiskFile};
use super::segment::name_of;

/// A segment; the generation tells it from one that took its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentId {
    pub first_seq: Seq,
    pub generation: u64,
}

/// The segments of a journal, as readers find them.
#[derive(Debug)]
pub(super) struct Segments {
    disk: Arc<dyn Disk>,
    ids: Mutex<Vec<SegmentId>>,
}

impl Segments {
    pub fn new(disk: Arc<dyn Disk>, first_seqs: &[Seq]) -> Self {
        let ids = first_seqs.iter().map(|&first_seq| SegmentId { first_seq, generation: 0 }).collect();
        Self { disk, ids: Mutex::new(ids) }
    }

    /// Adds a fresh segment, in place of one that was to start with the same fact and never acknowledged any.
    pub fn add(&self, first_seq: Seq) {
        let mut ids = self.lock();
        let replaced = ids.pop_if(|last| last.first_seq == first_seq);
        let generation = replaced.map_or(0, |old| old.generation + 1);
        ids.push(SegmentId { first_seq, generation });
    }

    pub fn count(&self) -> usize {
        self.lock().len()
    }

    /// Returns the segment that holds a fact, and the first fact of the segment after it.
    pub fn holding(&self, seq: Seq) -> Option<(SegmentId, Option<Seq>)> {
        let ids = self.lock();
        let after = ids.partition_point(|id| id.first_seq <= seq);
        let holding = ids.get(after.checked_sub(1)?)?;
        Some((*holding, ids.get(after).map(|next| next.first_seq)))
    }

    /// The first fact that the journal still has.
    pub fn first_seq(&self) -> Option<Seq> {
        self.lock().first().map(|id| id.first_seq)
    }

    pub fn open(&self, id: SegmentId) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open(&name_of(id.first_seq))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SegmentId>> {
        self.ids.lock().expect("no thread panics while it holds the list of segments")
    }
}
