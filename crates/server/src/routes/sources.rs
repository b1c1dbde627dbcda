use api::{NewSource, SourceKey, SourceList, SourceRow};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use collect::sources::{self, SourceError, Tally};
use kit::MINUTE_MS;
use store::StoreError;

use super::App;
use crate::House;
use crate::errors::{Body, Problem};

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
    let source = sources::create(&mut draft, &new.name, app.house.clock.now()).map_err(|error| match error {
        SourceError::Store(error) => Problem::from(error),
        other => Problem::unprocessable(&other),
    })?;
    app.house.store.commit(draft)?;
    app.house.take_up_sources()?;
    let write_key = source.write_key.map(|key| key.expose().to_owned()).unwrap_or_default();
    Ok((StatusCode::CREATED, Json(SourceKey { name: source.name, write_key })))
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
        SourceRow {
            state: state.to_owned(),
            facts: tally.facts(),
            refused,
            repeated: tally.repeated,
            last_seen: tally.last_seen.map(|at| at.to_string()),
            has_write_key: definition.is_some_and(|source| source.write_key.is_some()),
            name,
        }
    };
    Ok(sources::all(&house.store)?.into_iter().map(row).collect())
}
