//! Pulls in words of the wire, for routes and for the command line.

use api::{PullDetail, PullProgress, PullReport, PullRow, PullRun, PullSample};
use collect::pull::{self, Ended, Progress, Pull, Report, RunRecord, Sample, Saved};
use store::StoreError;

use crate::{House, Pulls};

/// A pull and how it fares. `pulls` knows what is under way; without it nothing is.
pub fn row(house: &House, pulls: Option<&Pulls>, pull: &Pull, saved: &Saved) -> Result<PullRow, StoreError> {
    let state = pull::state(&house.store, &pull.name)?;
    let is_running = pulls.is_some_and(|pulls| pulls.is_running(&pull.name));
    let word = match state.runs.first().map(|run| &run.ended) {
        _ if is_running => "running",
        Some(Ended::Failed { .. }) => "failing",
        Some(Ended::Well) => "idle",
        None => "waiting",
    };
    Ok(PullRow {
        name: pull.name.clone(),
        source: pull.source.clone(),
        kind: pull.origin.kind().to_owned(),
        place: pull.origin.place(),
        state: word.to_owned(),
        schedule: pull.schedule.as_ref().map(ToString::to_string),
        due_at: pull::due_at(pull, saved, &state).map(|at| at.to_string()),
        created_at: saved.created_at.to_string(),
        progress: pulls.and_then(|pulls| pulls.progress(&pull.name)).map(progress),
        last_run: state.runs.first().map(run_row),
    })
}

/// A pull with its last runs.
pub fn detail(house: &House, pulls: Option<&Pulls>, pull: &Pull, saved: &Saved) -> Result<PullDetail, StoreError> {
    let state = pull::state(&house.store, &pull.name)?;
    Ok(PullDetail {
        pull: row(house, pulls, pull, saved)?,
        cursor: state.reached.map(|reached| reached.value),
        runs: state.runs.iter().map(run_row).collect(),
    })
}

/// What a run brought, or would bring.
pub fn report(report: &Report) -> PullReport {
    PullReport {
        rows: report.rows,
        events: report.events,
        records: report.records,
        deletes: report.deletes,
        unchanged: report.unchanged,
        skipped: report.skipped,
        refused: report.refused,
        files: report.files,
        files_refused: report.files_refused,
        files_waiting: report.files_waiting,
        bytes: report.bytes,
        samples: report.samples.iter().map(sample).collect(),
    }
}

fn run_row(run: &RunRecord) -> PullRun {
    let (outcome, code, message) = match &run.ended {
        Ended::Well => ("well", None, None),
        Ended::Failed { code, message, .. } => ("failed", Some(code.clone()), Some(message.clone())),
    };
    PullRun {
        number: run.number,
        started_at: run.started_at.to_string(),
        ended_at: run.ended_at.to_string(),
        outcome: outcome.to_owned(),
        code,
        message,
        report: report(&run.report),
        has_errors: run.errors.is_some(),
    }
}

fn sample(sample: &Sample) -> PullSample {
    let Sample { file, line, code, message } = sample.clone();
    PullSample { file, line, code, message }
}

fn progress(progress: Progress) -> PullProgress {
    let Progress { rows, facts, bytes, files, files_total, bytes_total } = progress;
    PullProgress { rows, facts, bytes, files, files_total, bytes_total }
}
