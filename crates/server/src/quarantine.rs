//! Events that plans hold back: looked at, mended, replayed once and in order, or given up.

use std::sync::Arc;

use api::{DropRequest, HeldFilter, HeldRow, ReplayReport, ReplayRequest, Stayed};
use collect::plans::{Kind, Problem};
use collect::quarantine::{self, Filter, Held, Mend, Page, Replayed, State, Why};
use kit::Coded;
use lake::journal::{Frames, JournalError};
use model::{Event, Fact};
use store::{Store, StoreError};

use crate::house::House;
use crate::plans::{self, blocking};

/// Events that are held in memory, and that leave the quarantine under one commit.
const EVENTS_AT_ONCE: usize = 500;
const MOST_REASONS: usize = 100;
const MOST_SAMPLES: usize = 5;

/// Returns a page of events, and where the next one begins.
pub fn list(
    house: &House,
    filter: &Filter,
    cursor: Option<&str>,
    limit: usize,
) -> Result<(Vec<HeldRow>, Option<String>), StoreError> {
    let Page { events, next } = quarantine::list(&house.store, filter, cursor, limit)?;
    Ok((events.into_iter().map(row).collect(), next))
}

/// Returns one event.
pub fn get(house: &House, source: &str, number: u64) -> Result<Option<HeldRow>, StoreError> {
    Ok(quarantine::get(&house.store, source, number)?.map(row))
}

/// Takes waiting events out of the quarantine and into the journal, by number, piece by piece.
///
/// Each piece is in the journal before it is marked as replayed. Should the house stop between the two, it is replayed once more, and the walker
/// knows its message ids.
pub async fn replay(house: &Arc<House>, request: ReplayRequest) -> Result<ReplayReport, ReplayError> {
    let replay = Replay {
        which: Which::of(request.numbers, request.filter)?,
        mend: request.mend.as_deref().map(mending).transpose()?,
        source: request.source,
        without_plans: request.without_plans,
        dry_run: request.dry_run,
    };
    let house = house.clone();
    blocking(move || replay.all(&house)).await
}

/// Gives up waiting events; returns how many these were.
pub async fn drop(house: &Arc<House>, request: DropRequest) -> Result<u64, ReplayError> {
    let which = Which::of(request.numbers, request.filter)?;
    let (house, source) = (house.clone(), request.source);
    blocking(move || {
        let mut dropped = 0;
        which.each_piece(&house.store, &source, &mut |numbers| {
            let now = house.clock.now();
            dropped += house.plans.draft(|draft| quarantine::drop(draft, &source, numbers, now))?;
            Ok(())
        })?;
        Ok(dropped)
    })
    .await
}

/// Reads how an event was broken, as queries and filters name it.
pub fn kind_of(word: &str) -> Result<Kind, ReplayError> {
    Kind::of(word).ok_or_else(|| ReplayError::Kind { word: word.to_owned() })
}

/// Reads a state, likewise.
pub fn state_of(word: &str) -> Result<State, ReplayError> {
    State::of(word).ok_or_else(|| ReplayError::State { word: word.to_owned() })
}

/// Which of the events that wait are meant.
enum Which {
    Numbers(Vec<u64>),
    All(Filter),
}

struct Replay {
    source: String,
    which: Which,
    mend: Option<Mend>,
    without_plans: bool,
    dry_run: bool,
}

impl Which {
    fn of(numbers: Option<Vec<u64>>, filter: Option<HeldFilter>) -> Result<Self, ReplayError> {
        match (numbers, filter) {
            (Some(mut numbers), None) => {
                numbers.sort_unstable();
                numbers.dedup();
                Ok(Self::Numbers(numbers))
            }
            (None, Some(HeldFilter { plan, kind, event, message_id })) => {
                let kind = kind.as_deref().map(kind_of).transpose()?;
                let state = Some(State::Waiting);
                Ok(Self::All(Filter { source: None, state, plan, kind, event, message_id }))
            }
            _ => Err(ReplayError::Selection),
        }
    }

    /// Hands out numbers in their order, a piece at a time. What comes into the quarantine meanwhile is not meant.
    fn each_piece(
        &self,
        store: &Store,
        source: &str,
        take: &mut dyn FnMut(&[u64]) -> Result<(), ReplayError>,
    ) -> Result<(), ReplayError> {
        let filter = match self {
            Self::Numbers(numbers) => return numbers.chunks(EVENTS_AT_ONCE).try_for_each(take),
            Self::All(filter) => Filter { source: Some(source.to_owned()), ..filter.clone() },
        };
        let last = quarantine::counts(store, source)?.last_number;
        let mut cursor = None;
        loop {
            let page = quarantine::list(store, &filter, cursor.as_deref(), EVENTS_AT_ONCE)?;
            let numbers: Vec<u64> = page.events.iter().map(|held| held.number).filter(|at| *at <= last).collect();
            take(&numbers)?;
            cursor = page.next;
            if cursor.is_none() || page.events.last().is_some_and(|held| held.number >= last) {
                return Ok(());
            }
        }
    }
}

impl Replay {
    fn all(&self, house: &House) -> Result<ReplayReport, ReplayError> {
        let mut report = ReplayReport { dry_run: self.dry_run, ..ReplayReport::default() };
        self.which.each_piece(&house.store, &self.source, &mut |numbers| {
            let Replayed { events, stayed } = self.piece(house, numbers)?;
            report.replayed += events.len() as u64;
            report.stayed += stayed.len() as u64;
            report.reasons.extend(stayed.into_iter().map(reason).take(MOST_REASONS - report.reasons.len()));
            let samples = if self.dry_run { MOST_SAMPLES - report.samples.len() } else { 0 };
            report.samples.extend(events.iter().take(samples).map(json));
            Ok(())
        })?;
        Ok(report)
    }

    fn piece(&self, house: &House, numbers: &[u64]) -> Result<Replayed, ReplayError> {
        let in_force = house.plans.in_force();
        let plans = (!self.without_plans).then_some(&*in_force);
        let (mend, now) = (self.mend.as_ref(), house.clock.now());
        if self.dry_run {
            let mut draft = house.store.draft();
            return Ok(quarantine::replay(&mut draft, &self.source, numbers, mend, plans, now)?);
        }
        house.plans.draft(|draft| {
            let replayed = quarantine::replay(draft, &self.source, numbers, mend, plans, now)?;
            let mut frames = Frames::default();
            for event in &replayed.events {
                frames.push(&Fact::Event(event.clone()))?;
            }
            house.journal.append_blocking(frames)?;
            Ok(replayed)
        })
    }
}

fn mending(text: &str) -> Result<Mend, ReplayError> {
    let (mend, problems) = Mend::parse(text);
    mend.ok_or(ReplayError::Mend(problems))
}

fn row(held: Held) -> HeldRow {
    let Held { number, event, broken, held_at, state, settled_at } = held;
    HeldRow {
        source: event.source.to_string(),
        number,
        state: state.as_str().to_owned(),
        message_id: event.message_id.clone(),
        kind: event.kind.as_str().to_owned(),
        event: event.label().to_owned(),
        time: event.time.to_string(),
        received_at: event.received_at.to_string(),
        held_at: held_at.to_string(),
        settled_at: settled_at.map(|at| at.to_string()),
        broken: broken.iter().map(plans::broken).collect(),
        body: json(&event),
    }
}

fn reason(stayed: quarantine::Stayed) -> Stayed {
    let number = stayed.number;
    match stayed.why {
        Why::CannotMend(cannot) => {
            Stayed { number, code: cannot.code().to_owned(), message: cannot.to_string(), broken: Vec::new() }
        }
        Why::StillHeld(broken) => Stayed {
            number,
            code: "still_held".to_owned(),
            message: "the plans in force would hold it back again".to_owned(),
            broken: broken.iter().map(plans::broken).collect(),
        },
    }
}

fn json(event: &Event) -> serde_json::Value {
    serde_json::to_value(event).expect("plain data always encodes")
}

/// Why nothing more was replayed, dropped or listed. What was done before stays done.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("either `numbers` or a `filter` is needed (`{{}}` is all that waits)")]
    Selection,
    #[error("`{word}` is no kind of violation (one of: {})", Kind::ALL.map(Kind::as_str).join(", "))]
    Kind { word: String },
    #[error("`{word}` is no state (one of: {})", State::ALL.map(State::as_str).join(", "))]
    State { word: String },
    #[error("the mending file has {} problem(s): {}", .0.len(), summary(.0))]
    Mend(Vec<Problem>),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Coded for ReplayError {
    fn code(&self) -> &'static str {
        match self {
            Self::Selection => "selection_missing",
            Self::Kind { .. } => "kind_unknown",
            Self::State { .. } => "state_unknown",
            Self::Mend(_) => "mend_invalid",
            Self::Store(error) => error.code(),
            Self::Journal(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        match self {
            Self::Store(error) => error.is_retryable(),
            Self::Journal(error) => error.is_retryable(),
            Self::Selection | Self::Kind { .. } | Self::State { .. } | Self::Mend(_) => false,
        }
    }
}

fn summary(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}
