//! The Segment spec: what a message becomes, and each reason for which one is refused.

use std::io::Write;

use collect::spec::{Accepted, Door, Refusal, Route, accept, key_from_authorization, key_from_body};
use kit::{Coded, Timestamp};
use model::{Event, EventKind};
use serde_json::json;

fn door() -> Door {
    Door::live("web".into(), time("2026-01-10T12:00:00Z"))
}

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time of a test")
}

fn one(route: Route, body: serde_json::Value) -> Result<Event, Refusal> {
    let accepted = accept(route, body.to_string().as_bytes(), &door())?;
    let [event] = <[Event; 1]>::try_from(accepted.events).expect("one message, one event");
    Ok(event)
}

fn taken(route: Route, body: serde_json::Value) -> Event {
    one(route, body).expect("this message is taken")
}

fn batch(body: serde_json::Value) -> Result<Accepted, Refusal> {
    accept(Route::Batch, body.to_string().as_bytes(), &door())
}

fn identifiers(event: &Event) -> String {
    let all: Vec<_> = event.identifiers.iter().map(ToString::to_string).collect();
    all.join(" ")
}

fn text(raw: Option<&model::Raw>) -> &str {
    raw.map_or("-", model::Raw::text)
}

#[test]
fn each_kind_of_message_is_taken() {
    let cases = [
        (Route::Identify, json!({"userId": "u", "traits": {"a": 1}}), EventKind::Identify, None),
        (Route::Track, json!({"userId": "u", "event": "Bought"}), EventKind::Track, Some("Bought")),
        (Route::Page, json!({"anonymousId": "a", "name": "Home"}), EventKind::Page, Some("Home")),
        (Route::Page, json!({"anonymousId": "a"}), EventKind::Page, None),
        (Route::Screen, json!({"anonymousId": "a", "name": "Cart"}), EventKind::Screen, Some("Cart")),
        (Route::Group, json!({"userId": "u", "groupId": "g"}), EventKind::Group, None),
        (Route::Alias, json!({"userId": "u", "previousId": "p"}), EventKind::Alias, None),
    ];
    for (route, body, kind, name) in cases {
        let event = taken(route, body);
        assert_eq!((event.kind, event.name.as_deref()), (kind, name), "{route:?}");
        assert_eq!((event.source.as_ref(), event.received_at), ("web", time("2026-01-10T12:00:00Z")));
    }
}

#[test]
fn each_reason_has_its_code() {
    let long = |chars: usize| "x".repeat(chars);
    let cases = [
        ("invalid_json", Route::Track, r#"{"userId":"u","event":"#.to_owned()),
        ("invalid_json", Route::Track, String::new()),
        ("invalid_json", Route::Batch, String::new()),
        ("invalid_json", Route::Track, r#"{"userId":"u","event":"e"} x"#.to_owned()),
        ("invalid_json", Route::Track, r#"{"userId":"u","event":"e","properties":{"a":"\ud800"}}"#.to_owned()),
        ("invalid_json", Route::Track, r#"{"userId":"u","event":"e","properties":{"a":1e999}}"#.to_owned()),
        ("too_deep", Route::Track, format!(r#"{{"userId":"u","event":"e","properties":{{"a":{}}}}}"#, nested(64))),
        ("too_deep", Route::Track, nested(10_000)),
        ("too_deep", Route::Batch, nested(10_000)),
        ("too_deep", Route::Batch, format!(r#"{{"batch":[],"context":{{"a":{}}}}}"#, nested(10_000))),
        ("event_too_large", Route::Track, format!(r#"{{"userId":"u","event":"{}"}}"#, long(40_000))),
        ("batch_too_large", Route::Batch, format!(r#"{{"batch":[{{"userId":"{}"}}]}}"#, long(600_000))),
        ("batch_too_long", Route::Batch, format!(r#"{{"batch":[{}0]}}"#, "0,".repeat(2_500))),
        ("no_identifier", Route::Track, r#"{"event":"e"}"#.to_owned()),
        ("no_identifier", Route::Track, r#"{"event":"e","userId":null,"anonymousId":""}"#.to_owned()),
        ("no_identifier", Route::Identify, r#"{"traits":{"email":"not an address"}}"#.to_owned()),
        ("missing_field", Route::Track, r#"{"userId":"u"}"#.to_owned()),
        ("missing_field", Route::Track, r#"{"userId":"u","event":" "}"#.to_owned()),
        ("missing_field", Route::Group, r#"{"userId":"u"}"#.to_owned()),
        ("missing_field", Route::Alias, r#"{"userId":"u"}"#.to_owned()),
        ("missing_field", Route::Alias, r#"{"anonymousId":"a","previousId":"p"}"#.to_owned()),
        ("missing_field", Route::Batch, r#"{"sentAt":"2026-01-10T12:00:00Z"}"#.to_owned()),
        ("wrong_type", Route::Track, "[]".to_owned()),
        ("wrong_type", Route::Track, r#""track""#.to_owned()),
        ("wrong_type", Route::Batch, "[]".to_owned()),
        ("wrong_type", Route::Batch, r#"{"batch":{}}"#.to_owned()),
        ("wrong_type", Route::Track, r#"{"userId":["u"],"event":"e"}"#.to_owned()),
        ("wrong_type", Route::Track, r#"{"userId":true,"event":"e"}"#.to_owned()),
        ("wrong_type", Route::Track, r#"{"userId":"u","event":7}"#.to_owned()),
        ("wrong_type", Route::Track, r#"{"userId":"u","event":"e","properties":[]}"#.to_owned()),
        ("wrong_type", Route::Track, r#"{"userId":"u","event":"e","context":"c"}"#.to_owned()),
        ("wrong_type", Route::Identify, r#"{"userId":"u","traits":1}"#.to_owned()),
        ("wrong_type", Route::Track, r#"{"userId":"u","event":"e","messageId":{}}"#.to_owned()),
        (
            "wrong_type",
            Route::Track,
            r#"{"userId":"u","event":"e","context":{"consent":{"categoryPreferences":{"ads":"yes"}}}}"#.to_owned(),
        ),
        ("unknown_type", Route::Track, r#"{"type":"purchase","userId":"u","event":"e"}"#.to_owned()),
        ("invalid_time", Route::Track, r#"{"userId":"u","event":"e","timestamp":"yesterday"}"#.to_owned()),
        ("invalid_time", Route::Track, r#"{"userId":"u","event":"e","timestamp":1736500000}"#.to_owned()),
        ("invalid_time", Route::Track, r#"{"userId":"u","event":"e","timestamp":"1989-12-31T23:59:59Z"}"#.to_owned()),
        ("invalid_time", Route::Track, r#"{"userId":"u","event":"e","timestamp":"2026-01-11T12:00:01Z"}"#.to_owned()),
        ("message_id_too_long", Route::Track, format!(r#"{{"userId":"u","event":"e","messageId":"{}"}}"#, long(101))),
        ("identifier_too_long", Route::Track, format!(r#"{{"userId":"{}","event":"e"}}"#, long(501))),
    ];
    for (code, route, body) in cases {
        let shown = &body[..body.len().min(80)];
        let refusal = accept(route, body.as_bytes(), &door()).expect_err(shown);
        assert_eq!(refusal.code(), code, "{shown}");
        assert!(!refusal.is_retryable() && !refusal.to_string().contains("yesterday"), "{refusal}");
    }
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let body = b"{\"userId\":\"u\",\"event\":\"\xff\"}";
    assert_eq!(accept(Route::Track, body, &door()).map_err(|refusal| refusal.code()), Err("invalid_utf8"));
}

#[test]
fn gzip_is_recognised_and_bombs_stay_small() {
    let packed = |plain: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(plain).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    };
    let good = packed(b"\xef\xbb\xbf \n{\"userId\":\"u\",\"event\":\"e\"}\n");
    assert_eq!(accept(Route::Track, &good, &door()).map(|accepted| accepted.events.len()), Ok(1));
    let code = |body: &[u8]| accept(Route::Batch, body, &door()).map_err(|refusal| refusal.code());
    assert_eq!(code(&packed(&vec![b' '; 200 << 20])), Err("batch_too_large"));
    assert_eq!(code(&good[..good.len() - 9]), Err("invalid_gzip"));
    assert_eq!(code(&[0x1f, 0x8b, 1, 2, 3]), Err("invalid_gzip"));
}

#[test]
fn identifiers_stand_in_the_order_of_their_priority() {
    let cases = [
        (
            json!({"anonymousId": "a", "userId": 42, "traits": {"phone": "(201) 555-0123", "email": " Ann@Example.COM"}}),
            "user_id:42 email:ann@example.com phone:+12015550123 anonymous_id:a",
        ),
        (json!({"userId": "u", "context": {"traits": {"email": "c@x.example"}}}), "user_id:u email:c@x.example"),
        (json!({"context": {"traits": {"email": "c@x.example"}}}), "email:c@x.example"),
        (json!({"userId": "u", "traits": {"email": "a@b@c", "phone": "12"}}), "user_id:u"),
        (json!({"userId": "u", "properties": {"email": "gift@x.example"}}), "user_id:u"),
        (
            json!({"anonymousId": "a", "context": {"device": {"advertisingId": "AB-1", "adTrackingEnabled": true}}}),
            "advertising_id:ab-1 anonymous_id:a",
        ),
        (
            json!({"anonymousId": "a", "context": {"device": {"advertisingId": "AB-1", "adTrackingEnabled": false}}}),
            "anonymous_id:a",
        ),
        (
            json!({"userId": "u", "context": {"externalIds": [
                {"id": "77", "type": "CRM_ID", "collection": "users", "encoding": "none"},
                {"id": "88", "type": "org_id", "collection": "accounts", "encoding": "none"},
                {"id": "99", "type": "hashed", "collection": "users", "encoding": "sha256"},
                {"id": "g", "type": "group_id", "collection": "users", "encoding": "none"},
                {"id": "x", "type": "no kind!", "collection": "users", "encoding": "none"},
                "not an object"]}}),
            "user_id:u crm_id:77",
        ),
    ];
    for (body, expected) in cases {
        let shown = body.to_string();
        assert_eq!(identifiers(&taken(Route::Identify, body)), expected, "{shown}");
    }
    let alias = taken(Route::Alias, json!({"userId": "u", "previousId": "a", "anonymousId": "a"}));
    assert_eq!(identifiers(&alias), "user_id:u anonymous_id:a");
}

#[test]
fn a_group_is_no_person() {
    let event = taken(Route::Group, json!({"userId": "u", "groupId": 7, "traits": {"email": "office@acme.example"}}));
    assert_eq!(identifiers(&event), "user_id:u");
    assert_eq!(text(event.traits.as_ref()), r#"{"email":"office@acme.example"}"#);
    assert_eq!(text(event.properties.as_ref()), r#"{"group_id":"7"}"#);
}

#[test]
fn what_has_no_place_of_its_own_is_kept() {
    let page = json!({"anonymousId": "a", "category": "Docs", "properties": {"url": "/"}});
    assert_eq!(text(taken(Route::Page, page).properties.as_ref()), r#"{"category":"Docs","url":"/"}"#);
    let page = json!({"anonymousId": "a", "category": "Docs", "properties": {"category": "Own"}});
    assert_eq!(text(taken(Route::Page, page).properties.as_ref()), r#"{"category":"Own"}"#);
    let both = json!({"userId": "u", "traits": {"a": 1, "b": 2}, "context": {"traits": {"b": 3, "c": 4}}});
    assert_eq!(text(taken(Route::Identify, both).traits.as_ref()), r#"{"c":4,"a":1,"b":2}"#);
}

#[test]
fn of_a_key_that_is_there_twice_the_last_counts() {
    let body = br#"{"userId":"u","event":"e","userId":"v","\u0065vent":"f"}"#;
    let event = accept(Route::Track, body, &door()).expect("taken").events.remove(0);
    assert_eq!((identifiers(&event).as_str(), event.label()), ("user_id:v", "f"));
}

#[test]
fn numbers_stay_as_they_are_written() {
    let body = r#"{"userId":"u","event":"e","properties":{"revenue": 8911407.90, "big":12345678901234567890123}}"#;
    let event = accept(Route::Track, body.as_bytes(), &door()).expect("taken").events.remove(0);
    assert_eq!(text(event.properties.as_ref()), r#"{"revenue": 8911407.90, "big":12345678901234567890123}"#);
}

#[test]
fn the_clock_of_the_device_is_corrected() {
    let received = "2026-01-10T12:00:00.000Z";
    let cases = [
        (json!({}), received),
        (json!({"timestamp": "2026-01-01T00:00:00Z"}), "2026-01-01T00:00:00.000Z"),
        (json!({"timestamp": "2026-01-01T00:00:00Z", "sentAt": "2026-01-01T00:00:05Z"}), "2026-01-10T11:59:55.000Z"),
        (
            json!({"originalTimestamp": "1970-01-01T00:00:00Z", "sentAt": "1970-01-01T01:00:00Z"}),
            "2026-01-10T11:00:00.000Z",
        ),
        (json!({"timestamp": "2026-01-01T00:00:00Z", "sentAt": "soon"}), "2026-01-01T00:00:00.000Z"),
        (json!({"timestamp": "2026-01-09T00:00:00Z", "sentAt": "2020-01-01T00:00:00Z"}), "2026-01-09T00:00:00.000Z"),
        (
            json!({"timestamp": "2026-01-02T00:00:00Z", "originalTimestamp": "2026-01-03T00:00:00Z", "sentAt": "2026-01-03T00:01:00Z"}),
            "2026-01-10T11:59:00.000Z",
        ),
        (json!({"timestamp": null, "sentAt": ""}), received),
    ];
    for (clocks, expected) in cases {
        let mut body = json!({"userId": "u", "event": "e"});
        let fields = body.as_object_mut().expect("an object");
        fields.extend(clocks.as_object().expect("an object").clone());
        let shown = body.to_string();
        assert_eq!(taken(Route::Track, body).time.to_string(), expected, "{shown}");
    }
}

#[test]
fn a_message_without_id_gets_one_of_its_own() {
    let mint = || taken(Route::Track, json!({"userId": "u", "event": "e", "messageId": ""})).message_id;
    let (one, two) = (mint(), mint());
    assert!(one != two && one.len() == 36, "{one} {two}");
    assert_eq!(taken(Route::Track, json!({"userId": "u", "event": "e", "messageId": "m"})).message_id, "m");
}

#[test]
fn consents_are_read() {
    let body = json!({"userId": "u", "event": "e", "context": {"consent": {"categoryPreferences": {"ads": false, "mail": true}}}});
    let said: Vec<_> =
        taken(Route::Track, body).consents.into_iter().map(|said| (said.purpose, said.granted)).collect();
    assert_eq!(said, [("ads".to_owned(), false), ("mail".to_owned(), true)]);
    for nothing in [json!(null), json!({}), json!({"categoryPreferences": {}})] {
        let body = json!({"userId": "u", "event": "e", "context": {"consent": nothing}});
        assert_eq!(taken(Route::Track, body).consents, []);
    }
}

#[test]
fn a_batch_loses_only_what_it_must() {
    let large = "x".repeat(33 * 1024);
    let deep: serde_json::Value = (0..70).fold(json!(0), |inner, _| json!([inner]));
    let accepted = batch(json!({"batch": [
        {"type": "track", "event": "a", "userId": "u", "messageId": "1"},
        {"type": "purchase", "userId": "u", "messageId": "2"},
        7,
        {"type": "track", "event": "b", "messageId": "3"},
        {"type": "track", "event": large, "userId": "u"},
        {"type": "track", "event": "d", "userId": "u", "messageId": "5", "properties": {"deep": deep}},
        {"event": "c", "userId": "u"},
        {"type": "page", "anonymousId": "a", "messageId": "7", "unknown": {"key": [1]}},
    ]}));
    let accepted = accepted.expect("the batch can be read");
    let ids: Vec<_> = accepted.events.iter().map(|event| event.message_id.as_str()).collect();
    assert_eq!(ids, ["1", "7"]);
    let refused = accepted.refused.iter().map(|refused| (refused.index, refused.message_id.as_deref(), refused.code));
    let expected = [
        (1, Some("2"), "unknown_type"),
        (2, None, "wrong_type"),
        (3, Some("3"), "no_identifier"),
        (4, None, "event_too_large"),
        (5, None, "too_deep"),
        (6, None, "missing_field"),
    ];
    assert_eq!(refused.collect::<Vec<_>>(), expected);
}

#[test]
fn a_batch_speaks_for_its_messages() {
    let accepted = batch(json!({
        "sentAt": "2026-01-01T00:00:10Z",
        "context": {"ip": "1.2.3.4", "traits": {"email": "all@x.example"}},
        "integrations": {"All": true},
        "batch": [
            {"type": "track", "event": "e", "userId": "u", "timestamp": "2026-01-01T00:00:00Z"},
            {"type": "track", "event": "e", "userId": "u", "context": {"ip": "own"}, "integrations": {"All": false}},
        ]
    }));
    let [first, second] = <[Event; 2]>::try_from(accepted.expect("taken").events).expect("two events");
    assert_eq!(first.time, time("2026-01-10T11:59:50Z"));
    assert_eq!(identifiers(&first), "user_id:u email:all@x.example");
    assert_eq!(text(first.integrations.as_ref()), r#"{"All":true}"#);
    assert_eq!(text(second.context.as_ref()), r#"{"traits":{"email":"all@x.example"},"ip":"own"}"#);
    assert_eq!(text(second.integrations.as_ref()), r#"{"All":false}"#);
}

#[test]
fn write_keys_are_found() {
    for (header, key) in [
        ("Basic V1JJVEVLRVk6", Some("WRITEKEY")),
        ("basic V1JJVEVLRVk6c2VjcmV0", Some("WRITEKEY")),
        ("Basic V1JJVEVLRVk", Some("WRITEKEY")),
        ("Bearer wk_1", Some("wk_1")),
        ("Basic Og==", None),
        ("Basic !!", None),
        ("Digest x", None),
        ("Bearer ", None),
        ("", None),
    ] {
        assert_eq!(key_from_authorization(header).as_deref(), key, "{header}");
    }
    for (body, key) in [
        (r#"{"batch":[{"writeKey":"inner"}],"writeKey":"k"}"#, Some("k")),
        (r#"{"writeKey":null}"#, None),
        (r#"{"writeKey":{"a":1}}"#, None),
        (r#"["k"]"#, None),
        ("{", None),
    ] {
        assert_eq!(key_from_body(body.as_bytes()).as_deref(), key, "{body}");
    }
}
