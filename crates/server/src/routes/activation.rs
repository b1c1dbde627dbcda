use activation::{Definition, Line, Status};
use api::{
    DeliveryList, DeliveryRow, DestinationKind, DestinationKindList, DestinationList, DestinationRow, ErrorBody,
    FollowedEvents, NewDestination, Retried,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use store::StoreError;

use super::App;
use crate::House;
use crate::errors::{Body, Path, Problem, Query};

/// Lists every destination, and how it fares.
#[utoipa::path(get, path = "/v1/destinations", tag = "destinations", responses((status = 200, body = DestinationList)), security(("token" = [])))]
pub async fn list(State(app): State<App>) -> Result<Json<DestinationList>, Problem> {
    Ok(Json(DestinationList { data: rows(&app.house)? }))
}

/// Makes a destination that follows an audience or events. Of an audience, members for whom consent allows it are told from now on; those in it now are
/// told at once. Of events, those that are received from now on are told, as they were sent, where consent allows it.
#[utoipa::path(
    post, path = "/v1/destinations", tag = "destinations", request_body = NewDestination,
    responses((status = 201, body = DestinationRow), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn create(
    State(app): State<App>,
    Body(new): Body<NewDestination>,
) -> Result<(StatusCode, Json<DestinationRow>), Problem> {
    let house = &app.house;
    if !new.audience.is_empty() && house.in_force().get(&new.audience).is_none() {
        let message = format!("there is no audience `{}` to follow", new.audience);
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "audience_not_found", message));
    }
    let definition = crate::questions::follow(house, new)?;
    app.walker.redefine().await;
    Ok((StatusCode::CREATED, Json(row(activation::status(&house.store, definition)?))))
}

/// Removes a destination. What it was told stays with it.
#[utoipa::path(
    delete, path = "/v1/destinations/{name}", tag = "destinations", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn remove(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    let mut draft = app.house.store.draft();
    activation::delete(&mut draft, &name)?;
    app.house.store.commit(draft)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a destination's dead letters back: what was given up is sent again, unless something later has overtaken it.
#[utoipa::path(
    post, path = "/v1/destinations/{name}/retry", tag = "destinations", params(("name" = String, Path)),
    responses((status = 200, body = Retried), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn retry(State(app): State<App>, Path(name): Path<String>) -> Result<Json<Retried>, Problem> {
    Ok(Json(Retried { retried: app.deliverer.retry_dead(&name)? }))
}

/// Lists the kinds of destination, each with the schema of its options.
#[utoipa::path(get, path = "/v1/destinations/kinds", tag = "destinations", responses((status = 200, body = DestinationKindList)), security(("token" = [])))]
pub async fn kinds() -> Json<DestinationKindList> {
    let kind = |kind: &activation::Kind| DestinationKind {
        name: kind.name.to_owned(),
        title: kind.title.to_owned(),
        about: kind.page.to_owned(),
        takes_events: kind.takes_events,
        options: kind.schema(),
    };
    Json(DestinationKindList { data: activation::ALL.iter().map(kind).collect() })
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Which {
    destination: Option<String>,
    /// At most 500.
    limit: Option<usize>,
}

/// Lists the ledger's latest lines: what was sent, what was refused, and why.
#[utoipa::path(get, path = "/v1/deliveries", tag = "destinations", params(Which), responses((status = 200, body = DeliveryList)), security(("token" = [])))]
pub async fn deliveries(State(app): State<App>, Query(which): Query<Which>) -> Result<Json<DeliveryList>, Problem> {
    let limit = which.limit.unwrap_or(100).min(500);
    let lines = activation::lines(&app.house.store, which.destination.as_deref(), limit)?;
    Ok(Json(DeliveryList { data: lines.into_iter().map(|(_, line)| delivery(line)).collect() }))
}

impl From<activation::Error> for Problem {
    fn from(error: activation::Error) -> Self {
        match &error {
            activation::Error::Store(_) => Self::of(&error, StatusCode::INTERNAL_SERVER_ERROR),
            _ if kit::Coded::code(&error).ends_with("not_found") => Self::of(&error, StatusCode::NOT_FOUND),
            _ => Self::unprocessable(&error),
        }
    }
}

pub(super) fn rows(house: &House) -> Result<Vec<DestinationRow>, StoreError> {
    Ok(activation::statuses(&house.store)?.into_iter().map(row).collect())
}

fn row(status: Status) -> DestinationRow {
    let options = status.shown_options();
    let Definition { name, kind, audience, events, purpose, .. } = status.definition;
    let events = events.map(|activation::Events { names, sources }| FollowedEvents { names, sources });
    DestinationRow {
        name,
        kind,
        audience,
        events,
        purpose,
        state: status.health.as_str().to_owned(),
        failure: status.failure,
        delivered: status.delivered,
        blocked: status.blocked,
        waiting: status.waiting,
        dead: status.dead,
        options,
    }
}

fn delivery(line: Line) -> DeliveryRow {
    DeliveryRow {
        id: line.id,
        destination: line.destination,
        audience: line.audience,
        profile: line.profile.to_string(),
        action: match line.action {
            model::Action::Enter => "enter",
            model::Action::Exit => "exit",
            model::Action::Forward => "forward",
        }
        .to_owned(),
        outcome: line.outcome.as_str().to_owned(),
        attempts: line.attempts,
        reason: line.reason,
        at: line.at.to_string(),
    }
}
