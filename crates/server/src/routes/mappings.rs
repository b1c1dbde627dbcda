use api::{ErrorBody, MappingList, MappingRow, MappingText};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use collect::mappings::{self, MappingError, Named};
use kit::Coded;

use super::App;
use crate::errors::{Path, Problem};

/// Lists the mapping files that are kept, by name.
#[utoipa::path(get, path = "/v1/mappings", tag = "mappings", responses((status = 200, body = MappingList)), security(("token" = [])))]
pub async fn list(State(app): State<App>) -> Result<Json<MappingList>, Problem> {
    let data = mappings::all(&app.house.store)?.iter().map(row).collect();
    Ok(Json(MappingList { data }))
}

/// Shows the latest version of a mapping file.
#[utoipa::path(
    get, path = "/v1/mappings/{name}", tag = "mappings", params(("name" = String, Path)),
    responses((status = 200, body = MappingText), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn show(State(app): State<App>, Path(name): Path<String>) -> Result<Json<MappingText>, Problem> {
    let Named { name, version, saved_at, text } = mappings::get(&app.house.store, &name)?;
    Ok(Json(MappingText { name, version, saved_at: saved_at.to_string(), text }))
}

/// Keeps a mapping file under a name, as its next version. The body is the file (YAML or JSON); all of its problems are told at once.
#[utoipa::path(
    put, path = "/v1/mappings/{name}", tag = "mappings", params(("name" = String, Path)),
    request_body(content = String, content_type = "application/yaml", description = "a mapping file"),
    responses((status = 200, body = MappingRow), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn put(State(app): State<App>, Path(name): Path<String>, body: Bytes) -> Result<Json<MappingRow>, Problem> {
    let unreadable = |_| Problem::new(StatusCode::BAD_REQUEST, "invalid_utf8", "the body is not valid UTF-8");
    let text = std::str::from_utf8(&body).map_err(unreadable)?;
    let mut draft = app.house.store.draft();
    let named = mappings::put(&mut draft, &name, text, app.house.clock.now())?;
    app.house.store.commit(draft)?;
    Ok(Json(row(&named)))
}

/// Takes a mapping file away. What it brought in stays.
#[utoipa::path(
    delete, path = "/v1/mappings/{name}", tag = "mappings", params(("name" = String, Path)),
    responses((status = 204), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn remove(State(app): State<App>, Path(name): Path<String>) -> Result<StatusCode, Problem> {
    let mut draft = app.house.store.draft();
    mappings::remove(&mut draft, &name, app.house.clock.now())?;
    app.house.store.commit(draft)?;
    Ok(StatusCode::NO_CONTENT)
}

fn row(named: &Named) -> MappingRow {
    let columns = named.mapping().map(|mapping| mapping.columns().to_vec()).unwrap_or_default();
    MappingRow { name: named.name.clone(), version: named.version, saved_at: named.saved_at.to_string(), columns }
}

impl From<MappingError> for Problem {
    fn from(error: MappingError) -> Self {
        match error {
            MappingError::Store(error) => Self::from(error),
            error @ MappingError::Unknown { .. } => Self::not_found(error.code(), error.to_string()),
            error => Self::unprocessable(&error),
        }
    }
}
