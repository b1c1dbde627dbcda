//! RudderStack's configuration and beacons, and its messages at Segment's addresses.

use collect::spec::{Accepted, Door, Route, accept};
use expect_test::expect;
use kit::Timestamp;
use serde_json::json;

use crate::knock::{brief, show};
use crate::visit::{Visit, captured, shown};

#[test]
fn a_beacon_is_a_batch() {
    let Some(visits) = captured("rudderstack-js-npm-beacon", &["/beacon/"]) else { return };
    expect![[r#"
        page `Home` by anonymous_id:8b1fda5c-5e0c-4d52-b1a9-a02a9301377f at 2026-11-23T17:59:59.866Z
          traits {}
          properties {"name":"Home","category":"Docs","path":"/","referrer":"$direct","referring_domain":"","search":"?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","tab_url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","initial_referrer":"$direct","initial_referring_domain":""}
          context {"traits":{},"sessionId":1795455650816,"sessionStart":true,"app":{"name":"RudderLabs JavaScript SDK","namespace":"com.rudderlabs.javascript","version":"3.34.1","installType":"npm"},"library":{"name":"RudderLabs JavaScript SDK","version":"3.34.1","variant":"bundled"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","os":{"name":"","version":""},"locale":"en-US","screen":{"width":1280,"height":720,"density":1,"innerWidth":1280,"innerHeight":720},"campaign":{"source":"mail","name":"spring"},"page":{"path":"/","referrer":"$direct","referring_domain":"","search":"?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","tab_url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","initial_referrer":"$direct","initial_referring_domain":""},"timezone":"GMT+0000","rudderstack":{"channel":"web"}}
          integrations {"All":true}
        identify by user_id:u1, email:ann@example.com, anonymous_id:8b1fda5c-5e0c-4d52-b1a9-a02a9301377f at 2026-11-23T17:59:59.875Z
          traits {"email":"ann@example.com"}
          context {"traits":{"email":"ann@example.com"},"sessionId":1795455650816,"app":{"name":"RudderLabs JavaScript SDK","namespace":"com.rudderlabs.javascript","version":"3.34.1","installType":"npm"},"library":{"name":"RudderLabs JavaScript SDK","version":"3.34.1","variant":"bundled"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","os":{"name":"","version":""},"locale":"en-US","screen":{"width":1280,"height":720,"density":1,"innerWidth":1280,"innerHeight":720},"campaign":{"source":"mail","name":"spring"},"page":{"path":"/","referrer":"$direct","referring_domain":"","search":"?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","tab_url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","initial_referrer":"$direct","initial_referring_domain":""},"timezone":"GMT+0000","rudderstack":{"channel":"web"}}
          integrations {"All":true}
        track `Order Completed` by user_id:u1, email:ann@example.com, anonymous_id:8b1fda5c-5e0c-4d52-b1a9-a02a9301377f at 2026-11-23T17:59:59.879Z
          traits {"email":"ann@example.com"}
          properties {"revenue":99.5}
          context {"traits":{"email":"ann@example.com"},"sessionId":1795455650816,"app":{"name":"RudderLabs JavaScript SDK","namespace":"com.rudderlabs.javascript","version":"3.34.1","installType":"npm"},"library":{"name":"RudderLabs JavaScript SDK","version":"3.34.1","variant":"bundled"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","os":{"name":"","version":""},"locale":"en-US","screen":{"width":1280,"height":720,"density":1,"innerWidth":1280,"innerHeight":720},"campaign":{"source":"mail","name":"spring"},"page":{"path":"/","referrer":"$direct","referring_domain":"","search":"?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","tab_url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","initial_referrer":"$direct","initial_referring_domain":""},"timezone":"GMT+0000","rudderstack":{"channel":"web"}}
          integrations {"All":true}
        group by user_id:u1, email:ann@example.com, anonymous_id:8b1fda5c-5e0c-4d52-b1a9-a02a9301377f at 2026-11-23T17:59:59.948Z
          traits {"name":"Acme"}
          properties {"group_id":"g1"}
          context {"traits":{"email":"ann@example.com"},"sessionId":1795455650816,"app":{"name":"RudderLabs JavaScript SDK","namespace":"com.rudderlabs.javascript","version":"3.34.1","installType":"npm"},"library":{"name":"RudderLabs JavaScript SDK","version":"3.34.1","variant":"bundled"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","os":{"name":"","version":""},"locale":"en-US","screen":{"width":1280,"height":720,"density":1,"innerWidth":1280,"innerHeight":720},"campaign":{"source":"mail","name":"spring"},"page":{"path":"/","referrer":"$direct","referring_domain":"","search":"?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","tab_url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","initial_referrer":"$direct","initial_referring_domain":""},"timezone":"GMT+0000","rudderstack":{"channel":"web"}}
          integrations {"All":true}
        alias by user_id:u1-new, email:ann@example.com, anonymous_id:u1, anonymous_id:8b1fda5c-5e0c-4d52-b1a9-a02a9301377f at 2026-11-23T17:59:59.975Z
          traits {"email":"ann@example.com"}
          context {"traits":{"email":"ann@example.com"},"sessionId":1795455650816,"app":{"name":"RudderLabs JavaScript SDK","namespace":"com.rudderlabs.javascript","version":"3.34.1","installType":"npm"},"library":{"name":"RudderLabs JavaScript SDK","version":"3.34.1","variant":"bundled"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36","os":{"name":"","version":""},"locale":"en-US","screen":{"width":1280,"height":720,"density":1,"innerWidth":1280,"innerHeight":720},"campaign":{"source":"mail","name":"spring"},"page":{"path":"/","referrer":"$direct","referring_domain":"","search":"?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Shop","url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","tab_url":"http://localhost:42005/?api=127.0.0.1:38505&beacon=1&utm_source=mail&utm_campaign=spring&gclid=abc123","initial_referrer":"$direct","initial_referring_domain":""},"timezone":"GMT+0000","rudderstack":{"channel":"web"}}
          integrations {"All":true}
    "#]].assert_eq(&shown(&visits));
    let visited = visits[0].make();
    assert_eq!(visited.keys, (None, Some("WRITEKEY".to_owned())));
    assert_eq!(visited.json(), json!({"success": true}));
}

#[test]
fn a_batch_speaks_for_its_messages() {
    let visited = Visit::post("/beacon/v1/batch?writeKey=k", &json!({
        "sentAt": "2026-11-23T12:00:10Z", "context": {"ip": "1.2.3.4", "a": 1}, "integrations": {"All": false, "X": true},
        "batch": [
            {"type": "track", "event": "E", "userId": 5, "originalTimestamp": "2026-11-23T12:00:00Z", "context": {"a": 2}, "rudderId": "r", "integrations": {"All": true}},
            {"type": "track", "event": "E", "userId": true}, 5, {"type": "track", "event": "E"}, {"userId": "u"}, {"type": 5},
            {"type": "track", "event": "E", "userId": "u", "context": 5}, {"type": "page", "userId": "u", "category": "Docs", "properties": []},
            {"type": "screen", "userId": "u", "name": "Cart", "category": "Docs", "properties": {"category": "Own"}},
        ],
    })).make();
    assert_eq!(
        visited.codes(),
        ["wrong_type", "wrong_type", "no_identifier", "missing_field", "unknown_type", "wrong_type", "wrong_type"]
    );
    expect![[r#"
        track `E` by user_id:5 at 2026-11-23T17:59:50.000Z
          context {"a":2,"ip":"1.2.3.4","rudderstack":{"rudderId":"r"}}
          integrations {"All":true,"X":true}
        screen `Cart` by user_id:u at 2026-11-23T18:00:00.000Z
          properties {"category":"Own"}
          context {"a":1,"ip":"1.2.3.4"}
          integrations {"All":false,"X":true}
    "#]]
    .assert_eq(&visited.accepted.events.iter().map(show).collect::<String>());
}

#[test]
fn what_is_no_batch_is_refused_as_a_whole() {
    let code = |body: &str| {
        let visit = Visit { url: "/beacon/v1/batch".to_owned(), body: body.as_bytes().to_vec(), ..Visit::default() };
        visit.try_make().map(|_| ()).map_err(|refusal| kit::Coded::code(&refusal))
    };
    let large = json!({"batch": [], "context": {"a": "x".repeat(40_000)}}).to_string();
    for (body, expected) in [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        ("{}", "missing_field"),
        (r#"{"batch":{}}"#, "wrong_type"),
        ("[]", "missing_field"),
        (r#"{"batch":[],"context":5}"#, "wrong_type"),
        (&large, "event_too_large"),
    ] {
        assert_eq!(code(body), Err(expected), "{body}");
    }
}

#[test]
fn the_configuration_is_for_the_key_that_asks() {
    let Some(visits) = captured("rudderstack-js-npm", &["/sourceConfig"]) else { return };
    let told = visits[0].make().json();
    assert_eq!(
        (&told["source"]["writeKey"], &told["source"]["enabled"], &told["source"]["destinations"]),
        (&json!("WRITEKEY"), &json!(true), &json!([]))
    );
    let in_address = Visit::get("/sourceConfig/?writeKey=k2").make().json();
    assert_eq!(in_address["source"]["writeKey"], "k2");
    assert_eq!(Visit::get("/sourceConfig").make().json()["source"]["writeKey"], "");
}

fn received(visit: &Visit) -> Accepted {
    let path = visit.url.split('?').next().expect("a path");
    let route = path.rsplit('/').next().and_then(Route::of).expect("a route");
    let door = Door::live("web".into(), Timestamp::parse("2026-11-23T18:00:00Z").expect("a time"));
    accept(route, &visit.body, &door).expect("readable")
}

/// The spec's own reader loses nothing of who and when: the header `AnonymousId` says what the body says, and `sessionId` stays a number.
#[test]
fn messages_at_segments_addresses_are_read_by_the_spec() {
    let mut all = String::new();
    for client in
        ["rudderstack-js-npm", "rudderstack-js-npm-batch", "rudder-sdk-node", "rudder-sdk-python", "rust-rudder"]
    {
        let Some(visits) = captured(client, &["/v1/"]) else { return };
        all += &format!("# {client}\n");
        for visit in &visits {
            let accepted = received(visit);
            assert_eq!(accepted.refused, [], "{client}");
            let header = visit.headers.iter().find(|(name, _)| name == "anonymousid").map(|(_, id)| id);
            for event in &accepted.events {
                let own = event.identifiers.iter().rev().find(|id| id.kind() == "anonymous_id").map(|id| id.value());
                let told =
                    header.map(|id| base64::Engine::decode(&base64::prelude::BASE64_STANDARD, id).expect("base64"));
                assert!(told.is_none_or(|told| own.map(str::as_bytes) == Some(&told)), "{client}");
                let context = event.context.as_ref().map(|raw| raw.object()).unwrap_or_default();
                assert!(header.is_none() || context["sessionId"].is_number(), "{client}");
                all += &brief(event);
            }
        }
    }
    expect![[r#"
        # rudderstack-js-npm
        page `Home` by anonymous_id:759fe2d5-56f0-4321-895e-999f51bfdcda at 2026-11-23T17:59:59.999Z
        identify by user_id:u1, email:ann@example.com, anonymous_id:759fe2d5-56f0-4321-895e-999f51bfdcda at 2026-11-23T18:00:00.000Z
        track `Order Completed` by user_id:u1, email:ann@example.com, anonymous_id:759fe2d5-56f0-4321-895e-999f51bfdcda at 2026-11-23T17:59:59.998Z
        group by user_id:u1, email:ann@example.com, anonymous_id:759fe2d5-56f0-4321-895e-999f51bfdcda at 2026-11-23T17:59:59.999Z
        alias by user_id:u1-new, email:ann@example.com, anonymous_id:u1, anonymous_id:759fe2d5-56f0-4321-895e-999f51bfdcda at 2026-11-23T17:59:59.999Z
        # rudderstack-js-npm-batch
        page `Home` by anonymous_id:23c03589-e883-429f-b8b6-ca1e80c8a558 at 2026-11-23T17:59:59.992Z
        identify by user_id:u1, email:ann@example.com, anonymous_id:23c03589-e883-429f-b8b6-ca1e80c8a558 at 2026-11-23T17:59:59.994Z
        track `Order Completed` by user_id:u1, email:ann@example.com, anonymous_id:23c03589-e883-429f-b8b6-ca1e80c8a558 at 2026-11-23T17:59:59.995Z
        group by user_id:u1, email:ann@example.com, anonymous_id:23c03589-e883-429f-b8b6-ca1e80c8a558 at 2026-11-23T17:59:59.996Z
        alias by user_id:u1-new, email:ann@example.com, anonymous_id:u1, anonymous_id:23c03589-e883-429f-b8b6-ca1e80c8a558 at 2026-11-23T17:59:59.201Z
        # rudder-sdk-node
        identify by user_id:u1, email:ann@example.com at 2026-11-23T17:59:59.999Z
        track `Order Completed` by user_id:u1 at 2026-11-23T17:59:59.896Z
        page `Home` by user_id:u1 at 2026-11-23T17:59:59.896Z
        screen `Cart` by anonymous_id:a1 at 2026-11-23T17:59:59.897Z
        group by user_id:u1 at 2026-11-23T17:59:59.897Z
        alias by user_id:u1, anonymous_id:a1 at 2026-11-23T17:59:59.897Z
        # rudder-sdk-python
        identify by user_id:u1, email:ann@example.com at 2026-11-23T17:59:59.495Z
        track `Order Completed` by user_id:u1 at 2026-11-23T17:59:59.496Z
        page `Home` by user_id:u1 at 2026-11-23T17:59:59.496Z
        screen `Cart` by user_id:u1 at 2026-11-23T17:59:59.496Z
        group by user_id:u1 at 2026-11-23T17:59:59.496Z
        alias by user_id:u1, anonymous_id:anon-1 at 2026-11-23T17:59:59.496Z
        # rust-rudder
        identify by user_id:u1, email:ann@example.com at 2026-11-23T18:00:00.000Z
        track `Order Completed` by user_id:u1 at 2026-11-23T18:00:00.000Z
        track `In batch` by user_id:u1 at 2026-11-23T18:00:00.000Z
    "#]].assert_eq(&all);
}
