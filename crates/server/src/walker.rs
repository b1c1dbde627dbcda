//! The one consumer of the journal. It runs the way on a thread of its own and wakes for facts, for timers and for commands.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use audiences::{InForce, Members};
use kit::Timestamp;
use lake::journal::{Damage, Entry, JournalError, Reader};
use model::{Fact, Move, ProfileId, Seq};
use profiles::Views;
use store::{Draft, Erasure, Keep, Key, Range, ReadExt, StoreError, Table};
use tokio::sync::{oneshot, watch};

use crate::house::House;
use crate::live::LIVE_EVENTS;
use crate::precedence::{self, Ended, Place, Work};
use crate::way;

/// Audiences that are in force but have not been asked about everyone yet: a crash goes on where it was.
pub(crate) static PENDING: Table = Table {
    name: "pending",
    about: "an audience whose definition is still being asked about everyone: name text → the profile reached, going down",
    writer: "server",
    person_key: "none",
    erasure: Erasure::NotPersonal,
    keep: Keep::Lasting,
};

/// Facts that are walked under one commit.
const FACTS_AT_ONCE: usize = 2_048;
/// Occurrences that are kept in memory for busy profiles.
const MAX_OCCURRENCES: usize = 2_000_000;
const PROFILES_AT_ONCE: usize = 1_000;
const TIMERS_AT_ONCE: usize = 2_000;
/// The longest sleep: a timer that a clock jump brings near is not missed by more.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);

/// Asks the walker to do something between two batches.
#[derive(Debug)]
enum Command {
    /// Takes up the audiences as they are defined now.
    Redefine(oneshot::Sender<()>),
    Wake,
    Stop,
}

/// The handle of a running walker. Dropping it stops the walker after the batch that it is at.
#[derive(Debug)]
pub struct Walker {
    commands: SyncSender<Command>,
    applied: watch::Receiver<Seq>,
    bell: Option<tokio::task::JoinHandle<()>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Walker {
    /// Starts walking from where the views are.
    pub fn start(house: Arc<House>) -> Result<Self, WalkError> {
        let (commands, inbox) = sync_channel(64);
        let (told, applied) = watch::channel(house.store.applied()?);
        let round = Round::new(house.clone(), told, inbox)?;
        let bell = wake_for_facts(house, commands.clone());
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

/// Why the walker stopped.
#[derive(Debug, thiserror::Error)]
pub enum WalkError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error("the walker's thread cannot be started: {0}")]
    Thread(std::io::Error),
}

/// Rings the walker whenever more facts are durable. Needs to run inside a Tokio runtime.
fn wake_for_facts(house: Arc<House>, commands: SyncSender<Command>) -> Option<tokio::task::JoinHandle<()>> {
    let runtime = tokio::runtime::Handle::try_current().ok()?;
    Some(runtime.spawn(async move {
        let mut seen = house.journal.durable_seq();
        loop {
            seen = house.journal.wait_past(seen).await;
            // A full inbox wakes the walker just as well.
            if matches!(commands.try_send(Command::Wake), Err(std::sync::mpsc::TrySendError::Disconnected(_))) {
                return;
            }
        }
    }))
}

struct Round {
    house: Arc<House>,
    reader: Reader,
    views: Views,
    in_force: Arc<InForce>,
    now: Timestamp,
    told: watch::Sender<Seq>,
    inbox: Receiver<Command>,
    /// How far behind the last batch was, in milliseconds.
    behind_ms: i64,
}

impl Round {
    fn new(house: Arc<House>, told: watch::Sender<Seq>, inbox: Receiver<Command>) -> Result<Self, StoreError> {
        let reader = house.journal.reader(house.store.applied()? + 1);
        let in_force = house.in_force();
        let mut views = Views::new(MAX_OCCURRENCES);
        views.set_labels(in_force.labels());
        Ok(Self { house, reader, views, in_force, now: Timestamp::MIN, told, inbox, behind_ms: 0 })
    }

    /// One turn: facts if there are some, else timers, else a command or sleep. Returns whether to go on.
    fn turn(&mut self) -> Result<bool, StoreError> {
        while let Ok(command) = self.inbox.try_recv() {
            if !self.obey(command)? {
                return Ok(false);
            }
        }
        if self.walk_on()? || self.wake_up()? {
            return Ok(true);
        }
        self.ask_pending()?;
        match self.inbox.recv_timeout(self.sleep()?) {
            Ok(command) => self.obey(command),
            Err(RecvTimeoutError::Timeout) => Ok(true),
            Err(RecvTimeoutError::Disconnected) => Ok(false),
        }
    }

    fn obey(&mut self, command: Command) -> Result<bool, StoreError> {
        match command {
            Command::Wake => {}
            Command::Stop => return Ok(false),
            Command::Redefine(done) => {
                self.take_up_definitions()?;
                self.ask_pending()?;
                let _ = done.send(());
            }
        }
        Ok(true)
    }

    fn walk_on(&mut self) -> Result<bool, StoreError> {
        let batch = self.read_batch();
        if batch.is_empty() {
            self.behind_ms = 0;
            return Ok(false);
        }
        self.behind_ms = behind_ms(&batch, self.house.clock.now());
        let received = batch.iter().map(|(_, fact)| fact.received_at()).max().unwrap_or(self.now);
        self.now = self.now.max(received);
        let walked = way::walk(&self.house, &self.in_force, &mut self.views, &batch, self.now, LIVE_EVENTS)?;
        self.publish(&walked.moves);
        self.house.live.show(walked.shown);
        let _ = self.told.send(self.house.store.applied()?);
        Ok(true)
    }

    fn read_batch(&mut self) -> Vec<(Seq, Fact)> {
        let mut batch = Vec::new();
        while batch.len() < FACTS_AT_ONCE {
            match self.reader.next() {
                Some(Ok(Entry::Fact { seq, fact })) => batch.push((seq, fact)),
                Some(Ok(Entry::Damage(damage))) => report(&damage),
                Some(Err(error)) => {
                    tracing::error!(error = %error, "the journal cannot be read here");
                    break;
                }
                None => break,
            }
        }
        batch
    }

    fn wake_up(&mut self) -> Result<bool, StoreError> {
        let now = self.house.clock.now();
        let due = audiences::due(&self.house.store, now, TIMERS_AT_ONCE)?;
        if due.is_empty() {
            return Ok(false);
        }
        self.now = self.now.max(now);
        let moves = way::wake(&self.house, &self.in_force, &mut self.views, due, self.now)?;
        self.publish(&moves);
        Ok(true)
    }

    fn sleep(&self) -> Result<Duration, StoreError> {
        let Some(due) = audiences::next_due(&self.house.store)? else { return Ok(LONGEST_SLEEP) };
        let left = due.since_ms(self.house.clock.now()).max(0);
        Ok(Duration::from_millis(left as u64).min(LONGEST_SLEEP))
    }

    fn take_up_definitions(&mut self) -> Result<(), StoreError> {
        let before = self.in_force.clone();
        self.in_force = Arc::new(InForce::load(&self.house.store)?);
        self.views.set_labels(self.in_force.labels());
        *self.house.in_force.write().unwrap_or_else(PoisonError::into_inner) = self.in_force.clone();
        let in_force = self.in_force.clone();
        for old in before.iter().filter(|old| in_force.get(&old.name).is_none()) {
            self.dissolve(&old.name)?;
        }
        Ok(())
    }

    fn dissolve(&mut self, audience: &str) -> Result<(), StoreError> {
        loop {
            let mut draft = self.house.store.draft();
            let now = self.house.clock.now();
            let moves = audiences::dissolve(&mut draft, audience, now, PROFILES_AT_ONCE)?;
            let people: Vec<_> = moves.iter().map(|step| activation::Touched::profile(step.profile)).collect();
            let applied = self.house.store.applied()?;
            activation::step(&mut draft, &people, &crate::people::Rooms, now, applied)?;
            self.house.store.commit(draft)?;
            self.publish(&moves);
            if moves.len() < PROFILES_AT_ONCE {
                return Ok(());
            }
        }
    }

    /// Asks definitions that are new about everyone, newest profile first, in pieces that are committed each.
    fn ask_pending(&mut self) -> Result<(), StoreError> {
        for (key, value) in self.house.store.rows(&PENDING, Range::default(), usize::MAX)? {
            let audience = String::from_utf8_lossy(&key).trim_end_matches('\0').to_owned();
            let mut before = store::read_u32(&value, 0).filter(|reached| *reached > 0).map(ProfileId);
            loop {
                let piece = piece(&self.house, before)?;
                self.now = self.now.max(self.house.clock.now());
                if self.in_force.get(&audience).is_some() {
                    let moves = way::ask(&self.house, &self.in_force, &audience, &piece, self.now)?;
                    self.publish(&moves);
                }
                let mut draft = self.house.store.draft();
                before = piece.last().copied();
                match before.filter(|_| piece.len() == PROFILES_AT_ONCE) {
                    Some(reached) => mark_pending(&mut draft, &audience, reached.0),
                    None => draft.remove(&PENDING, key.clone()),
                }
                self.house.store.commit(draft)?;
                if piece.len() < PROFILES_AT_ONCE {
                    break;
                }
            }
        }
        Ok(())
    }

    fn publish(&self, moves: &[Move]) {
        self.house.members.write().unwrap_or_else(PoisonError::into_inner).apply(moves);
    }

    fn start_over(&mut self) -> Result<(), StoreError> {
        self.reader = self.house.journal.reader(self.house.store.applied()? + 1);
        self.views = Views::new(MAX_OCCURRENCES);
        self.views.set_labels(self.in_force.labels());
        *self.house.members.write().unwrap_or_else(PoisonError::into_inner) = Members::load(&self.house.store)?;
        Ok(())
    }
}

impl Work for Round {
    fn go_on(&mut self, at: Place) -> Ended {
        while Place::of(self.behind_ms) == at || at == Place::Front && self.behind_ms > 0 {
            match self.turn() {
                Ok(true) => {}
                Ok(false) => return Ended::Done,
                Err(error) => {
                    tracing::error!(error = %error, code = kit::Coded::code(&error), "the walker cannot go on; trying again in a second");
                    // What was read is read again from the last commit: nothing is lost, nothing counted twice.
                    let _ = self.start_over();
                    std::thread::sleep(Duration::from_secs(1));
                }
            }
        }
        Ended::ChangesPlace
    }
}

/// The oldest fact at hand tells how far behind the walker is.
fn behind_ms(batch: &[(Seq, Fact)], now: Timestamp) -> i64 {
    batch.first().map_or(0, |(_, oldest)| now.since_ms(oldest.received_at()).max(1))
}

/// Notes that an audience must be asked about everyone; `reached` is 0 at the start.
pub(crate) fn mark_pending(draft: &mut Draft<'_>, audience: &str, reached: u32) {
    draft.put_bytes(&PENDING, Key::new().text(audience), reached.to_be_bytes().to_vec());
}

fn piece(house: &House, before: Option<ProfileId>) -> Result<Vec<ProfileId>, StoreError> {
    let mut piece = Vec::new();
    identity::each_profile(&house.store, before, &mut |profile, _| {
        piece.push(profile);
        Ok(piece.len() < PROFILES_AT_ONCE)
    })?;
    Ok(piece)
}

fn report(damage: &Damage) {
    tracing::error!(
        segment = damage.segment,
        offset = damage.offset,
        bytes = damage.bytes,
        first_missing = damage.first_missing_seq,
        last_missing = damage.last_missing_seq,
        "facts of the journal cannot be read; going on behind them"
    );
}
