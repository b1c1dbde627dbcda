//! Questions that more than one door asks: the routes and the command line.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::{ImportReport, NewDestination, Preview, Problem as RuleProblem, Refused, RulePart, SqlAnswer, Why};
use audiences::DefineError;
use collect::files::{self, ImportContext, Mapping, Quarantine, Row, RowError};
use kit::Coded;
use lake::journal::{Frames, JournalError};
use lake::{EngineError, Question};
use lang::{Evidence, Explanation, Parsed};
use model::{Fact, ProfileId};
use profiles::PersonView;
use store::StoreError;

use crate::house::House;
use crate::imports::ImportId;
use crate::pending;
use crate::shelf::{self, ShelfError};

/// How long a preview may take.
pub const PREVIEW_DEADLINE: Duration = Duration::from_secs(60);
/// Rows that an SQL answer brings at most over HTTP.
pub(crate) const SQL_ROWS: usize = 10_000;

/// Returns the exact size of a rule over all history that the views have reached, or the problems of its text.
pub async fn preview(house: &Arc<House>, rule: &str) -> Result<Preview, AskError> {
    let started = Instant::now();
    let now = house.clock.now();
    let of = u64::from(identity::totals(&house.store)?.profiles);
    let in_force = house.in_force();
    let parsed = lang::parse(rule);
    let mut problems = parsed.problems.clone();
    if problems.is_empty() {
        problems = Parsed::check_references(&parsed, "", &*in_force);
    }
    let preview = Preview {
        size: None,
        of,
        rule: parsed.rule.as_ref().map(ToString::to_string),
        as_of: now.to_string(),
        took_ms: 0.0,
        problems: problems.into_iter().map(wire_problem).collect(),
        sql: None,
    };
    let Some(rule) = parsed.rule.filter(|_| preview.problems.is_empty()) else { return Ok(preview) };
    let sql = lang::plan(&rule, &*in_force, now).count_sql();
    let snapshot = shelf::laid(house).await?;
    let answer = house.engine.query(&snapshot, Question::new(&sql, PREVIEW_DEADLINE).joined_as_written()).await?;
    let size = answer.value().and_then(|value| value.as_u64());
    Ok(Preview { size, took_ms: millis(started), sql: Some(sql), ..preview })
}

/// Runs one read-only statement over the lake as it is now, for all rows or somewhat more than `most_rows`.
pub async fn sql(
    house: &Arc<House>,
    statement: &str,
    most_rows: Option<usize>,
) -> Result<(lake::Answer, f64), AskError> {
    let started = Instant::now();
    let snapshot = shelf::laid(house).await?;
    let answer =
        house.engine.query(&snapshot, Question { most_rows, ..Question::new(statement, PREVIEW_DEADLINE) }).await?;
    Ok((answer, millis(started)))
}

pub(crate) fn wire_answer(answer: &lake::Answer, took_ms: f64) -> SqlAnswer {
    let mut rows = answer.to_objects();
    let truncated = rows.len() > SQL_ROWS;
    rows.truncate(SQL_ROWS);
    let columns = answer.columns().into_iter().map(str::to_owned).collect();
    let rows = rows.into_iter().map(serde_json::Value::Object).collect();
    SqlAnswer { columns, rows, truncated, took_ms }
}

/// Writes an audience down; the walker then asks it about everyone.
pub fn define(house: &House, name: &str, rule: &str, description: &str) -> Result<audiences::Audience, DefineError> {
    let mut draft = house.store.draft();
    let in_force = audiences::InForce::load(&house.store)?;
    let audience = in_force.define(&mut draft, name, rule, description, house.clock.now())?;
    in_force.asking(name).iter().for_each(|asking| pending::mark(&mut draft, &house.marks, asking));
    house.store.commit(draft)?;
    Ok(audience)
}

/// Takes an audience away; the walker then takes everyone out of it. Refused while another audience asks for it.
pub fn undefine(house: &House, name: &str) -> Result<(), DefineError> {
    let mut draft = house.store.draft();
    audiences::InForce::load(&house.store)?.remove(&mut draft, name)?;
    pending::mark(&mut draft, &house.marks, name);
    house.store.commit(draft)?;
    Ok(())
}

/// Writes a destination down; the walker then looks at everyone in its audience.
pub fn follow(house: &House, new: NewDestination) -> Result<activation::Definition, activation::Error> {
    let mut draft = house.store.draft();
    let audience = new.audience.clone();
    let NewDestination { name, kind, audience: _, events, purpose, options } = new;
    let events = events.map(|api::FollowedEvents { names, sources }| activation::Events { names, sources });
    let purpose = consent::canonical(&purpose);
    let definition = activation::NewDefinition { name, kind, audience: audience.clone(), events, purpose, options };
    let definition = activation::create(&mut draft, definition, house.clock.now())?;
    if !audience.is_empty() {
        pending::mark(&mut draft, &house.marks, &audience);
    }
    house.store.commit(draft)?;
    Ok(definition)
}

/// Returns why a profile is, or is not, in an audience, with the evidence for each part of the rule.
pub fn why(house: &House, audience: &str, profile: ProfileId) -> Result<Option<Why>, StoreError> {
    let in_force = house.in_force();
    let Some(definition) = in_force.get(audience) else { return Ok(None) };
    let read = house.store.snapshot();
    let view = PersonView::load(&read, &identity::members(&read, profile)?, &in_force.labels())?;
    let tree = lang::explain(&definition.rule, &*in_force, &view, house.clock.now());
    Ok(Some(Why {
        profile: profile.to_string(),
        audience: audience.to_owned(),
        member: tree.holds,
        changes_at: tree.changes_at.map(|at| at.to_string()),
        tree: rule_part(tree),
    }))
}

/// Facts that are appended with one wait for the disk.
const FACTS_AT_ONCE: u64 = 2_000;
/// Refused rows that a report shows; all of them are in quarantine.
const SAMPLES: usize = 5;

/// Reads a file into the journal, as the import `id`. Rows that cannot be read are kept in quarantine and never stop the rest.
pub(crate) fn read_in(
    house: &House,
    path: &std::path::Path,
    mapping: &Mapping,
    id: &ImportId,
    progress: &mut dyn FnMut(files::Progress),
) -> Result<ImportReport, AskError> {
    let (source, received_at) = (id.source.as_str(), id.started_at);
    let context = ImportContext::new(source.into(), received_at);
    let mut import = files::open(path, mapping, context)?;
    let name = id.quarantine_file();
    let mut quarantine = Quarantine::at(house.quarantine_dir().join(&name));
    let mut report = ImportReport {
        id: id.to_string(),
        source: source.to_owned(),
        rows: 0,
        facts: 0,
        skipped: 0,
        refused: 0,
        quarantine: None,
        samples: Vec::new(),
    };
    let (mut frames, mut events) = (Frames::default(), 0);
    while let Some(row) = import.next() {
        report.rows += 1;
        match row {
            Row::Fact(fact) => {
                events += u64::from(matches!(*fact, Fact::Event(_)));
                frames.push(&marked(*fact))?;
                report.facts += 1;
            }
            Row::Skipped => report.skipped += 1,
            Row::Refused(error) => {
                report.refused += 1;
                if report.samples.len() < SAMPLES {
                    report.samples.push(sample(&error));
                }
                quarantine.keep(&error)?;
            }
        }
        if frames.count() >= FACTS_AT_ONCE {
            house.journal.append_blocking(std::mem::take(&mut frames))?;
            progress(import.progress());
        }
    }
    if frames.count() > 0 {
        house.journal.append_blocking(frames)?;
    }
    quarantine.finish()?;
    report.quarantine = (report.refused > 0).then(|| format!("quarantine/{name}"));
    if report.refused > 0 {
        house.refusals.refused(source, report.refused, received_at);
    }
    house.refusals.accepted(events, received_at);
    Ok(report)
}

/// A fact that enters by no door, in the house's words for what may be done.
pub(crate) fn marked(fact: Fact) -> Fact {
    match fact {
        Fact::Event(mut event) => {
            consent::mark(&mut event);
            Fact::Event(event)
        }
        Fact::Record(mut record) => {
            consent::mark_record(&mut record);
            Fact::Record(record)
        }
        link @ Fact::Link(_) => link,
    }
}

fn sample(error: &RowError) -> Refused {
    Refused { index: error.line, message_id: None, code: error.code.to_owned(), message: error.message.clone() }
}

fn rule_part(part: Explanation) -> RulePart {
    RulePart {
        text: part.text,
        holds: part.holds,
        evidence: part.evidence.into_iter().map(evidence_words).collect(),
        children: part.children.into_iter().map(rule_part).collect(),
    }
}

fn evidence_words(evidence: Evidence) -> String {
    match evidence {
        Evidence::Trait { name, value: Some(value) } => format!("{name} is {value}"),
        Evidence::Trait { name, value: None } => format!("{name} is not known"),
        Evidence::Count { event, found } => format!("{found} × {event}"),
        Evidence::Event { seq, time } => format!("fact {seq} at {time}"),
        Evidence::Audience { name, is_known: true } => format!("asked as audience {name}"),
        Evidence::Audience { name, is_known: false } => format!("there is no audience {name}"),
    }
}

fn wire_problem(problem: lang::Problem) -> RuleProblem {
    RuleProblem {
        start: problem.at.start as u64,
        end: problem.at.end as u64,
        code: problem.code.to_owned(),
        message: problem.message,
        alternatives: problem.alternatives.iter().map(ToString::to_string).collect(),
    }
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Shelf(#[from] ShelfError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    File(#[from] files::OpenError),
    #[error("the quarantine file cannot be written: {0}")]
    Quarantine(#[from] std::io::Error),
}

impl Coded for AskError {
    fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Shelf(error) => error.code(),
            Self::Engine(error) => error.code(),
            Self::Journal(error) => error.code(),
            Self::File(error) => error.code(),
            Self::Quarantine(_) => "quarantine_unwritable",
        }
    }

    fn is_retryable(&self) -> bool {
        match self {
            Self::Store(error) => error.is_retryable(),
            Self::Shelf(error) => error.is_retryable(),
            Self::Journal(error) => error.is_retryable(),
            Self::Engine(_) | Self::File(_) | Self::Quarantine(_) => false,
        }
    }
}
