mod here;
mod remote;
mod show;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use kit::SystemClock;

use crate::args::Pulls;
use crate::hall::{self, Hall};
use crate::remote::Remote;

pub async fn run(data: &Path, command: Pulls) -> anyhow::Result<()> {
    match Hall::open(data, Arc::new(SystemClock), None) {
        Ok(hall) => here::run(&hall, command).await,
        Err(error) if hall::is_locked(&error) => remote::run(&Remote::of(data)?, command).await,
        Err(error) => Err(error),
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))
}
