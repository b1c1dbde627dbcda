//! Views may be thrown away: walked again, the journal gives the same ones. And the house is small while it waits.

use e2e::{Server, run};
use serde_json::{Value, json};

use crate::profile::{create, everything};

#[tokio::test]
async fn a_rebuild_equals_what_it_replaces() {
    let mut server = Server::start().await;
    let key = server.source("web").await;
    create(&server, "buyers", "count('Order Completed' where revenue > 10) >= 1").await;
    create(&server, "others", "not in audience 'buyers' and exists(plan)").await;
    fill(&server, &key).await;
    server.walked().await;
    let before = picture(&server).await;
    server.kill();
    run(&server.data(), &["rebuild"]).well();
    server.spawn();
    server.opened().await;
    server.walked().await;
    assert_eq!(timeless(picture(&server).await), timeless(before));
}

/// Leaves out since when people are in audiences: a rebuild knows every definition from the first fact on.
fn timeless(seen: Value) -> Value {
    match seen {
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(name, _)| name != "since");
            Value::Object(kept.map(|(name, value)| (name, timeless(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(timeless).collect(),
        other => other,
    }
}

#[tokio::test]
async fn an_idle_house_is_small() {
    let server = Server::start().await;
    server.get("/v1/home").await.well();
    let Some(bytes) = server.memory_bytes() else {
        return eprintln!("skipped: this system does not say how much memory a process has");
    };
    println!("idle with {} MB", bytes / 1_000_000);
    assert!(bytes < 100_000_000, "{bytes} bytes");
}

/// Forty people, some of them with two devices, some devices with two people, and operators' words between some.
async fn fill(server: &Server, key: &str) {
    let mut messages = Vec::new();
    for number in 0..120 {
        let (user, device) = (format!("u{}", number % 40), format!("a{}", number % 54));
        let plan = ["free", "pro"][number % 2];
        messages.push(match number % 4 {
            0 => json!({ "type": "identify", "userId": user, "traits": { "plan": plan, "email": format!("{user}@example.com") } }),
            1 => json!({ "type": "identify", "userId": user, "anonymousId": device, "traits": { "plan": plan } }),
            2 => json!({ "type": "track", "anonymousId": device, "event": "Order Completed", "properties": { "revenue": number } }),
            _ => json!({ "type": "page", "userId": user, "anonymousId": device }),
        });
    }
    server.send(key, "batch", &json!({ "batch": messages })).await.well();
    for (number, verdict) in [(1, "never"), (2, "always"), (1, "withdrawn"), (3, "never")] {
        let said =
            json!({ "a": format!("user_id:u{number}"), "b": format!("anonymous_id:a{number}"), "verdict": verdict });
        server.post("/v1/links", &said).await.well();
    }
}

/// Everything that can be seen of everyone, without what depends on the time of asking.
async fn picture(server: &Server) -> Value {
    let mut seen = json!({});
    let list = server.get("/v1/profiles?limit=200").await.well();
    for row in list["data"].as_array().expect("rows") {
        let id = row["id"].as_str().expect("an id");
        seen[id] = everything(server, id).await;
        seen[id]["graph"] = server.get(&format!("/v1/profiles/{id}/graph")).await.well();
    }
    let home = server.get("/v1/home").await.well();
    for name in ["profiles", "known", "identifiers", "events", "records", "links"] {
        seen[name] = home[name].clone();
    }
    for audience in ["buyers", "others"] {
        seen[audience] = server.get(&format!("/v1/audiences/{audience}/members?limit=200")).await.well();
    }
    let facts = "select count(*) as n, count(distinct message_id) as ids, count(distinct owner) as owners from events";
    seen["lake"] = json!(server.sql(facts).await);
    seen
}
