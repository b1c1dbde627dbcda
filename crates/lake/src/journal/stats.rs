use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What the journal did since it was opened; each number only grows, except `last_sync_us` and `waiting_bytes`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JournalStats {
    /// Acknowledged appends.
    pub appends: u64,
    pub facts: u64,
    pub bytes: u64,
    /// Groups made durable, each with one write and one sync.
    pub groups: u64,
    /// Groups that the disk refused.
    pub failed_groups: u64,
    /// How long the last write and sync took, in microseconds.
    pub last_sync_us: u64,
    /// Bytes that wait for the disk now.
    pub waiting_bytes: u64,
    /// Segment files on disk.
    pub segments: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counters {
    appends: AtomicU64,
    facts: AtomicU64,
    bytes: AtomicU64,
    groups: AtomicU64,
    failed_groups: AtomicU64,
    last_sync_us: AtomicU64,
}

impl Counters {
    pub fn group(&self, appends: usize, facts: u64, bytes: usize, took: Duration) {
        self.appends.fetch_add(appends as u64, Ordering::Relaxed);
        self.facts.fetch_add(facts, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.last_sync_us.store(took.as_micros() as u64, Ordering::Relaxed);
    }

    pub fn failed_group(&self) {
        self.failed_groups.fetch_add(1, Ordering::Relaxed);
    }

    pub fn stats(&self, waiting_bytes: usize, segments: usize) -> JournalStats {
        JournalStats {
            appends: self.appends.load(Ordering::Relaxed),
            facts: self.facts.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            groups: self.groups.load(Ordering::Relaxed),
            failed_groups: self.failed_groups.load(Ordering::Relaxed),
            last_sync_us: self.last_sync_us.load(Ordering::Relaxed),
            waiting_bytes: waiting_bytes as u64,
            segments: segments as u64,
        }
    }
}
