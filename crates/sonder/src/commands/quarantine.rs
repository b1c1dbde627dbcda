use std::path::Path;

use anyhow::Context;
use api::{DropRequest, Dropped, HeldFilter, HeldList, HeldRow, ReplayReport, ReplayRequest};
use collect::quarantine::Filter;

use crate::args::{Quarantine, That, These};
use crate::hall::{self, Hall};
use crate::remote::Remote;
use crate::screen::count;

pub async fn run(data: &Path, command: Quarantine) -> anyhow::Result<()> {
    match Hall::open(data, std::sync::Arc::new(kit::SystemClock), None) {
        Ok(hall) => here(&hall, command).await,
        Err(error) if hall::is_locked(&error) => at_server(&Remote::of(data)?, command).await,
        Err(error) => Err(error),
    }
}

async fn here(hall: &Hall, command: Quarantine) -> anyhow::Result<()> {
    let house = &hall.house;
    match command {
        Quarantine::List { source, that, state, limit, cursor } => {
            let filter = Filter {
                source,
                state: state.as_deref().map(server::quarantine::state_of).transpose()?,
                plan: that.plan,
                kind: that.kind.as_deref().map(server::quarantine::kind_of).transpose()?,
                event: that.event,
                message_id: that.message_id,
            };
            let (rows, next) = server::quarantine::list(house, &filter, cursor.as_deref(), limit)?;
            show_list(&rows, next.as_deref());
        }
        Quarantine::Show { source, number } => {
            let held = server::quarantine::get(house, &source, number)?;
            show(&held.with_context(|| format!("there is no event {number} of `{source}` in the quarantine"))?)?;
        }
        Quarantine::Replay { source, these, mend, without_plans, dry_run } => {
            let request = replay(source, these, mend.as_deref(), without_plans, dry_run)?;
            show_report(&server::quarantine::replay(house, request).await?);
            hall.catch_up().await;
        }
        Quarantine::Drop { source, these } => {
            println!("{} dropped", count(server::quarantine::drop(house, dropping(source, these)).await?));
        }
    }
    Ok(())
}

async fn at_server(remote: &Remote, command: Quarantine) -> anyhow::Result<()> {
    match command {
        Quarantine::List { source, that, state, limit, cursor } => {
            let pairs = [
                ("source", source),
                ("plan", that.plan),
                ("kind", that.kind),
                ("event", that.event),
                ("message_id", that.message_id),
                ("state", state),
                ("cursor", cursor),
                ("limit", Some(limit.to_string())),
            ];
            let list: HeldList = remote.get(&format!("/v1/quarantine?{}", query(pairs))).await?;
            show_list(&list.data, list.cursor.next.as_deref());
        }
        Quarantine::Show { source, number } => {
            let held: HeldRow = remote.get(&format!("/v1/quarantine/{source}/{number}")).await?;
            show(&held)?;
        }
        Quarantine::Replay { source, these, mend, without_plans, dry_run } => {
            let request = replay(source, these, mend.as_deref(), without_plans, dry_run)?;
            let report: ReplayReport = remote.post("/v1/quarantine/replay", &request).await?;
            show_report(&report);
        }
        Quarantine::Drop { source, these } => {
            let dropped: Dropped = remote.post("/v1/quarantine/drop", &dropping(source, these)).await?;
            println!("{} dropped", count(dropped.dropped));
        }
    }
    Ok(())
}

fn replay(
    source: String,
    these: These,
    mend: Option<&Path>,
    without_plans: bool,
    dry_run: bool,
) -> anyhow::Result<ReplayRequest> {
    let read = |path: &Path| std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()));
    let (numbers, filter) = meant(these);
    Ok(ReplayRequest { source, numbers, filter, mend: mend.map(read).transpose()?, without_plans, dry_run })
}

fn dropping(source: String, these: These) -> DropRequest {
    let (numbers, filter) = meant(these);
    DropRequest { source, numbers, filter }
}

/// The numbers that were given, else what the events have in common; both together are refused later.
fn meant(these: These) -> (Option<Vec<u64>>, Option<HeldFilter>) {
    let These { numbers, all, that: That { plan, kind, event, message_id } } = these;
    let filter = HeldFilter { plan, kind, event, message_id };
    let is_filter = all || filter != HeldFilter::default();
    ((!numbers.is_empty()).then_some(numbers), is_filter.then_some(filter))
}

/// Writes a query, each byte that is no letter, digit, `-`, `_` or `.` as `%XX`.
fn query(pairs: [(&str, Option<String>); 8]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let written = |text: String| -> String {
        let byte = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
        text.bytes().map(byte).collect()
    };
    let pairs = pairs.into_iter().filter_map(|(key, value)| Some(format!("{key}={}", written(value?))));
    pairs.collect::<Vec<_>>().join("&")
}

fn show_list(rows: &[HeldRow], next: Option<&str>) {
    for row in rows {
        println!("{:<16} {:>8}  {:<8}  {}  {}", row.source, row.number, row.state, row.held_at, row.event);
        for broken in &row.broken {
            for violation in &broken.violations {
                println!("    {}: {} at {} ({})", broken.plan, violation.kind, violation.pointer, violation.expected);
            }
        }
    }
    if let Some(next) = next {
        eprintln!("there may be more: --cursor {next}");
    }
}

fn show(held: &HeldRow) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(held)?);
    Ok(())
}

fn show_report(report: &ReplayReport) {
    let word = if report.dry_run { "would be replayed" } else { "replayed" };
    println!("{} {word}, {} go on waiting", count(report.replayed), count(report.stayed));
    for stayed in &report.reasons {
        println!("  {}: {} ({})", stayed.number, stayed.message, stayed.code);
        for broken in &stayed.broken {
            for violation in &broken.violations {
                println!("    {}: {} at {} ({})", broken.plan, violation.kind, violation.pointer, violation.expected);
            }
        }
    }
    for sample in &report.samples {
        println!("{sample}");
    }
}
