//! From messages to one person: traits with their sources, a timeline, merges and splits, audiences that people enter and leave.

use std::time::{Duration, Instant};

use e2e::Server;
use serde_json::{Value, json};

#[tokio::test]
async fn what_was_told_is_read_back() {
    let server = Server::start().await;
    let (web, crm) = (server.source("web").await, server.source("crm").await);
    let seen =
        json!({ "anonymousId": "a1", "name": "Pricing", "messageId": "m1", "timestamp": "2026-01-01T10:00:00Z" });
    server.send(&web, "page", &seen).await.well();
    let traits = json!({ "email": "Ann@Example.com", "plan": "free", "name": "Ann" });
    let told = json!({ "userId": "u1", "anonymousId": "a1", "traits": traits, "timestamp": "2026-01-02T10:00:00Z" });
    server.send(&web, "identify", &told).await.well();
    let later = json!({ "userId": "u1", "traits": { "plan": "pro" }, "timestamp": "2026-01-03T10:00:00Z" });
    server.send(&crm, "identify", &later).await.well();
    let earlier = json!({ "userId": "u1", "traits": { "plan": "trial" }, "timestamp": "2026-01-01T10:00:00Z" });
    server.send(&crm, "identify", &earlier).await.well();
    let group =
        json!({ "userId": "u1", "groupId": "g1", "traits": { "seats": 5 }, "timestamp": "2026-01-04T10:00:00Z" });
    server.send(&web, "group", &group).await.well();
    server.send(&web, "alias", &json!({ "userId": "u1", "previousId": "a0" })).await.well();
    server.walked().await;

    let answer = server.get("/v1/profiles/user_id:u1/traits").await.well();
    assert_eq!(answer["traits"]["plan"], "pro");
    let row = |name: &str| answer["data"].as_array().expect("rows").iter().find(|row| row["name"] == name).cloned();
    let plan = row("plan").expect("a row for each trait");
    assert_eq!((&plan["source"], &plan["time"]), (&json!("crm"), &json!("2026-01-03T10:00:00.000Z")));
    // The latest word of each other source; what a source took back itself is only in the timeline.
    assert_eq!(plan["others"], json!(["free"]));
    assert_eq!(row("name").expect("a row for each trait")["source"], "web");

    let ids = server.get("/v1/profiles/email:ann@example.com/external_ids").await.well();
    let mut ids: Vec<_> = ids["data"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|id| format!("{}={}", text(&id["type"]), text(&id["id"])))
        .collect();
    ids.sort();
    assert_eq!(ids, ["anonymous_id=a0", "anonymous_id=a1", "email=ann@example.com", "user_id=u1"]);

    let metadata = server.get("/v1/profiles/anonymous_id:a1/metadata").await.well();
    assert_eq!((&metadata["known"], &metadata["events"]), (&json!(true), &json!(6)));
    assert_eq!(metadata["label"], "Ann");
    let by_id = server.get(&format!("/v1/profiles/{}/metadata", text(&metadata["id"]))).await.well();
    assert_eq!(by_id, metadata);
    let nobody = server.get("/v1/profiles/user_id:nobody/traits").await;
    assert_eq!((nobody.status, nobody.code()), (404, "profile_not_found"));
}

#[tokio::test]
async fn a_timeline_is_read_page_by_page_newest_first() {
    let server = Server::start().await;
    let key = server.source("web").await;
    // Out of order, with equal times.
    let at = |number: u64| format!("2026-01-01T00:00:{:02}Z", number * 7 % 10);
    let message = |number| json!({ "type": "track", "event": "Step", "userId": "u1", "messageId": format!("m{number}"), "timestamp": at(number) });
    let messages: Vec<_> = (0..23).map(message).collect();
    server.send(&key, "batch", &json!({ "batch": messages })).await.well();
    server.walked().await;
    let (mut found, mut next, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = server.get(&format!("/v1/profiles/user_id:u1/events?limit=5{next}")).await.well();
        found.extend(page["data"].as_array().expect("rows").iter().cloned());
        pages += 1;
        let Some(cursor) = page["cursor"]["next"].as_str() else { break };
        next = format!("&next={cursor}");
    }
    let mut expected: Vec<_> = (0..23u64).map(|number| (number * 7 % 10, number)).collect();
    expected.sort_by(|a, b| b.cmp(a));
    let expected: Vec<_> = expected.into_iter().map(|(_, number)| format!("m{number}")).collect();
    let found: Vec<_> = found.iter().map(|event| text(&event["message_id"])).collect();
    assert_eq!((found, pages), (expected.iter().map(String::as_str).collect(), 5));
    let wrong = server.get("/v1/profiles/user_id:u1/events?next=nonsense").await;
    assert_eq!((wrong.status, wrong.code()), (422, "cursor_invalid"));
}

#[tokio::test]
async fn a_split_restores_the_exact_state_before_the_merge() {
    let server = Server::start().await;
    let key = server.source("web").await;
    create(&server, "buyers", "count('Order Completed') >= 2").await;
    let order = |id: &str, who: &str, value: &str| json!({ "event": "Order Completed", "messageId": id, who: value });
    server.send(&key, "identify", &json!({ "userId": "u5", "traits": { "city": "Köln" } })).await.well();
    server.send(&key, "track", &order("o1", "userId", "u5")).await.well();
    server
        .send(&key, "identify", &json!({ "anonymousId": "a5", "traits": { "city": "Bonn", "theme": "dark" } }))
        .await
        .well();
    server.send(&key, "track", &order("o2", "anonymousId", "a5")).await.well();
    server.walked().await;
    let before = (everything(&server, "user_id:u5").await, everything(&server, "anonymous_id:a5").await);
    let (known, visitor) = (text(&before.0["metadata"]["id"]), text(&before.1["metadata"]["id"]));
    assert_ne!(known, visitor);

    server.send(&key, "track", &json!({ "event": "Signed In", "userId": "u5", "anonymousId": "a5" })).await.well();
    server.walked().await;
    let merged = everything(&server, "anonymous_id:a5").await;
    assert_eq!((&merged["metadata"]["id"], &merged["metadata"]["events"]), (&json!(known), &json!(5)));
    assert_eq!(merged["metadata"]["previous_ids"], json!([visitor]));
    assert_eq!(merged["audiences"]["data"][0]["audience"], "buyers");
    assert_eq!(everything(&server, visitor).await, merged, "an id that was merged away still leads to the person");

    say(&server, "never").await;
    let parted = everything(&server, "anonymous_id:a5").await;
    for part in ["traits", "external_ids", "audiences"] {
        assert_eq!(parted[part], before.1[part], "{part}");
    }
    assert_eq!(events(&parted), events(&before.1));
    assert_eq!(parted["metadata"]["id"], visitor);
    assert_eq!(everything(&server, "user_id:u5").await["traits"], before.0["traits"]);

    say(&server, "withdrawn").await;
    let again = everything(&server, "user_id:u5").await;
    for part in ["traits", "external_ids", "events", "metadata"] {
        assert_eq!(again[part], merged[part], "{part}");
    }
    assert_eq!(size(&server, "buyers").await, 1);
}

#[tokio::test]
async fn people_enter_audiences_as_facts_arrive_and_why_says_so() {
    let server = Server::start().await;
    let key = server.source("web").await;
    let rule = "country = 'DE' and count('Order Completed' where revenue > 50) >= 2";
    create(&server, "regulars", rule).await;
    let order =
        |revenue: f64| json!({ "userId": "u1", "event": "Order Completed", "properties": { "revenue": revenue } });
    server.send(&key, "identify", &json!({ "userId": "u1", "traits": { "country": "DE" } })).await.well();
    server.send(&key, "track", &order(60.0)).await.well();
    server.send(&key, "track", &order(50.0)).await.well();
    server.walked().await;
    assert_eq!((size(&server, "regulars").await, preview(&server, rule).await), (0, 0));
    let why = server.get("/v1/audiences/regulars/why/user_id:u1").await.well();
    assert_eq!(why["member"], false);
    server.send(&key, "track", &order(50.01)).await.well();
    server.walked().await;
    assert_eq!((size(&server, "regulars").await, preview(&server, rule).await), (1, 1));
    let why = server.get("/v1/audiences/regulars/why/user_id:u1").await.well();
    assert_eq!((&why["member"], &why["tree"]["holds"]), (&json!(true), &json!(true)));
    assert_eq!(why["tree"]["children"].as_array().map(Vec::len), Some(2), "{why}");
    let members = server.get("/v1/audiences/regulars/members").await.well();
    assert_eq!((&members["total"], &members["data"][0]["id"]), (&json!(1), &why["profile"]));

    // An audience that is made later finds those who were there before.
    create(&server, "germans", "country = 'DE'").await;
    assert_eq!(size(&server, "germans").await, 1);
    create(&server, "others", "not in audience 'germans'").await;
    assert_eq!((size(&server, "others").await, preview(&server, "not in audience 'germans'").await), (0, 0));
    let wrong = json!({ "rule": "country = and count('X' > 2" });
    let problems = server.post("/v1/audiences/preview", &wrong).await.well();
    assert!(problems["size"].is_null() && problems["problems"].as_array().is_some_and(|found| !found.is_empty()));
}

#[tokio::test]
async fn a_window_ends_at_the_right_moment_without_any_event() {
    let server = Server::start().await;
    let key = server.source("web").await;
    create(&server, "present", "count('Ping' in last 2 seconds)").await;
    let sent = Instant::now();
    server.send(&key, "track", &json!({ "userId": "u1", "event": "Ping" })).await.well();
    server.walked().await;
    let path = "/v1/profiles/user_id:u1/audiences";
    let is_in = |answer: &Value| answer["data"].as_array().is_some_and(|rows| rows.len() == 1);
    server.until(path, "the person is in", is_in).await;
    let why = server.get("/v1/audiences/present/why/user_id:u1").await.well();
    assert!(why["changes_at"].is_string(), "time alone will change this: {why}");
    server.until(path, "the person has left", |answer| !is_in(answer)).await;
    let left_after = sent.elapsed();
    assert!(left_after >= Duration::from_secs(2), "nobody leaves early: {left_after:?}");
    println!("left {:.0} ms after the window's end", (left_after - Duration::from_secs(2)).as_secs_f64() * 1_000.0);
}

#[tokio::test]
async fn the_way_of_an_event_is_shown() {
    let server = Server::start().await;
    let key = server.source("web").await;
    let message = json!({ "userId": "u1", "messageId": "m-traced", "traits": { "plan": "pro" } });
    server.send(&key, "identify", &message).await.well();
    server.walked().await;
    let traces = server.get("/v1/trace/m-traced").await.well();
    let rooms: Vec<_> = traces[0]["steps"].as_array().expect("steps").iter().map(|step| text(&step["room"])).collect();
    for room in ["identity", "profiles"] {
        assert!(rooms.contains(&room), "{rooms:?}");
    }
    let live = server.get("/v1/live").await.well();
    assert_eq!(live["data"][0]["message_id"], "m-traced");
    let unknown = server.get("/v1/trace/never-sent").await;
    assert_eq!((unknown.status, unknown.code()), (404, "message_not_found"));
}

pub async fn create(server: &Server, name: &str, rule: &str) {
    server.post("/v1/audiences", &json!({ "name": name, "rule": rule })).await.well();
}

async fn preview(server: &Server, rule: &str) -> u64 {
    let preview = server.post("/v1/audiences/preview", &json!({ "rule": rule })).await.well();
    preview["size"].as_u64().unwrap_or_else(|| panic!("{preview}"))
}

async fn size(server: &Server, audience: &str) -> u64 {
    let list = server.get("/v1/audiences").await.well();
    let row = list["data"].as_array().expect("rows").iter().find(|row| row["name"] == audience).cloned();
    row.and_then(|row| row["size"].as_u64()).expect("the audience is listed with its size")
}

/// The operator's word about `user_id:u5` and `anonymous_id:a5`.
async fn say(server: &Server, verdict: &str) {
    let said = json!({ "a": "user_id:u5", "b": "anonymous_id:a5", "verdict": verdict, "reason": "a shared tablet" });
    server.post("/v1/links", &said).await.well();
    server.walked().await;
}

/// All that the API knows about a person.
pub async fn everything(server: &Server, id: &str) -> Value {
    let mut all = json!({});
    for part in ["traits", "external_ids", "events", "metadata", "audiences"] {
        all[part] = server.get(&format!("/v1/profiles/{id}/{part}")).await.well();
    }
    all
}

fn events(all: &Value) -> Vec<&str> {
    all["events"]["data"].as_array().expect("rows").iter().map(|event| text(&event["message_id"])).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("`{value}` is no text"))
}
