use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use collect::quarantine;
use kit::{Coded, DAY_MS, Timestamp};
use store::StoreError;

use crate::house::House;

const WRITE_EVERY: Duration = Duration::from_secs(2);
const SWEEP_EVERY_MS: i64 = DAY_MS;
/// How long events that were replayed or dropped, and removed fields, can still be looked up.
const KEPT_MS: i64 = 30 * DAY_MS;
/// Rows that are swept under one commit.
const ROWS_AT_ONCE: usize = 1_000;

/// Writes the counts of violations every few seconds, and once a day sweeps out of the quarantine what was settled long ago. Dropping it writes
/// what was counted last.
#[derive(Debug)]
pub(crate) struct Keeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub fn start(house: Arc<House>) -> std::io::Result<Self> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("plans".to_owned()).spawn(move || {
            let mut swept_at = None;
            tell(turn(&house, &mut swept_at));
            while stopped.recv_timeout(WRITE_EVERY) == Err(RecvTimeoutError::Timeout) {
                tell(turn(&house, &mut swept_at));
            }
            tell(house.plans.write_counts());
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn turn(house: &House, swept_at: &mut Option<Timestamp>) -> Result<(), StoreError> {
    house.plans.write_counts()?;
    let now = house.clock.now();
    if swept_at.is_none_or(|swept_at| now.since_ms(swept_at) >= SWEEP_EVERY_MS) {
        sweep(house, now.minus_ms(KEPT_MS))?;
        *swept_at = Some(now);
    }
    Ok(())
}

/// Looks without a draft, so that doors wait for a piece at most.
fn sweep(house: &House, before: Timestamp) -> Result<(), StoreError> {
    loop {
        let stale = quarantine::stale(&house.store, before, ROWS_AT_ONCE)?;
        if stale.is_empty() {
            return Ok(());
        }
        house.plans.draft(|draft| quarantine::sweep(draft, stale))?;
    }
}

fn tell(done: Result<(), StoreError>) {
    if let Err(error) = done {
        tracing::error!(error = %error, code = error.code(), "counts of violations cannot be written, or the quarantine not swept");
    }
}
