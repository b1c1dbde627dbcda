//! Who goes first where the doors and the walker want the same core.
//!
//! An answer waits for the journal, the views may follow. So the walker stands back and takes what the doors leave, as long as it is not too far
//! behind; then it steps up and takes its full share. A lower niceness is not enough: the scheduler lets a running thread finish its slice of
//! some milliseconds, ten times what a disk takes to make an event durable. And a thread without privileges that has stood back may not step
//! up again: so there are two threads, and the work changes hands.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

/// How far the walker may fall behind the doors before it steps up, in milliseconds.
const PATIENCE_MS: i64 = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// With a full share of the machine.
    Front,
    /// With what others leave.
    Back,
}

impl Place {
    /// The place of one who is so far behind.
    pub fn of(behind_ms: i64) -> Self {
        if behind_ms < PATIENCE_MS { Self::Back } else { Self::Front }
    }
}

/// Why a piece of work came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Done,
    ChangesPlace,
}

/// Work that goes on at one place until it is done, or wants to go on at the other.
pub(crate) trait Work: Send + 'static {
    fn go_on(&mut self, at: Place) -> Ended;
}

/// Starts the two threads, and the work at the back.
pub(crate) fn start<W: Work>(name: &str, work: W) -> io::Result<Vec<JoinHandle<()>>> {
    let (to_front, front) = channel::<W>();
    let (to_back, back) = channel::<W>();
    let _ = to_back.send(work);
    let at_front = Builder::new().name(name.to_owned()).spawn(move || hold(Place::Front, &front, &to_back))?;
    let at_back = Builder::new().name(format!("{name}-back")).spawn(move || {
        stand_back();
        hold(Place::Back, &back, &to_front);
    })?;
    Ok(vec![at_front, at_back])
}

/// Goes on with whatever is handed over, until it is done. Then the other thread finds nobody who could hand it anything.
fn hold<W: Work>(place: Place, taken_over: &Receiver<W>, other: &Sender<W>) {
    while let Ok(mut work) = taken_over.recv() {
        if work.go_on(place) == Ended::Done || other.send(work).is_err() {
            return;
        }
    }
}

#[cfg(target_os = "linux")]
fn stand_back() {
    use thread_priority::{NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy};
    use thread_priority::{set_thread_priority_and_policy, thread_native_id};
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    if let Err(error) = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle) {
        tracing::warn!(?error, "the walker cannot stand back: under load it takes its full share from the doors");
    }
}

/// Elsewhere both places are alike.
#[cfg(not(target_os = "linux"))]
fn stand_back() {}

#[cfg(test)]
mod tests {
    use super::*;

    struct Steps {
        left: u32,
        taken: Sender<Place>,
    }

    impl Work for Steps {
        fn go_on(&mut self, at: Place) -> Ended {
            let _ = self.taken.send(at);
            self.left -= 1;
            if self.left == 0 { Ended::Done } else { Ended::ChangesPlace }
        }
    }

    #[test]
    fn work_changes_hands_until_it_is_done() {
        let (taken, steps) = channel();
        for thread in start("test", Steps { left: 4, taken }).expect("two threads") {
            thread.join().expect("it ends by itself");
        }
        let steps: Vec<Place> = steps.iter().collect();
        assert_eq!(steps, [Place::Back, Place::Front, Place::Back, Place::Front]);
    }
}
