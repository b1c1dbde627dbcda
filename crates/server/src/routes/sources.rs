use api::{NewKey, NewSource, RefusedLately, RefusedList, SourceKey, SourceList, SourceRow};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use collect::sources::{self, SourceError, SourceOptions, Tally};
use kit::{Coded, MINUTE_MS};
use store::StoreError;

use super::App;
use crate::errors::{Body, Path, Problem, help_for};
use crate::{House, tally};

/// A source is live, or failing, while something happened within this time.
const RECENT_MS: i64 = 5 * MINUTE_MS;

/// Lists every source, and how it fares.
#[utoipa::path(get, path = "/v1/sources", tag = "sources", responses((status = 200, body = SourceList)), security(("token" = [])))]
pub async fn list(State(app): State<App>) -> Result<Json<SourceList>, Problem> {
    Ok(Json(SourceList { data: rows(&app.house)? }))
}

/// Makes a source with a fresh write key.
#[utoipa::path(
    post, path = "/v1/sources", tag = "sources", request_body = NewSource,
    responses((status = 201, body = SourceKey), (status = 422, body = api::ErrorBody)), security(("token" = []))
)]
pub async fn create(
    State(app): State<App>,
    Body(new): Body<NewSource>,
) -> Result<(StatusCode, Json<SourceKey>), Problem> {
    let mut draft = app.house.store.draft();
    let options = SourceOptions { tells_profiles: new.tells_profiles, dedupe_days: new.dedupe_days };
    let key = new.write_key.as_deref();
    let source = sources::create(&mut draft, &new.name, key, options, app.house.clock.now()).map_err(problem)?;
    app.house.store.commit(draft)?;
    app.house.take_up_sources()?;
    let write_key = source.write_keys.first().map(|key| key.expose().to_owned()).unwrap_or_default();
    Ok((StatusCode::CREATED, Json(SourceKey { name: source.name, write_key })))
}

/// Gives a source one more write key.
#[utoipa::path(
    post, path = "/v1/sources/{name}/keys", tag = "sources", params(("name" = String, Path)), request_body = NewKey,
    responses(
        (status = 201, body = SourceKey), (status = 404, body = api::ErrorBody), (status = 422, body = api::ErrorBody)
    ),
    security(("token" = []))
)]
pub async fn add_key(
    State(app): State<App>,
    Path(name): Path<String>,
    Body(new): Body<NewKey>,
) -> Result<(StatusCode, Json<SourceKey>), Problem> {
    let mut draft = app.house.store.draft();
    let key = sources::add_key(&mut draft, &name, new.write_key.as_deref()).map_err(problem)?;
    app.house.store.commit(draft)?;
    app.house.take_up_sources()?;
    Ok((StatusCode::CREATED, Json(SourceKey { name, write_key: key.expose().to_owned() })))
}

/// Takes a write key from a source: it opens nothing any more.
#[utoipa::path(
    delete, path = "/v1/sources/{name}/keys/{write_key}", tag = "sources",
    params(("name" = String, Path), ("write_key" = String, Path)),
    responses((status = 204), (status = 404, body = api::ErrorBody)), security(("token" = []))
)]
pub async fn remove_key(
    State(app): State<App>,
    Path((name, write_key)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let mut draft = app.house.store.draft();
    sources::remove_key(&mut draft, &name, &write_key).map_err(problem)?;
    app.house.store.commit(draft)?;
    app.house.take_up_sources()?;
    Ok(StatusCode::NO_CONTENT)
}

fn problem(error: SourceError) -> Problem {
    match error {
        SourceError::Store(error) => Problem::from(error),
        other if matches!(other.code(), "source_not_found" | "write_key_not_found") => {
            Problem::of(&other, StatusCode::NOT_FOUND)
        }
        other => Problem::unprocessable(&other),
    }
}

/// Lists the latest messages that a source sent and that were refused, with the reason and what mends it.
#[utoipa::path(
    get, path = "/v1/sources/{name}/verdicts", tag = "sources", params(("name" = String, Path)),
    responses((status = 200, body = RefusedList), (status = 404, body = api::ErrorBody)), security(("token" = []))
)]
pub async fn verdicts(State(app): State<App>, Path(name): Path<String>) -> Result<Json<RefusedList>, Problem> {
    let sources = sources::all(&app.house.store)?;
    if !sources.iter().any(|(known, ..)| *known == name) {
        return Err(Problem::not_found("source_not_found", format!("there is no source `{name}`")));
    }
    let wire = |refusal: tally::Refusal| RefusedLately {
        at: refusal.at.to_string(),
        code: refusal.code.to_owned(),
        message: refusal.message,
        fix: help_for(refusal.code).map(str::to_owned),
        message_id: refusal.message_id,
        sample: refusal.sample,
    };
    let data = app.house.refusals.recent(&name).into_iter().map(wire).collect();
    Ok(Json(RefusedList { total: app.house.refusals.of(&name).0, source: name, data }))
}

pub(super) fn rows(house: &House) -> Result<Vec<SourceRow>, StoreError> {
    let row = |(name, definition, tally): (String, Option<sources::SourceDefinition>, Tally)| {
        let (refused, refused_at) = house.refusals.of(&name);
        let recent = |at: Option<kit::Timestamp>| at.is_some_and(|at| house.clock.now().since_ms(at) < RECENT_MS);
        let state = match () {
            () if recent(refused_at) => "failing",
            () if recent(tally.last_seen) => "live",
            () if tally.facts() > 0 => "quiet",
            () => "waiting",
        };
        Ok(SourceRow {
            state: state.to_owned(),
            facts: tally.facts(),
            refused,
            repeated: tally.repeated,
            quarantined: collect::quarantine::counts(&house.store, &name)?.waiting,
            last_seen: tally.last_seen.map(|at| at.to_string()),
            has_write_key: definition.is_some_and(|source| !source.write_keys.is_empty()),
            name,
        })
    };
    sources::all(&house.store)?.into_iter().map(row).collect()
}
