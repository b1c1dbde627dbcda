use std::convert::Infallible;

use api::{ErrorBody, LiveList, Trace};
use axum::Json;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::App;
use crate::errors::{Path, Problem, Query};
use crate::live::LIVE_EVENTS;
use crate::trace as traces;

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct Latest {
    /// At most 500.
    limit: Option<usize>,
}

/// Shows the latest events, newest first, with what each did.
#[utoipa::path(get, path = "/v1/live", tag = "live", params(Latest), responses((status = 200, body = LiveList)), security(("token" = [])))]
pub async fn latest(State(app): State<App>, Query(query): Query<Latest>) -> Json<LiveList> {
    let events = app.house.live.latest(query.limit.unwrap_or(100).min(LIVE_EVENTS));
    Json(LiveList { data: events.iter().map(|event| (**event).clone()).collect() })
}

/// Streams events as they are walked, as server-sent events: each `data` is one `LiveEvent`.
#[utoipa::path(
    get, path = "/v1/live/stream", tag = "live",
    responses((status = 200, content_type = "text/event-stream", body = String)), security(("token" = []))
)]
pub async fn stream(State(app): State<App>) -> Sse<impl futures_util::Stream<Item = Result<Event, Infallible>>> {
    let events = app.house.live.follow();
    let stream = futures_util::stream::unfold(events, |mut events| async move {
        loop {
            match events.recv().await {
                Ok(event) => {
                    let data = serde_json::to_string(&*event).unwrap_or_default();
                    return Some((Ok(Event::default().data(data)), events));
                }
                // A slow reader misses some; the page says that it shows a sample.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

/// Shows the way of a message through the rooms.
#[utoipa::path(
    get, path = "/v1/trace/{message_id}", tag = "live", params(("message_id" = String, Path)),
    responses((status = 200, body = Vec<Trace>), (status = 404, body = ErrorBody)), security(("token" = []))
)]
pub async fn trace(State(app): State<App>, Path(message_id): Path<String>) -> Result<Json<Vec<Trace>>, Problem> {
    let found = traces::of(&app.house, &message_id)?;
    if found.is_empty() {
        return Err(Problem::not_found("message_not_found", "no message with this id has been walked"));
    }
    Ok(Json(found))
}

impl From<traces::TraceError> for Problem {
    fn from(error: traces::TraceError) -> Self {
        Self::of(&error, axum::http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}
