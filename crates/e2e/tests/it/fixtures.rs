//! What comes in in Segment's words reaches a webhook as it was sent: the fixtures of Segment's own end-to-end suite, and its templates of real traffic.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use e2e::{Server, world};
use serde_json::{Value, json};

/// What Segment's own harness does not compare, and what every envelope has though the message has it not.
const TIMES: [&str; 3] = ["receivedAt", "sentAt", "originalTimestamp"];
const NOW: &str = "2026-01-10T10:00:00.000Z";

#[tokio::test]
async fn every_fixture_is_delivered_as_it_was_sent() {
    let Some(suite) = world::shared("suites/segment-e2e-fixtures") else { return };
    let messages = messages(&suite);
    let server = Server::start().await;
    let (key, decisions, receiver) =
        (server.source("web").await, server.source("decisions").await, Receiver::start().await);
    let events = json!({ "sources": ["web"] });
    let options = json!({ "url": receiver.url });
    let hook =
        json!({ "name": "hook", "kind": "webhook", "events": events, "purpose": "analytics", "options": options });
    server.post("/v1/destinations", &hook).await.well();
    for message in &messages {
        server.send(&decisions, "identify", &consent_of(message)).await.well();
    }
    server.walked().await;
    for message in &messages {
        let door = message["type"].as_str().expect("a kind");
        server.send(&key, door, message).await.well();
    }
    let all = messages.len();
    server.until("/v1/destinations", "all are delivered", |list| list["data"][0]["delivered"] == all).await;
    let mut heard: BTreeMap<String, Value> = receiver.heard().into_iter().map(|body| (id(&body), body)).collect();
    for message in messages {
        let body = heard.remove(&id(&message)).unwrap_or_else(|| panic!("not delivered: {message}"));
        assert_eq!(comparable(body), comparable(message));
    }
    assert!(heard.is_empty(), "nothing else is told: {heard:?}");
}

/// The fixtures and the templates, filled in, each with an id of its own.
fn messages(suite: &Path) -> Vec<Value> {
    let mut texts = Vec::new();
    for path in files(&suite.join("fixtures")) {
        texts.push(std::fs::read_to_string(path).expect("a fixture"));
    }
    for path in files(&suite.join("templates")) {
        let text = std::fs::read_to_string(path).expect("a template");
        texts.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
    }
    assert_eq!(texts.len(), 109, "11 fixtures and 98 templates");
    texts.iter().enumerate().map(|(number, text)| message(text, number)).collect()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// Fills a template in. Addresses are cut at the door by design, so none is put where a person's would stand.
fn message(text: &str, number: usize) -> Value {
    let filled = text
        .replace("{{now.utc}}", NOW)
        .replace("{{ipv4}}", "0.0.0.0")
        .replace("{{email}}", &format!("p{number}@example.com"));
    let mut parts = filled.split("{{");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("a name has an end");
        whole += &format!("{name}-{number}{rest}");
    }
    let mut message: Value = serde_json::from_str(&whole).unwrap_or_else(|error| panic!("{error}: {whole}"));
    message["messageId"] = json!(format!("message-{number}"));
    message
}

/// The same person, who allows it.
fn consent_of(message: &Value) -> Value {
    let mut person = json!({ "context": { "consent": { "categoryPreferences": { "analytics": true } } } });
    for word in ["userId", "anonymousId"] {
        person[word] = message[word].clone();
    }
    person
}

fn id(body: &Value) -> String {
    body["messageId"].as_str().expect("every message has an id").to_owned()
}

/// Without the times; `null` says nothing, and the time of a message that brought none is its arrival's.
fn comparable(mut body: Value) -> Value {
    let words = body.as_object_mut().expect("an object");
    TIMES.iter().for_each(|word| _ = words.remove(*word));
    words.retain(|_, value| !value.is_null());
    if words.get("timestamp").is_some_and(|time| time != NOW) {
        words.remove("timestamp");
    }
    body
}

/// A receiver of webhooks on a port of its own.
struct Receiver {
    url: String,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/events", listener.local_addr().expect("an address"));
        let bodies = Arc::default();
        let router = Router::new().route("/events", post(receive)).with_state(Arc::clone(&bodies));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, bodies }
    }

    fn heard(&self) -> Vec<Value> {
        self.bodies.lock().expect("nobody panics with it").clone()
    }
}

async fn receive(State(bodies): State<Arc<Mutex<Vec<Value>>>>, Json(body): Json<Value>) {
    bodies.lock().expect("nobody panics with it").push(body);
}
