//! The one consumer of the journal. It runs the way on a thread of its own and wakes for facts, for timers and for commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use lake::journal::JournalError;
use model::Seq;
use store::StoreError;
use tokio::sync::{oneshot, watch};

use crate::house::House;
use crate::precedence;
use crate::round::Round;

/// Asks the walker to do something between two turns.
#[derive(Debug)]
pub(crate) enum Command {
    /// Takes up the audiences as they are defined now, and answers when nothing is pending any more.
    Redefine(oneshot::Sender<()>),
    Stop,
    Wake,
}

/// The handle of a running walker. Dropping it stops the walker after the batch that it is at.
#[derive(Debug)]
pub struct Walker {
    commands: Sender<Command>,
    applied: watch::Receiver<Seq>,
    bell: Option<tokio::task::JoinHandle<()>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Walker {
    /// Starts walking from where the views are.
    pub fn start(house: Arc<House>) -> Result<Self, WalkError> {
        let (commands, inbox) = channel();
        let (told, applied) = watch::channel(house.store.applied()?);
        let inbox = Inbox { commands: inbox, rung: Arc::default() };
        let bell = wake_for_facts(house.clone(), commands.clone(), inbox.rung.clone());
        let round = Round::new(house, told, inbox)?;
        let threads = precedence::start("walker", round).map_err(WalkError::Thread)?;
        Ok(Self { commands, applied, bell, threads })
    }

    /// Takes up the audiences as they are defined now; returns when everyone has been asked.
    pub async fn redefine(&self) {
        let (done, wait) = oneshot::channel();
        if self.commands.send(Command::Redefine(done)).is_ok() {
            let _ = wait.await;
        }
    }

    /// Returns once the views hold the fact at `seq`.
    pub async fn wait_for(&self, seq: Seq) {
        let mut applied = self.applied.clone();
        let _ = applied.wait_for(|applied| *applied >= seq).await;
    }

    /// How far the views have come.
    pub fn applied(&self) -> Seq {
        *self.applied.borrow()
    }

    pub fn stop(&mut self) {
        if let Some(bell) = self.bell.take() {
            bell.abort();
        }
        let _ = self.commands.send(Command::Stop);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl Drop for Walker {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Why the walker cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the walker's thread cannot be started: {0}")]
    Thread(std::io::Error),
}

/// What the walker is told.
#[derive(Debug)]
pub(crate) struct Inbox {
    pub commands: Receiver<Command>,
    /// Whether a `Wake` lies in the inbox: one is enough.
    pub rung: Arc<AtomicBool>,
}

/// Rings the walker whenever more facts are durable. Needs to run inside a Tokio runtime.
fn wake_for_facts(
    house: Arc<House>,
    commands: Sender<Command>,
    rung: Arc<AtomicBool>,
) -> Option<tokio::task::JoinHandle<()>> {
    let runtime = tokio::runtime::Handle::try_current().ok()?;
    Some(runtime.spawn(async move {
        let mut seen = house.journal.durable_seq();
        loop {
            seen = house.journal.wait_past(seen).await;
            if !rung.swap(true, Ordering::AcqRel) && commands.send(Command::Wake).is_err() {
                return;
            }
        }
    }))
}
