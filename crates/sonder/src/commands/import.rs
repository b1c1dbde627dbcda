use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use api::ImportReport;
use collect::files::Mapping;
use kit::SystemClock;
use server::House;

use crate::args::Import;
use crate::hall::{self, Hall};
use crate::screen::{Step, count};

pub async fn run(data: &Path, args: &Import) -> anyhow::Result<()> {
    if !collect::sources::is_word(&args.source) {
        bail!("`{}` is no name for a source (use a lower-case word of letters, digits, `_` and `-`)", args.source);
    }
    let mapping = read_mapping(&args.map)?;
    let identity = args.identity.as_deref().map(hall::read_rules).transpose()?;
    let hall = Hall::open(data, Arc::new(SystemClock), identity)?;
    let report = bring_in(&hall.house, &args.file, &mapping, &args.source)?;
    let walking = Step::start("unify");
    walk(&hall, walking).await;
    match args.json {
        true => println!("{}", serde_json::to_string(&report)?),
        false => show(&report),
    }
    Ok(())
}

pub fn read_mapping(path: &Path) -> anyhow::Result<Mapping> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    parse_mapping(&text, &path.display().to_string())
}

pub fn parse_mapping(text: &str, name: &str) -> anyhow::Result<Mapping> {
    let (mapping, problems) = Mapping::parse(text);
    match mapping {
        Some(mapping) if problems.is_empty() => Ok(mapping),
        _ => {
            let lines: Vec<_> = problems.iter().map(|problem| format!("\n  {problem}")).collect();
            bail!("the mapping `{name}` has {} problem(s):{}", lines.len(), lines.concat())
        }
    }
}

/// Brings one file in, with a bar.
pub fn bring_in(house: &House, file: &Path, mapping: &Mapping, source: &str) -> anyhow::Result<ImportReport> {
    let mut step = Step::start(&format!("import {source}"));
    // The import waits for the disk: other tasks of this thread move over meanwhile.
    let report = tokio::task::block_in_place(|| {
        server::import(house, file, mapping, source, &mut |at| step.at(at.bytes_read, at.bytes_total))
    });
    let report = report.with_context(|| format!("`{}` cannot be brought in", file.display()))?;
    let refused = if report.refused > 0 { format!(", {} refused", count(report.refused)) } else { String::new() };
    step.done(&format!("{} facts{refused}", count(report.facts)));
    Ok(report)
}

/// Waits until everything durable has been walked, with a bar.
pub async fn walk(hall: &Hall, mut step: Step) -> f64 {
    let (from, to) = (hall.walker.applied(), hall.house.journal.durable_seq());
    while hall.walker.applied() < to {
        step.at(hall.walker.applied() - from, to - from);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let profiles = identity::totals(&hall.house.store).map(|totals| totals.profiles).unwrap_or_default();
    step.done(&format!("{} facts, {} profiles", count(to - from), count(u64::from(profiles))))
}

fn show(report: &ImportReport) {
    println!(
        "{} rows: {} facts, {} left out, {} refused",
        count(report.rows),
        count(report.facts),
        count(report.skipped),
        count(report.refused)
    );
    for sample in &report.samples {
        println!("  line {}: {} ({})", sample.index, sample.message, sample.code);
    }
    if let Some(quarantine) = &report.quarantine {
        println!("  refused rows are kept in {quarantine} in the data folder");
    }
}
