//! The unmodified npm package `@segment/analytics-node` talks to the house.

use std::path::Path;
use std::process::Command;

use e2e::{Server, world};
use serde_json::json;

#[tokio::test]
async fn the_segment_client_for_node_is_understood() {
    let folder = world::repository("crates/e2e/node");
    if !world::has_program("node") || !has_packages(&folder) {
        return;
    }
    let server = Server::start().await;
    let key = server.source("node").await;
    let mut client = Command::new("node");
    client.current_dir(&folder).arg("client.mjs").arg(format!("http://{}", server.address())).arg(&key);
    let said =
        tokio::task::spawn_blocking(move || client.output()).await.expect("no panic").expect("node can be started");
    let told = String::from_utf8_lossy(&said.stdout).into_owned() + &String::from_utf8_lossy(&said.stderr);
    assert!(said.status.success(), "{told}");
    server.walked().await;

    let traits = server.get("/v1/profiles/user_id:node-1/traits").await.well();
    assert_eq!(traits["traits"]["email"], "Node@Example.com");
    assert_eq!(traits["traits"]["plan"], "pro");
    let events = server.get("/v1/profiles/email:node@example.com/events").await.well();
    let mut kinds: Vec<_> = events["data"].as_array().expect("rows").iter().map(|row| row["type"].clone()).collect();
    kinds.sort_by_key(ToString::to_string);
    assert_eq!(json!(kinds), json!(["alias", "group", "identify", "page", "screen", "track", "track"]));
    let order = events["data"].as_array().expect("rows").iter().find(|row| row["event"] == "Order Completed");
    assert_eq!(order.expect("the order")["properties"], json!({ "revenue": 99.5, "products": ["Ütf-8 ✓"] }));
    let ids = server.get("/v1/profiles/anonymous_id:node-anonymous/external_ids").await.well();
    assert_eq!(ids["data"].as_array().map(Vec::len), Some(3), "user, e-mail, device: {ids}");
}

/// The package is installed by `./dev test`, from the lock file beside it.
fn has_packages(folder: &Path) -> bool {
    let found = folder.join("node_modules/@segment/analytics-node").exists();
    if !found {
        eprintln!("skipped: `npm ci` was not run in crates/e2e/node");
    }
    found
}
