//! PostHog's clients at their doors.

use collect::adapters::Method;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

use crate::knock::{brief, knock, lines, post, replay, show, shown};

/// One event through `/e`, in full.
fn check(event: Value, expected: Expect) {
    expected.assert_eq(&show(post("/e/", &event).only()));
}

/// Identifiers alone, which is what most rules are about.
fn who(event: Value) -> String {
    let answered = post("/e", &event);
    match answered.codes().first() {
        Some(code) => (*code).to_owned(),
        None => brief(answered.only()).split(" at ").next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn the_node_client_is_understood() {
    let Some(answers) = replay("posthog-node", &["/batch"]) else { return };
    assert!(answers.iter().all(|answer| answer.key.as_deref() == Some("phc_TEST")));
    expect![[r#"
        identify by user_id:u1, email:ann@example.com at 2026-11-23T17:59:59.999Z
          traits {"email":"ann@example.com"}
          properties {"$lib":"posthog-node","$lib_version":"5.70.0","$is_server":true,"$geoip_disable":true}
          context {"library":{"name":"posthog-node","version":"5.70.0"}}
        track `Order Completed` by user_id:u1 at 2026-11-23T17:59:59.999Z
          properties {"revenue":99.5,"$lib":"posthog-node","$lib_version":"5.70.0","$is_server":true,"$geoip_disable":true}
          context {"library":{"name":"posthog-node","version":"5.70.0"}}
        alias by user_id:u1, anonymous_id:anon-1 at 2026-11-23T18:00:00.000Z
          properties {"$lib":"posthog-node","$lib_version":"5.70.0","$is_server":true,"$geoip_disable":true}
          context {"library":{"name":"posthog-node","version":"5.70.0"}}
        group by anonymous_id:$company_g1 at 2026-11-23T18:00:00.000Z
          traits {"name":"Acme"}
          properties {"group_id":"g1","$group_type":"company","$lib":"posthog-node","$lib_version":"5.70.0","$is_server":true,"$geoip_disable":true}
          context {"library":{"name":"posthog-node","version":"5.70.0"}}
        track `$feature_flag_called` by user_id:u1 at 2026-11-23T17:59:59.999Z
          properties {"$feature_flag":"demo","$feature_flag_response":true,"$feature_flag_id":1,"$feature_flag_version":1,"$feature_flag_reason":"Matched condition set 1","locally_evaluated":false,"$feature/demo":true,"$feature_flag_request_id":"r1","$lib":"posthog-node","$lib_version":"5.70.0","$is_server":true,"$geoip_disable":true}
          context {"library":{"name":"posthog-node","version":"5.70.0"}}
    "#]].assert_eq(&shown(&answers));
}

#[test]
fn the_python_client_is_understood() {
    let Some(answers) = replay("posthog-python", &["/batch"]) else { return };
    expect![[r#"
        track `Order Completed` by user_id:u1 at 2026-11-23T17:59:59.999Z
          properties {"revenue":99.5,"$python_runtime":"CPython","$python_version":"3.11.7","$os":"Linux","$os_version":"12","$os_distro":"Debian GNU/Linux","$lib":"posthog-python","$lib_version":"7.91.1","$geoip_disable":true,"$is_server":true}
          context {"library":{"name":"posthog-python","version":"7.91.1"},"os":{"name":"Linux","version":"12"}}
        identify by user_id:u1, email:ann@example.com at 2026-11-23T17:59:59.999Z
          traits {"email":"ann@example.com"}
          properties {"$lib":"posthog-python","$lib_version":"7.91.1","$geoip_disable":true,"$is_server":true}
          context {"library":{"name":"posthog-python","version":"7.91.1"}}
        alias by user_id:u1, anonymous_id:anon-1 at 2026-11-23T17:59:59.999Z
          properties {"$lib":"posthog-python","$lib_version":"7.91.1","$geoip_disable":true,"$is_server":true}
          context {"library":{"name":"posthog-python","version":"7.91.1"}}
        group by anonymous_id:46c2ffad-84c1-4e8d-811b-daf03f95cbc5 at 2026-11-23T17:59:59.999Z
          traits {"name":"Acme"}
          properties {"group_id":"g1","$group_type":"company","$lib":"posthog-python","$lib_version":"7.91.1","$geoip_disable":true,"$is_server":true}
          context {"library":{"name":"posthog-python","version":"7.91.1"}}
        track `$feature_flag_called` by user_id:u1 at 2026-11-23T17:59:59.999Z
          properties {"$feature_flag":"demo","$feature_flag_response":true,"locally_evaluated":false,"$feature/demo":true,"$feature_flag_request_id":"r1","$feature_flag_reason":"Matched condition set 1","$feature_flag_version":1,"$feature_flag_id":1,"$python_runtime":"CPython","$python_version":"3.11.7","$os":"Linux","$os_version":"12","$os_distro":"Debian GNU/Linux","$lib":"posthog-python","$lib_version":"7.91.1","$geoip_disable":true,"$is_server":true}
          context {"library":{"name":"posthog-python","version":"7.91.1"},"os":{"name":"Linux","version":"12"}}
    "#]].assert_eq(&shown(&answers));
}

#[test]
fn the_rust_client_is_understood() {
    let Some(answers) = replay("rust-posthog", &["/batch"]) else { return };
    expect![[r#"
        track `Order Completed` by user_id:u1 at 2026-11-23T17:59:55.991Z
          properties {"$os":"Debian","$lib_version__patch":0,"$lib":"posthog-rs","$is_server":true,"$lib_version__major":0,"$os_version":"12.0.0","$lib_version__minor":30,"$lib_version":"0.30.0","revenue":99.5}
          context {"library":{"name":"posthog-rs","version":"0.30.0"},"os":{"name":"Debian","version":"12.0.0"}}
    "#]].assert_eq(&shown(&answers));
}

#[test]
fn the_browser_client_is_understood() {
    let Some(answers) = replay("posthog-js-npm", &["/e", "/i/v0/e"]) else { return };
    assert!(answers.iter().all(|answer| answer.accepted.refused.is_empty()));
    assert!(answers.iter().all(|answer| answer.reply.body == br#"{"status":1,"success":true}"#));
    let events: Vec<_> = answers.iter().flat_map(|answer| &answer.accepted.events).collect();
    let brief: String = events.iter().map(|event| brief(event)).collect();
    expect![[r#"
        page by user_id:u1 at 2026-11-23T17:59:59.999Z
        identify by user_id:u1, email:ann@example.com, anonymous_id:01a2097f-6fb8-7387-ba9a-83cb12f01432 at 2026-11-23T17:59:59.966Z
        track `Order Completed` by user_id:u1 at 2026-11-23T17:59:56.989Z
        group by user_id:u1 at 2026-11-23T17:59:56.994Z
        track `$feature_flag_called` by user_id:u1 at 2026-11-23T17:59:57.155Z
        track `$autocapture` by user_id:u1 at 2026-11-23T17:59:57.304Z
        track `$pageleave` by user_id:u1 at 2026-11-23T17:59:59.998Z
    "#]].assert_eq(&brief);
    expect![[r#"
        campaign {"name":"spring","source":"mail"}
        device {"id":"01a2097f-6fb8-7387-ba9a-83cb12f01432","type":"Desktop"}
        groupId "g1"
        library {"name":"web","version":"1.449.2"}
        locale "en-US"
        os {"name":"Linux"}
        page {"path":"/","title":"Shop","url":"http://localhost:36641/?api=127.0.0.1:37949&utm_source=mail&utm_campaign=spring&gclid=abc123"}
        screen {"height":720,"width":1280}
        timezone "UTC"
        userAgent "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
    "#]].assert_eq(&lines(&events[0].context, &[]));
    let words = ["url", "path", "title", "referrer", "$current_url", "token", "distinct_id", "$browser", "$referrer"];
    expect![[r#"
        $browser "Chrome"
        $current_url "http://localhost:36641/?api=127.0.0.1:37949&utm_source=mail&utm_campaign=spring&gclid=abc123"
        $referrer "$direct"
        path "/"
        title "Shop"
        url "http://localhost:36641/?api=127.0.0.1:37949&utm_source=mail&utm_campaign=spring&gclid=abc123"
    "#]]
    .assert_eq(&lines(&events[0].properties, &words));
    expect![[r#"
        $current_url "http://localhost:36641/?api=127.0.0.1:37949&utm_source=mail&utm_campaign=spring&gclid=abc123"
        $host "localhost:36641"
        $initial_current_url "http://localhost:36641/?api=127.0.0.1:37949&utm_source=mail&utm_campaign=spring&gclid=abc123"
        $initial_gclid "abc123"
        $initial_host "localhost:36641"
        $initial_pathname "/"
        $initial_referrer "$direct"
        $initial_referring_domain "$direct"
        $initial_utm_campaign "spring"
        $initial_utm_source "mail"
        $pathname "/"
        $referrer "$direct"
        $referring_domain "$direct"
        email "ann@example.com"
        gclid "abc123"
        utm_campaign "spring"
        utm_source "mail"
    "#]].assert_eq(&lines(&events[1].traits, &[]));
}

#[test]
fn retries_are_the_same_messages() {
    for client in ["posthog-node-retry", "posthog-python-retry"] {
        let Some(answers) = replay(client, &["/batch"]) else { return };
        let ids = |at: usize| answers[at].accepted.events.iter().map(|event| &event.message_id).collect::<Vec<_>>();
        assert!(answers.len() > 1 && (1..answers.len()).all(|at| ids(at) == ids(0)), "{client}");
    }
}

#[test]
fn flags_and_configuration_are_told() {
    for client in ["posthog-node", "posthog-python", "posthog-js-npm"] {
        let Some(answers) = replay(client, &["/flags", "/array"]) else { return };
        assert!(!answers.is_empty());
        for answer in answers {
            let told: Value = serde_json::from_slice(&answer.reply.body).expect("JSON");
            assert!(told["flags"] == json!({}) || told["token"] == "phc_TEST", "{client}");
        }
    }
    let script = knock(Method::Get, "/array/phc_%3Cb%3E\"/config.js", b"").expect("told").reply;
    assert_eq!(script.content_type, "application/javascript; charset=utf-8");
    let script = String::from_utf8(script.body).expect("text");
    assert!(script.starts_with(r#"(function(){var held=window._POSTHOG_REMOTE_CONFIG"#), "{script}");
    assert!(script.contains(r#"held["phc_%3Cb%3E\""]={"config":{"#), "{script}");
}

#[test]
fn an_id_is_a_persons_unless_it_is_a_devices() {
    let event = |id: &str, properties: Value| json!({"api_key": "k", "event": "e", "distinct_id": id, "properties": properties});
    assert_eq!(who(event("u1", json!({}))), "track `e` by user_id:u1");
    assert_eq!(who(event("u1", json!({"$device_id": "d1"}))), "track `e` by user_id:u1");
    assert_eq!(who(event("d1", json!({"$device_id": "d1"}))), "track `e` by anonymous_id:d1");
    assert_eq!(who(event("n1", json!({"$device_id": "d1", "$is_identified": false}))), "track `e` by anonymous_id:n1");
    assert_eq!(who(event("u1", json!({"$process_person_profile": false}))), "track `e` by anonymous_id:u1");
    assert_eq!(who(json!({"event": "e", "properties": {"distinct_id": 7}})), "track `e` by user_id:7");
    assert_eq!(who(event("$posthog_cookieless", json!({}))), "no_identifier");
    assert_eq!(who(event("", json!({}))), "no_identifier");
    assert_eq!(who(json!({"event": "e", "distinct_id": {"a": 1}})), "wrong_type");
    assert_eq!(who(json!({"event": 5, "distinct_id": "u1"})), "wrong_type");
    assert_eq!(who(json!({"distinct_id": "u1"})), "missing_field");
}

#[test]
fn two_ids_are_joined_in_the_order_of_their_library() {
    let alias = |name: &str, id: &str, alias: &str, more: Value| {
        let mut properties = json!({"distinct_id": id, "alias": alias});
        properties.as_object_mut().expect("an object").append(&mut more.as_object().cloned().unwrap_or_default());
        who(json!({"event": name, "distinct_id": id, "properties": properties}))
    };
    let said = "alias by user_id:u1, anonymous_id:a1";
    assert_eq!(alias("$create_alias", "u1", "a1", json!({"$lib": "posthog-node"})), said);
    assert_eq!(alias("$create_alias", "a1", "u1", json!({"$lib": "posthog-python"})), said);
    assert_eq!(alias("$create_alias", "a1", "u1", json!({"$lib": "web", "$device_id": "a1"})), said);
    let merged = alias("$merge_dangerously", "u1", "u2", json!({}));
    assert_eq!(merged, "alias by user_id:u1, user_id:u2, anonymous_id:u2");
    assert_eq!(alias("$create_alias", "u1", "", json!({})), "missing_field");
}

#[test]
fn people_and_groups_are_described() {
    check(
        json!({"event": "$identify", "distinct_id": "u1", "uuid": "m1", "$anon_distinct_id": "a1", "elements": [],
            "$set": {"email": "Ann@Example.com", "plan": null}, "$set_once": {"plan": "free", "seen": 8911407.90, "gclid": null}}),
        expect![[r#"
            identify by user_id:u1, email:ann@example.com, anonymous_id:a1 at 2026-11-23T18:00:00.000Z
              traits {"email":"Ann@Example.com","plan":null,"seen":8911407.9}
              context {"posthog":{"elements":[]}}
        "#]],
    );
    check(
        json!({"event": "$set", "distinct_id": "u1", "properties": {"$set": {"a": 1}, "$unset": ["b", "a"]}}),
        expect![[r#"
            identify by user_id:u1 at 2026-11-23T18:00:00.000Z
              traits {"a":1,"b":null}
        "#]],
    );
    check(
        json!({"event": "Paid", "distinct_id": "u1", "properties": {"$set": {"phone": "+12015550123"}, "$groups": {"company": "g1"}}}),
        expect![[r#"
            track `Paid` by user_id:u1, phone:+12015550123 at 2026-11-23T18:00:00.000Z
              traits {"phone":"+12015550123"}
              properties {"$groups":{"company":"g1"}}
              context {"groupId":"g1","traits":{"phone":"+12015550123"}}
        "#]],
    );
    check(
        json!({"event": "$groupidentify", "distinct_id": "u1",
            "properties": {"$group_type": "company", "$group_key": 7, "$group_set": {"email": "office@acme.example"}}}),
        expect![[r#"
            group by user_id:u1 at 2026-11-23T18:00:00.000Z
              traits {"email":"office@acme.example"}
              properties {"group_id":"7","$group_type":"company"}
        "#]],
    );
    check(
        json!({"event": "$screen", "distinct_id": "u1", "properties": {"$screen_name": "Basket", "$os": "iOS", "$app_version": "2.1"}}),
        expect![[r#"
            screen `Basket` by user_id:u1 at 2026-11-23T18:00:00.000Z
              properties {"$app_version":"2.1","$os":"iOS","$screen_name":"Basket"}
              context {"os":{"name":"iOS"},"app":{"version":"2.1"}}
        "#]],
    );
}

#[test]
fn times_are_corrected_or_taken_as_written() {
    let time = |body: Value| post("/batch", &body).only().time.to_string();
    let event = json!({"event": "e", "distinct_id": "u1", "timestamp": "2026-11-23T12:00:00Z"});
    let sent_at = "2026-11-23T12:00:10+00:00";
    assert_eq!(time(json!({"batch": [event], "sent_at": sent_at})), "2026-11-23T17:59:50.000Z");
    assert_eq!(time(json!({"batch": [event]})), "2026-11-23T12:00:00.000Z");
    assert_eq!(
        time(json!({"batch": [event], "sent_at": sent_at, "historical_migration": true})),
        "2026-11-23T12:00:00.000Z"
    );
    let offset = json!({"event": "e", "distinct_id": "u1", "offset": 5000});
    assert_eq!(time(json!({"batch": [offset], "sent_at": sent_at})), "2026-11-23T17:59:55.000Z");
    let body = event.to_string();
    let told = knock(Method::Post, "/e/?ip=0&_=1795435210000", body.as_bytes()).expect("readable");
    assert_eq!(told.only().time.to_string(), "2026-11-23T17:59:50.000Z");
}

#[test]
fn bodies_are_known_by_their_contents() {
    let event = r#"{"event":"Ü","properties":{"token":"phc_1","distinct_id":"u1","price":8911407.90}}"#;
    let base64 = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, event);
    let form: String = form_urlencoded::Serializer::new(String::new()).append_pair("data", &base64).finish();
    let plain: String = form_urlencoded::Serializer::new(String::new()).append_pair("data", event).finish();
    for body in [event, &format!("[{event}]"), &base64, &form, &format!("compression=base64&data={base64}"), &plain] {
        let answered = knock(Method::Post, "/e/", body.as_bytes()).expect("readable");
        assert_eq!(answered.key.as_deref(), Some("phc_1"));
        assert_eq!(answered.only().name.as_deref(), Some("Ü"));
        assert_eq!(answered.only().properties.as_ref().map(model::Raw::text), Some(r#"{"price":8911407.90}"#));
    }
    let told = knock(Method::Get, &format!("/e/?{form}"), b"").expect("readable");
    assert_eq!(told.only().name.as_deref(), Some("Ü"));
}

#[test]
fn what_cannot_be_taken_stands_for_itself() {
    let good = json!({"event": "e", "distinct_id": "u1"});
    let answered = post(
        "/batch",
        &json!({"api_key": "k", "batch": [
            5, {"event": "e"}, {"event": "e", "distinct_id": "u1", "properties": []}, {"event": "e", "distinct_id": "u1", "$set": 1},
            {"event": "e", "distinct_id": "u1", "timestamp": {}}, {"event": "e", "distinct_id": "u1", "timestamp": "soon"},
            {"event": "e", "distinct_id": "u1", "properties": {"token": "another"}}, {"event": "e", "distinct_id": "u1", "$unset": 3},
            good, {"event": "e", "distinct_id": "u1", "properties": {"a": "x".repeat(40_000)}},
        ]}),
    );
    expect![[r#"
        [
            "wrong_type",
            "no_identifier",
            "wrong_type",
            "wrong_type",
            "invalid_time",
            "invalid_time",
            "wrong_type",
            "wrong_type",
            "event_too_large",
        ]
    "#]]
    .assert_debug_eq(&answered.codes());
    assert_eq!(answered.accepted.events.len(), 1);
    let code =
        |body: &str| knock(Method::Post, "/batch", body.as_bytes()).map_err(|refusal| kit::Coded::code(&refusal));
    for (body, expected) in [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        (r#"{"batch":{}}"#, "wrong_type"),
        (r#"{"batch":null}"#, "missing_field"),
        ("data=%7B%", "invalid_json"),
        ("12", "wrong_type"),
    ] {
        assert_eq!(code(body).err(), Some(expected), "{body}");
    }
}
