//! What unmodified clients sent, replayed through the door.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use collect::spec::{Accepted, Door, Route, accept, key_from_authorization};
use kit::Timestamp;
use model::EventKind;
use serde_json::Value;

use crate::shared;

const CLIENTS: [&str; 15] = [
    "segment-analytics-node",
    "segment-analytics-node-retry",
    "segment-analytics-python",
    "segment-analytics-python-gzip-retry",
    "segment-analytics-ruby",
    "segment-next-npm",
    "segment-next-npm-batching",
    "segment-next-snippet",
    "rudder-sdk-node",
    "rudder-sdk-python",
    "rudderstack-js-npm",
    "rudderstack-js-npm-batch",
    "rudderstack-js-npm-beacon",
    "rust-segment",
    "rust-rudder",
];

fn replay(client: &str) -> Option<Vec<Accepted>> {
    let folder = shared::data(&format!("clients/captures/{client}"))?;
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect();
    files.sort();
    Some(files.iter().filter_map(|file| request(&std::fs::read_to_string(file).expect("a capture"))).collect())
}

/// Sends one captured request through the door, if it is one for it.
fn request(capture: &str) -> Option<Accepted> {
    let capture: Value = serde_json::from_str(capture).expect("a capture is JSON");
    let url = capture["url"].as_str()?.split('?').next()?.trim_end_matches('/');
    let route = Route::of(url.rsplit('/').next()?)?;
    let is_post = capture["method"] == "POST" && (url.starts_with("/v1/") || url.starts_with("/beacon/"));
    let body = is_post.then(|| body(&capture))?;
    let headers = capture["headers"].as_object()?;
    let authorization = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if let Some((_, Value::String(header))) = authorization {
        assert!(key_from_authorization(header).is_some(), "{url}");
    }
    let received_at = Timestamp::parse("2026-11-23T18:00:00Z").expect("a time");
    let accepted = accept(route, &body, &Door::live("web".into(), received_at));
    Some(accepted.unwrap_or_else(|refusal| panic!("{url}: {refusal}")))
}

fn body(capture: &Value) -> Vec<u8> {
    match capture["body_raw_base64"].as_str() {
        Some(text) => BASE64_STANDARD.decode(text).expect("base64"),
        None => capture["body_json"].to_string().into_bytes(),
    }
}

#[test]
fn every_client_is_understood() {
    for client in CLIENTS {
        let Some(answers) = replay(client) else { return };
        assert!(!answers.is_empty(), "{client} sent something");
        for answer in answers {
            assert_eq!(answer.refused, [], "{client}");
            assert!(!answer.events.is_empty(), "{client}");
        }
    }
}

#[test]
fn the_node_client_says_who_and_what() {
    let Some(answers) = replay("segment-analytics-node") else { return };
    let events: Vec<_> = answers.iter().flat_map(|answer| &answer.events).collect();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    use EventKind::{Alias, Group, Identify, Page, Screen, Track};
    assert_eq!(kinds, [Identify, Track, Page, Screen, Group, Alias, Track]);
    let said = |at: usize| events[at].identifiers.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(said(0), ["user_id:u1", "email:ann@example.com"]);
    assert_eq!(said(5), ["user_id:u1", "anonymous_id:anon-1"]);
    assert_eq!(events[6].name.as_deref(), Some("Ütf-8 ✓ 事件"));
    assert_eq!(events[1].properties.as_ref().map(|raw| raw.object()["revenue"].clone()), Some(serde_json::json!(99.5)));
}

#[test]
fn segments_own_fixtures_are_taken() {
    for kind in ["alias", "group", "identify", "page", "screen", "track"] {
        let Some(folder) = shared::data(&format!("suites/segment-e2e-fixtures/fixtures/{kind}")) else { return };
        for file in std::fs::read_dir(folder).expect("a folder") {
            let path = file.expect("a file").path();
            let body = std::fs::read(&path).expect("readable");
            let received_at = Timestamp::parse("2026-11-23T18:00:00Z").expect("a time");
            let route = Route::of(kind).expect("a kind of message");
            let accepted = accept(route, &body, &Door::live("web".into(), received_at));
            assert_eq!(accepted.map(|accepted| accepted.events.len()), Ok(1), "{path:?}");
        }
    }
}
