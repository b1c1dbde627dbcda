//! Files over HTTP: a mapping is kept, a file is sent, and what came of it can be asked.

use serde_json::{Value, json};

use crate::World;

const MAP: &str = r#"
version: 1
record:
  key: "{id}"
  identifiers: { crm_id: "{id}", email: "{mail}" }
  traits: { age: { column: age, as: integer } }
"#;

impl World {
    async fn put_mapping(&self, name: &str, text: &str) -> (u16, Value) {
        self.ask_with("PUT", &format!("/v1/mappings/{name}"), text.to_owned()).await
    }

    /// Sends a body as it is; the answer's text counts where it is no JSON.
    async fn ask_with(&self, method: &str, path: &str, body: impl Into<axum::body::Body>) -> (u16, Value) {
        use tower::ServiceExt;
        let request = axum::http::Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {}", self.token)).body(body.into());
        let answer = self.routes.clone().oneshot(request.expect("a request")).await.expect("an answer");
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), 64 << 20).await.expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        (status, body.pointer("/error/code").cloned().unwrap_or(body))
    }
}

#[tokio::test]
async fn a_file_that_is_sent_is_brought_in() {
    let world = World::new();
    let (status, kept) = world.put_mapping("crm", MAP).await;
    assert_eq!((status, &kept["version"], &kept["columns"]), (200, &json!(1), &json!(["id", "mail", "age"])));
    let file = "id,mail,age\n1,ann@example.com,7\n2,bob@example.com,old\n3,,8\n";
    let (status, report) = world.ask_with("POST", "/v1/imports?source=crm&name=people.csv", file).await;
    assert_eq!((status, &report["rows"], &report["facts"], &report["refused"]), (200, &json!(3), &json!(2), &json!(1)));
    let id = report["id"].as_str().expect("an id").to_owned();

    let (_, list) = world.get("/v1/imports").await;
    assert_eq!((&list["data"][0]["id"], &list["data"][0]["state"]), (&json!(id), &json!("done")));
    assert_eq!(list["data"][0]["bytes_read"], list["data"][0]["bytes_total"]);
    let (status, refused) = world.ask_with("GET", &format!("/v1/imports/{id}/errors"), "").await;
    assert_eq!((status, &refused["code"], &refused["line"]), (200, &json!("wrong_type"), &json!(3)));
    assert_eq!(refused["raw"], "2,bob@example.com,old");
    assert_eq!(world.get("/v1/imports/crm-1/errors").await, (404, json!("import_not_found")));
    assert_eq!(world.get("/v1/imports/..%2Fcrm/errors").await, (404, json!("import_not_found")));
}

#[tokio::test]
async fn imports_that_start_at_once_have_ids_of_their_own() {
    let world = World::new();
    world.put_mapping("crm", MAP).await;
    let mut ids = Vec::new();
    for wrong in ["x", "y"] {
        let file = format!("id,mail,age\n1,,{wrong}\n");
        ids.push(
            world.ask_with("POST", "/v1/imports?source=crm", file).await.1["id"].as_str().expect("an id").to_owned(),
        );
    }
    assert_ne!(ids[0], ids[1]);
    let (_, first) = world.ask_with("GET", &format!("/v1/imports/{}/errors", ids[0]), "").await;
    let (_, second) = world.ask_with("GET", &format!("/v1/imports/{}/errors", ids[1]), "").await;
    assert_eq!((&first["raw"], &second["raw"]), (&json!("1,,x"), &json!("1,,y")));
}

#[tokio::test]
async fn a_file_larger_than_any_body_comes_piece_by_piece() {
    const ROWS: u64 = 100_000;
    let world = World::new();
    world.put_mapping("crm", MAP).await;
    let pieces = (0..=ROWS / 1_000).map(|piece| {
        let rows = (0..1_000).map(|row| format!("{},,{}\n", piece * 1_000 + row, "7".repeat(60)));
        let text = if piece == 0 { "id,mail,age\n".to_owned() } else { rows.collect() };
        Ok::<_, std::io::Error>(text)
    });
    let body = axum::body::Body::from_stream(futures_util::stream::iter(pieces));
    let (status, report) = world.ask_with("POST", "/v1/imports?source=crm", body).await;
    assert_eq!((status, &report["facts"]), (200, &json!(ROWS)));
    let left = std::fs::read_dir(world.folder().join("uploads")).expect("a folder").count();
    assert_eq!(left, 0, "what is in is removed");
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let world = World::new();
    world.put_mapping("crm", MAP).await;
    let pieces = [Ok("id,mail,age\n1,,7\n"), Err(std::io::Error::other("gone"))];
    let body = axum::body::Body::from_stream(futures_util::stream::iter(pieces));
    assert_eq!(world.ask_with("POST", "/v1/imports?source=crm", body).await, (400, json!("body_unreadable")));
    assert_eq!(world.get("/v1/imports").await.1, json!({ "data": [] }));
    assert_eq!(std::fs::read_dir(world.folder().join("uploads")).expect("a folder").count(), 0);
}

#[tokio::test]
async fn what_cannot_be_brought_in_says_why() {
    let world = World::new();
    world.put_mapping("crm", MAP).await;
    for (path, file, expected) in [
        ("/v1/imports?source=A", "id\n", (422, "source_name_invalid")),
        ("/v1/imports", "id\n", (400, "query_invalid")),
        ("/v1/imports?source=web", "id\n", (404, "mapping_not_found")),
        ("/v1/imports?source=web&mapping=crm", "id,mail\n1,\n", (422, "missing_columns")),
        ("/v1/imports?source=crm", "", (422, "no_header")),
    ] {
        assert_eq!(world.ask_with("POST", path, file).await, (expected.0, json!(expected.1)), "{path}");
    }
    let (_, list) = world.get("/v1/imports").await;
    assert_eq!((&list["data"][0]["state"], &list["data"][0]["code"]), (&json!("failed"), &json!("no_header")));
}

#[tokio::test]
async fn mappings_are_kept_shown_and_taken_away() {
    let world = World::new();
    assert_eq!(world.put_mapping("crm", "version: 3").await, (422, json!("mapping_invalid")));
    assert_eq!(world.put_mapping("C", MAP).await, (422, json!("mapping_name_invalid")));
    assert_eq!(world.put_mapping("crm", MAP).await.1["version"], 1);
    assert_eq!(world.put_mapping("crm", MAP).await.1["version"], 1);
    assert_eq!(world.put_mapping("crm", "{version: 1, segment: {}}").await.1["version"], 2);
    assert_eq!(world.get("/v1/mappings/crm").await.1["text"], "{version: 1, segment: {}}");
    assert_eq!(world.get("/v1/mappings").await.1["data"][0]["name"], "crm");
    assert_eq!(world.ask_with("DELETE", "/v1/mappings/crm", "").await.0, 204);
    assert_eq!(world.get("/v1/mappings/crm").await, (404, json!("mapping_not_found")));
    assert_eq!(world.ask_with("DELETE", "/v1/mappings/crm", "").await, (404, json!("mapping_not_found")));
}
