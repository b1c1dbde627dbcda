//! Pulls that are saved run when they are due, or when they are asked to: each one at a time, a few beside one another.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use collect::pull::{self, Desk, KeepError, Keeper, Progress, Pull, PullError, Report};
use futures_util::future::BoxFuture;
use kit::Coded;
use lake::journal::{Frames, JournalError};
use model::Fact;
use store::StoreError;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

use crate::House;
use crate::questions::marked;

/// Runs that may be under way beside one another.
const RUNS_AT_ONCE: usize = 2;
/// The longest sleep: a run that a clock jump brings near is not missed by more.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// After a failure of the state the schedule is looked at again, this much later.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// Runs a pull once, here and now, whether or not it is due.
pub async fn run(
    house: &Arc<House>,
    pull: &Pull,
    progress: &(dyn Fn(&Progress) + Send + Sync),
) -> Result<Report, PullError> {
    let outcome = pull::run(pull, &Study::of(house).desk(progress)).await;
    let now = house.clock.now();
    if let Ok(report) = &outcome {
        house.refusals.accepted(report.facts(), now);
        if report.refused > 0 {
            house.refusals.refused(&pull.source, report.refused, now);
        }
    }
    outcome
}

/// Counts what a run would bring, and writes nothing.
pub async fn dry_run(
    house: &Arc<House>,
    pull: &Pull,
    progress: &(dyn Fn(&Progress) + Send + Sync),
) -> Result<Report, PullError> {
    pull::dry_run(pull, &Study::of(house).desk(progress)).await
}

/// What runs pulls in a server.
#[derive(Debug)]
pub struct Pulls {
    house: Arc<House>,
    /// What is under way, and how far.
    running: Mutex<BTreeMap<String, Progress>>,
    /// What is to run though it is not due.
    asked_for: Mutex<BTreeSet<String>>,
    changed: Notify,
    slots: Semaphore,
}

impl Pulls {
    pub fn new(house: Arc<House>) -> Self {
        Self {
            house,
            running: Mutex::default(),
            asked_for: Mutex::default(),
            changed: Notify::new(),
            slots: Semaphore::new(RUNS_AT_ONCE),
        }
    }

    /// Runs what is due, again and again, until the future is dropped: with it end the runs that are under way, each where a crash could have
    /// ended it as well, and they go on from there.
    pub async fn keep_pulling(self: Arc<Self>) {
        let mut runs = JoinSet::new();
        loop {
            while runs.try_join_next().is_some() {}
            let sleep = match self.due() {
                Ok((due, sleep)) => {
                    for pull in due {
                        let Some(run) = Running::begin(self.clone(), &pull.name) else { continue };
                        runs.spawn(run.go(pull));
                    }
                    sleep
                }
                Err(error) => {
                    tracing::error!(%error, code = error.code(), "the pulls cannot be read; trying again");
                    TRY_AGAIN
                }
            };
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Looks at the schedule again, since a definition has changed.
    pub fn take_up(&self) {
        self.changed.notify_one();
    }

    /// Has a pull run now; false where it is running already.
    pub fn ask_for(&self, name: &str) -> bool {
        let is_running = self.is_running(name);
        if !is_running {
            locked(&self.asked_for).insert(name.to_owned());
            self.changed.notify_one();
        }
        !is_running
    }

    /// Whether a pull runs, or is about to because it was asked for.
    pub fn is_running(&self, name: &str) -> bool {
        locked(&self.running).contains_key(name) || locked(&self.asked_for).contains(name)
    }

    /// How far a pull that runs has come.
    pub fn progress(&self, name: &str) -> Option<Progress> {
        locked(&self.running).get(name).cloned()
    }

    /// What is due and not running, and how long nothing else will be.
    fn due(&self) -> Result<(Vec<Pull>, Duration), StoreError> {
        let now = self.house.clock.now();
        let (mut due, mut sleep) = (Vec::new(), LONGEST_SLEEP);
        for (pull, saved) in pull::all(&self.house.store)? {
            if locked(&self.running).contains_key(&pull.name) {
                continue;
            }
            if locked(&self.asked_for).contains(&pull.name) {
                due.push(pull);
                continue;
            }
            let state = pull::state(&self.house.store, &pull.name)?;
            match pull::due_at(&pull, &saved, &state).map(|at| at.since_ms(now)) {
                Some(left_ms) if left_ms > 0 => sleep = sleep.min(Duration::from_millis(left_ms as u64)),
                Some(_) => due.push(pull),
                None => {}
            }
        }
        // What was asked for and is not there any more is forgotten.
        locked(&self.asked_for).retain(|name| due.iter().any(|pull| pull.name == *name));
        Ok((due, sleep))
    }
}

/// A run under way: one a pull. Whatever ends it, its place is free again.
struct Running {
    pulls: Arc<Pulls>,
    name: String,
}

impl Running {
    fn begin(pulls: Arc<Pulls>, name: &str) -> Option<Self> {
        let mut running = locked(&pulls.running);
        let is_new = !running.contains_key(name);
        if is_new {
            running.insert(name.to_owned(), Progress::default());
        }
        locked(&pulls.asked_for).remove(name);
        drop(running);
        is_new.then(|| Self { pulls, name: name.to_owned() })
    }

    async fn go(self, pull: Pull) {
        let Ok(_slot) = self.pulls.slots.acquire().await else { return };
        let hear = |progress: &Progress| {
            locked(&self.pulls.running).insert(self.name.clone(), progress.clone());
        };
        if let Err(error) = run(&self.pulls.house, &pull, &hear).await {
            tracing::warn!(pull = self.name, code = error.code(), "a pull ended before its end");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        locked(&self.pulls.running).remove(&self.name);
        self.pulls.changed.notify_one();
    }
}

/// Puts facts into the journal.
struct IntoJournal(Arc<House>);

impl Keeper for IntoJournal {
    fn keep(&self, facts: Vec<Fact>) -> BoxFuture<'_, Result<(), KeepError>> {
        let house = self.0.clone();
        // Waits for room in the journal's queue rather than be refused, so on a thread that may wait.
        let append = tokio::task::spawn_blocking(move || {
            let mut frames = Frames::default();
            for fact in facts {
                frames.push(&marked(fact))?;
            }
            house.journal.append_blocking(frames)
        });
        Box::pin(async move {
            match append.await {
                Ok(Ok(_receipt)) => Ok(()),
                Ok(Err(error)) => Err(Box::new(error) as KeepError),
                Err(_ended) => Err(Box::new(JournalError::Closed) as KeepError),
            }
        })
    }
}

/// What a run works with, in this house.
struct Study<'h> {
    house: &'h House,
    keeper: IntoJournal,
    quarantine_dir: PathBuf,
    scratch_dir: PathBuf,
}

impl<'h> Study<'h> {
    fn of(house: &'h Arc<House>) -> Self {
        let (quarantine_dir, scratch_dir) = (house.quarantine_dir(), house.scratch_dir());
        Self { house, keeper: IntoJournal(house.clone()), quarantine_dir, scratch_dir }
    }

    fn desk<'d>(&'d self, progress: &'d (dyn Fn(&Progress) + Send + Sync)) -> Desk<'d> {
        Desk {
            store: &self.house.store,
            keeper: &self.keeper,
            clock: &*self.house.clock,
            quarantine_dir: &self.quarantine_dir,
            scratch_dir: &self.scratch_dir,
            progress,
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
