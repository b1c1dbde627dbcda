//! Sending a file to the server that has the data folder open.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, bail};
use api::{ImportReport, MappingRow};
use tokio::fs::File;

use crate::args::Import;
use crate::remote::Remote;
use crate::screen::{Step, count};

/// Keeps the mapping at the server as `cli-SOURCE`, sends the file, and returns what the server says of it.
pub async fn bring_in(data: &Path, args: &Import, mapping: String, source: &str) -> anyhow::Result<ImportReport> {
    if args.identity.is_some() {
        bail!(
            "a server has this data folder open: rules for identifiers are put in force by `sonder serve --identity`"
        );
    }
    let remote = Remote::of(data)?;
    let file = File::open(&args.file).await.with_context(|| format!("cannot read `{}`", args.file.display()))?;
    let bytes = file.metadata().await?.len();
    let kept: MappingRow = remote.put_text(&format!("/v1/mappings/{}", mapping_name(source)), mapping).await?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    let step = Arc::new(Mutex::new(Some(Step::start(&format!("send {source}")))));
    let shown = Arc::clone(&step);
    let told = move |sent| {
        if let Some(step) = shown.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            step.at(sent, bytes);
        }
    };
    let query = [("source", source), ("mapping", kept.name.as_str()), ("name", name.as_ref())];
    let report: ImportReport = remote.post_file("/v1/imports", &query, file, told).await?;
    if let Some(step) = step.lock().unwrap_or_else(PoisonError::into_inner).take() {
        step.done(&format!("{} facts", count(report.facts)));
    }
    Ok(report)
}

/// Names of mappings have 64 letters at most.
fn mapping_name(source: &str) -> String {
    format!("cli-{}", &source[..source.len().min(60)])
}
