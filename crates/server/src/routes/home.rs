use api::{Home, MinuteCount};
use axum::Json;
use axum::extract::State;

use super::{App, activation, sources};
use crate::errors::Problem;

/// Shows the whole house at a glance.
#[utoipa::path(get, path = "/v1/home", tag = "home", responses((status = 200, body = Home)), security(("token" = [])))]
pub async fn home(State(app): State<App>) -> Result<Json<Home>, Problem> {
    let house = &app.house;
    let now = house.clock.now();
    // Looked at first: where nothing waits, the figures that follow hold everything.
    let waiting = house.waiting()?;
    let totals = identity::totals(&house.store)?;
    let sources = sources::rows(house)?;
    let destinations = activation::rows(house)?;
    let tallies = collect::sources::all(&house.store)?;
    let sum = |part: fn(&collect::sources::Tally) -> u64| tallies.iter().map(|(_, _, tally)| part(tally)).sum();
    let minutes = house.refusals.minutes(now).into_iter();
    Ok(Json(Home {
        as_of: now.to_string(),
        profiles: u64::from(totals.profiles),
        known: u64::from(totals.known),
        identifiers: u64::from(totals.identifiers),
        events: sum(|tally| tally.events),
        records: sum(|tally| tally.records),
        links: sum(|tally| tally.links),
        audiences: house.in_force().len() as u64,
        waiting,
        delivered: destinations.iter().map(|destination| destination.delivered).sum(),
        blocked: destinations.iter().map(|destination| destination.blocked).sum(),
        minutes: minutes.map(|(minute, events)| MinuteCount { minute: minute.to_string(), events }).collect(),
        sources,
        destinations,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }))
}
