use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use collect::spec;
use kit::{Coded, MINUTE_MS, Timestamp};

use crate::DoorError;

/// How many minutes of the past are counted.
const MINUTES: i64 = 60;

/// Refusals of a source that are remembered, the latest.
const REMEMBERED: usize = 100;

/// One refusal, as an administrator may see it: the sample is personal, and stays in memory.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub at: Timestamp,
    pub code: &'static str,
    pub message: String,
    pub message_id: Option<String>,
    pub sample: String,
}

/// What was refused at the door since the process started, and how many events each of the last minutes brought.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    refused: BTreeMap<String, (u64, Timestamp)>,
    recent: BTreeMap<String, VecDeque<Refusal>>,
    minutes: VecDeque<(i64, u64)>,
}

impl Refusals {
    pub(crate) fn refused(&self, source: &str, count: u64, at: Timestamp) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = counts.refused.entry(source.to_owned()).or_default();
        *entry = (entry.0 + count, at);
    }

    /// Counts and remembers messages that were refused beside others that were taken.
    pub(crate) fn refused_messages(&self, source: &str, refused: &[spec::Refused], at: Timestamp) {
        self.refused(source, refused.len() as u64, at);
        for spec::Refused { message_id, code, message, sample, .. } in refused {
            let (message_id, message, sample) = (message_id.clone(), message.clone(), sample.clone());
            self.remember(source, Refusal { at, code, message, message_id, sample });
        }
    }

    /// Counts and remembers a request of which nothing was taken.
    pub(crate) fn refused_request(&self, source: &str, error: &DoorError, body: &[u8], at: Timestamp) {
        self.refused(source, 1, at);
        let sample = spec::sample(&String::from_utf8_lossy(&body[..body.len().min(2_000)]));
        self.remember(source, Refusal { at, code: error.code(), message: error.to_string(), message_id: None, sample });
    }

    fn remember(&self, source: &str, refusal: Refusal) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = counts.recent.entry(source.to_owned()).or_default();
        recent.push_front(refusal);
        recent.truncate(REMEMBERED);
    }

    /// Returns the latest refusals of a source, newest first.
    pub fn recent(&self, source: &str) -> Vec<Refusal> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.recent.get(source).into_iter().flatten().cloned().collect()
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
