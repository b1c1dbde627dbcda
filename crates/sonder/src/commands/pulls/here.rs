//! Pulls of a folder that no server has open.

use std::sync::Arc;

use anyhow::bail;
use collect::pull::{self, Progress, Pull, PullsError, Report, Saved};

use super::{read, show};
use crate::args::Pulls;
use crate::commands::import;
use crate::hall::Hall;
use crate::screen::Step;

pub async fn run(hall: &Hall, command: Pulls) -> anyhow::Result<()> {
    let house = &hall.house;
    match command {
        Pulls::List => {
            for (pull, saved) in pull::all(&house.store)? {
                show::line(&server::pull_row(house, None, &pull, &saved)?);
            }
        }
        Pulls::Create { file, replace } => {
            let mut draft = house.store.draft();
            let pull = pull::create(&mut draft, &read(&file)?, replace, house.clock.now())?;
            house.store.commit(draft)?;
            println!("{}", pull.name);
        }
        Pulls::DryRun { file, json } => {
            let (pull, problems) = Pull::parse(&read(&file)?);
            let Some(pull) = pull else { return Err(PullsError::Invalid { problems }.into()) };
            let step = Step::start(&format!("try {}", pull.name));
            let report = with_bar(step, async |hear| server::dry_run_pull(house, &pull, hear).await).await?;
            show::report(&server::pull_report(&report), json)?;
        }
        Pulls::Run { name, json } => {
            let (pull, _) = saved(hall, &name)?;
            let step = Step::start(&format!("pull {name}"));
            let report = with_bar(step, async |hear| server::run_pull(house, &pull, hear).await).await?;
            import::walk(hall, Step::start("unify")).await;
            show::report(&server::pull_report(&report), json)?;
        }
        Pulls::Show { name } => {
            let (pull, saved) = saved(hall, &name)?;
            show::detail(&server::pull_detail(house, None, &pull, &saved)?);
        }
        Pulls::Errors { name, run } => errors(hall, &name, run)?,
        Pulls::Remove { name } => {
            let mut draft = house.store.draft();
            pull::remove(&mut draft, &name)?;
            house.store.commit(draft)?;
        }
    }
    Ok(())
}

fn saved(hall: &Hall, name: &str) -> anyhow::Result<(Pull, Saved)> {
    match pull::get(&hall.house.store, name)? {
        Some(found) => Ok(found),
        None => Err(PullsError::Unknown { name: name.to_owned() }.into()),
    }
}

fn errors(hall: &Hall, name: &str, number: Option<u64>) -> anyhow::Result<()> {
    saved(hall, name)?;
    let runs = pull::state(&hall.house.store, name)?.runs;
    let mut meant = runs.iter().filter(|run| number.is_none_or(|number| number == run.number));
    let Some(file) = meant.find_map(|run| run.errors.as_ref()) else {
        bail!("no such run of this pull has rows that could not be read");
    };
    let mut file = std::fs::File::open(hall.house.quarantine_dir().join(file))?;
    std::io::copy(&mut file, &mut std::io::stdout().lock())?;
    Ok(())
}

/// Works with a bar, which shows bytes where it is known how many there are.
async fn with_bar<E: Into<anyhow::Error>>(
    step: Step,
    work: impl AsyncFnOnce(&(dyn Fn(&Progress) + Send + Sync)) -> Result<Report, E>,
) -> anyhow::Result<Report> {
    let step = Arc::new(std::sync::Mutex::new(step));
    let bar = step.clone();
    let hear = move |progress: &Progress| {
        if let Ok(mut bar) = bar.lock() {
            bar.at(progress.bytes, progress.bytes_total.unwrap_or(0).max(progress.bytes));
        }
    };
    let outcome = work(&hear).await;
    drop(hear);
    let report = outcome.map_err(Into::into)?;
    if let Some(step) = Arc::into_inner(step).and_then(|step| step.into_inner().ok()) {
        step.done(&show::sum(&server::pull_report(&report)));
    }
    Ok(report)
}
