//! The doors for events in Segment's words. A write key opens them, and nothing else.

use api::{Accepted, ErrorBody, Refused, Verdict};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use collect::enrich::Origin;
use collect::spec::{self, Door, Limits, Route, inflated, key_from_authorization, key_from_body, key_from_query};
use http_body_util::LengthLimitError;
use kit::Coded;
use model::{Event, Source};

use crate::errors::{DoorError, Problem};
use crate::peer::Peer;
use crate::plans::HeldBack;
use crate::routes::App;
use crate::way;

/// What a body may have before it is even looked at: a batch of 500 KiB, with room to say that it is too large.
pub const MOST_BODY_BYTES: usize = 4 << 20;

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
        pub async fn $name(
            State(app): State<App>,
            request: Request,
        ) -> Result<Json<Accepted>, Problem> {
            let (head, body) = request.into_parts();
            accept(&app, $route, Asked(&head), &whole(body).await?).await
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
    "Takes up to 2,500 messages at once. What is refused is listed; everything beside it is stored, or waits in the quarantine where a plan says so."
);

/// The same doors under their short names, and with a slash at the end, as clients know them.
pub fn short_forms() -> Router<App> {
    macro_rules! known_as {
        ($router:expr, $($path:literal => $door:ident),* $(,)?) => {
            $router$(.route($path, post($door)))*
        };
    }
    known_as!(
        Router::new(),
        "/v1/i" => identify, "/v1/t" => track, "/v1/p" => page, "/v1/s" => screen, "/v1/g" => group, "/v1/a" => alias,
        "/v1/b" => batch, "/v1/import" => batch,
        "/v1/identify/" => identify, "/v1/track/" => track, "/v1/page/" => page, "/v1/screen/" => screen,
        "/v1/group/" => group, "/v1/alias/" => alias, "/v1/batch/" => batch, "/v1/import/" => batch,
    )
}

/// Reads a body to its end, unless that is too far away.
async fn whole(body: Body) -> Result<Bytes, Problem> {
    let read = to_bytes(body, MOST_BODY_BYTES).await;
    read.map_err(|error| match error.into_inner().is::<LengthLimitError>() {
        true => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "batch_too_large", "the body is larger than a batch may be")
        }
        false => Problem::new(StatusCode::BAD_REQUEST, "body_unreadable", "the body broke off"),
    })
}

/// A request beside its body.
#[derive(Debug, Clone, Copy)]
struct Asked<'a>(&'a Parts);

impl Asked<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn query(&self) -> &str {
        self.0.uri.query().unwrap_or_default()
    }

    fn origin(&self) -> Origin {
        Origin::of_request(Peer::of(self.0).0, &|name| self.header(name))
    }

    /// Whether a verdict for each message is wanted: `?verdicts=1`, or the header `x-verdicts`.
    fn wants_verdicts(&self) -> bool {
        self.header("x-verdicts").is_some() || self.query().split('&').any(|pair| pair == "verdicts=1")
    }

    fn keys(&self, body: &[u8]) -> [Option<String>; 4] {
        [
            self.header(header::AUTHORIZATION.as_str()).and_then(key_from_authorization),
            self.header("x-write-key").map(str::to_owned),
            key_from_query(self.query()),
            key_from_body(body),
        ]
    }
}

async fn accept(app: &App, route: Route, asked: Asked<'_>, body: &[u8]) -> Result<Json<Accepted>, Problem> {
    let now = app.house.clock.now();
    let body = inflated(body, Limits::default().batch_bytes).map_err(DoorError::from)?;
    let source = source_of(app, asked.keys(&body))?;
    let door = Door::live(source.clone(), now);
    let note_refusal = |error: DoorError| {
        note_refusal(app, &source, &error, &body);
        error
    };
    let taken = spec::accept(route, &body, &door).map_err(DoorError::from).map_err(note_refusal)?;
    let readable = asked.wants_verdicts().then(|| message_ids(&taken.events));
    let received = way::keep(&app.house, taken, &asked.origin()).await.map_err(note_refusal)?;
    note(app, &source, &received);
    let verdicts = readable.map(|readable| verdicts(readable, &received));
    let quarantined = received.held.len() as u64;
    let refused = received.refused.into_iter().map(wire).collect();
    Ok(Json(Accepted { success: true, accepted: received.accepted, quarantined, refused, verdicts }))
}

/// Returns the source whose write keys a request carries. A request that carries keys of different sources opens nothing.
pub(super) fn source_of(app: &App, keys: impl IntoIterator<Item = Option<String>>) -> Result<Source, Problem> {
    let mut found: Option<Source> = None;
    for key in keys.into_iter().flatten().filter(|key| !key.is_empty()) {
        let source = app.house.source_of(&key);
        let source =
            source.ok_or_else(|| Problem::unauthorized("write_key_unknown", "this write key belongs to no source"))?;
        if found.as_ref().is_some_and(|found| *found != source) {
            let message = "the request carries write keys of different sources";
            return Err(Problem::unauthorized("write_keys_disagree", message));
        }
        found = Some(source);
    }
    found.ok_or_else(|| Problem::unauthorized("write_key_missing", "this needs a source's write key"))
}

/// Counts what came of a request.
pub(super) fn note(app: &App, source: &Source, received: &way::Received) {
    let now = app.house.clock.now();
    app.house.refusals.accepted(received.accepted, now);
    if !received.refused.is_empty() {
        app.house.refusals.refused_messages(source, &received.refused, now);
    }
}

/// Notes a request of which nothing was taken.
pub(super) fn note_refusal(app: &App, source: &Source, error: &DoorError, body: &[u8]) {
    app.house.refusals.refused_request(source, error, body, app.house.clock.now());
    tracing::debug!(%source, code = error.code(), "a request was refused");
}

fn message_ids(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.message_id.clone()).collect()
}

/// The verdicts in the order of the batch: what was refused knows its place, and the readable ones follow in order.
fn verdicts(readable: Vec<String>, received: &way::Received) -> Vec<Verdict> {
    let mut readable = readable.into_iter().enumerate();
    let (mut refused, mut held) = (received.refused.iter().peekable(), received.held.iter().peekable());
    let mut verdicts = Vec::new();
    loop {
        let index = verdicts.len() as u64;
        let verdict = match refused.next_if(|refused| refused.index as u64 == index) {
            Some(refused) => verdict_of_refused(refused),
            None => match readable.next() {
                Some((at, id)) => match held.next_if(|held| held.at == at) {
                    Some(held) => verdict_of_held(index, held),
                    None => Verdict { index, verdict: "stored".to_owned(), message_id: Some(id), ..Verdict::default() },
                },
                None => return verdicts,
            },
        };
        verdicts.push(verdict);
    }
}

fn verdict_of_refused(refused: &spec::Refused) -> Verdict {
    Verdict {
        index: refused.index as u64,
        verdict: "refused".to_owned(),
        message_id: refused.message_id.clone(),
        plan: None,
        code: Some(refused.code.to_owned()),
        message: Some(refused.message.clone()),
    }
}

fn verdict_of_held(index: u64, held: &HeldBack) -> Verdict {
    Verdict {
        index,
        verdict: "quarantined".to_owned(),
        message_id: Some(held.message_id.clone()),
        plan: Some(held.plan.clone()),
        code: Some(held.code.to_owned()),
        message: Some(held.message.clone()),
    }
}

fn wire(refused: spec::Refused) -> Refused {
    Refused {
        index: refused.index as u64,
        message_id: refused.message_id,
        code: refused.code.to_owned(),
        message: refused.message,
    }
}
