use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::oneshot;

use super::{AppendReceipt, Frames, JournalError};

pub(super) type Reply = oneshot::Sender<Result<AppendReceipt, JournalError>>;

/// Frames that wait for the disk, and where to say how it went.
#[derive(Debug)]
pub(super) struct Request {
    pub frames: Frames,
    pub reply: Reply,
}

/// Appends that wait for the writer, bounded by bytes. One append always fits into an empty queue, whatever its size.
#[derive(Debug)]
pub(super) struct Queue {
    max_bytes: usize,
    state: Mutex<State>,
    /// Signalled when there is work, or none any more.
    work: Condvar,
    /// Signalled when there is room again.
    room: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Request>,
    bytes: usize,
    closed: bool,
}

impl Queue {
    pub fn new(max_bytes: usize) -> Self {
        Self { max_bytes, state: Mutex::default(), work: Condvar::new(), room: Condvar::new() }
    }

    /// Adds a request, or says at once that there is no room.
    pub fn push(&self, request: Request) -> Result<(), JournalError> {
        let state = self.lock();
        if !self.has_room(&state, &request) {
            return Err(JournalError::Busy { waiting_bytes: state.bytes });
        }
        self.add(state, request)
    }

    /// Adds a request, and waits for room first if there is none.
    pub fn push_waiting(&self, request: Request) -> Result<(), JournalError> {
        let mut state = self.lock();
        while !state.closed && !self.has_room(&state, &request) {
            state = self.room.wait(state).expect(UNPOISONED);
        }
        self.add(state, request)
    }

    /// Takes what waits, oldest first, up to `max_bytes` but at least one request. Waits for the first one;
    /// `None` when the queue is closed and empty.
    pub fn take(&self, max_bytes: usize) -> Option<Vec<Request>> {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return None;
            }
            state = self.work.wait(state).expect(UNPOISONED);
        }
        let group = take_group(&mut state, max_bytes);
        drop(state);
        self.room.notify_all();
        Some(group)
    }

    /// Waits for work for so long at most; returns whether there is none.
    pub fn stays_empty(&self, for_so_long: Duration) -> bool {
        let is_idle = |state: &mut State| state.waiting.is_empty() && !state.closed;
        let (state, _) = self.work.wait_timeout_while(self.lock(), for_so_long, is_idle).expect(UNPOISONED);
        state.waiting.is_empty()
    }

    pub fn waiting_bytes(&self) -> usize {
        self.lock().bytes
    }

    /// Refuses requests from now on; those that wait are still taken.
    pub fn close(&self) {
        self.lock().closed = true;
        self.work.notify_all();
        self.room.notify_all();
    }

    fn has_room(&self, state: &State, request: &Request) -> bool {
        state.waiting.is_empty() || state.bytes + request.frames.bytes() <= self.max_bytes
    }

    fn add(&self, mut state: MutexGuard<'_, State>, request: Request) -> Result<(), JournalError> {
        if state.closed {
            return Err(JournalError::Closed);
        }
        state.bytes += request.frames.bytes();
        state.waiting.push_back(request);
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect(UNPOISONED)
    }
}

const UNPOISONED: &str = "no thread panics while it holds the queue";

fn take_group(state: &mut State, max_bytes: usize) -> Vec<Request> {
    let mut group = Vec::new();
    let mut bytes = 0;
    while let Some(next) = state.waiting.front() {
        bytes += next.frames.bytes();
        if bytes > max_bytes && !group.is_empty() {
            break;
        }
        state.bytes -= next.frames.bytes();
        group.extend(state.waiting.pop_front());
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_bounded_by_bytes_and_keeps_the_order() {
        let queue = Queue::new(1);
        let request = || Request { frames: frames(), reply: oneshot::channel().0 };
        assert!(queue.push(request()).is_ok(), "one append always fits");
        assert!(matches!(queue.push(request()), Err(JournalError::Busy { waiting_bytes }) if waiting_bytes > 1));
        assert_eq!(queue.take(1).map(|group| group.len()), Some(1));
        assert!(queue.push(request()).is_ok());
        queue.close();
        assert!(matches!(queue.push_waiting(request()), Err(JournalError::Closed)));
        assert_eq!(queue.take(1).map(|group| group.len()), Some(1), "what waits is still taken");
        assert!(queue.take(1).is_none());
    }

    fn frames() -> Frames {
        let link = serde_json::json!({"link": {
            "a": "email:a@example.com", "b": "email:b@example.com", "verdict": "never", "reason": "", "by": "operator",
            "received_at": "2026-01-01T00:00:00Z",
        }});
        Frames::of(&[serde_json::from_value(link).expect("a fact")]).expect("it is JSON")
    }
}
