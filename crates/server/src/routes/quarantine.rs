use api::{Cursor, DropRequest, Dropped, ErrorBody, HeldList, HeldRow, ReplayReport, ReplayRequest, TextProblems};
use axum::Json;
use axum::extract::State;
use collect::quarantine::Filter;
use serde::Deserialize;

use super::App;
use crate::errors::{Body, DoorError, Path, Problem, Query};
use crate::plans::{self, blocking};
use crate::quarantine::{self, ReplayError};

const MOST_ROWS: usize = 200;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Listing {
    source: Option<String>,
    /// The plan that was broken.
    plan: Option<String>,
    /// How it was broken, e.g. `wrong_type`.
    kind: Option<String>,
    /// A track's name, else the kind of event.
    event: Option<String>,
    /// `waiting`, `replayed` or `dropped`.
    state: Option<String>,
    message_id: Option<String>,
    /// `cursor.next` of the page before.
    cursor: Option<String>,
    /// At most 200.
    limit: Option<usize>,
}

/// Lists events that plans hold back, with what they broke. A page may be short, or empty, and still have a next one.
#[utoipa::path(
    get, path = "/v1/quarantine", tag = "quarantine", params(Listing),
    responses((status = 200, body = HeldList), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn list(State(app): State<App>, Query(asked): Query<Listing>) -> Result<Json<HeldList>, Problem> {
    let limit = asked.limit.unwrap_or(50).clamp(1, MOST_ROWS);
    let filter = Filter {
        source: asked.source,
        state: asked.state.as_deref().map(quarantine::state_of).transpose()?,
        plan: asked.plan,
        kind: asked.kind.as_deref().map(quarantine::kind_of).transpose()?,
        event: asked.event,
        message_id: asked.message_id,
    };
    // A page looks at many rows where few fit.
    let page = blocking(move || quarantine::list(&app.house, &filter, asked.cursor.as_deref(), limit));
    let (data, next) = page.await?;
    Ok(Json(HeldList { data, cursor: Cursor { has_more: next.is_some(), limit: limit as u64, next } }))
}

/// Shows an event that a plan holds back, or held back.
#[utoipa::path(
    get, path = "/v1/quarantine/{source}/{number}", tag = "quarantine",
    params(("source" = String, Path), ("number" = u64, Path)),
    responses((status = 200, body = HeldRow), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn show(
    State(app): State<App>,
    Path((source, number)): Path<(String, u64)>,
) -> Result<Json<HeldRow>, Problem> {
    let found = quarantine::get(&app.house, &source, number)?;
    found.map(Json).ok_or_else(|| {
        Problem::not_found(
            "held_event_not_found",
            format!("there is no event {number} of `{source}` in the quarantine"),
        )
    })
}

/// Mends events that wait, and puts each into the journal once, by number, with its own message id and times. What cannot be mended, or would be
/// held again, goes on waiting, and the answer says why.
#[utoipa::path(
    post, path = "/v1/quarantine/replay", tag = "quarantine", request_body = ReplayRequest,
    responses((status = 200, body = ReplayReport), (status = 422, body = TextProblems), (status = 503, body = ErrorBody)),
    security(("token" = []))
)]
pub async fn replay(State(app): State<App>, Body(request): Body<ReplayRequest>) -> Result<Json<ReplayReport>, Problem> {
    Ok(Json(quarantine::replay(&app.house, request).await?))
}

/// Gives up events that wait. They can still be looked at for 30 days.
#[utoipa::path(
    post, path = "/v1/quarantine/drop", tag = "quarantine", request_body = DropRequest,
    responses((status = 200, body = Dropped), (status = 422, body = ErrorBody)), security(("token" = []))
)]
pub async fn drop(State(app): State<App>, Body(request): Body<DropRequest>) -> Result<Json<Dropped>, Problem> {
    Ok(Json(Dropped { dropped: quarantine::drop(&app.house, request).await? }))
}

impl From<ReplayError> for Problem {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Store(error) => error.into(),
            ReplayError::Journal(error) => DoorError::from(error).into(),
            ReplayError::Mend(ref found) => Self::unprocessable(&error).with(plans::problems(found)),
            ReplayError::Selection | ReplayError::Kind { .. } | ReplayError::State { .. } => {
                Self::unprocessable(&error)
            }
        }
    }
}
