//! The routes at their boundary: requests in, answers out, over a house of their own. Nothing here asks the lake.

mod imports;
mod plans;
mod pulls;
mod quarantine;
mod remembering;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use kit::{Coded, ManualClock, Timestamp};
use lake::{Answer, BoxFuture, Engine, EngineError, Question, Snapshot};
use serde_json::{Value, json};
use server::{App, House, Options, Walker};
use tower::ServiceExt;

/// An engine that is busy.
#[derive(Debug)]
struct Busy;

impl Engine for Busy {
    fn query<'a>(&'a self, _: &'a Snapshot, question: Question<'a>) -> BoxFuture<'a, Result<Answer, EngineError>> {
        let deadline_ms = question.deadline.as_millis() as u64;
        Box::pin(async move { Err(EngineError::DeadlineExceeded { deadline_ms }) })
    }
}

struct World {
    app: App,
    routes: Router,
    token: String,
    house: Arc<House>,
    walker: Arc<Walker>,
    clock: Arc<ManualClock>,
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(ManualClock::at(Timestamp::parse("2026-11-24T00:00:00Z").expect("a time")));
        let house = House::open(Self::options(&dir, &clock)).expect("a fresh folder opens");
        let token = server::first_token(&house.store, false).expect("a token").expect("is the first").0;
        Self::over(house, token.expose().to_owned(), clock, dir)
    }

    fn over(house: Arc<House>, token: String, clock: Arc<ManualClock>, dir: tempfile::TempDir) -> Self {
        let walker = Arc::new(Walker::start(house.clone()).expect("the walker starts"));
        let app = App::new(house.clone(), walker.clone());
        let routes = server::router(app.clone());
        Self { app, routes, token, house, walker, clock, dir }
    }

    fn options(dir: &tempfile::TempDir, clock: &Arc<ManualClock>) -> Options {
        let journal = lake::journal::Options {
            segment_bytes: 1 << 20,
            clock: clock.clone(),
            ..lake::journal::Options::default()
        };
        Options {
            dir: dir.path().join("data"),
            clock: clock.clone(),
            engine: Arc::new(Busy),
            identity: None,
            journal,
            enricher: collect::enrich::Enricher::new(collect::enrich::Options::default(), None),
            trace_days: Some(7),
            rebuild: false,
        }
    }

    /// Closes the house and opens it again, maybe to build its views anew.
    async fn reopen(self, rebuild: bool) -> Self {
        let Self { app, routes, token, house, walker, clock, dir } = self;
        drop((app, routes, walker, house));
        loop {
            match House::open(Options { rebuild, ..Self::options(&dir, &clock) }) {
                Ok(house) => return Self::over(house, token, clock, dir),
                // What rang for the walker lets the folder go once the runtime comes by.
                Err(error) if error.code() == "data_folder_locked" => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Returns once everything durable is in the views.
    async fn catch_up(&self) {
        self.walker.wait_for(self.house.journal.durable_seq()).await;
    }

    /// The data folder.
    fn folder(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// Asks a route; returns the status, and the body (an error's code where it is one).
    async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.ask_as(method, path, ("authorization", &format!("Bearer {}", self.token)), body).await
    }

    async fn ask_as(&self, method: &str, path: &str, header: (&str, &str), body: Value) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path).header(header.0, header.1);
        let request = request.body(Body::from(body.to_string())).expect("a request");
        let answer = self.routes.clone().oneshot(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        (status, body.pointer("/error/code").cloned().unwrap_or(body))
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.ask("GET", path, Value::Null).await
    }

    /// Gets what is no JSON.
    async fn text(&self, path: &str) -> String {
        let request = Request::get(path).header("authorization", format!("Bearer {}", self.token));
        let answer = self.routes.clone().oneshot(request.body(Body::empty()).expect("a request")).await;
        let bytes = to_bytes(answer.expect("an answer").into_body(), 1 << 20).await.expect("a body");
        String::from_utf8(bytes.to_vec()).expect("UTF-8")
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.ask("POST", path, body).await
    }
}

#[tokio::test]
async fn links_mean_the_identifiers_that_profiles_have() {
    let world = World::new();
    let link = |a: &str| json!({ "a": a, "b": "user_id:u1", "verdict": "always" });
    assert_eq!(world.post("/v1/links", link("email: Ann@Example.COM")).await.0, 200);
    let (_, known) = world.get("/v1/profiles/email:ann@example.com/external_ids").await;
    let ids: Vec<_> = known["data"].as_array().expect("a list").iter().map(|id| id["id"].as_str()).collect();
    assert_eq!(ids, [Some("ann@example.com"), Some("u1")]);
    for bad in ["email:ann", "phone:12", "crm_id", &format!("crm_id:{}", "7".repeat(70_000))] {
        assert_eq!(world.post("/v1/links", link(bad)).await, (422, json!("identifier_invalid")));
    }
    assert_eq!(world.get("/v1/profiles/email:ann/traits").await, (422, json!("identifier_invalid")));
    assert_eq!(world.get("/v1/profiles/email:bob@example.com/traits").await, (404, json!("profile_not_found")));
    let (_, found) = world.get("/v1/profiles?query=ANN%20exam").await;
    assert_eq!((found["data"].as_array().map(Vec::len), &found["truncated"]), (Some(1), &json!(false)));
}

#[tokio::test]
async fn an_audience_is_not_replaced_by_chance() {
    let world = World::new();
    let audience = |rule: &str| json!({ "name": "germans", "rule": rule });
    assert_eq!(world.post("/v1/audiences", audience("country = 'DE'")).await.0, 201);
    assert_eq!(world.post("/v1/audiences", audience("country = 'AT'")).await, (409, json!("audience_exists")));
    let (_, list) = world.get("/v1/audiences").await;
    assert_eq!(list["data"][0]["rule"], "country = 'DE'");
    let (status, made) = world.post("/v1/audiences?replace=true", audience("country = 'AT'")).await;
    assert_eq!((status, &made["rule"]), (201, &json!("country = 'AT'")));
}

#[tokio::test]
async fn what_goes_wrong_has_a_code() {
    let world = World::new();
    for (path, body, expected) in [
        ("/v1/sql", json!({ "sql": "select 1" }), (503, "deadline_exceeded")),
        ("/v1/audiences/preview", json!({ "rule": "country = 'DE'" }), (503, "deadline_exceeded")),
        ("/v1/sql", json!({ "sql": 1 }), (422, "body_invalid")),
        ("/v1/audiences?replace=perhaps", json!({}), (400, "query_invalid")),
        ("/v1/destinations/nobody/retry", json!({}), (404, "destination_not_found")),
    ] {
        assert_eq!(world.post(path, body).await, (expected.0, json!(expected.1)), "{path}");
    }
}

#[tokio::test]
async fn dead_letters_are_put_back_by_a_route() {
    let world = World::new();
    world.post("/v1/audiences", json!({ "name": "germans", "rule": "country = 'DE'" })).await;
    let destination = json!({
        "name": "out", "kind": "file", "audience": "germans", "purpose": "ads", "options": { "format": "csv" }
    });
    assert_eq!(world.post("/v1/destinations", destination).await.0, 201);
    assert_eq!(world.post("/v1/destinations/out/retry", Value::Null).await, (200, json!({ "retried": 0 })));
}

#[tokio::test]
async fn each_message_has_its_verdict_and_what_was_refused_can_be_looked_up() {
    let world = World::new();
    let source = json!({ "name": "web", "write_key": "KEY-OF-WEB" });
    assert_eq!(world.post("/v1/sources", source.clone()).await.0, 201);
    assert_eq!(world.post("/v1/sources", source).await, (422, json!("source_exists")));
    let nobodys = json!({ "type": "track", "event": "Seen" });
    let batch = json!({ "batch": [nobodys, { "type": "page", "userId": "u", "messageId": "m1" }, nobodys] });
    let key = ("x-write-key", "KEY-OF-WEB");
    let (status, answer) = world.ask_as("POST", "/v1/batch?verdicts=1", key, batch.clone()).await;
    let verdict = |at: usize| (&answer["verdicts"][at]["index"], &answer["verdicts"][at]["verdict"]);
    assert_eq!((status, answer["accepted"].as_u64()), (200, Some(1)));
    assert_eq!(verdict(0), (&json!(0), &json!("refused")));
    assert_eq!(verdict(1), (&json!(1), &json!("stored")));
    assert_eq!(verdict(2), (&json!(2), &json!("refused")));
    assert_eq!(answer["verdicts"][1]["message_id"], "m1");
    assert_eq!(world.ask_as("POST", "/v1/b", key, batch).await.1.get("verdicts"), None, "not asked for");

    let (_, refused) = world.get("/v1/sources/web/verdicts").await;
    assert_eq!((&refused["total"], &refused["data"][0]["code"]), (&json!(4), &json!("no_identifier")));
    assert_eq!(refused["data"][0]["sample"], nobodys.to_string());
    assert_eq!(world.get("/v1/sources/nobody/verdicts").await, (404, json!("source_not_found")));
}

#[tokio::test]
async fn keys_of_different_sources_open_nothing_and_a_key_that_is_taken_away_neither() {
    let world = World::new();
    for name in ["web", "app"] {
        world.post("/v1/sources", json!({ "name": name, "write_key": format!("KEY-OF-{name}") })).await;
    }
    let track = |key: &str| json!({ "writeKey": key, "userId": "u", "event": "Seen" });
    let send =
        async |header: &str, body: &str| world.ask_as("POST", "/v1/t", ("x-write-key", header), track(body)).await;
    assert_eq!(send("KEY-OF-web", "KEY-OF-web").await.0, 200);
    assert_eq!(send("KEY-OF-web", "KEY-OF-app").await, (401, json!("write_keys_disagree")));
    assert_eq!(send("KEY-OF-web", "KEY-OF-none").await, (401, json!("write_key_unknown")));
    assert_eq!(world.post("/v1/sources/web/keys", json!({ "write_key": "KEY-OF-app" })).await.0, 422);
    assert_eq!(world.post("/v1/sources/web/keys", json!({ "write_key": "SECOND" })).await.0, 201);
    assert_eq!(send("KEY-OF-web", "SECOND").await.0, 200, "both are the source's");
    assert_eq!(world.ask("DELETE", "/v1/sources/web/keys/SECOND", Value::Null).await.0, 204);
    assert_eq!(send("SECOND", "SECOND").await, (401, json!("write_key_unknown")));
}

#[tokio::test]
async fn a_neighbours_client_hears_who_somebody_is_only_where_that_is_wanted() {
    let world = World::new();
    for (name, tells) in [("open", true), ("closed", false)] {
        let source = json!({ "name": name, "write_key": format!("KEY-OF-{name}"), "tells_profiles": tells });
        assert_eq!(world.post("/v1/sources", source).await.0, 201);
        let ann = json!({ "anonymousId": "s1", "traits": { "plan": "pro" } });
        let key = format!("KEY-OF-{name}");
        assert_eq!(world.ask_as("POST", "/v1/identify", ("x-write-key", &key), ann).await.0, 200);
        let view = json!({ "eventType": "view", "scope": key, "target": { "itemType": "page", "itemId": "p" } });
        let asks = json!({ "sessionId": "s1", "requiredProfileProperties": ["*"], "events": [view] });
        let (status, told) = world.ask_as("POST", "/context.json", ("x-write-key", &key), asks).await;
        let expected = if tells { json!({ "plan": "pro" }) } else { json!({}) };
        assert_eq!((status, &told["profileProperties"]), (200, &expected), "{name}");
    }
}
