use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use fjall::compaction::filter::{CompactionFilter, CompactionFilterResult, Context, Factory, ItemAccessor, Verdict};

use crate::key::read_u32;

/// Takes rows that have passed out of the tables while they are compacted anyway: no scan, no tombstone, no write of its own.
#[derive(Debug, Clone, Default)]
pub(crate) struct Passing(Arc<AtomicU32>);

impl Passing {
    /// From now on rows that mean nothing any more from this second on, or earlier, may go.
    pub fn let_go(&self, until: u32) {
        self.0.store(until, Ordering::Relaxed);
    }
}

impl Factory for Passing {
    fn name(&self) -> &str {
        "passing"
    }

    fn make_filter(&self, _: &Context) -> Box<dyn CompactionFilter> {
        Box::new(Sieve { until: self.0.load(Ordering::Relaxed) })
    }
}

struct Sieve {
    until: u32,
}

impl CompactionFilter for Sieve {
    /// A row is destroyed without a tombstone. Should an older row of the same key come to light, it has passed as well: see `Keep::Passing`.
    fn filter_item(&mut self, item: ItemAccessor<'_>, _: &Context) -> CompactionFilterResult {
        let has_passed = read_u32(&item.value()?, 0).is_some_and(|until| until <= self.until);
        Ok(if has_passed { Verdict::Destroy } else { Verdict::Keep })
    }
}
