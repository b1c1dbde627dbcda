//! Google Analytics 4 at its doors.

use collect::adapters::Method;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::knock::{knock, post, replay, show, shown};

const PROTOCOL: &str = "/mp/collect?measurement_id=G-TEST&api_secret=SECRET";

fn check(body: Value, expected: Expect) {
    let answered = post(PROTOCOL, &body);
    assert_eq!((answered.key.as_deref(), answered.reply.status), (Some("SECRET"), 204));
    expected.assert_eq(&shown(&[answered]));
}

/// What the validation server says: place, code, description.
fn validated(url: &str, body: &str) -> String {
    let reply = knock(Method::Post, url, body.as_bytes()).expect("told").reply;
    let told: Value = serde_json::from_slice(&reply.body).expect("JSON");
    let messages = told["validationMessages"].as_array().expect("a list");
    let line = |said: &Value| {
        let word = |name: &str| said[name].as_str().expect("a text").to_owned();
        format!("{} {}: {}\n", word("fieldPath"), word("validationCode"), word("description"))
    };
    messages.iter().map(line).collect()
}

#[test]
fn the_measurement_protocol_is_understood() {
    let Some(answers) = replay("http-shapes", &["/mp/collect"]) else { return };
    assert_eq!((answers[0].key.as_deref(), answers[0].reply.status), (Some("SECRET"), 204));
    expect![[r#"
        track `purchase` by user_id:u1, email_sha256:b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514, anonymous_id:123.456 at 2026-02-03T04:05:06.789Z
          traits {"plan":"pro"}
          properties {"transaction_id":"T1","currency":"EUR","value":99.5,"session_id":"1","engagement_time_msec":100,"items":[{"item_id": "p1", "item_name": "Mug", "price": 49.75, "quantity": 2}]}
          context {"traits":{"plan":"pro"},"externalIds":[{"id":"b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514","type":"email_sha256","collection":"users","encoding":"none"}],"consent":{"categoryPreferences":{"ad_personalization":false,"ad_user_data":true}},"ga4":{"non_personalized_ads":false,"measurement_id":"G-TEST"}}
    "#]].assert_eq(&shown(&answers));
}

#[test]
fn pages_and_screens_have_their_own_words() {
    check(
        json!({"client_id": "1.2", "timestamp_micros": 1795435200000000i64, "events": [
            {"name": "page_view", "timestamp_micros": "1795435201000000",
             "params": {"page_location": "https://shop.example/a?utm_source=mail&utm_campaign=spring", "page_title": "Shop"}},
            {"name": "screen_view", "params": {"screen_name": "Basket"}}]}),
        expect![[r#"
            page by anonymous_id:1.2 at 2026-11-23T12:00:01.000Z
              properties {"page_location":"https://shop.example/a?utm_source=mail&utm_campaign=spring","page_title":"Shop","url":"https://shop.example/a?utm_source=mail&utm_campaign=spring","path":"/a","title":"Shop"}
              context {"page":{"url":"https://shop.example/a?utm_source=mail&utm_campaign=spring","path":"/a","title":"Shop"},"campaign":{"source":"mail","name":"spring"},"ga4":{"measurement_id":"G-TEST"}}
            screen `Basket` by anonymous_id:1.2 at 2026-11-23T12:00:00.000Z
              properties {"screen_name":"Basket"}
              context {"ga4":{"measurement_id":"G-TEST"}}
        "#]],
    );
    check(
        json!({"app_instance_id": "A1", "user_id": 7, "ip_override": "::1", "non_personalized_ads": true,
            "consent": {"ad_user_data": "DENIED", "ad_personalization": "GRANTED"},
            "user_properties": {"plan": {"value": "pro"}, "none": {"value": null}},
            "user_data": {"email_address": ["ann@example.com", "a@b.example"], "sha256_phone_number": "AB".repeat(32), "address": [{"city": "Rome"}]}}),
        expect![[r#"
            identify by user_id:7, email:ann@example.com, email:a@b.example, phone_sha256:abababababababababababababababababababababababababababababababab, anonymous_id:A1 at 2026-11-23T18:00:00.000Z
              traits {"plan":"pro","email":"ann@example.com"}
              context {"ip":"::1","traits":{"plan":"pro","email":"ann@example.com"},"externalIds":[{"id":"ann@example.com","type":"email","collection":"users","encoding":"none"},{"id":"a@b.example","type":"email","collection":"users","encoding":"none"},{"id":"abababababababababababababababababababababababababababababababab","type":"phone_sha256","collection":"users","encoding":"none"}],"consent":{"categoryPreferences":{"ad_personalization":false,"ad_user_data":false}},"ga4":{"non_personalized_ads":true,"user_data":{"address":[{"city":"Rome"}]},"measurement_id":"G-TEST"}}
        "#]],
    );
}

#[test]
fn what_the_browser_sends_is_understood() {
    let url = "/g/collect?v=2&tid=G-1&cid=1.2&uid=u1&en=page_view&dl=https%3A%2F%2Fshop.example%2Fa%3Futm_medium%3Dmail&dt=Shop\
               &dr=https%3A%2F%2Fsearch.example%2F&ul=de-de&sr=1280x720&sid=17&sct=2&_et=12&gcs=G110&npa=1&up.plan=pro&upn.orders=3";
    let answered = knock(Method::Get, url, b"").expect("readable");
    assert_eq!((answered.key.as_deref(), answered.reply.status), (Some("G-1"), 204));
    expect![[r#"
        page by user_id:u1, anonymous_id:1.2 at 2026-11-23T18:00:00.000Z
          traits {"plan":"pro","orders":3}
          properties {"engagement_time_msec":12,"session_id":17,"session_number":2,"url":"https://shop.example/a?utm_medium=mail","path":"/a","title":"Shop","referrer":"https://search.example/"}
          context {"page":{"url":"https://shop.example/a?utm_medium=mail","path":"/a","title":"Shop","referrer":"https://search.example/"},"campaign":{"medium":"mail"},"screen":{"width":1280,"height":720},"locale":"de-de","traits":{"plan":"pro","orders":3},"consent":{"categoryPreferences":{"ad_personalization":false,"ad_storage":true,"analytics_storage":false}},"ga4":{"v":"2","measurement_id":"G-1","gcs":"G110","npa":"1"}}
    "#]].assert_eq(&show(answered.only()));
    let lines = "en=add_to_cart&ep.coupon=X%20Y&epn.value=99.50&cu=EUR&pr1=idp1~nmMug\r\nen=screen_view&ep.screen_name=Basket\n\n";
    let answered = knock(Method::Post, "/g/collect?v=2&tid=G-1&cid=1.2", lines.as_bytes()).expect("readable");
    expect![[r#"
        track `add_to_cart` by anonymous_id:1.2 at 2026-11-23T18:00:00.000Z
          properties {"coupon":"X Y","value":99.50,"currency":"EUR","pr1":"idp1~nmMug"}
          context {"ga4":{"v":"2","measurement_id":"G-1"}}
        screen `Basket` by anonymous_id:1.2 at 2026-11-23T18:00:00.000Z
          properties {"screen_name":"Basket"}
          context {"ga4":{"v":"2","measurement_id":"G-1"}}
    "#]]
    .assert_eq(&shown(&[answered]));
    let nothing = knock(Method::Get, "/g/collect?v=2", b"").expect("readable");
    assert_eq!(nothing.codes(), ["missing_field"]);
}

#[test]
fn validation_says_what_is_wrong_and_stores_nothing() {
    let debug = "/debug/mp/collect?measurement_id=G-TEST&api_secret=SECRET";
    let Some(answers) = replay("http-shapes", &["/debug/mp/collect"]) else { return };
    assert!(answers.iter().all(|answer| answer.accepted.events.is_empty()));
    let good = json!({"client_id": "1.2", "consent": {"ad_user_data": "GRANTED"}, "user_properties": {"plan": {"value": "pro"}},
        "events": [{"name": "purchase", "params": {"value": 99.5}}]});
    assert_eq!(validated(debug, &good.to_string()), "");
    let bad = json!({"consent": {"ad_user_data": "YES", "other": "GRANTED"}, "user_properties": {"user_id": {"value": "x".repeat(40)}},
        "user_id": {}, "events": [{"name": "bad name!"}, {"name": "_x"}, {"name": "session_start"}, {"name": "a".repeat(41)}, {}, 7,
        {"name": "ok", "params": {"ga_x": 1, "long": "x".repeat(101)}}]});
    expect![[r#"
        measurement_id VALUE_REQUIRED: `measurement_id` or `firebase_app_id` is missing in the address
        api_secret VALUE_REQUIRED: `api_secret` is missing in the address
        client_id VALUE_REQUIRED: `client_id` or `app_instance_id` is missing
        consent.ad_user_data VALUE_INVALID: `consent.ad_user_data` is neither `GRANTED` nor `DENIED`
        consent NAME_INVALID: `consent` knows `ad_user_data` and `ad_personalization`
        user_properties NAME_RESERVED: user property at index: [0] has a name that is reserved
        user_properties VALUE_INVALID: user property at index: [0] has a value of more than 36 characters
        events NAME_INVALID: event at index: [0] has an invalid name: names are letters, digits and `_`
        events NAME_INVALID: event at index: [1] has an invalid name: names start with a letter
        events NAME_RESERVED: event at index: [2] has a name that is reserved
        events NAME_INVALID: event at index: [3] has a name of more than 40 characters
        events NAME_RESERVED: parameter at index: [0] of event at index: [6] has a name that is reserved
        events VALUE_INVALID: parameter at index: [1] of event at index: [6] has a value of more than 100 characters
        events VALUE_INVALID: event at index: [0]: `user_id` is not a string or a number
        events VALUE_INVALID: event at index: [1]: `user_id` is not a string or a number
        events VALUE_INVALID: event at index: [2]: `user_id` is not a string or a number
        events VALUE_INVALID: event at index: [3]: `user_id` is not a string or a number
        events VALUE_REQUIRED: event at index: [4]: `name` is missing
        events VALUE_INVALID: event at index: [5]: `event` is not an object
        events VALUE_INVALID: event at index: [6]: `user_id` is not a string or a number
    "#]]
    .assert_eq(&validated("/debug/mp/collect", &bad.to_string()));
    assert_eq!(validated(debug, "{"), "body VALUE_INVALID: not valid JSON at line 1, column 1\n");
    let many: Vec<_> = (0..26).map(|_| json!({"name": "ok"})).collect();
    let many = json!({"client_id": "1.2", "events": many}).to_string();
    assert_eq!(validated(debug, &many), "events EXCEEDED_MAX_ENTITIES: more than 25 events\n");
}

#[test]
fn what_cannot_be_taken_stands_for_itself() {
    let codes = |body: Value| post(PROTOCOL, &body).codes();
    let event = json!({"name": "e"});
    assert_eq!(codes(json!({"events": [event]})), ["no_identifier"]);
    assert_eq!(codes(json!({"client_id": "1"})), ["missing_field"]);
    assert_eq!(codes(json!({"client_id": "1", "events": {}})), ["wrong_type"]);
    assert_eq!(codes(json!({"client_id": [], "events": [event]})), ["wrong_type"]);
    assert_eq!(codes(json!({"client_id": "1", "consent": 1, "events": [event]})), ["wrong_type"]);
    assert_eq!(codes(json!({"client_id": "1", "user_data": 1, "events": [event]})), ["wrong_type"]);
    assert_eq!(codes(json!({"client_id": "1", "timestamp_micros": "x", "events": [event]})), ["invalid_time"]);
    assert_eq!(codes(json!({"client_id": "1", "a": "x".repeat(40_000), "events": [event]})), ["event_too_large"]);
    let mixed = json!({"client_id": "1", "events": [event, 7, {"params": {}}, {"name": "e", "params": 1}]});
    assert_eq!(codes(mixed), ["wrong_type", "missing_field", "wrong_type"]);
}
