//! The API is what its OpenAPI document says: schemathesis asks whatever that allows, and some of what it does not, and checks every answer.
//!
//! `SONDER_API_EXAMPLES` says how many requests an operation gets (25).

use std::process::Command;

use e2e::{Server, world};

const DOORS: &str = "collect";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_as_the_document_says() {
    let program = world::repository("crates/e2e/python/.venv/bin/schemathesis");
    if !program.exists() {
        return eprintln!("skipped: `schemathesis` is not installed in crates/e2e");
    }
    let server = Server::start().await;
    let key = server.source("api").await;
    let token = format!("Authorization: Bearer {}", server.token());
    // The stream of live events has no end, which no check can wait for.
    ask(&server, ["--header", &token, "--exclude-tag", DOORS, "--exclude-path", "/v1/live/stream"]).await;
    ask(&server, ["--auth", &format!("{key}:"), "--include-tag", DOORS]).await;
}

async fn ask<const N: usize>(server: &Server, which: [&str; N]) {
    let examples = world::setting("SONDER_API_EXAMPLES").unwrap_or_else(|| "25".to_owned());
    let mut command = Command::new(world::repository("crates/e2e/python/.venv/bin/schemathesis"));
    command.arg("--config-file").arg(world::repository("crates/e2e/python/schemathesis.toml"));
    command.args(["run", &format!("http://{}/openapi.json", server.address())]);
    command.args(["--checks", "all", "--seed", "7", "--max-examples", &examples, "--continue-on-failure"]);
    command.args(["--generation-database", "none", "--suppress-health-check", "all", "--no-color"]);
    command.args(which).current_dir(server.desk());
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("the task does not panic");
    let output = output.expect("the program can be started");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
