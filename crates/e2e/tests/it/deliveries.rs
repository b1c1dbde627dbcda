//! Who enters and leaves an audience is told to the world, but only about people who allow it.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use e2e::Server;
use serde_json::{Value, json};

use crate::profile::create;

#[tokio::test]
async fn nothing_leaves_without_consent_and_what_left_is_taken_back_with_it() {
    let mut server = Server::start().await;
    let (key, receiver) = (server.source("web").await, Receiver::start().await);
    create(&server, "buyers", "count('Order Completed') >= 1").await;
    let options = json!({ "url": receiver.url });
    let hook = json!({ "name": "newsletter", "kind": "webhook", "audience": "buyers", "purpose": "email_marketing", "options": options });
    server.post("/v1/destinations", &hook).await.well();
    for (who, allows) in
        [("ann", json!({ "email_marketing": true })), ("ben", json!({ "email_marketing": false })), ("cem", json!({}))]
    {
        decide(&server, &key, who, allows).await;
        server.send(&key, "track", &json!({ "userId": who, "event": "Order Completed" })).await.well();
    }
    let outcomes = |list: &Value, outcome: &str| {
        list["data"].as_array().expect("rows").iter().filter(|line| line["outcome"] == outcome).count()
    };
    let settled = |delivered, blocked| {
        move |list: &Value| outcomes(list, "delivered") == delivered && outcomes(list, "blocked") == blocked
    };
    server.until("/v1/deliveries", "one is told, two are blocked", settled(1, 2)).await;
    assert_eq!(receiver.told(), ["enter ann@example.com"]);

    decide(&server, &key, "ann", json!({ "email_marketing": false })).await;
    decide(&server, &key, "ben", json!({ "email_marketing": true })).await;
    server
        .until("/v1/deliveries", "one is taken back, one more is told", |list| outcomes(list, "delivered") == 3)
        .await;
    let mut told = receiver.told();
    told[1..].sort();
    assert_eq!(told, ["enter ann@example.com", "enter ben@example.com", "exit ann@example.com"]);

    // After a kill nothing is told again.
    server.restart().await;
    server.walked().await;
    decide(&server, &key, "cem", json!({ "email_marketing": true })).await;
    server.until("/v1/deliveries", "the last one is told", |list| outcomes(list, "delivered") == 4).await;
    assert_eq!(receiver.told()[3..], ["enter cem@example.com"]);
}

/// Tells who somebody is, and what that person allows.
async fn decide(server: &Server, key: &str, who: &str, allows: Value) {
    let traits = json!({ "email": format!("{who}@example.com") });
    let context = json!({ "consent": { "categoryPreferences": allows } });
    server.send(key, "identify", &json!({ "userId": who, "traits": traits, "context": context })).await.well();
    server.walked().await;
}

/// A receiver of webhooks on a port of its own.
struct Receiver {
    url: String,
    deliveries: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/people", listener.local_addr().expect("an address"));
        let deliveries = Arc::default();
        let router = Router::new().route("/people", post(receive)).with_state(Arc::clone(&deliveries));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, deliveries }
    }

    /// Returns what was told, in its order, as `action e-mail`.
    fn told(&self) -> Vec<String> {
        let deliveries = self.deliveries.lock().expect("nobody panics with it");
        deliveries.iter().map(|delivery| format!("{} {}", word(&delivery["action"]), email(delivery))).collect()
    }
}

async fn receive(State(deliveries): State<Arc<Mutex<Vec<Value>>>>, Json(body): Json<Value>) {
    let told = body["deliveries"].as_array().cloned().unwrap_or_default();
    deliveries.lock().expect("nobody panics with it").extend(told);
}

fn email(delivery: &Value) -> &str {
    let identifiers = delivery["identifiers"].as_array().expect("a delivery has identifiers");
    let email = identifiers.iter().find(|identifier| identifier["type"] == "email");
    email.map_or("", |email| word(&email["id"]))
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
