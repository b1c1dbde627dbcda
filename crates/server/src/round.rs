//! What the walker does, turn by turn: facts, then timers, then a piece of what is pending, then a piece of what is to be forgotten. No kind of work
//! keeps another from its turn.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use audiences::{InForce, Members};
use kit::{Coded, Timestamp};
use lake::journal::{Damage, Entry, JournalError, Reader};
use model::{Fact, Move, Seq};
use profiles::Views;
use store::StoreError;
use tokio::sync::{oneshot, watch};

use crate::forgetting::Forgetting;
use crate::house::House;
use crate::live::LIVE_EVENTS;
use crate::pending::{self, Pending};
use crate::precedence::{Ended, Place, Work};
use crate::walker::{Command, Inbox};
use crate::way;

/// Facts that are walked under one commit.
const FACTS_AT_ONCE: usize = 2_048;
/// What is kept in memory of busy profiles.
const VIEWS_BYTES: usize = 48 << 20;
const TIMERS_AT_ONCE: usize = 2_000;
/// The longest sleep: a timer that a clock jump brings near is not missed by more.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);
/// A batch of so many facts says that the doors are busy.
const BUSY_FACTS: usize = 128;
/// While the doors are busy and the walker stands back, it rests so many times as long as it walked: a tenth of a core is its share then, and a
/// large batch costs less a fact than many small ones.
const RESTS: u32 = 9;
const LONGEST_REST: Duration = Duration::from_secs(1);
/// After a failure the walker tries again, this much later.
const TRY_AGAIN: Duration = Duration::from_secs(1);

pub(crate) struct Round {
    house: Arc<House>,
    reader: Reader,
    views: Views,
    in_force: Arc<InForce>,
    /// The walker's time: it never goes back.
    now: Timestamp,
    told: watch::Sender<Seq>,
    inbox: Inbox,
    /// A command that ended a rest.
    kept: Option<Command>,
    /// Those who wait until nothing is pending.
    waiting: Vec<oneshot::Sender<()>>,
    forgetting: Forgetting,
    /// How far behind the last batch was, in milliseconds.
    behind_ms: i64,
    /// Whether a turn failed halfway, so that reader and views are not where the last commit is.
    lost_place: bool,
    /// The opening of the state in which the place was found.
    opening: u64,
}

/// What a turn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Walked(usize),
    Worked,
    Rested,
    Stopped,
}

impl Round {
    pub fn new(house: Arc<House>, told: watch::Sender<Seq>, inbox: Inbox) -> Result<Self, StoreError> {
        let opening = house.store.opening();
        let reader = house.journal.reader(house.store.applied()? + 1);
        let in_force = house.in_force();
        let views = views(&in_force);
        let (now, waiting) = (Timestamp::MIN, Vec::new());
        Ok(Self {
            house,
            reader,
            views,
            in_force,
            now,
            told,
            inbox,
            kept: None,
            waiting,
            forgetting: Forgetting::start(),
            behind_ms: 0,
            lost_place: false,
            opening,
        })
    }

    /// Where the walker belongs: at the back only where somebody waits at the doors.
    fn place(&self) -> Place {
        if self.house.doors_are_open() { Place::of(self.behind_ms) } else { Place::Front }
    }

    fn turn(&mut self) -> Result<Turn, StoreError> {
        self.find_place()?;
        while let Some(command) = self.kept.take().or_else(|| self.inbox.commands.try_recv().ok()) {
            if !self.obey(command)? {
                return Ok(Turn::Stopped);
            }
        }
        let walked = self.walk_on()?;
        let woke = self.wake_up(walked > 0)?;
        let asked = self.go_on_with_pending()?;
        let forgot = self.forgetting.go_on(&self.house, self.now)?;
        match walked {
            0 if !woke && !asked && !forgot => self.rest(),
            0 => Ok(Turn::Worked),
            facts => Ok(Turn::Walked(facts)),
        }
    }

    fn rest(&mut self) -> Result<Turn, StoreError> {
        let go_on = match self.inbox.commands.recv_timeout(self.sleep()?) {
            Ok(command) => self.obey(command)?,
            Err(RecvTimeoutError::Timeout) => true,
            Err(RecvTimeoutError::Disconnected) => false,
        };
        Ok(if go_on { Turn::Rested } else { Turn::Stopped })
    }

    /// Leaves the machine to the doors, unless there is a command.
    fn stand_by(&mut self, walked: Duration) {
        let until = Instant::now() + (RESTS * walked).min(LONGEST_REST);
        while self.kept.is_none() {
            match self.inbox.commands.recv_timeout(until.saturating_duration_since(Instant::now())) {
                // More facts: they are gathered. The bell is not heard again before the next turn.
                Ok(Command::Wake) => {}
                Ok(command) => self.kept = Some(command),
                Err(_) => break,
            }
        }
        self.inbox.rung.store(false, Ordering::Release);
    }

    fn obey(&mut self, command: Command) -> Result<bool, StoreError> {
        match command {
            Command::Wake => self.inbox.rung.store(false, Ordering::Release),
            Command::Stop => return Ok(false),
            Command::Redefine(done) => {
                self.waiting.push(done);
                self.take_up_definitions()?;
            }
        }
        Ok(true)
    }

    /// Walks one batch, and returns how many facts it had.
    fn walk_on(&mut self) -> Result<usize, StoreError> {
        let batch = self.read_batch();
        let (through, applied) = (self.reader.position(), self.house.store.applied()?);
        let Some((_, first)) = batch.first() else {
            self.behind_ms = 0;
            if through > applied {
                // Only damage: it is passed for good.
                self.house.store.commit_through(self.house.store.draft_of(self.opening), through)?;
                let _ = self.told.send(through);
            }
            return Ok(0);
        };
        self.behind_ms = self.house.clock.now().since_ms(first.received_at()).max(1);
        let received = batch.iter().map(|(_, fact)| fact.received_at()).max().unwrap_or(self.now);
        self.now = self.now.max(received);
        let moment = way::Moment { now: self.now, through, show: LIVE_EVENTS, opening: self.opening };
        let walked = way::walk(&self.house, &self.in_force, &mut self.views, &batch, moment)?;
        self.publish(&walked.moves);
        self.house.live.show(walked.shown);
        let _ = self.told.send(through);
        Ok(batch.len())
    }

    fn read_batch(&mut self) -> Vec<(Seq, Fact)> {
        let mut batch = Vec::new();
        while batch.len() < FACTS_AT_ONCE {
            match self.reader.next() {
                Some(Ok(Entry::Fact { seq, fact })) => batch.push((seq, fact)),
                Some(Ok(Entry::Damage(damage))) => report(&damage),
                Some(Err(error @ JournalError::NotAFact { .. })) => {
                    tracing::error!(error = %error, code = error.code(), "going on behind a frame that is no fact");
                }
                Some(Err(error)) => {
                    tracing::error!(error = %error, code = error.code(), "the journal cannot be read here");
                    break;
                }
                None => break,
            }
        }
        batch
    }

    /// Asks the answers that were to change by now. As long as facts wait, now is the time of the last one that was walked, so that nobody leaves
    /// an audience for want of a fact that is already there.
    fn wake_up(&mut self, is_walking: bool) -> Result<bool, StoreError> {
        if !is_walking {
            self.now = self.now.max(self.house.clock.now());
        }
        let due = audiences::due(&self.house.store, self.now, TIMERS_AT_ONCE)?;
        if due.is_empty() {
            return Ok(false);
        }
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
        self.in_force = Arc::new(InForce::load(&self.house.store)?);
        self.views.set_labels(self.in_force.labels());
        *self.house.in_force.write().unwrap_or_else(PoisonError::into_inner) = self.in_force.clone();
        Ok(())
    }

    /// Goes on with one piece of what is pending, and returns whether there was any.
    fn go_on_with_pending(&mut self) -> Result<bool, StoreError> {
        let has_caught_up = self.house.waiting()? == 0;
        let Some(next) = pending::first(&self.house.store, has_caught_up)? else {
            for done in self.waiting.drain(..) {
                let _ = done.send(());
            }
            return Ok(false);
        };
        self.now = self.now.max(self.house.clock.now());
        let moves = self.piece(next)?;
        self.publish(&moves);
        Ok(true)
    }

    fn piece(&mut self, next: Pending) -> Result<Vec<Move>, StoreError> {
        if next.is_reconciling() {
            way::reconcile(&self.house, next, self.now)?;
            return Ok(Vec::new());
        }
        if self.in_force.get(&next.audience).is_none() {
            return way::dissolve(&self.house, next, self.now);
        }
        way::ask(&self.house, &self.in_force, next, self.now)
    }

    fn publish(&self, moves: &[Move]) {
        self.house.members.write().unwrap_or_else(PoisonError::into_inner).apply(moves);
    }

    /// What was read, but not committed, is read again from the last commit: nothing is lost, nothing counted twice. So it is with what was committed
    /// and is gone with the opening of the state before this one.
    fn find_place(&mut self) -> Result<(), StoreError> {
        if self.lost_place || self.opening != self.house.store.opening() {
            self.opening = self.house.store.opening();
            self.reader = self.house.journal.reader(self.house.store.applied()? + 1);
            self.views = views(&self.in_force);
            let members = Members::load(&self.house.store)?;
            *self.house.members.write().unwrap_or_else(PoisonError::into_inner) = members;
            self.lost_place = false;
        }
        Ok(())
    }

    /// One turn, whatever happens in it. A failure is told to whoever asks for the house's health, and tried again.
    fn safe_turn(&mut self) -> Turn {
        let reason = match catch_unwind(AssertUnwindSafe(|| self.turn())) {
            Ok(Ok(turn)) => {
                self.house.walker_fails(None);
                return turn;
            }
            Ok(Err(error)) => {
                tracing::error!(error = %error, code = error.code(), "the walker cannot go on; trying again in a second");
                error.code()
            }
            Err(_panic) => {
                tracing::error!(
                    after = self.told.borrow().to_string(),
                    "the walker panicked; trying again in a second"
                );
                "walker_panicked"
            }
        };
        self.house.walker_fails(Some(reason));
        self.lost_place = true;
        std::thread::sleep(TRY_AGAIN);
        Turn::Rested
    }
}

impl Work for Round {
    fn go_on(&mut self, at: Place) -> Ended {
        // Who has stepped up stays until nothing waits.
        while self.place() == at || at == Place::Front && self.behind_ms > 0 {
            let started = Instant::now();
            match self.safe_turn() {
                Turn::Stopped => return Ended::Done,
                Turn::Walked(facts) if facts >= BUSY_FACTS && at == Place::Back => self.stand_by(started.elapsed()),
                _ => {}
            }
        }
        Ended::ChangesPlace
    }
}

fn views(in_force: &InForce) -> Views {
    let mut views = Views::new(VIEWS_BYTES);
    views.set_labels(in_force.labels());
    views
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
