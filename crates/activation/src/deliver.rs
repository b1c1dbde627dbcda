//! Sends what waits in the outbox. Works on the outbox in three strokes, each a commit of its own: claim, send, settle.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use consent::{Permitted, Refusal, permit, permit_removal};
use kit::{Backoff, Clock, Coded, Timestamp};
use model::{Action, Delivery, ProfileId};
use store::{Draft, Read, ReadExt, Store, StoreError};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, warn};

use crate::definitions::{definitions, find};
use crate::ledger::{self, Outcome, Sent};
use crate::outbox::{self, Mark, Number, Waiting};
use crate::plan::log_refusal;
use crate::standing::{Standing, State};
use crate::tables::{DEAD_LETTERS, OUTBOX};
use crate::{Context, Definition, Destination, Error, People, Verdict, kind};

/// About an hour in all: 1 s, 2 s, 4 s … before the next attempt, up to half of it less by chance, at most 20 minutes.
pub const BACKOFF: Backoff = Backoff { base_ms: 1_000, max_ms: 1_200_000, attempts: 14 };

/// Sends what is due. Cheap to clone; clones share their work.
#[derive(Clone)]
pub struct Deliverer(Arc<Inner>);

struct Inner {
    store: Store,
    people: Arc<dyn People>,
    clock: Arc<dyn Clock>,
    context: Context,
    backoff: Backoff,
    /// Destinations that are being served now, so that two runs do not send the same.
    busy: Mutex<BTreeSet<String>>,
    /// Held from the first read to the commit of a draft.
    writes: Mutex<()>,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    pub delivered: u64,
    /// Refused by consent at the moment of sending.
    pub blocked: u64,
    /// Failed, and to be tried again.
    pub retried: u64,
    /// Given up.
    pub dead: u64,
    /// Nothing was sent, because the views, consent among them, are being rebuilt.
    pub held: bool,
}

impl Deliverer {
    pub fn new(store: Store, people: Arc<dyn People>, clock: Arc<dyn Clock>, context: Context) -> Self {
        Self::with_backoff(store, people, clock, context, BACKOFF)
    }

    pub fn with_backoff(
        store: Store,
        people: Arc<dyn People>,
        clock: Arc<dyn Clock>,
        context: Context,
        backoff: Backoff,
    ) -> Self {
        let (busy, writes) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { store, people, clock, context, backoff, busy, writes }))
    }

    /// Sends everything that is due, for each destination in order, and returns when nothing more is due.
    ///
    /// Destinations are served side by side, and one that another run is still serving is left to that run: so a caller who wants
    /// that a slow destination keeps nobody waiting starts the next run without waiting for the last. Dropping the future is
    /// like a crash: what was being sent is sent again, with the same ids.
    pub async fn run_due(&self) -> Result<Report, Error> {
        let inner = &self.0;
        if Mark::read(&inner.store)?.seq > inner.store.applied()? {
            return Ok(Report { held: true, ..Report::default() });
        }
        let definitions = definitions(&inner.store)?;
        let mut report = inner.bury_orphans(&definitions)?;
        let mut tasks = JoinSet::new();
        for definition in definitions {
            tasks.spawn(Arc::clone(inner).serve(definition));
        }
        let mut failure = None;
        while let Some(served) = tasks.join_next().await {
            match served {
                Ok(Ok(served)) => report.add(served),
                Ok(Err(error)) => failure = Some(error),
                Err(_) => failure = Some(Error::Broken),
            }
        }
        failure.map_or(Ok(report), Err)
    }

    /// Sends what is due, again and again, until the future is dropped.
    ///
    /// A run starts `every` so often, whether or not the last has ended. Each destination is served by one run at a time, so that a slow
    /// one holds up nobody else and no more runs are under way than there are destinations. Before each run it waits for `caught_up`: that the views
    /// hold every consent that was taken back by then, so that nothing leaves which somebody has just forbidden.
    pub async fn keep_delivering<F: Future<Output = ()>>(&self, every: Duration, caught_up: impl Fn() -> F) {
        let mut runs = JoinSet::new();
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            caught_up().await;
            while runs.try_join_next().is_some() {}
            let deliverer = self.clone();
            runs.spawn(async move {
                if let Err(error) = deliverer.run_due().await {
                    error!(%error, code = error.code(), "deliveries cannot be sent; trying again");
                }
            });
        }
    }

    /// Puts a destination's dead letters back, and returns how many. Those that the standing has left behind stay dead.
    pub fn retry_dead(&self, destination: &str) -> Result<u64, Error> {
        let unknown = || Error::Unknown { name: destination.to_owned() };
        let definition = find(&self.0.store, destination)?.ok_or_else(unknown)?;
        let now = self.0.clock.now();
        Ok(self.0.transact(|draft| revive(draft, &definition, now))?)
    }
}

impl std::fmt::Debug for Deliverer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Deliverer")
    }
}

impl Report {
    fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.blocked += other.blocked;
        self.retried += other.retried;
        self.dead += other.dead;
    }
}

/// A batch that may be sent, and where each delivery stands in the outbox.
struct Batch {
    numbers: Vec<Number>,
    deliveries: Vec<Permitted<Delivery>>,
}

impl Inner {
    async fn serve(self: Arc<Self>, definition: Definition) -> Result<Report, Error> {
        let mut report = Report::default();
        let Some(_busy) = Busy::take(&self.busy, &definition.name) else { return Ok(report) };
        let Some(destination) = self.make(&definition) else { return Ok(report) };
        loop {
            let now = self.clock.now();
            let (batch, is_more) = self.claim(&definition, destination.batch_size(), now, &mut report)?;
            if !batch.deliveries.is_empty() {
                let verdicts = destination.send(&batch.deliveries).await;
                let all_ended = self.settle(&definition, &batch, verdicts, &mut report)?;
                if !all_ended {
                    return Ok(report);
                }
            }
            if !is_more {
                return Ok(report);
            }
        }
    }

    fn make(&self, definition: &Definition) -> Option<Box<dyn Destination>> {
        let made = kind(&definition.kind).map(|kind| kind.make(&definition.options, &self.context));
        if !matches!(made, Some(Ok(_))) {
            error!(destination = definition.name, kind = definition.kind, "a stored destination cannot be made");
        }
        made?.ok()
    }

    /// Takes the next deliveries that are due, and writes down that they are tried, before they are.
    ///
    /// Order is kept: the first one that is not due ends the batch. Also returns whether there is more to look at.
    fn claim(
        &self,
        definition: &Definition,
        limit: usize,
        now: Timestamp,
        report: &mut Report,
    ) -> Result<(Batch, bool), StoreError> {
        self.transact(|draft| {
            let rows = outbox::waiting(&*draft, &OUTBOX, definition, limit)?;
            let together = together(&rows);
            let has_rest = rows.len() == limit || rows.len() > together;
            let due = rows.into_iter().take(together).take_while(|(_, waiting)| waiting.next_try_at <= now);
            let due: Vec<_> = due.collect();
            let is_more = has_rest && due.len() == together;
            // What is known of people is asked of one moment: the walker may move an identifier to another profile at any time.
            let moment = self.store.snapshot();
            let mut batch = Batch { numbers: Vec::new(), deliveries: Vec::new() };
            for (number, mut waiting) in due {
                match self.permit(&moment, draft, definition, waiting.delivery.clone())? {
                    Ok(permitted) => {
                        waiting.attempts += 1;
                        outbox::put(draft, definition, number, &waiting);
                        consent::remember_told(draft, &permitted);
                        batch.numbers.push(number);
                        batch.deliveries.push(permitted);
                    }
                    Err(refusal) => {
                        block(draft, definition, number, &waiting, refusal)?;
                        report.blocked += 1;
                    }
                }
            }
            Ok((batch, is_more))
        })
    }

    fn permit(
        &self,
        moment: &dyn Read,
        draft: &Draft<'_>,
        definition: &Definition,
        mut delivery: Delivery,
    ) -> Result<Result<Permitted<Delivery>, Refusal>, StoreError> {
        match delivery.action {
            Action::Enter => {
                // Whoever has left the profile since has a consent of their own, which is not asked here.
                let held = self.people.identifiers(moment, delivery.profile)?;
                delivery.identifiers.retain(|identifier| held.contains(identifier));
                if delivery.identifiers.is_empty() {
                    return Ok(Err(Refusal::Unknown));
                }
                let members = self.people.members(moment, delivery.profile)?;
                Ok(permit(delivery, &consent::decision(moment, &members, &definition.purpose)?))
            }
            Action::Forward => self.permit_event(moment, definition, delivery),
            Action::Exit => {
                let told = consent::told(draft, &definition.name, &delivery.identifiers)?;
                Ok(permit_removal(delivery, &told))
            }
        }
    }

    /// An event stays with its owner: the will of whoever holds that identifier now counts.
    fn permit_event(
        &self,
        moment: &dyn Read,
        definition: &Definition,
        delivery: Delivery,
    ) -> Result<Result<Permitted<Delivery>, Refusal>, StoreError> {
        let owner = delivery.event.as_ref().map(|event| event.owner);
        let holder = owner.map(|owner| self.people.holder(moment, owner)).transpose()?.flatten();
        let Some(holder) = holder else { return Ok(Err(Refusal::Unknown)) };
        let members = self.people.members(moment, holder)?;
        Ok(permit(delivery, &consent::decision(moment, &members, &definition.purpose)?))
    }

    /// Writes down what became of a batch. Returns whether all of it came to an end.
    fn settle(
        &self,
        definition: &Definition,
        batch: &Batch,
        verdicts: Vec<Verdict>,
        report: &mut Report,
    ) -> Result<bool, StoreError> {
        let silent = || Verdict::Retry { reason: "no verdict".to_owned(), after_ms: None, suspect: false };
        let verdicts = verdicts.into_iter().chain(std::iter::repeat_with(silent));
        let now = self.clock.now();
        self.transact(|draft| {
            let mut settlement = Settlement { draft, definition, now, backoff: self.backoff, report, retried: 0 };
            for ((number, permitted), verdict) in batch.numbers.iter().zip(&batch.deliveries).zip(verdicts) {
                settlement.settle(*number, permitted, verdict)?;
            }
            Ok(settlement.retried == 0)
        })
    }

    /// Gives up what waits for destinations that are gone.
    fn bury_orphans(&self, living: &[Definition]) -> Result<Report, StoreError> {
        const AT_ONCE: usize = 1_000;
        let mut report = Report::default();
        loop {
            let buried = self.transact(|draft| {
                let orphans = outbox::orphans(&*draft, &OUTBOX, living, AT_ONCE)?;
                for (key, Waiting { delivery, attempts, .. }) in &orphans {
                    let number = outbox::number_in(key);
                    ledger::note(draft, number, delivery, Outcome::Dead, *attempts, "destination deleted");
                    draft.remove(&OUTBOX, key.clone());
                }
                let dead = outbox::orphans(&*draft, &DEAD_LETTERS, living, AT_ONCE)?;
                for (key, _) in &dead {
                    draft.remove(&DEAD_LETTERS, key.clone());
                }
                report.dead += orphans.len() as u64;
                Ok(orphans.len().max(dead.len()))
            })?;
            if buried < AT_ONCE {
                return Ok(report);
            }
        }
    }

    fn transact<T>(&self, work: impl FnOnce(&mut Draft<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let _alone = lock(&self.writes);
        let mut draft = self.store.draft();
        let done = work(&mut draft)?;
        if !draft.is_empty() {
            self.store.commit(draft)?;
        }
        Ok(done)
    }
}

/// The end of one attempt at a batch.
struct Settlement<'s, 'd> {
    draft: &'s mut Draft<'d>,
    definition: &'s Definition,
    now: Timestamp,
    backoff: Backoff,
    report: &'s mut Report,
    retried: u64,
}

impl Settlement<'_, '_> {
    fn settle(&mut self, number: Number, permitted: &Permitted<Delivery>, verdict: Verdict) -> Result<(), StoreError> {
        let key = outbox::key(self.definition, number);
        let Some(waiting) = self.draft.read_json::<Waiting>(&OUTBOX, key.as_slice())? else { return Ok(()) };
        // Again, because an exit before it in the batch may just have been forgotten.
        consent::remember_told(self.draft, permitted);
        match verdict {
            Verdict::Delivered { reason } => self.deliver(number, waiting, permitted, &reason),
            Verdict::Retry { reason, after_ms, suspect } => {
                let waiting = Waiting { suspected: waiting.suspected + u32::from(suspect), ..waiting };
                self.put_off(number, waiting, &reason, after_ms)
            }
            Verdict::Refused { reason } => self.give_up(number, waiting, &reason),
        }
    }

    fn deliver(
        &mut self,
        number: Number,
        waiting: Waiting,
        permitted: &Permitted<Delivery>,
        reason: &str,
    ) -> Result<(), StoreError> {
        consent::forget_told(self.draft, permitted);
        self.draft.remove(&OUTBOX, outbox::key(self.definition, number));
        ledger::note(self.draft, number, &waiting.delivery, Outcome::Delivered, waiting.attempts, reason);
        self.report.delivered += 1;
        self.count(|sent| {
            sent.delivered += 1;
            sent.arrived();
        })
    }

    fn put_off(
        &mut self,
        number: Number,
        mut waiting: Waiting,
        reason: &str,
        after_ms: Option<u64>,
    ) -> Result<(), StoreError> {
        // One seed for the destination: what failed together is tried together.
        let seed = self.definition.created_at.as_ms() as u64;
        let Some(wait_ms) = self.backoff.wait_ms(waiting.attempts, seed) else {
            return self.give_up(number, waiting, reason);
        };
        let wait_ms = wait_ms.max(after_ms.unwrap_or(0));
        waiting.next_try_at = self.now.plus_ms(wait_ms as i64);
        outbox::put(self.draft, self.definition, number, &waiting);
        ledger::note(self.draft, number, &waiting.delivery, Outcome::Waiting, waiting.attempts, reason);
        if self.retried == 0 {
            let (destination, attempts) = (&self.definition.name, waiting.attempts);
            warn!(%destination, attempts, reason, next_try_at = %waiting.next_try_at, "a delivery failed");
        }
        self.retried += 1;
        self.report.retried += 1;
        self.count(|sent| sent.failed(reason))
    }

    fn give_up(&mut self, number: Number, waiting: Waiting, reason: &str) -> Result<(), StoreError> {
        let Delivery { id, destination, audience, profile, .. } = &waiting.delivery;
        let attempts = waiting.attempts;
        warn!(%destination, %audience, %profile, id, attempts, reason, "a delivery was given up");
        ledger::note(self.draft, number, &waiting.delivery, Outcome::Dead, attempts, reason);
        let key = outbox::key(self.definition, number);
        self.draft.put_json(&DEAD_LETTERS, key.clone(), &waiting);
        self.draft.remove(&OUTBOX, key);
        self.report.dead += 1;
        self.count(|sent| {
            sent.dead += 1;
            sent.failed(reason);
        })
    }

    fn count(&mut self, count: impl FnOnce(&mut Sent)) -> Result<(), StoreError> {
        count_sent(self.draft, self.definition, count)
    }
}

/// How many of these, from the first, go into one call: what may be why batches fail goes alone.
fn together(rows: &[(Number, Waiting)]) -> usize {
    rows.iter().take_while(|(_, waiting)| !waiting.is_suspect()).count().max(1)
}

/// Takes a delivery out of the outbox that consent refuses now.
fn block(
    draft: &mut Draft<'_>,
    definition: &Definition,
    number: Number,
    waiting: &Waiting,
    refusal: Refusal,
) -> Result<(), StoreError> {
    log_refusal(&waiting.delivery, refusal.code());
    draft.remove(&OUTBOX, outbox::key(definition, number));
    ledger::note(draft, number, &waiting.delivery, Outcome::Blocked, waiting.attempts, refusal.code());
    count_sent(draft, definition, |sent| sent.blocked += 1)
}

fn revive(draft: &mut Draft<'_>, definition: &Definition, now: Timestamp) -> Result<u64, StoreError> {
    let mut revived = 0;
    for (number, waiting) in outbox::waiting(&*draft, &DEAD_LETTERS, definition, usize::MAX)? {
        draft.remove(&DEAD_LETTERS, outbox::key(definition, number));
        if is_current(draft, definition, waiting.delivery.profile, &waiting)? {
            ledger::note(draft, number, &waiting.delivery, Outcome::Waiting, 0, "");
            outbox::put(draft, definition, number, &Waiting { attempts: 0, suspected: 0, next_try_at: now, ..waiting });
            revived += 1;
        } else {
            ledger::note(draft, number, &waiting.delivery, Outcome::Dead, waiting.attempts, "superseded");
        }
    }
    count_sent(draft, definition, |sent| sent.dead = sent.dead.saturating_sub(revived))?;
    Ok(revived)
}

/// Whether a delivery is still the last word of its standing: putting back an older one would undo what came after it. What happened stays true.
fn is_current(
    draft: &Draft<'_>,
    definition: &Definition,
    profile: ProfileId,
    waiting: &Waiting,
) -> Result<bool, StoreError> {
    if waiting.delivery.action == Action::Forward {
        return Ok(true);
    }
    let standing = Standing::read(draft, definition, profile)?;
    let is_in = matches!(standing.state, State::Entered { .. });
    Ok(standing.turn == waiting.turn && is_in == (waiting.delivery.action == Action::Enter))
}

fn count_sent(draft: &mut Draft<'_>, definition: &Definition, count: impl FnOnce(&mut Sent)) -> Result<(), StoreError> {
    let mut sent = Sent::read(&*draft, definition)?;
    count(&mut sent);
    sent.write(draft, definition);
    Ok(())
}

/// That a destination is being served, until this is dropped.
struct Busy<'a> {
    all: &'a Mutex<BTreeSet<String>>,
    name: String,
}

impl<'a> Busy<'a> {
    fn take(all: &'a Mutex<BTreeSet<String>>, name: &str) -> Option<Self> {
        lock(all).insert(name.to_owned()).then(|| Self { all, name: name.to_owned() })
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        lock(self.all).remove(&self.name);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
