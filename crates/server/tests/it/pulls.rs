//! Pulls over HTTP, from a folder.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::World;

fn definition(folder: &Path, schedule: &str) -> String {
    format!(
        "version: 1\npull: crm\n{schedule}\nfrom: {{ folder: {{ path: {}, settle: 0s }} }}\n\
         map: {{ version: 1, record: {{ key: \"{{id}}\", version: \"{{changed}}\", identifiers: {{ email: \"{{mail}}\" }} }} }}\n",
        folder.display()
    )
}

/// Asks until the answer is as wanted. Runs end by themselves; how long that takes is the machine's affair.
async fn until(world: &World, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..6_000 {
        let (_, answer) = world.get(path).await;
        if is_wanted(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{path} never came to what was wanted: {}", world.get(path).await.1);
}

#[tokio::test]
async fn a_pull_is_tried_saved_run_and_removed() {
    let world = World::new();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("a.csv"), "id,mail,changed\n1,ann@example.com,2026-01-01\n2,ben,2026-01-01\n")
        .expect("a file");
    let definition = json!({ "definition": definition(folder.path(), "") });
    let (status, counts) = world.post("/v1/pulls/dry-run", definition.clone()).await;
    assert_eq!((status, &counts["records"], &counts["refused"]), (200, &json!(1), &json!(1)));
    assert_eq!(world.get("/v1/pulls").await.1, json!({ "data": [] }), "nothing was saved");

    let (status, made) = world.post("/v1/pulls", definition.clone()).await;
    assert_eq!((status, &made["state"], &made["kind"]), (201, &json!("waiting"), &json!("folder")), "{made}");
    assert_eq!(world.post("/v1/pulls", definition.clone()).await, (409, json!("pull_exists")));
    assert_eq!(world.post("/v1/pulls?replace=true", definition).await.0, 201);
    assert_eq!(world.post("/v1/pulls", json!({ "definition": "version: 1" })).await, (422, json!("pull_invalid")));

    let pulling = tokio::spawn(world.app.pulls.clone().keep_pulling());
    assert_eq!(world.post("/v1/pulls/crm/run", Value::Null).await.0, 202);
    let shown = until(&world, "/v1/pulls/crm", |shown| shown["runs"][0]["outcome"] == "well").await;
    assert_eq!(shown["runs"][0]["report"], counts, "what was foreseen came");
    assert_eq!((&shown["pull"]["state"], &shown["runs"][0]["number"]), (&json!("idle"), &json!(1)));
    until(&world, "/v1/profiles/email:ann@example.com/metadata", |known| known.is_object()).await;
    let rows = world.text("/v1/pulls/crm/errors").await;
    assert!(rows.contains("\"code\":\"no_identifier\"") && rows.contains("\"file\":\"a.csv\""), "{rows}");
    assert_eq!(world.get("/v1/pulls/crm/errors?run=7").await, (404, json!("errors_not_found")));

    assert_eq!(world.ask("DELETE", "/v1/pulls/crm", Value::Null).await.0, 204);
    for (method, path) in [
        ("DELETE", "/v1/pulls/crm"),
        ("GET", "/v1/pulls/crm"),
        ("GET", "/v1/pulls/crm/errors"),
        ("POST", "/v1/pulls/crm/run"),
        ("POST", "/v1/pulls/crm/dry-run"),
    ] {
        assert_eq!(world.ask(method, path, Value::Null).await, (404, json!("pull_not_found")), "{method} {path}");
    }
    pulling.abort();
}

#[tokio::test]
async fn a_schedule_goes_by_the_clock_of_the_house_and_failures_are_tried_again() {
    let world = World::new();
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("exports");
    let made = json!({ "definition": definition(&place, "every: 15m") });
    let pulling = tokio::spawn(world.app.pulls.clone().keep_pulling());
    let (status, row) = world.post("/v1/pulls", made).await;
    assert_eq!((status, &row["due_at"]), (201, &json!("2026-11-24T00:00:00.000Z")), "the first is due at once");
    let shown = until(&world, "/v1/pulls/crm", |shown| shown["pull"]["state"] == "failing").await;
    assert_eq!(shown["runs"][0]["code"], "origin_not_found");
    // A folder that is not there is no passing reason: its schedule counts.
    assert_eq!(shown["pull"]["due_at"], "2026-11-24T00:15:00.000Z");

    std::fs::create_dir(&place).expect("a folder");
    std::fs::write(place.join("a.csv"), "id,mail,changed\n1,ann@example.com,2026-01-01\n").expect("a file");
    world.clock.advance_ms(15 * 60_000);
    let shown = until(&world, "/v1/pulls/crm", |shown| shown["pull"]["state"] == "idle").await;
    assert_eq!((&shown["runs"][0]["report"]["records"], &shown["runs"][0]["number"]), (&json!(1), &json!(2)));
    assert_eq!(shown["pull"]["due_at"], "2026-11-24T00:30:00.000Z");
    pulling.abort();
}

#[tokio::test]
async fn a_pull_that_is_stopped_goes_on_where_it_was() {
    let world = World::new();
    let folder = tempfile::tempdir().expect("a folder");
    let rows: String = (0..20_000).map(|id| format!("{id},u{id}@example.com,2026-01-01\n")).collect();
    std::fs::write(folder.path().join("a.csv"), format!("id,mail,changed\n{rows}")).expect("a file");
    world.post("/v1/pulls", json!({ "definition": definition(folder.path(), "every: 1h") })).await;
    let pulling = tokio::spawn(world.app.pulls.clone().keep_pulling());
    while world.app.house.journal.durable_seq() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    pulling.abort();
    let _ = pulling.await;
    let pulls = Arc::new(server::Pulls::new(world.app.house.clone()));
    let pulling = tokio::spawn(pulls.keep_pulling());
    until(&world, "/v1/pulls/crm", |shown| shown["runs"][0]["outcome"] == "well").await;
    let everyone = |home: &Value| home["profiles"] == 20_000 && home["waiting"] == 0;
    until(&world, "/v1/home", everyone).await;
    pulling.abort();
}
