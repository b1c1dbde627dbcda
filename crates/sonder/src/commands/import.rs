mod guess;
mod remote;

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
    if let Some(source) = args.source.as_deref().filter(|source| !collect::sources::is_word(source)) {
        bail!("`{source}` is no name for a source (use a lower-case word of letters, digits, `_` and `-`)");
    }
    let (text, name) = match &args.map {
        Some(map) => (read(map)?, map.display().to_string()),
        None => match guess::run(args)? {
            Some(text) => (text, "guess".to_owned()),
            None => return Ok(()),
        },
    };
    let source = args.source.as_deref().context("a source is needed (`--source`)")?;
    let mapping = parse_mapping(&text, &name)?;
    let report = match open(data, args)? {
        Some(hall) => {
            let report = bring_in(&hall.house, &args.file, &mapping, source)?;
            walk(&hall, Step::start("unify")).await;
            report
        }
        None => remote::bring_in(data, args, text, source).await?,
    };
    match args.json {
        true => println!("{}", serde_json::to_string(&report)?),
        false => show(&report),
    }
    Ok(())
}

/// Opens the data folder, unless a server has it.
fn open(data: &Path, args: &Import) -> anyhow::Result<Option<Hall>> {
    let identity = args.identity.as_deref().map(hall::read_rules).transpose()?;
    match Hall::open(data, Arc::new(SystemClock), identity) {
        Ok(hall) => Ok(Some(hall)),
        Err(error) if hall::is_locked(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
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
        println!("  refused rows are kept in {quarantine} in the data folder, and at /v1/imports/{}/errors", report.id);
    }
}
