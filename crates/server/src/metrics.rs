//! `/healthz` and `/metrics`. Names and figures only; never a person's value.

use std::fmt::Write;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use store::StoreError;

use crate::errors::Problem;
use crate::routes::App;

/// Marks the exposition format of Prometheus, version 0.0.4.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(crate) async fn health(State(app): State<App>) -> (StatusCode, String) {
    match (app.house.store.applied(), app.house.walker_trouble()) {
        (Ok(_), None) => (StatusCode::OK, "ok\n".to_owned()),
        (Ok(_), Some(code)) => (StatusCode::SERVICE_UNAVAILABLE, format!("the walker cannot go on: {code}\n")),
        (Err(_), _) => (StatusCode::SERVICE_UNAVAILABLE, "the state cannot be read\n".to_owned()),
    }
}

pub(crate) async fn expose(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let house = &app.house;
    let mut text = String::new();
    let journal = house.journal.stats();
    let totals = identity::totals(&house.store)?;
    let figures = [
        ("sonder_journal_facts_total", "counter", "facts that are durable", house.journal.durable_seq()),
        ("sonder_journal_bytes_total", "counter", "bytes written to the journal", journal.bytes),
        ("sonder_journal_groups_total", "counter", "syncs of the journal", journal.groups),
        ("sonder_journal_waiting_bytes", "gauge", "bytes that wait for the disk", journal.waiting_bytes as u64),
        ("sonder_walk_waiting_facts", "gauge", "facts that are durable but not walked", house.waiting()?),
        ("sonder_profiles", "gauge", "profiles", u64::from(totals.profiles)),
        ("sonder_identifiers", "gauge", "identifiers", u64::from(totals.identifiers)),
        ("sonder_state_bytes", "gauge", "bytes of keyed state on disk", house.store.disk_bytes()),
    ];
    for (name, kind, help, value) in figures {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
    }
    sources(&mut text, &app)?;
    quarantined(&mut text, &app)?;
    pulls(&mut text, &app)?;
    destinations(&mut text, &app)?;
    audiences(&mut text, &app);
    Ok(([(header::CONTENT_TYPE, CONTENT_TYPE)], text))
}

fn pulls(text: &mut String, app: &App) -> Result<(), Problem> {
    let _ = writeln!(text, "# HELP sonder_pull_failures runs of a pull that failed since one went well");
    let _ = writeln!(text, "# TYPE sonder_pull_failures gauge");
    for (pull, _) in collect::pull::all(&app.house.store)? {
        let failures = collect::pull::state(&app.house.store, &pull.name)?.failures;
        let _ = writeln!(text, "sonder_pull_failures{{pull=\"{}\"}} {failures}", pull.name);
    }
    Ok(())
}

fn sources(text: &mut String, app: &App) -> Result<(), Problem> {
    let _ =
        writeln!(text, "# HELP sonder_source_facts_total facts of a source\n# TYPE sonder_source_facts_total counter");
    for (name, _, tally) in collect::sources::all(&app.house.store)? {
        let kinds =
            [("event", tally.events), ("record", tally.records), ("link", tally.links), ("repeated", tally.repeated)];
        for (kind, count) in kinds {
            let _ = writeln!(text, "sonder_source_facts_total{{source=\"{name}\",kind=\"{kind}\"}} {count}");
        }
        let refused = app.house.refusals.of(&name).0;
        let _ = writeln!(text, "sonder_source_facts_total{{source=\"{name}\",kind=\"refused\"}} {refused}");
    }
    Ok(())
}

fn quarantined(text: &mut String, app: &App) -> Result<(), Problem> {
    let sources = collect::sources::all(&app.house.store)?.into_iter().map(|(name, ..)| {
        let counts = collect::quarantine::counts(&app.house.store, &name)?;
        Ok::<_, StoreError>((name, counts))
    });
    let sources: Vec<_> = sources.collect::<Result<_, _>>()?;
    let _ = writeln!(
        text,
        "# HELP sonder_quarantined_events_total events that plans held back\n# TYPE sonder_quarantined_events_total counter"
    );
    for (name, counts) in &sources {
        let _ = writeln!(text, "sonder_quarantined_events_total{{source=\"{name}\"}} {}", counts.last_number);
    }
    let _ = writeln!(
        text,
        "# HELP sonder_quarantine_events events in the quarantine\n# TYPE sonder_quarantine_events gauge"
    );
    for (name, counts) in &sources {
        let states = [("waiting", counts.waiting), ("replayed", counts.replayed), ("dropped", counts.dropped)];
        for (state, count) in states {
            let _ = writeln!(text, "sonder_quarantine_events{{source=\"{name}\",state=\"{state}\"}} {count}");
        }
    }
    Ok(())
}

fn destinations(text: &mut String, app: &App) -> Result<(), Problem> {
    let _ = writeln!(text, "# HELP sonder_deliveries deliveries by outcome\n# TYPE sonder_deliveries gauge");
    for status in activation::statuses(&app.house.store)? {
        let name = &status.definition.name;
        let outcomes = [
            ("delivered", status.delivered),
            ("blocked", status.blocked),
            ("waiting", status.waiting),
            ("dead", status.dead),
        ];
        for (outcome, count) in outcomes {
            let _ = writeln!(text, "sonder_deliveries{{destination=\"{name}\",outcome=\"{outcome}\"}} {count}");
        }
    }
    Ok(())
}

fn audiences(text: &mut String, app: &App) {
    let _ =
        writeln!(text, "# HELP sonder_audience_members members of an audience\n# TYPE sonder_audience_members gauge");
    for audience in app.house.in_force().iter() {
        let size = app.house.with_members(|members| members.size(&audience.name));
        let _ = writeln!(text, "sonder_audience_members{{audience=\"{}\"}} {size}", audience.name);
    }
}
