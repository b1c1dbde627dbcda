//! Showing a guess: the table on stderr, the mapping or the JSON on stdout.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail};
use collect::files::guess::{ColumnGuess, Decision, GuessOptions, Proposal, SURE, guess};
use kit::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::args::Import;
use crate::screen::count;

/// The widest a reason is shown, in letters.
const WHY_LETTERS: usize = 64;

/// Proposes a mapping. Returns its text where it is to be used at once.
pub fn run(args: &Import) -> anyhow::Result<Option<String>> {
    let options = GuessOptions {
        now: SystemClock.now(),
        source: args.source.clone(),
        event_name: args.event.clone(),
        unmasked: args.unmasked,
    };
    let proposal = guess(&args.file, &options).with_context(|| format!("cannot guess `{}`", args.file.display()))?;
    if let Some(path) = &args.write_map {
        write(path, &proposal.mapping)?;
    }
    if args.accept {
        check(&proposal)?;
        return Ok(Some(proposal.mapping));
    }
    match args.json {
        true => println!("{}", as_json(&proposal)),
        false => {
            show(&proposal, &args.file);
            match &args.write_map {
                Some(path) => eprintln!("the mapping is in `{}`", path.display()),
                None => print!("{}", proposal.mapping),
            }
        }
    }
    Ok(None)
}

/// A file that is there already may have been changed by a person.
fn write(path: &Path, mapping: &str) -> anyhow::Result<()> {
    let made = OpenOptions::new().write(true).create_new(true).open(path);
    let mut file = made.with_context(|| format!("`{}` cannot be made", path.display()))?;
    Ok(file.write_all(mapping.as_bytes())?)
}

fn check(proposal: &Proposal) -> anyhow::Result<()> {
    let open: Vec<_> = proposal.open_decisions(SURE).map(|open| format!("\n  {}", decision_line(open))).collect();
    if open.is_empty() {
        return Ok(());
    }
    bail!(
        "{} decision(s) are less sure than {SURE}:{}\nwrite the mapping with `--write-map`, change it, and import with `--map`",
        open.len(),
        open.concat()
    )
}

fn show(proposal: &Proposal, file: &Path) {
    let rows = if proposal.whole { "rows" } else { "rows seen, not all" };
    eprintln!(
        "{}: {} {rows} of {} columns are {}",
        file.display(),
        count(proposal.rows),
        count(proposal.columns.len() as u64),
        proposal.shape.as_str()
    );
    if proposal.broken_rows > 0 {
        eprintln!("{} rows among them cannot be read", count(proposal.broken_rows));
    }
    eprintln!();
    let head = ["column", "becomes", "sure", "filled", "why", "samples"].map(str::to_owned);
    let lines: Vec<[String; 6]> = std::iter::once(head).chain(proposal.columns.iter().map(column_cells)).collect();
    table(&lines);
    eprintln!();
    for decision in &proposal.decisions {
        let mark = if decision.confidence < SURE { "?" } else { "✓" };
        eprintln!("{mark} {}", decision_line(decision));
    }
    eprintln!();
}

fn column_cells(column: &ColumnGuess) -> [String; 6] {
    let becomes: Vec<_> = column.becomes.iter().map(ToString::to_string).collect();
    [
        shortened(&column.column, 32),
        becomes.join(", "),
        format!("{:.2}", column.confidence),
        format!("{:.0} %", (column.filled * 100.0).floor()),
        shortened(&column.reasons.join("; "), WHY_LETTERS),
        column.samples.join("  "),
    ]
}

fn table(lines: &[[String; 6]]) {
    let width = |at: usize| lines.iter().map(|cells| cells[at].chars().count()).max().unwrap_or_default();
    let widths: [usize; 6] = std::array::from_fn(width);
    for cells in lines {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        eprintln!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    }
}

fn decision_line(decision: &Decision) -> String {
    let Decision { about, says, confidence, reasons } = decision;
    match reasons.is_empty() {
        true => format!("{confidence:.2} {about}: {says}"),
        false => format!("{confidence:.2} {about}: {says} ({})", reasons.join("; ")),
    }
}

fn shortened(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.to_owned(),
    }
}

fn as_json(proposal: &Proposal) -> Value {
    let column = |column: &ColumnGuess| {
        let becomes: Vec<_> = column.becomes.iter().map(ToString::to_string).collect();
        json!({
            "column": column.column, "becomes": becomes, "confidence": column.confidence, "reasons": column.reasons,
            "samples": column.samples, "filled": column.filled
        })
    };
    let decision = |decision: &Decision| {
        json!({
            "about": decision.about, "says": decision.says, "confidence": decision.confidence,
            "reasons": decision.reasons
        })
    };
    json!({
        "format": proposal.format.as_str(), "rows": proposal.rows, "broken_rows": proposal.broken_rows,
        "whole": proposal.whole, "shape": proposal.shape.as_str(), "confidence": proposal.confidence(),
        "decisions": proposal.decisions.iter().map(decision).collect::<Vec<_>>(),
        "columns": proposal.columns.iter().map(column).collect::<Vec<_>>(), "mapping": proposal.mapping
    })
}
