use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use api::LiveEvent;
use tokio::sync::broadcast;

/// How many of the latest events are kept to be looked at; the console says so.
pub const LIVE_EVENTS: usize = 500;

/// The latest events with what each did, and a stream of them.
#[derive(Debug)]
pub struct Live {
    latest: Mutex<VecDeque<Arc<LiveEvent>>>,
    stream: broadcast::Sender<Arc<LiveEvent>>,
}

impl Default for Live {
    fn default() -> Self {
        Self { latest: Mutex::default(), stream: broadcast::channel(LIVE_EVENTS).0 }
    }
}

impl Live {
    pub(crate) fn show(&self, events: Vec<LiveEvent>) {
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            let event = Arc::new(event);
            // Nobody listening is no failure.
            let _ = self.stream.send(event.clone());
            latest.push_front(event);
        }
        latest.truncate(LIVE_EVENTS);
    }

    /// Returns the latest events, newest first.
    pub fn latest(&self, limit: usize) -> Vec<Arc<LiveEvent>> {
        let latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        latest.iter().take(limit).cloned().collect()
    }

    pub fn follow(&self) -> broadcast::Receiver<Arc<LiveEvent>> {
        self.stream.subscribe()
    }
}
