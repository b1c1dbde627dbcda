use std::path::Path;

use futures_util::future::BoxFuture;
use kit::{Clock, Coded};
use model::Fact;
use store::Store;

use super::Progress;

/// Where facts go. The house's is the journal.
pub trait Keeper: Send + Sync {
    /// Returns once all of them are durable; after an error none or some may be.
    fn keep(&self, facts: Vec<Fact>) -> BoxFuture<'_, Result<(), KeepError>>;
}

/// Why facts were not kept.
pub type KeepError = Box<dyn Coded + Send + Sync>;

/// What a run works with.
pub struct Desk<'d> {
    pub store: &'d Store,
    pub keeper: &'d dyn Keeper,
    pub clock: &'d dyn Clock,
    /// Where rows that cannot be read are kept, a file a run.
    pub quarantine_dir: &'d Path,
    /// Where files from elsewhere lie while they are read. What a run that died left there may be removed by whoever owns the folder.
    pub scratch_dir: &'d Path,
    /// Hears how far the run has come, some times a second.
    pub progress: &'d (dyn Fn(&Progress) + Send + Sync),
}

impl std::fmt::Debug for Desk<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}
