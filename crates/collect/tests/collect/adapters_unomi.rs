//! Apache Unomi's clients.

use collect::adapters::Person;
use expect_test::expect;
use serde_json::{Value, json};

use crate::knock::show;
use crate::visit::{Visit, captured, shown};

fn sent(event: Value) -> String {
    let visited = Visit::post("/cxs/eventcollector", &json!({"sessionId": "s1", "events": [event]})).make();
    show(visited.only())
}

fn ann() -> Person {
    let traits = json!({"email": "ann@example.com", "plan": "pro"});
    Person {
        profile: "p1".to_owned(),
        traits: traits.as_object().cloned().expect("an object"),
        audiences: vec!["buyers".to_owned()],
    }
}

#[test]
fn its_tracker_is_understood() {
    let Some(visits) = captured("unomi-tracker", &["/context.json", "/eventcollector"]) else { return };
    expect![[r#"
        page `Home` by anonymous_id:sess-1 at 2026-11-23T18:00:00.000Z
          properties {"target":{"scope":"myscope","itemId":"p","itemType":"page","properties":{"pageInfo":{"pageID":"p","pageName":"Home","pagePath":"/","destinationURL":"http://localhost:43153/?api=127.0.0.1:39509&utm_source=mail&utm_campaign=spring&gclid=abc123","categories":[],"tags":[],"sameDomainReferrer":false},"consentTypes":[]}},"flattenedProperties":{"URLParameters":{"api":"127.0.0.1:39509","utm_source":"mail","utm_campaign":"spring","gclid":"abc123"}},"path":"/","url":"http://localhost:43153/?api=127.0.0.1:39509&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Home"}
          context {"page":{"path":"/","url":"http://localhost:43153/?api=127.0.0.1:39509&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Home"},"campaign":{"source":"mail","name":"spring"},"unomi":{"scope":"myscope","source":{"scope":"myscope","itemId":"shop","itemType":"site"},"sessionId":"sess-1"}}
        track `orderCompleted` by anonymous_id:sess-1 at 2026-11-23T18:00:00.000Z
          properties {"target":{"scope":"myscope","itemId":"p","itemType":"page","properties":{"pageInfo":{"pageID":"p","pageName":"Home","pagePath":"/","destinationURL":"http://localhost:43153/?api=127.0.0.1:39509&utm_source=mail&utm_campaign=spring&gclid=abc123","categories":[],"tags":[],"sameDomainReferrer":false},"consentTypes":[]}}}
          context {"page":{"path":"/","url":"http://localhost:43153/?api=127.0.0.1:39509&utm_source=mail&utm_campaign=spring&gclid=abc123","title":"Home"},"campaign":{"source":"mail","name":"spring"},"unomi":{"scope":"myscope","source":{"scope":"myscope","itemId":"p","itemType":"page","properties":{"pageInfo":{"pageID":"p","pageName":"Home","pagePath":"/","destinationURL":"http://localhost:43153/?api=127.0.0.1:39509&utm_source=mail&utm_campaign=spring&gclid=abc123","categories":[],"tags":[],"sameDomainReferrer":false},"consentTypes":[]}},"sessionId":"sess-1"}}
    "#]].assert_eq(&shown(&visits));
    let context = visits[0].make();
    assert_eq!(context.keys, (None, Some("myscope".to_owned())));
    assert_eq!(context.about, Some(("anonymous_id".to_owned(), "sess-1".to_owned())));
    assert_eq!(visits[1].make().json(), json!({"updated": 1}));
    assert_eq!(visits[1].make().about, None);
}

#[test]
fn a_context_tells_of_the_person_as_far_as_was_asked() {
    let Some(visits) = captured("unomi-tracker", &["/context.json"]) else { return };
    let told = Visit { person: Some(ann()), ..visits[0].clone() }.make().json();
    expect![[r#"
        {
          "anonymousBrowsing": false,
          "consents": {},
          "filteringResults": {},
          "personalizationResults": {},
          "personalizations": {},
          "processedEvents": 1,
          "profileId": "sess-1",
          "profileProperties": {
            "email": "ann@example.com",
            "plan": "pro"
          },
          "profileScores": {},
          "profileSegments": [
            "buyers"
          ],
          "sessionId": "sess-1",
          "sessionProperties": {},
          "trackedConditions": []
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&told).expect("JSON"));
    let asked = |body: Value| Visit { person: Some(ann()), ..Visit::post("/context.json", &body) }.make().json();
    let little = asked(json!({"sessionId": "s1", "requiredProfileProperties": ["plan", "unknown"]}));
    assert_eq!((&little["profileProperties"], little.get("profileSegments")), (&json!({"plan": "pro"}), None));
    assert_eq!(asked(json!({"sessionId": "s1", "requiredProfileProperties": "*"}))["profileProperties"], json!({}));
}

#[test]
fn a_context_needs_no_event() {
    let get = Visit::get("/cxs/context.json?sessionId=s1&payload=%7B%22requireSegments%22:true%7D").make();
    assert_eq!(get.about, Some(("anonymous_id".to_owned(), "s1".to_owned())));
    assert_eq!(
        (get.accepted.events.len(), &get.json()["profileId"], &get.json()["profileSegments"]),
        (0, &json!("s1"), &json!([]))
    );
    let nobody = Visit::get("/context.json").make();
    assert_eq!((nobody.about.clone(), &nobody.json()["profileId"]), (None, &Value::Null));
}

#[test]
fn a_profile_is_told_by_the_body_or_a_cookie_or_its_session() {
    let who = |visit: Visit| visit.make().about.map(|(_, id)| id);
    let asked = |body: Value| Visit::post("/context.json", &body);
    let cookies = "a=b; wem-profile-id=w1; context-profile-id=c1";
    assert_eq!(
        who(asked(json!({"sessionId": "s1", "profileId": "p1"})).with("cookie", cookies)).as_deref(),
        Some("p1")
    );
    assert_eq!(who(asked(json!({"sessionId": "s1"})).with("cookie", cookies)).as_deref(), Some("c1"));
    assert_eq!(who(asked(json!({"sessionId": "s1"})).with("cookie", "wem-profile-id=w1")).as_deref(), Some("w1"));
    let forgotten = Visit::post("/context.json?invalidateProfile=true", &json!({"sessionId": "s1", "profileId": "p1"}));
    assert_eq!(who(forgotten.with("cookie", cookies)).as_deref(), Some("s1"));
}

#[test]
fn the_scope_is_the_key_where_no_header_has_one() {
    let asked = || {
        Visit::post("/eventcollector", &json!({"sessionId": "s1", "events": [5, {"eventType": "e", "scope": "shop"}]}))
    };
    assert_eq!(asked().make().keys, (None, Some("shop".to_owned())));
    assert_eq!(asked().with("x-unomi-peer", "peer").make().keys.1.as_deref(), Some("peer"));
    assert_eq!(
        asked().with("x-unomi-peer", "peer").with("x-unomi-api-key", "key").make().keys.1.as_deref(),
        Some("key")
    );
    assert_eq!(
        asked().with("authorization", "Bearer k").with("x-unomi-api-key", "key").make().keys,
        (Some("k".to_owned()), None)
    );
    let page = Visit::post(
        "/context.json",
        &json!({"sessionId": "s1", "source": {"scope": "site"}, "events": [{"eventType": "e", "scope": "shop"}]}),
    );
    assert_eq!(page.make().keys.1.as_deref(), Some("site"));
}

/// The examples of Unomi's manual, "Built-in event types", in short.
#[test]
fn built_in_events_have_their_meaning() {
    let page = json!({"itemId": "p", "itemType": "page", "properties": {"pageInfo": {"destinationURL": "https://s.example/a?utm_source=mail", "pageName": "A", "pagePath": "/a", "referringURL": "https://g.example/", "language": "en"}}});
    expect![[r#"
        page `A` by anonymous_id:s1 at 2026-11-23T12:00:00.000Z
          properties {"target":{"itemId":"p","itemType":"page","properties":{"pageInfo":{"destinationURL":"https://s.example/a?utm_source=mail","language":"en","pageName":"A","pagePath":"/a","referringURL":"https://g.example/"}}},"path":"/a","url":"https://s.example/a?utm_source=mail","title":"A","referrer":"https://g.example/"}
          context {"page":{"path":"/a","url":"https://s.example/a?utm_source=mail","title":"A","referrer":"https://g.example/"},"locale":"en","campaign":{"source":"mail"},"unomi":{"scope":"s","source":{"itemType":"site"},"sessionId":"s1"}}
    "#]].assert_eq(&sent(json!({"eventType": "view", "itemId": "m1", "scope": "s", "timeStamp": "2026-11-23T12:00:00Z", "source": {"itemType": "site"}, "target": page, "properties": {}})));
    expect![[r#"
        identify by user_id:u1, email:ann@example.com, anonymous_id:s1 at 2026-11-23T12:00:00.000Z
          traits {"email":"ann@example.com","n":1}
          context {"unomi":{"source":null,"sessionId":"s1","target":{"itemId":"u1","itemType":"cmsUser"},"eventType":"login"}}
    "#]].assert_eq(&sent(json!({"eventType": "login", "itemId": "m2", "timeStamp": 1795435200000i64, "source": null, "target": {"itemId": "u1", "itemType": "cmsUser", "properties": {"email": "ann@example.com", "n": 1}}})));
    expect![[r#"
        identify by anonymous_id:s1 at 2026-11-23T18:00:00.000Z
          traits {"nickname":"Grace"}
          context {"unomi":{"sessionId":"s1","target":{"itemId":"null","itemType":"analyticsUser"},"eventType":"identify"}}
    "#]].assert_eq(&sent(json!({"eventType": "identify", "target": {"itemId": "null", "itemType": "analyticsUser", "properties": {"nickname": "Grace"}}})));
    expect![[r#"
        track `identify` by anonymous_id:s1 at 2026-11-23T18:00:00.000Z
          properties {"target":{"itemId":"null"}}
          context {"unomi":{"sessionId":"s1"}}
    "#]]
    .assert_eq(&sent(json!({"eventType": "identify", "target": {"itemId": "null"}})));
    expect![[r#"
        identify by email:ann@example.com, phone:+12015550123, anonymous_id:s1 at 2026-11-23T18:00:00.000Z
          traits {"email":"ann@example.com","firstName":"Ann","phoneNumber":"+12015550123","phone":"+12015550123"}
          context {"unomi":{"target":{"itemId":"contact","itemType":"form"},"sessionId":"s1","eventType":"contactInfoSubmitted"}}
    "#]].assert_eq(&sent(json!({"eventType": "contactInfoSubmitted", "properties": {"firstName": "Ann", "email": "ann@example.com", "phoneNumber": "+12015550123"}, "target": {"itemType": "form", "itemId": "contact"}})));
    expect![[r#"
        track `form` by email:ann@example.com, anonymous_id:s1 at 2026-11-23T18:00:00.000Z
          traits {"email":"ann@example.com"}
          properties {"target":{"itemId":"newsletter","itemType":"form"},"flattenedProperties":{"fields":{"city":"","comment":"hi","email":"ann@example.com"}}}
          context {"page":{"path":"/a","url":"https://s.example/a?utm_source=mail","title":"A","referrer":"https://g.example/"},"locale":"en","campaign":{"source":"mail"},"unomi":{"source":{"itemId":"p","itemType":"page","properties":{"pageInfo":{"destinationURL":"https://s.example/a?utm_source=mail","language":"en","pageName":"A","pagePath":"/a","referringURL":"https://g.example/"}}},"sessionId":"s1"},"traits":{"email":"ann@example.com"}}
    "#]].assert_eq(&sent(json!({"eventType": "form", "source": page, "target": {"itemType": "form", "itemId": "newsletter"}, "flattenedProperties": {"fields": {"email": "ann@example.com", "comment": "hi", "city": ""}}})));
    expect![[r#"
        identify by anonymous_id:p9 at 2026-11-23T18:00:00.000Z
          traits {"city":"Bern","plan":"pro","age":null}
          properties {"add":{"properties.city":"Bern","properties.plan":"free"},"delete":["properties.age","segments"],"targetId":"p9","targetType":"profile","update":{"properties.plan":"pro","systemProperties.x":1}}
          context {"unomi":{"sessionId":"s1","eventType":"updateProperties"}}
    "#]].assert_eq(&sent(json!({"eventType": "updateProperties", "properties": {"targetId": "p9", "targetType": "profile", "add": {"properties.city": "Bern", "properties.plan": "free"}, "update": {"properties.plan": "pro", "systemProperties.x": 1}, "delete": ["properties.age", "segments"]}})));
    expect![[r#"
        track `updateProperties` by anonymous_id:s1 at 2026-11-23T18:00:00.000Z
          properties {"targetId":"p9","targetType":"persona","update":{"properties.plan":"pro"}}
          context {"unomi":{"sessionId":"s1"}}
    "#]].assert_eq(&sent(json!({"eventType": "updateProperties", "properties": {"targetId": "p9", "targetType": "persona", "update": {"properties.plan": "pro"}}})));
    expect![[r#"
        track `modifyConsent` by anonymous_id:s1 at 2026-11-23T18:00:00.000Z
          properties {"consent":{"revokeDate":"2028-01-01T00:00:00Z","scope":"s","status":"GRANTED","typeIdentifier":"newsletter"}}
          context {"unomi":{"sessionId":"s1"},"consent":{"categoryPreferences":{"newsletter":true}}}
    "#]].assert_eq(&sent(json!({"eventType": "modifyConsent", "properties": {"consent": {"typeIdentifier": "newsletter", "scope": "s", "status": "GRANTED", "revokeDate": "2028-01-01T00:00:00Z"}}})));
    expect![[r#"
        track `videoStarted` by anonymous_id:s1 at 2026-11-23T18:00:00.000Z
          properties {"n":8911407.9,"target":"own"}
          context {"unomi":{"target":{"itemId":"v1"},"sessionId":"s1"}}
    "#]].assert_eq(&sent(json!({"eventType": "videoStarted", "target": {"itemId": "v1"}, "properties": {"target": "own", "n": 8911407.9}})));
}

#[test]
fn consent_that_is_not_granted_is_denied() {
    for (status, granted) in [
        (json!("GRANTED"), true),
        (json!("DENIED"), false),
        (json!("REVOKED"), false),
        (json!("granted?"), false),
        (Value::Null, false),
        (json!({}), false),
    ] {
        let event = json!({"eventType": "modifyConsent", "properties": {"consent": {"typeIdentifier": "ads", "status": status}}});
        let visited = Visit::post("/eventcollector", &json!({"sessionId": "s1", "events": [event]})).make();
        let changes = &visited.only().consents;
        assert_eq!((changes.len(), changes[0].purpose.as_str(), changes[0].granted), (1, "ads", granted), "{status}");
    }
}

#[test]
fn what_cannot_be_taken_stands_for_itself() {
    let events = json!([
        5, {}, {"eventType": 5}, {"eventType": "e", "properties": []}, {"eventType": "e", "target": "x"}, {"eventType": "e", "timeStamp": "soon"},
        {"eventType": "e", "itemId": {}}, {"eventType": "modifyConsent", "properties": {"consent": []}}, {"eventType": "modifyConsent"},
        {"eventType": "updateProperties", "properties": {"delete": 5}}, {"eventType": "e", "properties": {"x": "x".repeat(40_000)}}, {"eventType": "e"},
    ]);
    let visited = Visit::post("/eventcollector", &json!({"sessionId": "s1", "events": events})).make();
    expect![[r#"
        [
            "wrong_type",
            "missing_field",
            "wrong_type",
            "wrong_type",
            "wrong_type",
            "invalid_time",
            "wrong_type",
            "wrong_type",
            "missing_field",
            "wrong_type",
            "event_too_large",
        ]
    "#]]
    .assert_debug_eq(&visited.codes());
    assert_eq!((visited.accepted.events.len(), visited.json()), (1, json!({"updated": 1})));
    let unsaid = Visit::post("/eventcollector", &json!({"events": [{"eventType": "e"}]})).make();
    assert_eq!((unsaid.codes(), unsaid.json()), (vec!["no_identifier"], json!({"updated": 0})));
    for (body, expected) in [
        ("[]", "wrong_type"),
        ("5", "wrong_type"),
        ("{", "invalid_json"),
        (r#"{"events":{}}"#, "wrong_type"),
        (r#"{"source":5}"#, "wrong_type"),
    ] {
        let visit = Visit { url: "/context.json".to_owned(), body: body.as_bytes().to_vec(), ..Visit::default() };
        assert_eq!(visit.try_make().map(|_| ()).map_err(|refusal| kit::Coded::code(&refusal)), Err(expected), "{body}");
    }
}
