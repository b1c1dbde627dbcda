//! However much the house says about itself, it says nothing about people, and no secret.

use e2e::Server;
use reqwest::Method;
use serde_json::json;

const PERSONAL: [&str; 9] = [
    "zenobia",
    "Quillfeather",
    "203.0.113.77",
    "2015550123",
    "Gänsemarkt",
    "cust-5511-x",
    "cookie-8844-y",
    "42.8123",
    "overheard",
];

#[tokio::test]
async fn no_personal_value_and_no_secret_is_logged() {
    let mut server = Server::start_with(&["-vv"]).await;
    let key = server.source("web").await;
    let rule = "name = 'Zenobia Quillfeather' or email = 'zenobia@overheard.example'";
    server.post("/v1/audiences", &json!({ "name": "one", "rule": rule })).await.well();
    tell_everything(&server, &key).await;
    server.walked().await;
    ask_everything(&server).await;
    provoke(&server, &key).await;
    server.restart().await;
    server.walked().await;
    let log = server.log();
    assert!(log.contains("refused"), "the house says that it refuses: {log}");
    let lower = log.to_lowercase();
    for value in PERSONAL {
        let line = lower.lines().find(|line| line.contains(&value.to_lowercase()));
        assert_eq!(line, None, "`{value}` is somebody's");
    }
    assert_eq!(log.matches(server.token()).count(), 1, "the token is shown once");
    assert_eq!(log.matches(&key).count(), 0, "a write key is no line of a log");
}

async fn tell_everything(server: &Server, key: &str) {
    let context = json!({
        "ip": "203.0.113.77", "location": { "latitude": 42.8123 },
        "traits": { "email": "Zenobia@Overheard.example", "phone": "+442015550123" },
    });
    let traits =
        json!({ "name": "Zenobia Quillfeather", "email": "zenobia@overheard.example", "street": "Gänsemarkt 1" });
    let who = json!({ "userId": "cust-5511-x", "anonymousId": "cookie-8844-y", "traits": traits, "context": context });
    server.send(key, "identify", &who).await.well();
    let properties = json!({ "gift_for": "Quillfeather" });
    let what =
        json!({ "userId": "cust-5511-x", "event": "Bought for Zenobia", "properties": properties, "context": context });
    server.send(key, "track", &what).await.well();
    server.send(key, "alias", &json!({ "userId": "cust-5511-x", "previousId": "cookie-8844-y-old" })).await.well();
}

async fn ask_everything(server: &Server) {
    for id in ["email:zenobia@overheard.example", "user_id:cust-5511-x", "phone:+442015550123"] {
        for part in ["traits", "events", "external_ids", "metadata", "graph", "audiences"] {
            server.get(&format!("/v1/profiles/{id}/{part}")).await.well();
        }
    }
    server.get("/v1/profiles?query=Zenobia").await.well();
    server.get("/v1/audiences/one/why/user_id:cust-5511-x").await.well();
    server.post("/v1/audiences/preview", &json!({ "rule": "name = 'Zenobia Quillfeather'" })).await.well();
    server.sql("select count(*) as n from traits where value like '%Zenobia%'").await;
}

/// Errors of every kind, each with a personal value in it.
async fn provoke(server: &Server, key: &str) {
    let bad = [
        ("track", r#"{"userId":"cust-5511-x","event":"#),
        ("track", r#"{"userId":["zenobia@overheard.example"],"event":"E"}"#),
        ("track", r#"{"userId":"cust-5511-x","event":"E","timestamp":"Zenobia"}"#),
        ("batch", r#"{"batch":[{"type":"Quillfeather","userId":"cust-5511-x"},"zenobia@overheard.example"]}"#),
    ];
    for (door, body) in bad {
        server.send_bytes(key, door, body.as_bytes().to_vec()).await;
    }
    server.send("zenobia@overheard.example", "track", &json!({ "userId": "cust-5511-x", "event": "E" })).await;
    let asked = [
        "/v1/profiles/email:zenobia@nowhere.example/traits",
        "/v1/profiles/Zenobia/traits",
        "/v1/profiles?next=Zenobia",
        "/v1/audiences/Quillfeather/why/user_id:cust-5511-x",
        "/v1/trace/cust-5511-x",
        "/v1/Zenobia",
    ];
    for path in asked {
        assert!(!server.get(path).await.is_success(), "{path}");
    }
    let said = [
        ("/v1/sql", json!({ "sql": "select Zenobia from traits" })),
        ("/v1/sql", json!({ "sql": "drop table Quillfeather" })),
        ("/v1/sql", json!({ "sql": "select cast('Zenobia' as int)" })),
        (
            "/v1/links",
            json!({ "a": "zenobia@overheard.example", "b": "user_id:cust-5511-x", "verdict": "Quillfeather" }),
        ),
        ("/v1/audiences", json!({ "name": "Zenobia", "rule": "name = 'Quillfeather" })),
        ("/v1/sources", json!({ "name": "Zenobia Quillfeather" })),
    ];
    for (path, body) in said {
        assert!(!server.post(path, &body).await.is_success(), "{path}");
    }
    let stranger = server.request(Method::GET, "/v1/profiles?query=Zenobia").bearer_auth("cust-5511-x");
    assert_eq!(server.answer(stranger).await.status, 401);
}
