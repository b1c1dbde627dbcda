use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use kit::{MINUTE_MS, Timestamp};

/// How many minutes of the past are counted.
const MINUTES: i64 = 60;

/// What was refused at the door since the process started, and how many events each of the last minutes brought.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    refused: BTreeMap<String, (u64, Timestamp)>,
    minutes: VecDeque<(i64, u64)>,
}

impl Refusals {
    pub(crate) fn refused(&self, source: &str, count: u64, at: Timestamp) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = counts.refused.entry(source.to_owned()).or_default();
        *entry = (entry.0 + count, at);
    }

    pub(crate) fn accepted(&self, count: u64, at: Timestamp) {
        let minute = at.as_ms() / MINUTE_MS;
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match counts.minutes.back_mut() {
            Some((last, so_far)) if *last == minute => *so_far += count,
            _ => counts.minutes.push_back((minute, count)),
        }
        while counts.minutes.len() > MINUTES as usize {
            counts.minutes.pop_front();
        }
    }

    /// Returns how many of a source were refused, and when last.
    pub fn of(&self, source: &str) -> (u64, Option<Timestamp>) {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.refused.get(source).map_or((0, None), |(count, at)| (*count, Some(*at)))
    }

    /// Returns the events of each of the last 60 minutes, oldest first.
    pub fn minutes(&self, now: Timestamp) -> Vec<(Timestamp, u64)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known: BTreeMap<_, _> = counts.minutes.iter().copied().collect();
        let last = now.as_ms() / MINUTE_MS;
        let minute = |at: i64| (Timestamp::from_ms(at * MINUTE_MS), known.get(&at).copied().unwrap_or(0));
        (last - MINUTES + 1..=last).map(minute).collect()
    }
}
