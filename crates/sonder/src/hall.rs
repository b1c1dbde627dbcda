//! Opening the data folder, for a server or for one question.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use collect::enrich::{self, Enricher};
use identity::Rules;
use kit::{Clock, Coded, SystemClock};
use server::{House, OpenError, Options, Walker};
use store::StoreError;

/// Memory that one SQL question may take before it spills or is refused.
const ENGINE_BYTES: usize = 1 << 30;

/// An open house and its walker.
pub struct Hall {
    pub house: Arc<House>,
    pub walker: Arc<Walker>,
}

impl Hall {
    /// Opens the data folder and starts walking.
    pub fn open(dir: &Path, clock: Arc<dyn Clock>, identity: Option<Rules>) -> anyhow::Result<Self> {
        Self::for_events(dir, clock, identity, Enricher::new(enrich::Options::default(), None), None)
    }

    /// The same, for a server whose doors add to events what can be known there, and which keeps their ways for so many days.
    pub fn for_events(
        dir: &Path,
        clock: Arc<dyn Clock>,
        identity: Option<Rules>,
        enricher: Enricher,
        trace_days: Option<u32>,
    ) -> anyhow::Result<Self> {
        Self::walking(open_house(dir, Opening { clock, identity, enricher, trace_days, rebuild: false })?)
    }

    /// Opens the data folder and walks its journal again from the first fact.
    pub fn rebuild(dir: &Path) -> anyhow::Result<Self> {
        let enricher = Enricher::new(enrich::Options::default(), None);
        let clock = Arc::new(SystemClock);
        let opening = Opening { clock, identity: None, enricher, trace_days: None, rebuild: true };
        Self::walking(open_house(dir, opening)?)
    }

    fn walking(house: Arc<House>) -> anyhow::Result<Self> {
        let walker = Arc::new(Walker::start(house.clone())?);
        Ok(Self { house, walker })
    }

    /// Opens the folder for one question; the views are brought up to date first.
    pub async fn for_a_question(dir: &Path) -> anyhow::Result<Self> {
        if !dir.join("state").exists() {
            anyhow::bail!(
                "there is no data folder `{}` (name it with `--data`, or start with `sonder demo`)",
                dir.display()
            );
        }
        let hall = Self::open(dir, Arc::new(SystemClock), None)?;
        hall.catch_up().await;
        Ok(hall)
    }

    /// Returns once everything durable is in the views.
    pub async fn catch_up(&self) {
        self.walker.wait_for(self.house.journal.durable_seq()).await;
    }
}

/// How a folder is opened.
struct Opening {
    clock: Arc<dyn Clock>,
    identity: Option<Rules>,
    enricher: Enricher,
    trace_days: Option<u32>,
    rebuild: bool,
}

fn open_house(dir: &Path, opening: Opening) -> anyhow::Result<Arc<House>> {
    let Opening { clock, identity, enricher, trace_days, rebuild } = opening;
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let engine = Arc::new(engine::Local::new(threads, ENGINE_BYTES)?);
    let journal = lake::journal::Options { clock: clock.clone(), ..lake::journal::Options::default() };
    let dir = dir.to_owned();
    Ok(House::open(Options { dir, clock, engine, identity, journal, enricher, trace_days, rebuild })?)
}

/// Whether opening failed because a server has the folder.
pub fn is_locked(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<OpenError>() {
        Some(OpenError::Store(StoreError::Locked(_))) => true,
        Some(error) => error.code() == "data_folder_locked",
        None => false,
    }
}

/// Reads rules for identifiers from a file.
pub fn read_rules(path: &Path) -> anyhow::Result<Rules> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    parse_rules(&text).with_context(|| format!("`{}` does not hold rules for identifiers", path.display()))
}

pub fn parse_rules(text: &str) -> anyhow::Result<Rules> {
    Ok(serde_saphyr::from_str(text)?)
}
