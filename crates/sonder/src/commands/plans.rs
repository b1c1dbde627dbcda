use std::path::Path;

use anyhow::{Context, bail};
use api::{
    InferPlan, InferredPlan, NewPlan, PlanCheck, PlanCheckRequest, PlanHistory, PlanList, PlanText, SavedPlan,
    ViolationList,
};
use kit::{Clock, SystemClock};

use crate::args::Plans;
use crate::hall::{self, Hall};
use crate::remote::Remote;
use crate::screen::count;

pub async fn run(data: &Path, command: Plans) -> anyhow::Result<()> {
    if let Plans::Check { file, event, source } = command {
        return check(&file, &event, source);
    }
    match Hall::open(data, std::sync::Arc::new(SystemClock), None) {
        Ok(hall) => here(&hall, command).await,
        Err(error) if hall::is_locked(&error) => at_server(&Remote::of(data)?, command).await,
        Err(error) => Err(error),
    }
}

async fn here(hall: &Hall, command: Plans) -> anyhow::Result<()> {
    let house = &hall.house;
    match command {
        Plans::List => show_list(&server::plans::list(house)?),
        Plans::Define { name, file } => {
            let version = house.plans.define(&name, &read(&file)?, SystemClock.now())?;
            println!("{name}: version {version}");
        }
        Plans::Show { name, number: None } => {
            let history = server::plans::history(house, &name)?;
            show_history(&history.with_context(|| format!("there is no plan `{name}`"))?)?;
        }
        Plans::Show { name, number: Some(number) } => {
            let text = server::plans::text(house, &name, number)?;
            let text = text.with_context(|| format!("there is no text of version {number} of a plan `{name}`"))?;
            println!("{}", text.plan);
        }
        Plans::Withdraw { name } => house.plans.withdraw(&name, SystemClock.now())?,
        Plans::Violations { name } => {
            let violations = server::plans::violations(house, &name)?;
            show_violations(&violations.with_context(|| format!("there is no plan `{name}`"))?);
        }
        Plans::Infer { source, days, closed } => {
            show_inferred(&server::plans::infer(house, &InferPlan { source, days, closed }).await?);
        }
        Plans::Check { file, event, source } => check(&file, &event, source)?,
    }
    Ok(())
}

async fn at_server(remote: &Remote, command: Plans) -> anyhow::Result<()> {
    match command {
        Plans::List => {
            let list: PlanList = remote.get("/v1/plans").await?;
            show_list(&list);
        }
        Plans::Define { name, file } => {
            let new = NewPlan { plan: read(&file)? };
            let saved: SavedPlan = remote.put(&format!("/v1/plans/{name}"), &new).await?;
            println!("{}: version {}", saved.name, saved.version);
        }
        Plans::Show { name, number: None } => {
            let history: PlanHistory = remote.get(&format!("/v1/plans/{name}")).await?;
            show_history(&history)?;
        }
        Plans::Show { name, number: Some(number) } => {
            let text: PlanText = remote.get(&format!("/v1/plans/{name}/versions/{number}")).await?;
            println!("{}", text.plan);
        }
        Plans::Withdraw { name } => remote.delete(&format!("/v1/plans/{name}")).await?,
        Plans::Violations { name } => {
            let violations: ViolationList = remote.get(&format!("/v1/plans/{name}/violations")).await?;
            show_violations(&violations);
        }
        Plans::Infer { source, days, closed } => {
            let inferred: InferredPlan = remote.post("/v1/plans/infer", &InferPlan { source, days, closed }).await?;
            show_inferred(&inferred);
        }
        Plans::Check { file, event, source } => check(&file, &event, source)?,
    }
    Ok(())
}

/// Needs no house: a plan says the same everywhere.
fn check(file: &Path, event: &Path, source: Option<String>) -> anyhow::Result<()> {
    let event = serde_json::from_str(&read(event)?).with_context(|| format!("`{}` is no JSON", event.display()))?;
    let PlanCheck { verdict, message, problems, violations, removed, .. } =
        server::plans::check(&PlanCheckRequest { plan: read(file)?, event, source }, SystemClock.now());
    for problem in &problems {
        eprintln!("  line {}, column {}: {}", problem.line, problem.column, problem.message);
    }
    let Some(verdict) = verdict else { bail!("the plan has {} problem(s)", problems.len()) };
    println!("{verdict}{}", message.map(|message| format!(": {message}")).unwrap_or_default());
    for violation in &violations {
        println!("  {} {} ({}): {}", violation.kind, violation.pointer, violation.mode, violation.expected);
    }
    for pointer in &removed {
        println!("  removed {pointer}");
    }
    Ok(())
}

fn show_list(list: &PlanList) {
    for plan in &list.data {
        let sources = plan.sources.as_ref().map_or("all".to_owned(), |sources| sources.join(", "));
        let violations = count(plan.violations);
        println!("{:<24} {:>4}  {:<10} {violations:>10} violations  {sources}", plan.name, plan.version, plan.mode);
    }
}

fn show_history(history: &PlanHistory) -> anyhow::Result<()> {
    let Some(plan) = &history.plan else {
        bail!("the plan `{}` is withdrawn; it had {} version(s)", history.name, history.versions.len());
    };
    println!("{plan}");
    Ok(())
}

fn show_violations(violations: &ViolationList) {
    for row in &violations.data {
        println!("{:>10}  {:<18} {:<24} {}", count(row.count), row.kind, row.event, row.pointer);
        println!("            last at {}, e.g. {}", row.last_seen, row.samples.join(", "));
    }
}

fn show_inferred(inferred: &InferredPlan) {
    println!("{}", inferred.plan);
    let more = if inferred.partial { "; there was more than was read" } else { "" };
    eprintln!("from {} events since {}{more}", count(inferred.events), inferred.since);
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}
