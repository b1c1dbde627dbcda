//! What the walker lets go of once it is old: remembered message ids, and the ways of messages.

use collect::{seen, ways};
use kit::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use store::StoreError;

use crate::house::House;

/// How often the store hears that ids may go: it waits for the disk each time.
const LET_GO_EVERY_MS: i64 = HOUR_MS;
const LOOK_EVERY_MS: i64 = MINUTE_MS;
/// Ways that are forgotten in one turn: more than a turn brings.
const WAYS_AT_ONCE: usize = 4_096;

/// How far forgetting has come in this process.
#[derive(Debug)]
pub(crate) struct Forgetting {
    let_go_at: Timestamp,
    look_again_at: Timestamp,
}

impl Forgetting {
    pub fn start() -> Self {
        Self { let_go_at: Timestamp::MIN, look_again_at: Timestamp::MIN }
    }

    /// Does one piece, and returns whether there is more to do. `now` is the walker's time.
    pub fn go_on(&mut self, house: &House, now: Timestamp) -> Result<bool, StoreError> {
        self.let_ids_go(house)?;
        let Some(days) = house.trace_days.filter(|_| now >= self.look_again_at) else { return Ok(false) };
        let has_more = forget_ways(house, now.minus_ms(i64::from(days) * DAY_MS))?;
        if !has_more {
            self.look_again_at = now.plus_ms(LOOK_EVERY_MS);
        }
        Ok(has_more)
    }

    /// By the journal's time alone: a clock that is wrong while nothing comes takes no id away.
    fn let_ids_go(&mut self, house: &House) -> Result<(), StoreError> {
        let time = seen::journal_time(&house.store)?;
        if time.since_ms(self.let_go_at) >= LET_GO_EVERY_MS {
            house.store.let_go(time)?;
            self.let_go_at = time;
        }
        Ok(())
    }
}

/// Forgets the oldest ways that were walked before a time, and returns whether there may be more of them.
fn forget_ways(house: &House, before: Timestamp) -> Result<bool, StoreError> {
    let mut draft = house.store.draft();
    let forgotten = ways::forget_before(&mut draft, before, WAYS_AT_ONCE)?;
    if forgotten > 0 {
        house.store.commit(draft)?;
    }
    Ok(forgotten == WAYS_AT_ONCE)
}
