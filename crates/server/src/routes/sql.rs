use api::{ErrorBody, SqlAnswer, SqlRequest};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::App;
use crate::errors::Problem;
use crate::questions::{self, AskError};

/// Runs one read-only statement over the tables of the lake; at most 10,000 rows come back.
#[utoipa::path(
    post, path = "/v1/sql", tag = "lake", request_body = SqlRequest,
    responses((status = 200, body = SqlAnswer), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn ask(State(app): State<App>, Json(request): Json<SqlRequest>) -> Result<Json<SqlAnswer>, Problem> {
    let (answer, took_ms) = questions::sql(&app.house, &request.sql).await?;
    Ok(Json(questions::wire_answer(&answer, took_ms)))
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        let status = match &error {
            AskError::Engine(_) | AskError::File(_) => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::of(&error, status)
    }
}
