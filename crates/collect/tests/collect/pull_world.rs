//! A world for pulls: a store, a keeper of facts that can be told to fail, and what the facts come to.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use collect::pull::{self, Desk, KeepError, Keeper, Progress, Pull, PullError, Report};
use futures_util::future::BoxFuture;
use kit::{Clock, ManualClock, Timestamp};
use model::{Change, Fact};
use store::Store;
use tokio::sync::Notify;

pub struct World {
    pub folder: tempfile::TempDir,
    pub store: Store,
    pub clock: ManualClock,
    pub kept: Kept,
    pub heard: Mutex<Vec<Progress>>,
}

/// Keeps facts as a journal does.
#[derive(Default)]
pub struct Kept {
    pub facts: Mutex<Vec<Fact>>,
    /// The sizes of the portions.
    pub portions: Mutex<Vec<usize>>,
    /// After so many portions facts are kept, but nobody ever hears of it.
    pub silent_after: Mutex<Option<usize>>,
    pub fell_silent: Arc<Notify>,
    /// Facts are counted and not held.
    pub only_counts: bool,
    pub most_memory_bytes: Mutex<u64>,
}

impl Keeper for Kept {
    fn keep(&self, facts: Vec<Fact>) -> BoxFuture<'_, Result<(), KeepError>> {
        let is_silent = self.take_in(facts);
        Box::pin(async move {
            if is_silent {
                self.fell_silent.notify_one();
                std::future::pending::<()>().await;
            }
            Ok(())
        })
    }
}

impl Kept {
    /// Keeps facts; returns whether nobody is to hear of it.
    fn take_in(&self, facts: Vec<Fact>) -> bool {
        let mut portions = self.portions.lock().expect("nobody panicked");
        portions.push(facts.len());
        if self.only_counts {
            let mut most = self.most_memory_bytes.lock().expect("nobody panicked");
            *most = memory_bytes().max(*most);
        } else {
            self.facts.lock().expect("nobody panicked").extend(facts);
        }
        self.silent_after.lock().expect("nobody panicked").is_some_and(|after| portions.len() > after)
    }
}

impl World {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            store: Store::in_memory(collect::TABLES),
            clock: ManualClock::at(Timestamp::parse("2026-11-24T12:00:00Z").expect("a time")),
            kept: Kept::default(),
            heard: Mutex::default(),
        }
    }

    pub async fn run(&self, pull: &Pull) -> Result<Report, PullError> {
        self.at_desk(async |desk| pull::run(pull, desk).await).await
    }

    pub async fn dry_run(&self, pull: &Pull) -> Result<Report, PullError> {
        self.at_desk(async |desk| pull::dry_run(pull, desk).await).await
    }

    /// Runs until a portion is durable that nobody is told of, and dies there.
    pub async fn die_after(&self, pull: &Pull, portions: usize) {
        let so_far = self.kept.portions.lock().expect("nobody panicked").len();
        *self.kept.silent_after.lock().expect("nobody panicked") = Some(so_far + portions);
        tokio::select! {
            outcome = self.run(pull) => panic!("the run ended: {outcome:?}"),
            () = self.kept.fell_silent.notified() => {}
        }
        *self.kept.silent_after.lock().expect("nobody panicked") = None;
    }

    async fn at_desk<T>(&self, work: impl AsyncFnOnce(&Desk<'_>) -> T) -> T {
        let (quarantine, scratch) = (self.quarantine_dir(), self.folder.path().join("scratch"));
        let progress = |progress: &Progress| self.heard.lock().expect("nobody panicked").push(progress.clone());
        let desk = Desk {
            store: &self.store,
            keeper: &self.kept,
            clock: &self.clock,
            quarantine_dir: &quarantine,
            scratch_dir: &scratch,
            progress: &progress,
        };
        work(&desk).await
    }

    pub fn clock_ms(&self) -> u64 {
        u64::try_from(self.clock.now().as_ms()).expect("after 1970")
    }

    pub fn quarantine_dir(&self) -> PathBuf {
        self.folder.path().join("quarantine")
    }

    /// The rows that the last run refused, as they are downloaded.
    pub fn errors(&self, pull: &Pull) -> String {
        let state = pull::state(&self.store, &pull.name).expect("a state");
        let name = state.runs[0].errors.as_ref().expect("a file");
        std::fs::read_to_string(self.quarantine_dir().join(name)).expect("a file")
    }

    /// Returns what was kept since the last time, one line a fact.
    pub fn told(&self) -> String {
        let facts = std::mem::take(&mut *self.kept.facts.lock().expect("nobody panicked"));
        let mut lines: Vec<_> = facts.iter().map(line).collect();
        lines.sort();
        lines.join("\n")
    }

    /// What all facts come to, as a house would see it: of a record the latest version, of equal ones the later; of a message the first.
    pub fn comes_to(&self) -> BTreeMap<String, String> {
        let mut seen: BTreeMap<String, (Timestamp, bool, String)> = BTreeMap::new();
        for fact in self.kept.facts.lock().expect("nobody panicked").iter() {
            match fact {
                Fact::Record(record) => {
                    let traits = record.traits.as_ref().map_or("-", model::Raw::text).to_owned();
                    let is_there = record.change == Change::Upsert;
                    let held = seen.get(&record.key);
                    if held.is_none_or(|(version, ..)| *version <= record.version) {
                        seen.insert(record.key.clone(), (record.version, is_there, traits));
                    }
                }
                Fact::Event(event) => {
                    let properties = event.properties.as_ref().map_or("-", model::Raw::text).to_owned();
                    seen.entry(event.message_id.clone()).or_insert((event.time, true, properties));
                }
                Fact::Link(_) => panic!("no pull makes links"),
            }
        }
        seen.into_iter().filter(|(_, (_, is_there, _))| *is_there).map(|(key, (.., said))| (key, said)).collect()
    }
}

pub fn parsed(text: &str) -> Pull {
    let (pull, problems) = Pull::parse(text);
    pull.unwrap_or_else(|| panic!("{problems:?}"))
}

/// The figures of a report that are not zero.
pub fn figures(report: &Report) -> String {
    let figures = [
        ("rows", report.rows),
        ("events", report.events),
        ("records", report.records),
        ("deletes", report.deletes),
        ("unchanged", report.unchanged),
        ("skipped", report.skipped),
        ("refused", report.refused),
        ("files", report.files),
        ("files refused", report.files_refused),
        ("files waiting", report.files_waiting),
    ];
    let shown = figures.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}"));
    shown.collect::<Vec<_>>().join(", ")
}

pub fn memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")).and_then(|kib| kib.trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1_024
}

fn line(fact: &Fact) -> String {
    let ids: Vec<_> = fact.identifiers().iter().map(ToString::to_string).collect();
    let ids = ids.join("+");
    match fact {
        Fact::Record(record) => {
            let traits = record.traits.as_ref().map_or("-", model::Raw::text);
            format!("{:?} {} at {} of {ids} {traits}", record.change, record.key, record.version)
        }
        Fact::Event(event) => {
            let properties = event.properties.as_ref().map_or("-", model::Raw::text);
            format!("{} at {} of {ids} {properties}", event.label(), event.time)
        }
        Fact::Link(_) => "link".to_owned(),
    }
}
