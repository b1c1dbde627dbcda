//! Mixpanel's clients at their doors.

use collect::adapters::Method;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::knock::{brief, knock, post, replay, show, shown};

fn check(address: &str, item: Value, expected: Expect) {
    expected.assert_eq(&show(post(address, &item).only()));
}

fn who(properties: Value) -> String {
    let answered = post("/track", &json!([{"event": "e", "properties": properties}]));
    match answered.codes().first() {
        Some(code) => (*code).to_owned(),
        None => brief(answered.only()).split(" at ").next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn the_python_client_is_understood() {
    let Some(answers) = replay("mixpanel-python", &["/track", "/engage"]) else { return };
    for answer in &answers {
        assert_eq!(answer.key.as_deref(), Some("TOKEN"));
        assert_eq!(answer.reply.body, br#"{"error":null,"status":1}"#);
    }
    expect![[r#"
        track `Order Completed` by user_id:u1 at 2026-11-23T17:39:54.144Z
          properties {"mp_lib":"python","$lib_version":"5.4.1","revenue":99.5}
          context {"library":{"name":"python","version":"5.4.1"}}
        identify by user_id:u1, email:ann@example.com at 2026-11-23T17:39:54.185Z
          traits {"email":"ann@example.com"}
    "#]]
    .assert_eq(&shown(&answers));
}

#[test]
fn an_id_is_a_persons_unless_it_is_a_devices() {
    assert_eq!(who(json!({"distinct_id": "u1"})), "track `e` by user_id:u1");
    assert_eq!(who(json!({"distinct_id": "$device:d1"})), "track `e` by anonymous_id:d1");
    assert_eq!(who(json!({"distinct_id": "$device:d1", "$device_id": "d1"})), "track `e` by anonymous_id:d1");
    assert_eq!(who(json!({"distinct_id": "d1", "$device_id": "d1"})), "track `e` by anonymous_id:d1");
    let both = "track `e` by user_id:u1, anonymous_id:d1";
    assert_eq!(who(json!({"distinct_id": "u1", "$device_id": "d1", "$user_id": "u1"})), both);
    assert_eq!(who(json!({"$device_id": "d1", "$user_id": "u1"})), both);
    assert_eq!(who(json!({"distinct_id": "u1", "$device_id": "d1"})), both);
    assert_eq!(who(json!({"distinct_id": 12.5})), "track `e` by user_id:12.5");
    assert_eq!(who(json!({"distinct_id": ""})), "no_identifier");
    assert_eq!(who(json!({"distinct_id": []})), "wrong_type");
}

#[test]
fn two_ids_are_joined() {
    let joined = |event: &str, properties: Value| {
        let answered = post("/track", &json!({"event": event, "properties": properties}));
        brief(answered.only()).split(" at ").next().unwrap_or_default().to_owned()
    };
    let alias = "alias by user_id:u1, anonymous_id:a1";
    assert_eq!(joined("$create_alias", json!({"distinct_id": "a1", "alias": "u1", "token": "t"})), alias);
    assert_eq!(joined("$merge", json!({"$distinct_ids": ["$device:a1", "u1"]})), alias);
    assert_eq!(
        joined("$merge", json!({"$distinct_ids": ["u1", "u2"]})),
        "alias by user_id:u1, user_id:u2, anonymous_id:u2"
    );
    assert_eq!(
        joined("$identify", json!({"$identified_id": "u1", "$anon_id": "$device:a1", "distinct_id": "u1"})),
        "identify by user_id:u1, anonymous_id:a1"
    );
    let alone = post("/track", &json!({"event": "$merge", "properties": {"$distinct_ids": ["u1"]}}));
    assert_eq!(alone.codes(), ["wrong_type"]);
}

#[test]
fn people_groups_and_pages_are_described() {
    check(
        "/engage",
        json!({"$token": "t", "$distinct_id": "u1", "$time": 1795435200, "$ip": "::1",
            "$set": {"$email": "Ann@Example.com", "$first_name": "Ann", "plan": "pro"},
            "$set_once": {"$name": "Ann B", "plan": "free"}, "$unset": ["$phone"], "$add": {"orders": 1}, "$delete": ""}),
        expect![[r#"
            identify by user_id:u1, email:ann@example.com at 2026-11-23T12:00:00.000Z
              traits {"email":"Ann@Example.com","firstName":"Ann","plan":"pro","name":"Ann B","phone":null}
              properties {"$add":{"orders":1},"$delete":""}
              context {"ip":"::1"}
        "#]],
    );
    check(
        "/groups",
        json!([{"$token": "t", "$group_key": "company", "$group_id": "g1", "$set": {"$name": "Acme"}, "$union": {"tags": ["a"]}}]),
        expect![[r#"
            group by anonymous_id:$company_g1 at 2026-11-23T18:00:00.000Z
              traits {"name":"Acme"}
              properties {"group_id":"g1","$group_key":"company","$union":{"tags":["a"]}}
        "#]],
    );
    check(
        "/track",
        json!({"event": "$mp_web_page_view", "properties": {"$user_id": "u1", "distinct_id": "else", "time": 1795435200123i64,
            "$insert_id": "m1", "current_page_title": "Shop", "$current_url": "https://shop.example/a?b", "current_url_path": "/a",
            "$referrer": "https://search.example/", "utm_source": "mail", "mp_lib": "web", "$lib_version": "2", "$os": "Linux"}}),
        expect![[r#"
            page by user_id:u1 at 2026-11-23T12:00:00.123Z
              properties {"$current_url":"https://shop.example/a?b","$lib_version":"2","$os":"Linux","$referrer":"https://search.example/","current_page_title":"Shop","current_url_path":"/a","distinct_id":"else","mp_lib":"web","utm_source":"mail","url":"https://shop.example/a?b","path":"/a","title":"Shop","referrer":"https://search.example/"}
              context {"page":{"url":"https://shop.example/a?b","path":"/a","title":"Shop","referrer":"https://search.example/"},"campaign":{"source":"mail"},"library":{"name":"web","version":"2"},"os":{"name":"Linux"}}
        "#]],
    );
}

#[test]
fn times_are_seconds_or_milliseconds() {
    let time = |time: Value| post("/track", &json!({"event": "e", "properties": {"distinct_id": "u1", "time": time}}));
    for told in [json!(1795435200), json!(1795435200.0), json!("1795435200"), json!(1795435200000i64)] {
        assert_eq!(time(told).only().time.to_string(), "2026-11-23T12:00:00.000Z");
    }
    assert_eq!(time(json!(null)).only().time.to_string(), "2026-11-23T18:00:00.000Z");
    for told in [json!(true), json!("nan"), json!(1e300), json!("soon"), json!(0)] {
        assert_eq!(time(told).codes(), ["invalid_time"]);
    }
}

#[test]
fn answers_are_those_that_clients_wait_for() {
    let answer = |url: &str, body: &str| {
        let reply = knock(Method::Post, url, body.as_bytes()).expect("readable").reply;
        (reply.status, String::from_utf8(reply.body).expect("text"))
    };
    let (good, bad) =
        (r#"{"event":"e","properties":{"distinct_id":"u1"}}"#, r#"{"event":"e","properties":{"$insert_id":"m1"}}"#);
    assert_eq!(answer("/track", good), (200, "1".to_owned()));
    assert_eq!(answer("/track", bad), (200, "0".to_owned()));
    assert_eq!(answer("/track?verbose=1", good).1, r#"{"error":null,"status":1}"#);
    let error = r#"{"error":"neither `userId` nor `anonymousId` is given","status":0}"#;
    assert_eq!(answer("/track?verbose=1", bad).1, error);
    assert_eq!(answer("/track?verbose=1", &format!("[{good},{bad}]")).1, r#"{"error":null,"status":1}"#);
    assert_eq!(answer("/import?strict=1", good).1, r#"{"code":200,"num_records_imported":1,"status":"OK"}"#);
    let lines = answer("/import?strict=1", &format!("{good}\n{bad}\n{good}\n"));
    expect![[r#"
        (
            400,
            "{\"code\":400,\"error\":\"some data points in the request failed validation\",\"failed_records\":[{\"field\":\"no_identifier\",\"index\":1,\"insert_id\":\"m1\",\"message\":\"neither `userId` nor `anonymousId` is given\"}],\"num_records_imported\":2,\"status\":\"Bad Request\"}",
        )
    "#]].assert_debug_eq(&lines);
    let form = format!("data={good}&verbose=1&api_key=k");
    assert_eq!(answer("/import", &form).1, r#"{"error":null,"status":1}"#);
    let pixel = knock(Method::Get, &format!("/track?img=1&data={good}"), b"").expect("readable");
    assert_eq!((pixel.reply.content_type, pixel.accepted.events.len()), ("image/gif", 1));
}
