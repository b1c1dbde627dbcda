//! Pulls of a running server.

use std::io::Write;
use std::time::Duration;

use anyhow::bail;
use api::{NewPull, PullDetail, PullList, PullReport, PullRow, PullRun};

use super::{read, show};
use crate::args::Pulls;
use crate::remote::Remote;
use crate::screen::Step;

const LOOK_AGAIN: Duration = Duration::from_millis(200);

pub async fn run(remote: &Remote, command: Pulls) -> anyhow::Result<()> {
    match command {
        Pulls::List => {
            let list: PullList = remote.get("/v1/pulls").await?;
            list.data.iter().for_each(show::line);
        }
        Pulls::Create { file, replace } => {
            let new = NewPull { definition: read(&file)? };
            let made: PullRow = remote.post(&format!("/v1/pulls?replace={replace}"), &new).await?;
            println!("{}", made.name);
        }
        Pulls::DryRun { file, json } => {
            let new = NewPull { definition: read(&file)? };
            let report: PullReport = remote.post("/v1/pulls/dry-run", &new).await?;
            show::report(&report, json)?;
        }
        Pulls::Run { name, json } => {
            let run = run_to_the_end(remote, &name).await?;
            show::report(&run.report, json)?;
            if let (Some(message), Some(code)) = (run.message, run.code) {
                bail!("{message} ({code})");
            }
        }
        Pulls::Show { name } => show::detail(&remote.get(&format!("/v1/pulls/{name}")).await?),
        Pulls::Errors { name, run } => {
            let which = run.map(|number| format!("?run={number}")).unwrap_or_default();
            let mut rows = remote.download(&format!("/v1/pulls/{name}/errors{which}")).await?;
            while let Some(piece) = rows.chunk().await? {
                std::io::stdout().write_all(&piece)?;
            }
        }
        Pulls::Remove { name } => remote.delete(&format!("/v1/pulls/{name}")).await?,
    }
    Ok(())
}

/// Has a pull run, and returns that run when it has ended.
async fn run_to_the_end(remote: &Remote, name: &str) -> anyhow::Result<PullRun> {
    let path = format!("/v1/pulls/{name}");
    let before: PullDetail = remote.get(&path).await?;
    let last = before.runs.first().map_or(0, |run| run.number);
    let mut step = Step::start(&format!("pull {name}"));
    let _asked: PullRow = remote.post(&format!("{path}/run"), &()).await?;
    loop {
        let now: PullDetail = remote.get(&path).await?;
        if let Some(run) = now.runs.into_iter().find(|run| run.number > last) {
            step.done(&show::sum(&run.report));
            return Ok(run);
        }
        if let Some(progress) = now.pull.progress {
            step.at(progress.bytes, progress.bytes_total.unwrap_or(0).max(progress.bytes));
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
