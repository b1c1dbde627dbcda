use std::path::Path;

use anyhow::bail;
use api::{AudienceList, AudienceRow, NewAudience, Preview, PreviewRequest, RulePart, Why};

use crate::args::Audiences;
use crate::hall::{self, Hall};
use crate::remote::Remote;
use crate::screen::count;

pub async fn run(data: &Path, command: Audiences) -> anyhow::Result<()> {
    let hall = match Hall::for_a_question(data).await {
        Ok(hall) => Some(hall),
        Err(error) if hall::is_locked(&error) => None,
        Err(error) => return Err(error),
    };
    match (command, hall) {
        (Audiences::List, Some(hall)) => {
            for audience in hall.house.in_force().iter() {
                let size = hall.house.with_members(|members| members.size(&audience.name));
                println!("{:<24} {:>10}  {}", audience.name, count(size), audience.rule);
            }
            Ok(())
        }
        (Audiences::List, None) => {
            let list: AudienceList = Remote::of(data)?.get("/v1/audiences").await?;
            for audience in list.data {
                println!("{:<24} {:>10}  {}", audience.name, count(audience.size), audience.rule);
            }
            Ok(())
        }
        (Audiences::Preview { rule, json, sql }, hall) => {
            let preview: Preview = match hall {
                Some(hall) => server::preview(&hall.house, &rule).await?,
                None => Remote::of(data)?.post("/v1/audiences/preview", &PreviewRequest { rule: rule.clone() }).await?,
            };
            show_preview(&rule, &preview, json, sql)
        }
        (Audiences::Create { name, rule, description, replace }, Some(hall)) => {
            if !replace && hall.house.in_force().get(&name).is_some() {
                bail!("there is an audience `{name}` already (audience_exists); `--replace` writes it anew");
            }
            server::define(&hall.house, &name, &rule, &description)?;
            hall.walker.redefine().await;
            println!("{name}: {}", count(hall.house.with_members(|members| members.size(&name))));
            Ok(())
        }
        (Audiences::Create { name, rule, description, replace }, None) => {
            let new = NewAudience { name, rule, description };
            let path = format!("/v1/audiences?replace={replace}");
            let audience: AudienceRow = Remote::of(data)?.post(&path, &new).await?;
            println!("{}: {}", audience.name, count(audience.size));
            Ok(())
        }
        (Audiences::Why { audience, profile }, Some(hall)) => {
            let found = match profile.parse::<model::ProfileId>() {
                Ok(id) => identity::holder(&hall.house.store, id.0)?,
                Err(_) => identity::profile_of(&hall.house.store, &profile.parse().map_err(anyhow::Error::msg)?)?,
            };
            let Some(found) = found else { bail!("nobody is known by this id") };
            let Some(why) = server::why(&hall.house, &audience, found)? else {
                bail!("there is no audience `{audience}`")
            };
            show_why(&why);
            Ok(())
        }
        (Audiences::Why { audience, profile }, None) => {
            let why: Why = Remote::of(data)?.get(&format!("/v1/audiences/{audience}/why/{profile}")).await?;
            show_why(&why);
            Ok(())
        }
    }
}

fn show_preview(rule: &str, preview: &Preview, json: bool, sql: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(preview)?);
    }
    match preview.size {
        _ if json => {}
        Some(size) => println!("{} of {} people, as of {}", count(size), count(preview.of), preview.as_of),
        None => show_problems(rule, preview),
    }
    if let (true, Some(text)) = (sql, &preview.sql) {
        println!("{text}");
    }
    if preview.size.is_none() {
        bail!("the rule has {} problem(s)", preview.problems.len());
    }
    Ok(())
}

/// Shows each problem under its place in the rule.
fn show_problems(rule: &str, preview: &Preview) {
    for problem in &preview.problems {
        let (start, end) = (problem.start as usize, problem.end as usize);
        let before = rule.get(..start).map_or(0, |text| text.chars().count());
        let width = rule.get(start..end).map_or(1, |text| text.chars().count()).max(1);
        eprintln!("  {rule}\n  {}{} {}", " ".repeat(before), "^".repeat(width), problem.message);
        if !problem.alternatives.is_empty() {
            eprintln!("  {}could be: {}", " ".repeat(before), problem.alternatives.join(", "));
        }
    }
}

fn show_why(why: &Why) {
    let word = if why.member { "is in" } else { "is not in" };
    println!("{} {word} {}", why.profile, why.audience);
    show_part(&why.tree, 1);
    if let Some(at) = &why.changes_at {
        println!("time alone could change this at {at}");
    }
}

fn show_part(part: &RulePart, depth: usize) {
    let tick = if part.holds { "✓" } else { "✗" };
    println!("{}{tick} {}", "  ".repeat(depth), part.text);
    for evidence in &part.evidence {
        println!("{}· {evidence}", "  ".repeat(depth + 1));
    }
    for child in &part.children {
        show_part(child, depth + 1);
    }
}
