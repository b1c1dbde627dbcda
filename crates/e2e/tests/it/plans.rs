//! What a tracking plan holds back survives a kill, can be mended, and is replayed once: by the routes and by the command line.

use std::process::Command;

use e2e::{Ran, Server, binary, run};
use reqwest::Method;
use serde_json::{Value, json};

const PLAN: &str = "
version: 1
sources: [web]
mode: quarantine
rules:
  - track: Order Completed
    schema: { properties: { properties: { required: [total], properties: { total: { type: number } } } } }
";
const MEND: &str = "version: 1\nmend: [{ cast: /properties/total, as: number }]\n";

fn order(id: &str, total: Value) -> Value {
    json!({
        "type": "track", "event": "Order Completed", "userId": "ann", "messageId": id,
        "timestamp": "2026-01-05T10:00:00Z", "properties": { "total": total }
    })
}

async fn define(server: &Server) {
    let request = server.request(Method::PUT, "/v1/plans/shop").bearer_auth(server.token());
    let saved = server.answer(request.json(&json!({ "plan": PLAN }))).await.well();
    assert_eq!(saved, json!({ "name": "shop", "version": 1 }));
}

/// The numbers that wait, by state `waiting`.
async fn waiting(server: &Server) -> Vec<Value> {
    let list = server.get("/v1/quarantine?source=web&state=waiting").await.well();
    list["data"].as_array().expect("a list").iter().map(|row| row["message_id"].clone()).collect()
}

/// Runs a command against the server that has the folder open.
fn ask(server: &Server, args: &[&str]) -> Ran {
    let command =
        Command::new(binary()).arg("--data").arg(server.data()).args(args).env("SONDER_TOKEN", server.token()).output();
    let output = command.expect("the binary can be started");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran { success: output.status.success(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[tokio::test]
async fn what_is_held_survives_a_kill_and_is_replayed_once() {
    let mut server = Server::start().await;
    let key = server.source("web").await;
    define(&server).await;
    let batch = json!({ "batch": [order("b1", json!("12.50")), order("g1", json!(3)), order("b2", json!("a lot"))] });
    let answer = server.send(&key, "batch", &batch).await.well();
    server.kill();
    assert_eq!((&answer["accepted"], &answer["quarantined"]), (&json!(1), &json!(2)));

    server.restart().await;
    assert_eq!(waiting(&server).await, ["b1", "b2"]);
    server.send(&key, "batch", &batch).await.well();
    assert_eq!(waiting(&server).await, ["b1", "b2"], "a retry holds nothing twice");

    let replay = json!({ "source": "web", "filter": {}, "mend": MEND });
    let report = server.post("/v1/quarantine/replay", &replay).await.well();
    server.kill();
    assert_eq!((&report["replayed"], &report["reasons"][0]["code"]), (&json!(1), &json!("cannot_cast")));

    server.restart().await;
    assert_eq!(server.post("/v1/quarantine/replay", &replay).await.well()["replayed"], 0);
    assert_eq!(waiting(&server).await, ["b2"]);
    server.walked().await;
    let stored = server.sql("select message_id, time from events order by message_id").await;
    let ids: Vec<_> = stored.iter().map(|row| &row["message_id"]).collect();
    assert_eq!(ids, ["b1", "g1"]);
    assert!(stored[0]["time"].as_str().is_some_and(|time| time.starts_with("2026-01-05")), "{stored:?}");
}

#[tokio::test]
async fn the_command_line_says_the_same_of_a_folder_and_of_a_server() {
    let mut server = Server::start().await;
    let key = server.source("web").await;
    let (plan, mend) = (server.desk().join("plan.yaml"), server.desk().join("mend.yaml"));
    std::fs::write(&plan, PLAN).expect("a file");
    std::fs::write(&mend, MEND).expect("a file");
    let (plan, mend) = (plan.to_str().expect("UTF-8"), mend.to_str().expect("UTF-8"));

    assert_eq!(ask(&server, &["plans", "define", "shop", plan]).well().stdout, "shop: version 1\n");
    let batch = json!({ "batch": [order("b1", json!("1")), order("b2", json!("2")), order("b3", json!("x"))] });
    server.send(&key, "batch", &batch).await.well();
    let at_server = [
        ask(&server, &["plans", "list"]).well().stdout,
        ask(&server, &["plans", "show", "shop"]).well().stdout,
        ask(&server, &["plans", "violations", "shop"]).well().stdout,
        ask(&server, &["quarantine", "list", "--event", "Order Completed"]).well().stdout,
        ask(&server, &["quarantine", "show", "web", "1"]).well().stdout,
    ];
    assert!(at_server[3].contains("wrong_type at /properties/total"), "{}", at_server[3]);
    let replayed = ask(&server, &["quarantine", "replay", "web", "1", "--mend", mend]).well().stdout;
    assert_eq!(replayed, "1 replayed, 0 go on waiting\n");
    server.walked().await;
    server.kill();

    let data = server.data();
    assert_eq!(run(&data, &["plans", "list"]).well().stdout, at_server[0]);
    assert_eq!(run(&data, &["plans", "show", "shop"]).well().stdout, at_server[1]);
    assert_eq!(run(&data, &["plans", "violations", "shop"]).well().stdout, at_server[2]);
    let tried = run(&data, &["quarantine", "replay", "web", "--all", "--mend", mend, "--dry-run"]).well().stdout;
    assert!(tried.starts_with("1 would be replayed, 1 go on waiting\n"), "{tried}");
    let replayed = run(&data, &["quarantine", "replay", "web", "--kind", "wrong_type", "--mend", mend]).well().stdout;
    assert!(replayed.starts_with("1 replayed, 1 go on waiting\n"), "{replayed}");
    assert_eq!(run(&data, &["quarantine", "drop", "web", "3"]).well().stdout, "1 dropped\n");
    let inferred = run(&data, &["plans", "infer", "--source", "web", "--days", "30"]).well();
    assert!(inferred.stdout.contains("Order Completed") && inferred.stderr.contains("from 2 events"), "{inferred:?}");
    assert_eq!(run(&data, &["plans", "withdraw", "shop"]).well().stdout, "");
    assert!(!run(&data, &["plans", "show", "shop"]).success);
}
