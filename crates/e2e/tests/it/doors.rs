//! Whatever is sent, the doors answer with a code, and what is good beside it is stored.

use std::io::Write;

use e2e::Server;
use reqwest::Method;
use serde_json::{Value, json};

/// What is wrong, the door, the body, the status, the code.
type Case = (&'static str, &'static str, Vec<u8>, u16, &'static str);

#[tokio::test]
async fn what_is_bad_is_refused_with_a_code_and_nothing_of_it_is_stored() {
    let server = Server::start().await;
    let key = server.source("web").await;
    let mut good = 0;
    for (what, door, body, status, code) in bad_bodies() {
        let reply = server.send_bytes(&key, door, body).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{what}: {}", reply.text);
        let message = reply.body["error"]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty() && !message.contains("secret-"), "{what}: {message}");
        good += 1;
        server.send(&key, "track", &track(&format!("after-{good}"))).await.well();
    }
    assert_eq!(stored(&server).await, (good, good));
}

#[tokio::test]
async fn in_a_batch_each_message_stands_for_itself() {
    let server = Server::start().await;
    let key = server.source("web").await;
    let mut kindless = track("no-kind");
    kindless["type"] = json!("dance");
    let old = with(track("old"), "timestamp", json!("0001-01-01T00:00:00Z"));
    let large = with(track("large"), "properties", json!({ "text": "x".repeat(40_000) }));
    let messages = json!([track("first"), kindless, 7, old, large, {"type": "track", "event": "E"}, track("last")]);
    let answer = server.send(&key, "batch", &json!({ "batch": messages })).await.well();
    let refused = answer["refused"].as_array().expect("some are refused").iter();
    let refused: Vec<_> = refused.map(|one| (one["index"].as_u64(), one["code"].as_str())).collect();
    let codes = ["unknown_type", "wrong_type", "invalid_time", "event_too_large", "no_identifier"];
    let expected: Vec<_> = (1..).map(Some).zip(codes.map(Some)).collect();
    assert_eq!((answer["accepted"].as_u64(), refused), (Some(2), expected));
    assert_eq!(stored(&server).await, (2, 2));
}

#[tokio::test]
async fn a_message_that_comes_again_is_stored_once() {
    let server = Server::start().await;
    let key = server.source("web").await;
    for _ in 0..3 {
        server.send(&key, "track", &track("same")).await.well();
        server.send(&key, "batch", &json!({ "batch": [track("same"), track("same")] })).await.well();
    }
    assert_eq!(stored(&server).await, (1, 1));
}

#[tokio::test]
async fn each_key_opens_its_own_door_only() {
    let server = Server::start().await;
    let key = server.source("web").await;
    let token = server.token().to_owned();
    let home = |bearer: Option<&str>| {
        let request = server.request(Method::GET, "/v1/home");
        let request = if let Some(bearer) = bearer { request.bearer_auth(bearer) } else { request };
        server.answer(request)
    };
    for (bearer, status, code) in [
        (None, 401, "token_missing"),
        (Some("nonsense"), 401, "token_unknown"),
        (Some(key.as_str()), 401, "token_unknown"),
    ] {
        let reply = home(bearer).await;
        assert_eq!((reply.status, reply.code()), (status, code));
    }
    assert_eq!(home(Some(&token)).await.status, 200);
    for (key, code) in
        [(token.as_str(), "write_key_unknown"), ("nonsense", "write_key_unknown"), ("", "write_key_missing")]
    {
        let reply = server.send(key, "track", &track("locked-out")).await;
        assert_eq!((reply.status, reply.code()), (401, code), "{}", reply.text);
    }
    let request = server.request(Method::POST, "/v1/track").json(&with(track("in-body"), "writeKey", json!(key)));
    server.answer(request).await.well();
    assert_eq!(stored(&server).await, (1, 1));
}

#[tokio::test]
async fn every_route_of_the_admin_api_asks_for_the_token() {
    let server = Server::start().await;
    let described = server.answer(server.request(Method::GET, "/openapi.json")).await.well();
    let paths = described["paths"].as_object().expect("a document has paths");
    let doors = ["identify", "track", "page", "screen", "group", "alias", "batch"].map(|door| format!("/v1/{door}"));
    let mut asked = 0;
    for (path, operations) in paths.iter().filter(|(path, _)| !doors.contains(path)) {
        for method in operations.as_object().expect("a path has operations").keys() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            let path = path.replace(['{', '}'], "");
            let reply = server.answer(server.request(method.clone(), &path)).await;
            assert_eq!((reply.status, reply.code()), (401, "token_missing"), "{method} {path}");
            asked += 1;
        }
    }
    assert!(asked > 20, "the document lists the API");
    let metrics = server.answer(server.request(Method::GET, "/metrics")).await;
    assert_eq!(metrics.status, 401);
}

#[tokio::test]
async fn pages_of_any_origin_may_send_events_and_nothing_else() {
    let server = Server::start().await;
    let preflight = |path| {
        let request = server.request(Method::OPTIONS, path).header("origin", "http://shop.example");
        let request = request.header("access-control-request-method", "POST");
        server.answer(request.header("access-control-request-headers", "authorization,content-type"))
    };
    let door = preflight("/v1/track").await;
    assert_eq!(door.status, 200);
    assert_eq!(door.headers["access-control-allow-origin"], "http://shop.example");
    assert_eq!(door.headers["access-control-allow-headers"], "authorization,content-type");
    let admin = preflight("/v1/home").await;
    assert!(!admin.headers.contains_key("access-control-allow-origin"));
}

fn bad_bodies() -> Vec<Case> {
    let text = |text: &str| text.as_bytes().to_vec();
    let json = |value: Value| value.to_string().into_bytes();
    let message = |field: &str, value| json(with(track("secret-id"), field, value));
    let deep = format!(r#"{{"userId":"u","event":"E","properties":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    let deep_batch = format!(r#"{{"batch":[{deep}]}}"#);
    let many: Vec<_> = (0..2_501).map(|_| json!({})).collect();
    let large: Vec<_> = (0..20).map(|_| json!({ "text": "x".repeat(30_000) })).collect();
    vec![
        ("nothing", "track", Vec::new(), 400, "invalid_json"),
        ("no batch", "batch", Vec::new(), 400, "invalid_json"),
        ("half of a JSON", "track", text(r#"{"userId":"secret-u","event":"#), 400, "invalid_json"),
        ("half of a batch", "batch", text(r#"{"batch":[{"userId":"secret-u"}"#), 400, "invalid_json"),
        ("two JSONs", "track", text(r#"{"userId":"u","event":"E"}{}"#), 400, "invalid_json"),
        ("no JSON", "track", text("userId=secret-u&event=E"), 400, "invalid_json"),
        ("a half surrogate", "track", text(r#"{"userId":"u","event":"\ud800"}"#), 400, "invalid_json"),
        ("no UTF-8", "track", b"{\"userId\":\"u\",\"event\":\"\xff\xfe\"}".to_vec(), 400, "invalid_utf8"),
        ("no UTF-8 in a batch", "batch", b"{\"batch\":[\"\xc3\x28\"]}".to_vec(), 400, "invalid_utf8"),
        ("10,000 levels", "track", text(&deep), 400, "too_deep"),
        ("10,000 bare levels", "batch", text(&"[".repeat(10_000)), 400, "too_deep"),
        ("40 KB", "track", message("properties", json!({ "text": "x".repeat(40_000) })), 413, "event_too_large"),
        ("600 KB", "batch", json(json!({ "batch": large })), 413, "batch_too_large"),
        ("2,501 messages", "batch", json(json!({ "batch": many })), 413, "batch_too_long"),
        ("a bomb", "batch", gzip(&vec![b' '; 50 << 20]), 413, "batch_too_large"),
        ("a bomb as an event", "track", gzip(&vec![b' '; 50 << 20]), 413, "event_too_large"),
        ("half of a gzip", "track", gzip(&json(track("half")))[..30].to_vec(), 400, "invalid_gzip"),
        ("a list", "batch", text("[]"), 400, "wrong_type"),
        ("a batch of nothing", "batch", text("{}"), 400, "missing_field"),
        ("a batch that is a text", "batch", text(r#"{"batch":"secret-all"}"#), 400, "wrong_type"),
        ("nobody", "track", text(r#"{"event":"E"}"#), 400, "no_identifier"),
        ("an event without a name", "track", text(r#"{"userId":"u"}"#), 400, "missing_field"),
        ("an alias to nobody", "alias", text(r#"{"userId":"u"}"#), 400, "missing_field"),
        ("an id that is a list", "track", message("userId", json!(["secret-u"])), 400, "wrong_type"),
        ("properties that are a text", "track", message("properties", json!("secret-p")), 400, "wrong_type"),
        ("no time", "track", message("timestamp", json!("secret-time")), 400, "invalid_time"),
        ("the year 1", "track", message("timestamp", json!("0001-01-01T00:00:00Z")), 400, "invalid_time"),
        ("the year 9999", "track", message("timestamp", json!("9999-12-31T23:59:59Z")), 400, "invalid_time"),
        ("a long message id", "track", message("messageId", json!("m".repeat(101))), 400, "message_id_too_long"),
        ("a long id", "track", message("userId", json!("u".repeat(5_000))), 400, "identifier_too_long"),
        ("levels in a batch's context", "batch", text(&deep_batch.replace("batch", "context")), 400, "wrong_type"),
    ]
}

fn track(message_id: &str) -> Value {
    json!({ "type": "track", "event": "Looked", "userId": "u", "messageId": message_id })
}

fn with(mut message: Value, field: &str, value: Value) -> Value {
    message[field] = value;
    message
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(plain).expect("memory can be written");
    packed.finish().expect("memory can be written")
}

/// Returns how many events the sources count, and how many the lake holds.
async fn stored(server: &Server) -> (u64, u64) {
    server.walked().await;
    let home = server.get("/v1/home").await.well();
    let rows = server.sql("select count(*) as n from events").await;
    (home["events"].as_u64().expect("a number"), rows[0]["n"].as_u64().expect("a number"))
}
