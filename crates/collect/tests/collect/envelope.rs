//! What came in can be written again as it was sent.

use collect::enrich::{Enricher, Options, Origin};
use collect::spec::{Door, Route, accept, envelope};
use kit::Timestamp;
use serde_json::{Value, json};

use crate::shared;

const NOW: &str = "2026-11-24T12:00:00.000Z";

fn there_and_back(route: Route, body: &Value) -> Vec<Value> {
    let door = Door::live("web".into(), Timestamp::parse(NOW).expect("a time"));
    let accepted = accept(route, body.to_string().as_bytes(), &door).expect("a sound body");
    assert_eq!(accepted.refused, []);
    let enricher = Enricher::new(Options::default(), None);
    let origin = Origin::of_request(None, &|name| {
        (name == "user-agent").then_some("Mozilla/5.0 (X11; Linux x86_64) Firefox/131.0")
    });
    let back = accepted.events.into_iter().map(|mut event| {
        reads_back(&event);
        enricher.enrich(&mut event, &origin);
        serde_json::from_str(envelope(&event).text()).expect("an envelope is JSON")
    });
    back.collect()
}

fn reads_back(event: &model::Event) {
    let fact = model::Fact::Event(event.clone());
    let written = serde_json::to_string(&fact).expect("a fact can be written");
    assert_eq!(serde_json::from_str::<model::Fact>(&written).expect("and read"), fact);
}

/// A message with everything that is always in an envelope comes back as it is.
fn stays(message: &Value) {
    let mut sent = message.clone();
    let always = json!({ "messageId": "m", "timestamp": NOW, "originalTimestamp": NOW, "receivedAt": NOW });
    for (word, value) in always.as_object().expect("an object") {
        sent[word] = value.clone();
    }
    assert_eq!(there_and_back(Route::Batch, &json!({ "batch": [sent] })), [sent]);
}

#[test]
fn every_word_stands_where_it_stood() {
    stays(&json!({ "type": "track", "event": "e", "userId": "u", "properties": { "a": [1, 2.50], "b": null } }));
    stays(
        &json!({ "type": "track", "event": "e", "userId": "u", "traits": { "x": 1 }, "context": { "traits": { "x": 1, "y": 2 } } }),
    );
    stays(
        &json!({ "type": "track", "event": "e", "anonymousId": "a", "context": { "traits": { "email": "a@example.com" }, "app": {} } }),
    );
    stays(
        &json!({ "type": "identify", "userId": "u", "traits": {}, "channel": "server", "version": 2, "_metadata": { "a": [{}] } }),
    );
    stays(&json!({ "type": "group", "userId": "u", "groupId": "g", "traits": { "size": 3 } }));
    stays(&json!({ "type": "group", "userId": "u", "groupId": "g", "properties": { "a": 1 } }));
    stays(&json!({ "type": "group", "userId": "u", "groupId": "g", "properties": { "group_id": "other" } }));
    stays(
        &json!({ "type": "alias", "userId": "u", "previousId": "p", "anonymousId": "a", "integrations": { "All": true } }),
    );
    stays(&json!({ "type": "alias", "userId": "u", "previousId": "p" }));
    stays(&json!({ "type": "page", "userId": "u", "name": "n", "category": "c", "properties": { "a": 1 } }));
    stays(&json!({ "type": "page", "userId": "u", "properties": { "category": "c" } }));
    stays(&json!({ "type": "screen", "userId": "u", "category": "c", "properties": { "category": "other" } }));
}

#[test]
fn what_is_the_houses_own_is_not_told() {
    let message = json!({ "type": "track", "event": "e", "userId": 7, "anonymousId": null, "writeKey": "k", "context": { "userAgent": "curl/8" } });
    let [mut back] = <[Value; 1]>::try_from(there_and_back(Route::Track, &message)).expect("one event");
    let added = ["messageId", "timestamp", "receivedAt"]
        .map(|word| back.as_object_mut().and_then(|words| words.remove(word)).is_some());
    assert_eq!(added, [true; 3]);
    assert_eq!(back, json!({ "type": "track", "event": "e", "userId": "7", "context": { "userAgent": "curl/8" } }));
}

#[test]
fn what_a_batch_says_stands_in_each_message() {
    let batch = json!({ "context": { "app": "x" }, "integrations": { "All": false }, "sentAt": NOW, "batch": [
        { "type": "track", "event": "e", "userId": "u", "context": { "ip": "0.0.0.0" } },
        { "type": "track", "event": "e", "userId": "u", "integrations": { "A": true } },
    ] });
    let back = there_and_back(Route::Batch, &batch);
    assert_eq!(back[0]["context"], json!({ "app": "x", "ip": "0.0.0.0" }));
    assert_eq!(back[1]["integrations"], json!({ "All": false, "A": true }));
    assert!(back.iter().all(|message| message["sentAt"] == NOW));
}

/// The fixtures of Segment's own end-to-end suite.
#[test]
fn segments_fixtures_stay() {
    let Some(folder) = shared::data("suites/segment-e2e-fixtures/fixtures") else { return };
    let kinds = std::fs::read_dir(folder).expect("a folder").map(|kind| kind.expect("an entry").path());
    let files = kinds.flat_map(|kind| std::fs::read_dir(kind).expect("a folder"));
    let texts = files.map(|file| std::fs::read_to_string(file.expect("an entry").path()).expect("a fixture"));
    let mut seen = 0;
    for text in texts {
        stays(&serde_json::from_str(&text).expect("a fixture is JSON"));
        seen += 1;
    }
    assert_eq!(seen, 11);
}
