//! The doors for events. A write key opens them, and nothing else.

use api::{Accepted, ErrorBody, Refused};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, header};
use collect::spec::{Door, Route, key_from_authorization, key_from_body};
use kit::Coded;
use model::Source;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use crate::errors::Problem;
use crate::routes::App;
use crate::way;

/// What a body may have before it is even looked at: a batch of 500 KiB, with room to say that it is too large.
pub const MOST_BODY_BYTES: usize = 4 << 20;

/// Pages on any origin may send events; the write key tells whose they are.
pub fn cross_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods([Method::POST, Method::OPTIONS])
        .allow_headers(AllowHeaders::mirror_request())
        .allow_credentials(true)
        .max_age(std::time::Duration::from_secs(600))
}

macro_rules! door {
    ($name:ident, $path:literal, $route:expr, $about:literal) => {
        #[doc = $about]
        ///
        /// The answer comes once the event is on disk. The body is one message of the Segment HTTP API.
        #[utoipa::path(
                                    post, path = $path, tag = "collect",
                                    request_body(content = Object, description = "a message of the Segment HTTP API"),
                                    responses(
                                        (status = 200, body = Accepted),
                                        (status = 400, body = ErrorBody), (status = 401, body = ErrorBody),
                                        (status = 413, body = ErrorBody), (status = 503, body = ErrorBody),
                                    ),
                                    security(("write_key" = []))
                                )]
        pub async fn $name(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Json<Accepted>, Problem> {
            accept(&app, $route, &headers, &body).await
        }
    };
}

door!(identify, "/v1/identify", Route::Identify, "Tells who somebody is.");
door!(track, "/v1/track", Route::Track, "Tells what somebody did.");
door!(page, "/v1/page", Route::Page, "Tells which page somebody saw.");
door!(screen, "/v1/screen", Route::Screen, "Tells which screen of an app somebody saw.");
door!(group, "/v1/group", Route::Group, "Tells which group somebody belongs to.");
door!(alias, "/v1/alias", Route::Alias, "Tells that two ids are one person's.");
door!(
    batch,
    "/v1/batch",
    Route::Batch,
    "Takes up to 2,500 messages at once. What is refused is listed; everything beside it is stored."
);

async fn accept(app: &App, route: Route, headers: &HeaderMap, body: &[u8]) -> Result<Json<Accepted>, Problem> {
    let now = app.house.clock.now();
    let source = source(app, headers, body)?;
    let door = Door::live(source.clone(), now);
    let received = way::receive(&app.house, route, body, &door).await.inspect_err(|error| {
        app.house.refusals.refused(&source, 1, now);
        tracing::debug!(%source, code = error.code(), "a request was refused");
    })?;
    app.house.refusals.accepted(received.accepted, now);
    if !received.refused.is_empty() {
        app.house.refusals.refused(&source, received.refused.len() as u64, now);
    }
    let refused = received.refused.into_iter().map(wire).collect();
    Ok(Json(Accepted { success: true, accepted: received.accepted, refused }))
}

/// Returns the source whose write key the request carries: in the header first, else in the body.
fn source(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<Source, Problem> {
    let header = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = header.and_then(key_from_authorization).or_else(|| key_from_body(body));
    let missing = || Problem::unauthorized("write_key_missing", "this needs a source's write key");
    let key = key.ok_or_else(missing)?;
    app.house
        .source_of(&key)
        .ok_or_else(|| Problem::unauthorized("write_key_unknown", "this write key belongs to no source"))
}

fn wire(refused: collect::spec::Refused) -> Refused {
    Refused {
        index: refused.index as u64,
        message_id: refused.message_id,
        code: refused.code.to_owned(),
        message: refused.message,
    }
}
