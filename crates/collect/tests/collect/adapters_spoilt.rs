//! Requests of Jitsu's, RudderStack's, Segment's, Snowplow's and Unomi's clients, spoilt in any way: every door answers.

use proptest::prelude::*;

use crate::visit::{Visit, captured};

const CLIENTS: [&str; 9] = [
    "http-shapes",
    "jitsu-js-npm",
    "rudderstack-js-npm-beacon",
    "segment-next-npm",
    "snowplow-browser",
    "snowplow-browser-get",
    "snowplow-node",
    "unomi-tracker",
    "jitsu-js-node",
];

const ADDRESSES: [&str; 10] = [
    "/v1/pixel/",
    "/v1/projects/",
    "/sourceConfig",
    "/beacon/",
    "/api/s/",
    "/p.js",
    "/com.snowplow",
    "/i?",
    "/context.json",
    "/eventcollector",
];

const DOORS: [&str; 9] = [
    "/api/s/track",
    "/api/s/{type}",
    "/api/s/batch",
    "/api/s/s2s/page",
    "/beacon/v1/batch",
    "/com.snowplowanalytics.snowplow/tp2",
    "/context.json",
    "/cxs/eventcollector",
    "/eventcollector",
];

const PICTURES: [&str; 7] =
    ["/i", "/ice.png", "/v1/pixel/track", "/v1/pixel/identify", "/settings", "/sourceConfig", "/context.json"];

fn visits() -> Vec<Visit> {
    CLIENTS.iter().filter_map(|client| captured(client, &ADDRESSES)).flatten().collect()
}

fn survive(visit: &Visit) {
    let Ok(visited) = visit.try_make() else { return };
    assert_eq!(visited.reply.status, 200);
    for event in visited.accepted.events {
        let written = serde_json::to_string(&model::Fact::Event(event)).expect("facts can be written");
        serde_json::from_str::<serde_json::Value>(&written).expect("and read to the last value");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..300), cookie in ".{0,40}") {
        for door in DOORS {
            survive(&Visit { url: door.to_owned(), body: body.clone(), ..Visit::default() }.with("cookie", &cookie));
        }
    }

    #[test]
    fn any_address_is_answered(query in r"[a-z_.]{0,8}=[ -~]{0,20}(&(e|uid|duid|ue_pr|ue_px|co|cx|data|payload|event|userId|properties|context)=[ -~]{0,40}){0,6}", host in ".{0,20}") {
        for picture in PICTURES {
            survive(&Visit::get(&format!("{picture}?{query}")).with("host", &host).with("origin", &host));
        }
    }

    #[test]
    fn spoilt_requests_are_answered(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), end in any::<prop::sample::Index>()) {
        for mut visit in visits() {
            for (at, byte) in &changes {
                if !visit.body.is_empty() {
                    let at = at.index(visit.body.len());
                    visit.body[at] = *byte;
                }
            }
            survive(&visit);
            visit.body.truncate(end.index(visit.body.len() + 1));
            survive(&visit);
        }
    }

    #[test]
    fn json_of_any_shape_is_answered(values in proptest::collection::vec(0usize..8, 12)) {
        let words = ["5", "null", "\"\"", "[]", "{}", "true", "\"x\"", "{\"properties\":{\"pageInfo\":5},\"fields\":[],\"schema\":1,\"data\":[5]}"];
        let names = ["e", "type", "event", "eventType", "userId", "duid", "properties", "target", "source", "context", "ue_pr", "co"];
        let entries: Vec<String> = names.iter().zip(&values).map(|(name, value)| format!("\"{name}\":{}", words[*value])).collect();
        let item = format!("{{{}}}", entries.join(","));
        let body = format!("{{\"batch\":[{item}],\"data\":[{item}],\"events\":[{item}],\"sessionId\":\"s\",{}}}", entries.join(","));
        for door in DOORS {
            survive(&Visit { url: door.to_owned(), body: body.clone().into_bytes(), ..Visit::default() });
        }
    }
}
