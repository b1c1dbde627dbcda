//! Whatever bytes come, every adapter answers; and what it takes can be read again.

use collect::adapters::{ALL, Does, Entrance, Method, Request};
use proptest::prelude::*;

use crate::knock::{captured, enter};

const CLIENTS: [&str; 7] = [
    "posthog-node",
    "posthog-python",
    "posthog-js-npm",
    "rust-posthog",
    "mixpanel-python",
    "amplitude-python",
    "http-shapes",
];

fn entrances() -> impl Iterator<Item = &'static Entrance> {
    ALL.iter().flat_map(|adapter| adapter.entrances)
}

/// Sends the body, and the address, to everyone.
fn survive(query: &str, body: &[u8]) {
    for entrance in entrances() {
        let Ok(request) = Request::new(entrance.path, query, &|_| None, body) else { continue };
        let Ok(answered) = enter(entrance, &request) else { continue };
        for event in answered.accepted.events {
            assert!(!event.identifiers.is_empty() && !event.message_id.is_empty());
            let fact = model::Fact::Event(event);
            let written = serde_json::to_string(&fact).expect("facts can be written");
            serde_json::from_str::<serde_json::Value>(&written).expect("and read to the last value");
        }
    }
}

#[test]
fn no_two_adapters_have_one_address() {
    let mut seen = std::collections::HashSet::new();
    for entrance in entrances() {
        assert!(seen.insert((entrance.method == Method::Get, entrance.path)), "{}", entrance.path);
        assert!(entrance.path.starts_with('/') && !entrance.path.ends_with('/'), "{}", entrance.path);
    }
}

#[test]
fn hostile_bodies_are_answered() {
    let deep = |times: usize| format!("{}{}", "[".repeat(times), "]".repeat(times));
    let deep_properties =
        |times: usize| format!(r#"{{"event":"e","distinct_id":"u","properties":{{"a":{}}}}}"#, deep(times));
    let bodies = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "[null,1,\"a\",[],{}]".to_owned(),
        deep(100_000),
        deep_properties(100),
        deep_properties(50_000),
        r#"{"event":"\ud800","distinct_id":"u"}"#.to_owned(),
        r#"{"event":"e","distinct_id":"u","properties":{"\ud800":1e999}}"#.to_owned(),
        r#"{"batch":[{"event":"e","distinct_id":"\ud800"}],"events":[{"event_type":"e","user_id":"u","time":1e999}]}"#
            .to_owned(),
        "data=H4sIAAAAAAAA".to_owned(),
        "data=%ff%fe&identification=%ff".to_owned(),
    ];
    for body in bodies {
        survive("", body.as_bytes());
    }
    survive("en=e&cid=1&sr=axb&gcs=G1&_=nan&dl=%3A%2F%2F", b"\x1f\x8b\x08\x00trunc");
}

#[test]
fn captures_spoilt_at_every_place_are_answered() {
    for client in CLIENTS {
        let Some(requests) = captured(client, &["/"]) else { return };
        for (_, _, body) in requests {
            let body = collect::spec::inflated(&body, 1 << 20).expect("a capture");
            let step = (body.len() / 60).max(1);
            for at in (0..body.len()).step_by(step) {
                survive("", &body[..at]);
                let mut spoilt = body.to_vec();
                spoilt[at] = b'{';
                survive("", &spoilt);
            }
        }
    }
}

#[test]
fn a_small_body_does_not_grow_without_bounds() {
    let events = r#"{"name":"e"},"#.repeat(30_000);
    let body = format!(r#"{{"client_id":"1","a":"{}","events":[{}{{}}]}}"#, "x".repeat(30_000), events);
    survive("measurement_id=1&api_secret=1", body.as_bytes());
    survive(&"x=1&".repeat(10_000), "a\n".repeat(200_000).as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_bytes_are_answered(query in "[a-z0-9=&%._]{0,40}", body in proptest::collection::vec(any::<u8>(), 0..300)) {
        survive(&query, &body);
    }

    #[test]
    fn json_like_bytes_are_answered(body in r#"[\[\]{}:,"\\0-9eE.+a-z -]{0,120}"#) {
        survive("", body.as_bytes());
    }

    /// Every word that the adapters know, with values of every type.
    #[test]
    fn any_types_are_answered(items in proptest::collection::vec(proptest::collection::btree_map(word(), value(), 0..8), 0..3)) {
        let items: Vec<_> = items.into_iter().map(|mut item| { item.extend(fixed()); item }).collect();
        let list = serde_json::Value::from_iter(items.iter().map(|item| serde_json::json!(item)));
        survive("", list.to_string().as_bytes());
        let mut around = serde_json::json!({"batch": list, "events": list, "identification": list, "client_id": "1"});
        survive("", around.to_string().as_bytes());
        if let Some(item) = items.first() {
            around.as_object_mut().expect("an object").extend(item.clone());
            survive("", around.to_string().as_bytes());
        }
    }
}

fn fixed() -> [(String, serde_json::Value); 2] {
    [("distinct_id".to_owned(), "u1".into()), ("user_id".to_owned(), "u1".into())]
}

fn word() -> impl Strategy<Value = String> {
    let words = [
        "event",
        "properties",
        "$set",
        "$set_once",
        "$unset",
        "timestamp",
        "offset",
        "sent_at",
        "uuid",
        "alias",
        "$group_key",
        "$groups",
        "event_type",
        "event_properties",
        "user_properties",
        "groups",
        "group_properties",
        "time",
        "library",
        "idfa",
        "name",
        "params",
        "user_data",
        "consent",
        "timestamp_micros",
        "$distinct_ids",
        "$distinct_id",
        "$group_id",
        "$time",
        "token",
        "$add",
        "revenue",
    ];
    proptest::sample::select(words.to_vec()).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let names = [
        "$identify",
        "$create_alias",
        "$merge_dangerously",
        "$groupidentify",
        "$pageview",
        "$merge",
        "$set",
        "page_view",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,8}".prop_map(Into::into),
        proptest::sample::select(names.to_vec()).prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(serde_json::Value::from),
            proptest::collection::btree_map(word(), inner, 0..4).prop_map(serde_json::Value::from_iter),
        ]
    })
}

/// What only tells takes nothing.
#[test]
fn what_tells_tells_anyone() {
    for entrance in entrances().filter(|entrance| matches!(entrance.does, Does::Tell(_))) {
        let request = Request::new(entrance.path, "", &|_| None, b"\xff\xfe").expect("a request");
        let answered = enter(entrance, &request).expect("an answer");
        assert!(answered.reply.status < 500 && answered.accepted.events.is_empty(), "{}", entrance.path);
    }
}
