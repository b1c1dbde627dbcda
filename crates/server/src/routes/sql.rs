use api::{ErrorBody, SqlAnswer, SqlRequest};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::App;
use crate::errors::{Body, Problem};
use crate::questions::{self, AskError};

/// Runs one read-only statement over the tables of the lake; at most 10,000 rows come back.
#[utoipa::path(
    post, path = "/v1/sql", tag = "lake", request_body = SqlRequest,
    responses((status = 200, body = SqlAnswer), (status = 422, body = ErrorBody), (status = 503, body = ErrorBody)), security(("token" = []))
)]
pub async fn ask(State(app): State<App>, Body(request): Body<SqlRequest>) -> Result<Json<SqlAnswer>, Problem> {
    let (answer, took_ms) = questions::sql(&app.house, &request.sql, Some(questions::SQL_ROWS)).await?;
    Ok(Json(questions::wire_answer(&answer, took_ms)))
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match &error {
            // A question that ran out of time or memory is no wrong question: the engine says which ones may be asked again.
            AskError::Engine(error) => Self::unprocessable(error),
            AskError::File(error) => Self::unprocessable(error),
            _ => Self::of(&error, StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use lake::EngineError;

    use super::*;

    #[test]
    fn what_the_engine_could_not_do_now_may_be_asked_again() {
        let status = |error| Problem::from(AskError::Engine(error)).into_response().status().as_u16();
        let message = || "no memory left".to_owned();
        assert_eq!(status(EngineError::DeadlineExceeded { deadline_ms: 60_000 }), 503);
        assert_eq!(status(EngineError::EngineFailed { message: message() }), 503);
        assert_eq!(status(EngineError::SqlInvalid { message: message() }), 422);
        assert_eq!(status(EngineError::SqlNotReadOnly { message: message() }), 422);
    }
}
