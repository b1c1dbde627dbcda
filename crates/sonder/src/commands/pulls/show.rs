use api::{PullDetail, PullReport, PullRow, PullRun};

use crate::screen::count;

/// A pull in one line.
pub fn line(pull: &PullRow) {
    let schedule = pull.schedule.as_deref().unwrap_or("by hand");
    let last = pull.last_run.as_ref().map_or("never", |run| run.ended_at.as_str());
    println!("{:<16} {:<8} {:<9} {schedule:<26} {last:<24}  {}", pull.name, pull.state, pull.kind, pull.place);
}

pub fn detail(detail: &PullDetail) {
    line(&detail.pull);
    if let Some(due_at) = &detail.pull.due_at {
        println!("  next run at {due_at}");
    }
    if let Some(cursor) = &detail.cursor {
        println!("  read up to {cursor}");
    }
    if let Some(progress) = &detail.pull.progress {
        println!("  running: {} rows, {} facts", count(progress.rows), count(progress.facts));
    }
    detail.runs.iter().for_each(run);
}

/// What a run brought, for people or as JSON.
pub fn report(report: &PullReport, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(report)?);
        return Ok(());
    }
    println!("{} rows: {}", count(report.rows), sum(report));
    samples(report);
    Ok(())
}

/// The counts that are not zero.
pub fn sum(report: &PullReport) -> String {
    let counts = [
        (report.events, "event", "events"),
        (report.records, "record", "records"),
        (report.deletes, "delete", "deletes"),
        (report.unchanged, "unchanged", "unchanged"),
        (report.skipped, "left out", "left out"),
        (report.refused, "refused", "refused"),
        (report.files, "file", "files"),
        (report.files_refused, "file that cannot be opened", "files that cannot be opened"),
        (
            report.files_waiting,
            "file changed just now, left for the next run",
            "files changed just now, left for the next run",
        ),
    ];
    let shown = counts.iter().filter(|(counted, ..)| *counted > 0);
    let shown =
        shown.map(|(counted, one, many)| format!("{} {}", count(*counted), if *counted == 1 { one } else { many }));
    let shown: Vec<_> = shown.collect();
    if shown.is_empty() { "nothing new".to_owned() } else { shown.join(", ") }
}

fn run(run: &PullRun) {
    println!("  run {} at {}: {}", run.number, run.started_at, sum(&run.report));
    if let (Some(message), Some(code)) = (&run.message, &run.code) {
        println!("    ended before its end: {message} ({code})");
    }
    samples(&run.report);
}

fn samples(report: &PullReport) {
    for sample in &report.samples {
        let file = sample.file.as_ref().map(|file| format!("{file} ")).unwrap_or_default();
        println!("    {file}line {}: {} ({})", sample.line, sample.message, sample.code);
    }
}
