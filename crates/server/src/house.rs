use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use activation::Deliverer;
use audiences::{InForce, Members};
use collect::enrich::Enricher;
use collect::sources::WriteKeys;
use identity::Rules;
use kit::{Clock, Coded};
use lake::journal::{Journal, JournalError, Recovery};
use lake::{Engine, Lake, LakeError};
use model::{Seq, Source};
use store::{Store, StoreError, Table};

use crate::imports::{self, Imports};
use crate::live::Live;
use crate::pending;
use crate::people::Rooms;
use crate::plans::Plans;
use crate::tally::Refusals;

/// Where what is fetched lies while it is read, inside the data folder.
const SCRATCH: &str = "scratch";

/// Everything that the rooms share: the hall. One a process.
#[derive(Debug)]
pub struct House {
    pub dir: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub journal: Journal,
    pub store: Store,
    pub lake: Lake,
    pub engine: Arc<dyn Engine>,
    pub rules: Rules,
    pub live: Live,
    pub refusals: Refusals,
    /// Files that are being brought in.
    pub(crate) imports: Imports,
    /// Adds to events what can be known at the door.
    pub enricher: Enricher,
    /// Tracking plans, and the draft over the quarantine.
    pub plans: Arc<Plans>,
    /// For how many days the way of a message is kept; for ever where it is `None`.
    pub trace_days: Option<u32>,
    /// What opening the journal found.
    pub recovery: Recovery,
    pub(crate) marks: pending::Numbers,
    /// Whether events come in over HTTP.
    doors_are_open: AtomicBool,
    /// Why the walker cannot go on: a code.
    walker_trouble: RwLock<Option<&'static str>>,
    pub(crate) write_keys: RwLock<WriteKeys>,
    pub(crate) in_force: RwLock<Arc<InForce>>,
    pub(crate) members: RwLock<Members>,
    /// Serialises what lays views down: one at a time is enough, and the second finds the work done.
    pub(crate) shelf: Mutex<crate::shelf::Laid>,
}

/// How a house is opened.
#[derive(Debug)]
pub struct Options {
    pub dir: PathBuf,
    pub clock: Arc<dyn Clock>,
    pub engine: Arc<dyn Engine>,
    /// Rules for identifiers to put in force; those in force stay when `None`.
    pub identity: Option<Rules>,
    pub journal: lake::journal::Options,
    pub enricher: Enricher,
    /// For how many days the way of a message through the rooms is kept for `sonder trace`; none is forgotten where it is `None`.
    pub trace_days: Option<u32>,
    /// Throws the views and the lake away first, so that the journal is walked again from its first fact.
    pub rebuild: bool,
}

/// Every table of keyed state, by the room that writes it.
pub fn tables() -> Vec<&'static Table> {
    let rooms: [&[&'static Table]; 7] = [
        collect::TABLES,
        identity::TABLES,
        profiles::TABLES,
        consent::TABLES,
        audiences::TABLES,
        activation::TABLES,
        crate::TABLES,
    ];
    rooms.concat()
}

impl House {
    /// Opens the data folder, or makes it. Walking on from where the views are is the walker's work.
    pub fn open(options: Options) -> Result<Arc<Self>, OpenError> {
        let dir = options.dir;
        std::fs::create_dir_all(&dir).map_err(|error| OpenError::Folder(dir.clone(), error))?;
        let store = Store::open(&dir.join("state"), &tables())?;
        let rules = put_rules_in_force(&store, options.identity)?;
        let (journal, recovery) = Journal::open(&dir.join("journal"), options.journal)?;
        empty_scratch(&dir.join(SCRATCH));
        let lake = Lake::open(&dir.join("lake"))?;
        if options.rebuild {
            store.drop_views()?;
            lake.clear()?;
        }
        check_journal(&journal, store.applied()?.max(lake.facts_through()))?;
        // Views that are to be rebuilt may number identifiers otherwise: what the lake holds of them goes too.
        if store.applied()? == 0 && lake.facts_through() > 0 {
            lake.clear()?;
        }
        imports::sweep(&dir);
        let marks = pending::Numbers::load(&store)?;
        if store.applied()? == 0 {
            let mut draft = store.draft();
            pending::mark_reconciling(&mut draft, &marks);
            store.commit(draft)?;
        }
        let write_keys = WriteKeys::load(&store)?;
        let plans = Arc::new(Plans::load(store.clone())?);
        let in_force = InForce::load(&store)?;
        let members = Members::load(&store)?;
        Ok(Arc::new(Self {
            dir,
            clock: options.clock,
            journal,
            store,
            lake,
            engine: options.engine,
            rules,
            live: Live::default(),
            refusals: Refusals::default(),
            imports: Imports::default(),
            enricher: options.enricher,
            plans,
            trace_days: options.trace_days,
            recovery,
            marks,
            doors_are_open: AtomicBool::new(false),
            walker_trouble: RwLock::default(),
            write_keys: RwLock::new(write_keys),
            in_force: RwLock::new(Arc::new(in_force)),
            members: RwLock::new(members),
            shelf: Mutex::default(),
        }))
    }

    /// The source that a write key belongs to.
    pub fn source_of(&self, write_key: &str) -> Option<Source> {
        self.write_keys.read().unwrap_or_else(PoisonError::into_inner).source_of(write_key).cloned()
    }

    /// Whether answers to a source may tell who a person is.
    pub fn tells_profiles(&self, source: &str) -> Result<bool, StoreError> {
        let definition = collect::sources::definition(&self.store, source)?;
        Ok(definition.is_some_and(|definition| definition.options.tells_profiles))
    }

    /// Takes up the sources as they are now.
    pub fn take_up_sources(&self) -> Result<(), StoreError> {
        let write_keys = WriteKeys::load(&self.store)?;
        *self.write_keys.write().unwrap_or_else(PoisonError::into_inner) = write_keys;
        Ok(())
    }

    /// Notes that the doors are open: appends are answered from this runtime, and the walker stands back behind them.
    pub fn open_doors(self: &Arc<Self>) {
        self.journal.answer_from_here();
        let house = self.clone();
        tokio::task::spawn_blocking(move || house.enricher.warm());
        self.doors_are_open.store(true, Ordering::Relaxed);
    }

    pub(crate) fn doors_are_open(&self) -> bool {
        self.doors_are_open.load(Ordering::Relaxed)
    }

    /// Notes why the walker cannot go on, or that it can.
    pub(crate) fn walker_fails(&self, code: Option<&'static str>) {
        if self.walker_trouble() != code {
            *self.walker_trouble.write().unwrap_or_else(PoisonError::into_inner) = code;
        }
    }

    /// The code of what keeps the walker from going on; it tries again each second.
    pub fn walker_trouble(&self) -> Option<&'static str> {
        *self.walker_trouble.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The audiences in force.
    pub fn in_force(&self) -> Arc<InForce> {
        self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the members' bitmaps.
    pub fn with_members<T>(&self, ask: impl FnOnce(&Members) -> T) -> T {
        ask(&self.members.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns what sends the deliveries that are due.
    pub fn deliverer(self: &Arc<Self>) -> Deliverer {
        let context = activation::Context::new(self.dir.join("deliveries"));
        Deliverer::new(self.store.clone(), Arc::new(Rooms), self.clock.clone(), context)
    }

    /// Facts that are durable but not yet in the views.
    pub fn waiting(&self) -> Result<u64, StoreError> {
        Ok(self.journal.durable_seq().saturating_sub(self.store.applied()?))
    }

    pub fn quarantine_dir(&self) -> PathBuf {
        self.dir.join("quarantine")
    }

    /// Where files lie that are sent to the house, until they are in.
    pub(crate) fn uploads_dir(&self) -> PathBuf {
        imports::uploads_dir(&self.dir)
    }

    /// Where what is fetched lies while it is read.
    pub fn scratch_dir(&self) -> PathBuf {
        self.dir.join(SCRATCH)
    }

    pub fn path(&self) -> &Path {
        &self.dir
    }
}

/// Pulls that died with an earlier process may have left files; nobody else has the folder open now.
fn empty_scratch(dir: &Path) {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(%error, "what earlier pulls left in the scratch folder cannot be removed");
        }
        _ => {}
    }
}

/// The views cannot know more than the journal: then a part of it is lost, and new facts would take numbers that the views have passed.
fn check_journal(journal: &Journal, known: Seq) -> Result<(), OpenError> {
    let durable = journal.durable_seq();
    if known > durable { Err(OpenError::JournalBehind { durable, known }) } else { Ok(()) }
}

fn put_rules_in_force(store: &Store, rules: Option<Rules>) -> Result<Rules, StoreError> {
    if let Some(rules) = rules {
        let mut draft = store.draft();
        let changed = rules.put_in_force(&mut draft)?;
        // Together: no crash leaves views of other rules than those in force.
        if changed { store.commit_and_drop_views(draft)? } else { store.commit(draft)? }
    }
    Rules::in_force(store)
}

/// Why a data folder cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data folder `{}` cannot be made: {}", .0.display(), .1)]
    Folder(PathBuf, std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Lake(#[from] LakeError),
    #[error(
        "the journal ends at fact {durable}, but the views know fact {known}: a part of the journal is lost (put it back, or give up what it \
         held with `sonder rebuild`)"
    )]
    JournalBehind { durable: Seq, known: Seq },
}

impl Coded for OpenError {
    fn code(&self) -> &'static str {
        match self {
            Self::Folder(..) => "data_folder_unusable",
            Self::Store(error) => error.code(),
            Self::Journal(error) => error.code(),
            Self::Lake(error) => error.code(),
            Self::JournalBehind { .. } => "journal_behind_views",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_two_rooms_write_tables_of_one_name() {
        let tables = super::tables();
        let names: BTreeSet<_> = tables.iter().map(|table| table.name).collect();
        assert_eq!(names.len(), tables.len());
    }
}
