//! The whole way once, with figures: a world is made, brought in, unified, asked about, delivered and scored.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use api::NewDestination;
use kit::{Clock, Coded, ManualClock, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{import, serve};
use crate::args::Demo;
use crate::commands::demo::receiver::Receiver;
use crate::hall::{self, Hall};
use crate::screen::{Step, count, peak_memory_bytes};

mod folder;
mod receiver;
mod score;

/// Which mapping reads which file of the world, and as whose facts. Records come first: a shop knows its customers before it looks at clicks.
const FILES: [(&str, &str, &str); 12] = [
    ("crm_contacts.csv.gz", "crm", include_str!("../../../../examples/shop/maps/shared/crm.yaml")),
    ("ecommerce_customers.csv.gz", "shop", include_str!("../../../../examples/shop/maps/shared/shop.yaml")),
    ("loyalty_members.csv.gz", "loyalty", include_str!("../../../../examples/shop/maps/shared/loyalty.yaml")),
    ("consents.csv.gz", "consents", include_str!("../../../../examples/shop/maps/shared/consents.yaml")),
    ("ecommerce_orders.csv.gz", "orders", include_str!("../../../../examples/shop/maps/shared/orders.yaml")),
    ("pos_receipts.csv.gz", "pos", include_str!("../../../../examples/shop/maps/shared/pos.yaml")),
    ("support_tickets.csv.gz", "support", include_str!("../../../../examples/shop/maps/shared/support.yaml")),
    ("web_events.jsonl.gz", "web", include_str!("../../../../examples/shop/maps/shared/web.yaml")),
    ("mobile_events.jsonl.gz", "mobile", include_str!("../../../../examples/shop/maps/shared/mobile.yaml")),
    ("email_events.jsonl.gz", "email", include_str!("../../../../examples/shop/maps/shared/email.yaml")),
    ("cookie_syncs.jsonl.gz", "adx", include_str!("../../../../examples/shop/maps/shared/cookie_syncs.yaml")),
    ("ad_impressions.csv.gz", "adx", include_str!("../../../../examples/shop/maps/shared/ad_impressions.yaml")),
];

/// The retailer's rules for identifiers.
const IDENTITY: &str = include_str!("../../../../examples/shop/identity.yaml");

/// The audience that is delivered, and the purpose that it needs.
const DELIVERED: (&str, &str) = ("vip_buyers", "email_marketing");

/// The end of a world that is made for figures alone: the same figures on every day.
const FIXED_END: &str = "2026-06-01T00:00:00Z";

pub async fn run(data: Option<PathBuf>, args: &Demo) -> anyhow::Result<()> {
    let temporary = temporary_dir();
    let dir = data.clone().unwrap_or_else(|| temporary.clone());
    let outcome = tell(&dir, data.is_some(), args).await;
    let _ = std::fs::remove_dir_all(&temporary);
    outcome
}

async fn tell(dir: &Path, kept: bool, args: &Demo) -> anyhow::Result<()> {
    let resumed = folder::enter(dir, args.afresh || !kept).map_err(|error| anyhow!("{error} ({})", error.code()))?;
    let mut seconds = BTreeMap::new();
    let (world, end) = world(dir, resumed, args, &mut seconds)?;
    // Figures are asked at the world's end; a world that is shown lives on from there.
    let clock: Arc<dyn Clock> = match args.once || args.world.is_some() {
        true => Arc::new(ManualClock::at(end)),
        false => Arc::new(SystemClock),
    };
    let hall = Hall::open(dir, clock, Some(hall::parse_rules(IDENTITY)?))?;
    let mut receiver = Receiver::start().await?;
    if !resumed {
        bring_in(&hall, &world, &mut seconds).await?;
        define(&hall, &receiver.url, &mut seconds).await?;
    }
    let deliverer = hall.house.deliverer();
    if !resumed || args.once {
        let step = Step::start("deliver");
        while deliverer.run_due().await?.delivered > 0 {}
        seconds.insert("deliver", step.done(&format!("{} people told", count(receiver.told()))));
    }
    let figures = score::figures(&hall, &world, end, &seconds)?;
    score::show(&figures);
    if args.once {
        if args.json {
            println!("{}", serde_json::to_string(&figures)?);
        }
        return Ok(());
    }
    let token = server::first_token(&hall.house.store, true)?.context("a token was asked for")?;
    serve::open_doors(hall, args.listen, |address| {
        eprintln!("\nThe console: http://{address}/#token={}\nCtrl-C ends it.", token.0.expose());
        if kept {
            eprintln!("The data stays in `{}`.", dir.display());
        }
    })
    .await?;
    receiver.stop();
    Ok(())
}

/// Makes the world, or finds it.
fn world(
    dir: &Path,
    resumed: bool,
    args: &Demo,
    seconds: &mut BTreeMap<&'static str, f64>,
) -> anyhow::Result<(PathBuf, Timestamp)> {
    if let Some(world) = &args.world {
        return Ok((world.clone(), shop::World::end_of(world)?));
    }
    let world = dir.join("world");
    if resumed {
        return Ok((world.clone(), shop::World::end_of(&world)?));
    }
    let end = if args.once { Timestamp::parse(FIXED_END)? } else { SystemClock.now() };
    let settings = shop::Settings { people: args.people, seed: args.seed, end, days: 180 };
    let mut step = Step::start("make the world");
    let summary = shop::World::generate(&settings)?.write_to(&world, &mut |at| step.at(at.done, at.total))?;
    let outcome = format!("{} people, {} rows", count(summary.people), count(summary.facts()));
    seconds.insert("make", step.done(&outcome));
    Ok((world, end))
}

async fn bring_in(hall: &Hall, world: &Path, seconds: &mut BTreeMap<&'static str, f64>) -> anyhow::Result<()> {
    let started = std::time::Instant::now();
    let mut shown = false;
    for (file, source, mapping) in FILES {
        let path = world.join(file);
        if !path.exists() {
            bail!("the world has no file `{file}`");
        }
        let mapping = import::parse_mapping(mapping, source)?;
        import::bring_in(&hall.house, &path, &mapping, source)?;
        shown = shown || show_somebody(hall)?;
    }
    seconds.insert("import", started.elapsed().as_secs_f64());
    seconds.insert("unify", import::walk(hall, Step::start("unify")).await);
    if !shown {
        show_somebody(hall)?;
    }
    Ok(())
}

/// Shows the first person of whom more than an id is known; returns whether there was one.
fn show_somebody(hall: &Hall) -> anyhow::Result<bool> {
    let read = hall.house.store.snapshot();
    let mut found = None;
    identity::each_profile(&read, None, &mut |profile, members| {
        if members.len() >= 3 {
            found = Some((profile, members));
        }
        Ok(found.is_none())
    })?;
    let Some((profile, members)) = found else { return Ok(false) };
    let ordinals: Vec<_> = members.iter().map(|member| member.ordinal).collect();
    let Some(label) = profiles::label(&profiles::traits(&read, &ordinals)?) else { return Ok(false) };
    let kinds: Vec<_> = members.iter().map(|member| member.kind.as_str()).collect();
    eprintln!("  the first profile: {profile}, {label}, known by {}", kinds.join(", "));
    Ok(true)
}

async fn define(hall: &Hall, webhook: &str, seconds: &mut BTreeMap<&'static str, f64>) -> anyhow::Result<()> {
    let step = Step::start("compute audiences");
    for (name, rule) in shop::AUDIENCES {
        server::define(&hall.house, name, rule, "")?;
    }
    hall.walker.redefine().await;
    seconds.insert("audiences", step.done(&format!("{} audiences", shop::AUDIENCES.len())));
    let destination = |name: &str, kind: &str, options: Value| NewDestination {
        name: name.to_owned(),
        kind: kind.to_owned(),
        audience: DELIVERED.0.to_owned(),
        events: None,
        purpose: DELIVERED.1.to_owned(),
        options,
    };
    server::follow(&hall.house, destination("newsletter", "webhook", json!({ "url": webhook })))?;
    server::follow(&hall.house, destination("export", "file", json!({ "format": "csv", "folder": "vip_buyers" })))?;
    hall.walker.redefine().await;
    Ok(())
}

/// The folder of a demo that is not kept.
fn temporary_dir() -> PathBuf {
    std::env::temp_dir().join(format!("sonder-demo-{}", std::process::id()))
}

/// The most memory that the process had, in MB.
fn peak_memory_mb() -> f64 {
    peak_memory_bytes() as f64 / 1e6
}
