//! Unmodified clients of other platforms talk to the house, and what they said is read back, field by field.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use e2e::{Server, world};
use serde_json::{Value, json};

const ANALYTICS_NODE: Client = Client::Node("@segment/analytics-node", "analytics-node");

#[tokio::test]
async fn analytics_node_is_understood() {
    let Some(server) = listened_to(ANALYTICS_NODE).await else { return };
    let person = Person::of(&server, "anonymous_id:node-anonymous").await;
    assert_eq!(person.traits, json!({ "email": "Node@Example.com", "plan": "pro" }), "a group's seats are not hers");
    assert_eq!(person.ids, ["anonymous_id:node-anonymous", "email:node@example.com", "user_id:node-1"]);
    let story = ["alias", "group", "identify", "page Home", "screen Basket", "track Looked", "track Order Completed"];
    assert_eq!(person.story(), story);
    assert_eq!(person.told("Order Completed"), &json!({ "total": 99.5, "revenue": 99.5, "products": ["Ütf-8 ✓"] }));
}

#[tokio::test]
async fn rudder_sdk_node_is_understood() {
    let Some(server) = listened_to(Client::Node("@rudderstack/rudder-sdk-node", "rudder-sdk-node")).await else {
        return;
    };
    let person = Person::of(&server, "anonymous_id:rudder-node-device").await;
    assert_eq!(person.traits, json!({ "email": "Rudder.Node@Example.com", "plan": "pro" }));
    let ids = ["anonymous_id:rudder-node-device", "email:rudder.node@example.com", "user_id:rudder-node-1"];
    assert_eq!(person.ids, ids);
    assert_eq!(person.story(), ["alias", "identify", "page Home", "track Looked", "track Order Completed"]);
    assert_eq!(person.told("Order Completed"), &order());
    assert_eq!(person.told("Home"), &json!({ "url": "https://shop.example/" }));
}

#[tokio::test]
async fn jitsu_js_is_understood() {
    let Some(server) = listened_to(Client::Node("@jitsu/js", "jitsu-js")).await else { return };
    let person = Person::of(&server, "anonymous_id:jitsu-device").await;
    assert_eq!(person.traits, json!({ "email": "Jitsu@Example.com", "plan": "pro" }));
    assert_eq!(person.ids, ["anonymous_id:jitsu-device", "email:jitsu@example.com", "user_id:jitsu-1"]);
    assert_eq!(person.story(), ["identify", "page", "track Looked", "track Order Completed"]);
    assert_eq!(person.told("Order Completed"), &order());
    assert_eq!(person.told("page"), &json!({ "name": "Home", "url": "https://shop.example/", "path": "/" }));
}

#[tokio::test]
async fn posthog_node_is_understood() {
    let Some(server) = listened_to(Client::Node("posthog-node", "posthog-node")).await else { return };
    let person = Person::of(&server, "anonymous_id:posthog-node-device").await;
    assert_eq!(person.traits, json!({ "email": "Posthog.Node@Example.com", "plan": "pro" }));
    let ids = ["anonymous_id:posthog-node-device", "email:posthog.node@example.com", "user_id:posthog-node-1"];
    assert_eq!(person.ids, ids);
    assert_eq!(
        person.story(),
        ["alias", "identify", "page", "track $feature_flag_called", "track Looked", "track Order Completed"]
    );
    person.says("Order Completed", order());
    person.says("Order Completed", json!({ "$lib": "posthog-node", "$lib_version": "5.70.0" }));
    person.says("page", json!({ "url": "https://shop.example/" }));
}

#[tokio::test]
async fn snowplow_node_tracker_is_understood() {
    let Some(server) = listened_to(Client::Node("@snowplow/node-tracker", "snowplow-node-tracker")).await else {
        return;
    };
    let person = Person::of(&server, "anonymous_id:snowplow-device").await;
    assert_eq!(person.ids, ["anonymous_id:snowplow-device", "user_id:snowplow-1"]);
    assert_eq!(person.story(), ["page", "track Looked", "track order_completed", "track signed_in"]);
    let looked = json!({ "category": "shop", "label": "mug", "value": 2 });
    assert_eq!(person.told("Looked"), &looked);
    person.says("order_completed", order());
    person.says("order_completed", json!({ "$schema": "iglu:com.example/order_completed/jsonschema/1-0-0" }));
    person.says("page", json!({ "url": "https://shop.example/", "title": "Home" }));
    let customer = json!({ "email": "Snowplow@Example.com", "plan": "pro" });
    let entity = json!([{ "schema": "iglu:com.example/customer/jsonschema/1-0-0", "data": customer }]);
    assert_eq!(person.event("signed_in")["context"]["snowplow"], entity);
    assert_eq!(person.traits, json!({}), "only its owner knows what a context means");
}

#[tokio::test]
async fn segment_analytics_python_is_understood() {
    let Some(server) = listened_to(Client::Python("segment.analytics", "segment_analytics_python")).await else {
        return;
    };
    let person = Person::of(&server, "anonymous_id:segment-python-device").await;
    assert_eq!(person.traits, json!({ "email": "Segment.Python@Example.com", "plan": "pro" }));
    let ids = ["anonymous_id:segment-python-device", "email:segment.python@example.com", "user_id:segment-python-1"];
    assert_eq!(person.ids, ids);
    assert_eq!(person.story(), ["alias", "identify", "page Home", "track Looked", "track Order Completed"]);
    assert_eq!(person.told("Order Completed"), &order());
    assert_eq!(person.told("Home"), &json!({ "url": "https://shop.example/", "category": "Shop" }));
}

#[tokio::test]
async fn rudder_sdk_python_is_understood() {
    let Some(server) = listened_to(Client::Python("rudderstack.analytics", "rudder_sdk_python")).await else { return };
    let person = Person::of(&server, "anonymous_id:rudder-python-device").await;
    assert_eq!(person.traits, json!({ "email": "Rudder.Python@Example.com", "plan": "pro" }));
    let ids = ["anonymous_id:rudder-python-device", "email:rudder.python@example.com", "user_id:rudder-python-1"];
    assert_eq!(person.ids, ids);
    assert_eq!(person.story(), ["alias", "identify", "page Home", "track Looked", "track Order Completed"]);
    assert_eq!(person.told("Order Completed"), &order());
    assert_eq!(person.told("Home"), &json!({ "url": "https://shop.example/", "category": "Shop" }));
}

#[tokio::test]
async fn posthog_python_is_understood() {
    let Some(server) = listened_to(Client::Python("posthog", "posthog_python")).await else { return };
    let person = Person::of(&server, "anonymous_id:posthog-python-device").await;
    assert_eq!(person.traits, json!({ "email": "Posthog.Python@Example.com", "plan": "pro" }));
    let ids = ["anonymous_id:posthog-python-device", "email:posthog.python@example.com", "user_id:posthog-python-1"];
    assert_eq!(person.ids, ids);
    assert_eq!(
        person.story(),
        ["alias", "identify", "page", "track $feature_flag_called", "track Looked", "track Order Completed"]
    );
    person.says("Order Completed", order());
    person.says("Order Completed", json!({ "$lib": "posthog-python", "$lib_version": "7.91.1" }));
    person.says("page", json!({ "url": "https://shop.example/" }));
}

#[tokio::test]
async fn mixpanel_python_is_understood() {
    let Some(server) = listened_to(Client::Python("mixpanel", "mixpanel_python")).await else { return };
    let person = Person::of(&server, "anonymous_id:mixpanel-device").await;
    assert_eq!(person.traits, json!({ "email": "Mixpanel@Example.com", "plan": "pro" }));
    assert_eq!(person.ids, ["anonymous_id:mixpanel-device", "email:mixpanel@example.com", "user_id:mixpanel-1"]);
    assert_eq!(person.story(), ["alias", "identify", "track Looked", "track Order Completed"]);
    person.says("Order Completed", order());
    person.says("Order Completed", json!({ "mp_lib": "python", "$lib_version": "5.4.1" }));
}

#[tokio::test]
async fn what_a_client_tells_again_is_one_event() {
    if !ANALYTICS_NODE.is_here() {
        return;
    }
    let server = Server::start().await;
    let (key, deaf) = (server.source("shop").await, Deaf::before(&server).await);
    ANALYTICS_NODE.speak(&deaf.base, &key).await;
    server.walked().await;
    let person = Person::of(&server, "user_id:node-1").await;
    let lost = deaf.lost.lock().expect("nobody panics with it").clone();
    assert_eq!(lost.len(), Deaf::TIMES, "the client had to say it again");
    for message in lost.iter().flat_map(|post| post["batch"].as_array().expect("a batch")) {
        let same = person.events.iter().filter(|event| event["message_id"] == message["messageId"]);
        assert_eq!(same.count(), 1, "{message}");
    }
    assert_eq!(person.events.len(), 7);
    let rows = server.sql("select count(*) as n, count(distinct message_id) as ids from events").await;
    assert_eq!(rows, [json!({ "n": 7, "ids": 7 })]);
}

#[tokio::test]
async fn replay_of_captured_requests() {
    let Some(script) = world::shared("clients/scripts/replay.mjs") else { return };
    if !world::has_program("node") {
        return;
    }
    let server = Server::start().await;
    for (source, tells_profiles, keys) in [
        ("segment", false, &["WRITEKEY", "tok-123"][..]),
        ("jitsu", false, &["KEYID:SECRET"]),
        ("posthog", false, &["phc_TEST"]),
        ("snowplow", false, &["shop"]),
        ("unomi", true, &["myscope"]),
        ("mixpanel", false, &["TOKEN"]),
        ("amplitude", false, &["APIKEY"]),
        ("google", false, &["SECRET"]),
    ] {
        let new = json!({ "name": source, "write_key": keys[0], "tells_profiles": tells_profiles });
        server.post("/v1/sources", &new).await.well();
        for key in &keys[1..] {
            add_key(&server, source, key).await;
        }
    }
    let mut replay = Command::new("node");
    replay.arg(script).arg(base(&server));
    let said = output_of(replay).await;
    assert_eq!(said.text.trim_end(), "150 passed, 0 failed");

    server.walked().await;
    let person = Person::of(&server, "user_id:u1").await;
    assert_eq!(person.traits["email"], "ann@example.com");
    assert!(person.ids.contains(&"anonymous_id:anon-1".to_owned()), "{:?}", person.ids);
}

/// What the drivers say of an order, each in the words of its client.
fn order() -> Value {
    json!({ "order_id": "o-1", "total": 99.5, "revenue": 99.5 })
}

/// Starts a house and lets the client speak to it. `None`, and a line that says why, where the client is not here.
async fn listened_to(client: Client) -> Option<Server> {
    if !client.is_here() {
        return None;
    }
    let server = Server::start().await;
    let mut key = server.source("shop").await;
    if client.wants_two_words() {
        key = "shop:secret".to_owned();
        add_key(&server, "shop", &key).await;
    }
    client.speak(&base(&server), &key).await;
    server.walked().await;
    Some(server)
}

async fn add_key(server: &Server, source: &str, key: &str) {
    server.post(&format!("/v1/sources/{source}/keys"), &json!({ "write_key": key })).await.well();
}

fn base(server: &Server) -> String {
    format!("http://{}", server.address())
}

/// An unmodified client: its package, and the file beside the packages that drives it. `./dev test` installs the packages.
#[derive(Debug, Clone, Copy)]
enum Client {
    Node(&'static str, &'static str),
    Python(&'static str, &'static str),
}

impl Client {
    fn is_here(self) -> bool {
        let (package, found) = match self {
            Self::Node(package, _) => {
                let folder = world::repository("crates/e2e/node/node_modules").join(package);
                (package, folder.exists() && world::has_program("node"))
            }
            Self::Python(package, _) => {
                let import = Command::new(python()).args(["-c", &format!("import {package}")]).output();
                (package, import.is_ok_and(|said| said.status.success()))
            }
        };
        if !found {
            eprintln!("skipped: `{package}` is not installed in crates/e2e");
        }
        found
    }

    /// Jitsu's takes no write key but one like `id:secret`.
    fn wants_two_words(self) -> bool {
        matches!(self, Self::Node("@jitsu/js", _))
    }

    /// Runs its driver to the end.
    async fn speak(self, base: &str, key: &str) {
        let mut command = match self {
            Self::Node(_, driver) => {
                let mut command = Command::new("node");
                command.arg(world::repository("crates/e2e/node").join(format!("{driver}.mjs")));
                command
            }
            Self::Python(_, driver) => {
                let mut command = Command::new(python());
                command.arg(world::repository("crates/e2e/python").join(format!("{driver}.py")));
                command
            }
        };
        command.args([base, key]);
        let said = output_of(command).await;
        assert!(said.success, "{self:?}: {}", said.text);
    }
}

fn python() -> PathBuf {
    world::repository("crates/e2e/python/.venv/bin/python")
}

/// What a program said on stdout and stderr, and whether it was content.
struct Said {
    success: bool,
    text: String,
}

async fn output_of(mut command: Command) -> Said {
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
    let output = output.expect("the program can be started");
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Said { success: output.status.success(), text }
}

/// What the house knows of somebody.
struct Person {
    traits: Value,
    /// `kind:value`, sorted.
    ids: Vec<String>,
    events: Vec<Value>,
}

impl Person {
    async fn of(server: &Server, id: &str) -> Self {
        let part = async |part: &str| server.get(&format!("/v1/profiles/{id}/{part}")).await.well();
        let rows = |list: Value| list["data"].as_array().cloned().expect("rows");
        let ids = rows(part("external_ids").await).into_iter();
        let mut ids: Vec<_> = ids.map(|row| format!("{}:{}", text(&row["type"]), text(&row["id"]))).collect();
        ids.sort();
        let traits = part("traits").await["traits"].clone();
        Self { traits, ids, events: rows(part("events?limit=200").await) }
    }

    /// The kind of each event, and its name where it has one; sorted, for clients send more than one batch at once.
    fn story(&self) -> Vec<String> {
        let mut story: Vec<_> = self.events.iter().map(label).collect();
        story.sort();
        story
    }

    fn event(&self, name: &str) -> &Value {
        let found = self.events.iter().find(|event| event["name"] == name || label(event) == name);
        found.unwrap_or_else(|| panic!("there is no `{name}` in {:?}", self.story()))
    }

    /// The properties of an event.
    fn told(&self, name: &str) -> &Value {
        &self.event(name)["properties"]
    }

    /// Makes sure that an event has these properties, among others.
    fn says(&self, name: &str, expected: Value) {
        let told = self.told(name);
        for (property, value) in expected.as_object().expect("properties") {
            assert_eq!(&told[property], value, "`{property}` of `{name}`: {told}");
        }
    }
}

fn label(event: &Value) -> String {
    let (kind, name) = (text(&event["type"]), event["name"].as_str());
    name.map_or_else(|| kind.to_owned(), |name| format!("{kind} {name}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("`{value}` is no text"))
}

/// Stands before a house, hands it everything, and loses its first answers: who asked hears a 500.
struct Deaf {
    base: String,
    /// The posts whose answers were lost.
    lost: Arc<Mutex<Vec<Value>>>,
}

/// What a request to [`Deaf`] finds.
#[derive(Clone)]
struct Passage {
    house: String,
    client: reqwest::Client,
    lost: Arc<Mutex<Vec<Value>>>,
}

impl Deaf {
    const TIMES: usize = 2;

    async fn before(server: &Server) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let client = reqwest::Client::builder().no_proxy().build().expect("a client needs nothing");
        let passage = Passage { house: base(server), client, lost: Arc::default() };
        let lost = Arc::clone(&passage.lost);
        let router = Router::new().fallback(pass).with_state(passage);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base: format!("http://{address}"), lost }
    }
}

async fn pass(
    State(passage): State<Passage>,
    method: Method,
    uri: Uri,
    mut headers: HeaderMap,
    body: Bytes,
) -> Response {
    headers.remove("host");
    let request = passage.client.request(method, format!("{}{uri}", passage.house)).headers(headers);
    let answer = request.body(body.clone()).send().await.expect("the house answers");
    let status = answer.status();
    let answered = answer.bytes().await.expect("the answer is whole");
    let mut lost = passage.lost.lock().expect("nobody panics with it");
    if lost.len() < Deaf::TIMES {
        assert!(status.is_success(), "only what was stored is asked for again: {status}");
        lost.push(serde_json::from_slice(&body).expect("the client sends JSON"));
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    (status, [("content-type", "application/json")], answered).into_response()
}
