//! Tracking plans in the house: those in force, what broke them, and the one draft over their tables and those of the quarantine.

mod ask;
mod infer;
mod keeper;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use collect::plans::violations::Counts;
use collect::plans::{DefineError, PlansInForce};
use kit::Timestamp;
use store::{Draft, Store, StoreError};

pub use ask::HeldBack;
pub use infer::infer;
pub use words::{check, history, list, text, violations};

pub(crate) use ask::Asked;
pub(crate) use keeper::Keeper;
pub(crate) use words::{broken, problems};

/// What the doors ask, and what operators change.
#[derive(Debug)]
pub struct Plans {
    store: Store,
    in_force: RwLock<Arc<PlansInForce>>,
    /// Violations that are not written yet.
    counts: Mutex<Counts>,
    /// Whoever drafts over the tables of plans and of the quarantine sits here: versions and numbers are given in such a draft.
    seat: Mutex<()>,
    waiting: Mutex<ask::Waiting>,
}

impl Plans {
    pub(crate) fn load(store: Store) -> Result<Self, StoreError> {
        let in_force = PlansInForce::load(&store, &PlansInForce::default())?;
        let (counts, seat, waiting) = Default::default();
        Ok(Self { store, in_force: RwLock::new(Arc::new(in_force)), counts, seat, waiting })
    }

    pub fn in_force(&self) -> Arc<PlansInForce> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Saves a plan as its next version, and puts it in force. Blocks: schemas are compiled.
    pub fn define(&self, name: &str, text: &str, now: Timestamp) -> Result<u32, DefineError> {
        let seat = self.sit();
        let plan = self.draft_on(&seat, |draft| PlansInForce::define(draft, name, text, now))?;
        self.take_up(&seat)?;
        Ok(plan.version)
    }

    /// Takes a plan out of force; its versions stay.
    pub fn withdraw(&self, name: &str, now: Timestamp) -> Result<(), DefineError> {
        let seat = self.sit();
        self.draft_on(&seat, |draft| PlansInForce::withdraw(draft, name, now))?;
        Ok(self.take_up(&seat)?)
    }

    /// Writes down the violations that were counted since the last time. After a failure they are counted on.
    pub fn write_counts(&self) -> Result<(), StoreError> {
        let counts = std::mem::take(&mut *self.counting());
        if counts.is_empty() {
            return Ok(());
        }
        let written = self.draft(|draft| counts.clone().write(draft));
        if written.is_err() {
            self.counting().merge(counts);
        }
        written
    }

    /// Writes over the tables of plans and of the quarantine, and commits: what is written is on disk afterwards. Blocks, for nobody else does so
    /// meanwhile.
    pub(crate) fn draft<T, E: From<StoreError>>(
        &self,
        write: impl FnOnce(&mut Draft<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.draft_on(&self.sit(), write)
    }

    fn draft_on<T, E: From<StoreError>>(
        &self,
        _: &MutexGuard<'_, ()>,
        write: impl FnOnce(&mut Draft<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut draft = self.store.draft();
        let written = write(&mut draft)?;
        self.store.commit(draft)?;
        Ok(written)
    }

    fn take_up(&self, _: &MutexGuard<'_, ()>) -> Result<(), StoreError> {
        let plans = PlansInForce::load(&self.store, &self.in_force())?;
        *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plans);
        Ok(())
    }

    fn sit(&self) -> MutexGuard<'_, ()> {
        self.seat.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counting(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what may block on a thread for that. A panic goes on where it is waited for.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
}
