//! Amplitude's clients at their doors.

use collect::adapters::Method;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::knock::{knock, post, replay, show, shown};

fn check(event: Value, expected: Expect) {
    let answered = post("/2/httpapi", &json!({"api_key": "k", "events": [event]}));
    assert_eq!(answered.key.as_deref(), Some("k"));
    expected.assert_eq(&show(answered.only()));
}

#[test]
fn the_python_client_is_understood() {
    let Some(answers) = replay("amplitude-python", &["/2/httpapi"]) else { return };
    assert_eq!(answers[0].key.as_deref(), Some("APIKEY"));
    assert_eq!(answers[0].only().message_id, "3d4dbe69-6ffa-4017-b963-8741630754f1");
    expect![[r#"
        track `Order Completed` by user_id:u1 at 2026-11-23T17:39:55.112Z
          properties {"revenue":99.5}
          context {"library":{"name":"amplitude-python","version":"1.3.0"}}
    "#]]
    .assert_eq(&shown(&answers));
}

#[test]
fn events_keep_what_they_say() {
    check(
        json!({"user_id": "u1", "device_id": "d1", "event_type": "Order Completed", "time": 1795435200000i64, "insert_id": "m1",
            "session_id": 1795435100000i64, "event_properties": {"revenue": 1.10, "sku": "p1"}, "revenue": 2.50, "price": 2.50,
            "quantity": 1, "user_properties": {"email": "ann@example.com", "$set": {"plan": "pro"}, "$add": {"orders": 1}},
            "groups": {"company": "g1"}, "platform": "Web", "os_name": "iOS", "language": "de", "ip": "::1", "library": "amplitude-ts/2.0",
            "idfa": "00000000-0000-0000-0000-000000000000", "adid": "AAAA-1", "app_version": "1"}),
        expect![[r#"
            track `Order Completed` by user_id:u1, email:ann@example.com, advertising_id:aaaa-1, anonymous_id:d1 at 2026-11-23T12:00:00.000Z
              traits {"plan":"pro","email":"ann@example.com"}
              properties {"revenue":1.1,"sku":"p1","price":2.5,"quantity":1,"session_id":1795435100000}
              context {"app":{"version":"1"},"os":{"name":"iOS"},"locale":"de","ip":"::1","library":{"name":"amplitude-ts","version":"2.0"},"device":{"advertisingId":"AAAA-1"},"groupId":"g1","amplitude":{"groups":{"company":"g1"},"platform":"Web","revenue":2.5,"user_properties":{"$add":{"orders":1}}},"traits":{"plan":"pro","email":"ann@example.com"}}
        "#]],
    );
    check(
        json!({"device_id": "d1", "event_type": "[Amplitude] Page Viewed", "event_properties": {
            "[Amplitude] Page Location": "https://shop.example/a?b", "[Amplitude] Page Path": "/a", "[Amplitude] Page Title": "Shop"}}),
        expect![[r#"
            page by anonymous_id:d1 at 2026-11-23T18:00:00.000Z
              properties {"[Amplitude] Page Location":"https://shop.example/a?b","[Amplitude] Page Path":"/a","[Amplitude] Page Title":"Shop","url":"https://shop.example/a?b","path":"/a","title":"Shop"}
              context {"page":{"url":"https://shop.example/a?b","path":"/a","title":"Shop"}}
        "#]],
    );
}

#[test]
fn people_and_groups_are_described() {
    check(
        json!({"user_id": "u1", "device_id": "d1", "event_type": "$identify", "user_properties": {
            "$set": {"email": "ann@example.com"}, "$setOnce": {"email": "x", "first": 1, "none": null}, "$unset": {"old": "-"}, "$append": {"tags": "a"}}}),
        expect![[r#"
            identify by user_id:u1, email:ann@example.com, anonymous_id:d1 at 2026-11-23T18:00:00.000Z
              traits {"email":"ann@example.com","first":1,"old":null}
              context {"amplitude":{"user_properties":{"$append":{"tags":"a"}}}}
        "#]],
    );
    check(
        json!({"user_id": "u1", "event_type": "$groupidentify", "groups": {"company": ["g1", "g2"]},
            "group_properties": {"$set": {"name": "Acme"}, "$add": {"seats": 2}}}),
        expect![[r#"
            group by user_id:u1 at 2026-11-23T18:00:00.000Z
              traits {"name":"Acme"}
              properties {"group_id":"g1","group_type":"company"}
              context {"amplitude":{"groups":{"company":["g1","g2"]},"group_properties":{"$add":{"seats":2}}}}
        "#]],
    );
    let form = |url: &str, json: &str| {
        let body: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("api_key", "k")
            .append_pair("identification", json)
            .finish();
        let answered = knock(Method::Post, url, body.as_bytes()).expect("readable");
        assert_eq!((answered.key.as_deref(), answered.reply.body.as_slice()), (Some("k"), b"success".as_slice()));
        show(answered.only())
    };
    expect![[r#"
        identify by user_id:u1 at 2026-11-23T18:00:00.000Z
          traits {"plan":"pro"}
    "#]]
    .assert_eq(&form("/identify", r#"[{"user_id":"u1","user_properties":{"plan":"pro"}}]"#));
    expect![[r#"
        group by anonymous_id:$company_g1 at 2026-11-23T18:00:00.000Z
          traits {"name":"Acme"}
          properties {"group_id":"g1","group_type":"company"}
    "#]]
    .assert_eq(&form(
        "/groupidentify",
        r#"{"group_type":"company","group_value":"g1","group_properties":{"name":"Acme"}}"#,
    ));
}

#[test]
fn batches_are_told_from_posthogs_by_their_body() {
    let events = json!({"api_key": "k", "events": [{"user_id": "u1", "event_type": "e"}, {"event_type": "e"}, {"user_id": "u2"}, 7]});
    let answered = post("/batch", &events);
    assert_eq!(answered.codes(), ["no_identifier", "missing_field", "wrong_type"]);
    let size = events.to_string().len();
    let said = format!(r#"{{"code":200,"events_ingested":1,"payload_size_bytes":{size}}}"#);
    assert_eq!(String::from_utf8_lossy(&answered.reply.body), said);
    let theirs = post("/batch", &json!({"api_key": "k", "batch": [{"event": "e", "distinct_id": "u1"}]}));
    assert_eq!(theirs.reply.body, br#"{"status":1,"success":true}"#);
}

#[test]
fn clocks_are_corrected() {
    let body = json!({"api_key": "k", "client_upload_time": "2026-11-23T12:00:10.000Z",
        "events": [{"user_id": "u1", "event_type": "e", "time": 1795435200000i64}]});
    assert_eq!(post("/2/httpapi", &body).only().time.to_string(), "2026-11-23T17:59:50.000Z");
}

#[test]
fn what_cannot_be_read_has_a_code() {
    let code = |url: &str, body: &str| {
        knock(Method::Post, url, body.as_bytes()).map(|_| ()).map_err(|refusal| kit::Coded::code(&refusal))
    };
    for (url, body, expected) in [
        ("/2/httpapi", "", "invalid_json"),
        ("/2/httpapi", "{}", "missing_field"),
        ("/2/httpapi", "[]", "missing_field"),
        ("/2/httpapi", r#"{"events":{}}"#, "wrong_type"),
        ("/identify", "api_key=k", "missing_field"),
        ("/identify", "identification=%7B", "invalid_json"),
    ] {
        assert_eq!(code(url, body).err(), Some(expected), "{url} {body}");
    }
}
