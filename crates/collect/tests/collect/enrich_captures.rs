//! What unmodified browsers sent, enriched: their headers and their contexts.

use std::collections::BTreeSet;

use collect::enrich::{Enricher, Options, Origin};
use expect_test::expect;
use serde_json::Value;

use crate::enrich::event;
use crate::shared;

/// All captured requests: client, headers, body.
fn requests() -> Option<Vec<(String, Value)>> {
    let mut requests = Vec::new();
    for client in std::fs::read_dir(shared::data("clients/captures")?).expect("a folder") {
        let client = client.expect("an entry");
        let name = client.file_name().to_string_lossy().into_owned();
        for file in std::fs::read_dir(client.path()).into_iter().flatten() {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("a capture");
            let capture: Value = serde_json::from_str(&text).expect("a capture is JSON");
            if capture["headers"].is_object() {
                requests.push((name.clone(), capture));
            }
        }
    }
    Some(requests)
}

fn origin(capture: &Value) -> Origin {
    let headers = capture["headers"].as_object().expect("headers");
    let header = |name: &str| {
        let mut headers = headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
    };
    Origin::of_request(Some([203, 0, 113, 7].into()), &header)
}

/// Every object under a key `context`, wherever a client puts it.
fn contexts<'c>(value: &'c Value, found: &mut Vec<&'c Value>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("context").filter(|context| context.is_object()));
            map.values().for_each(|value| contexts(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| contexts(value, found)),
        _ => {}
    }
}

#[test]
fn requests_without_a_context_are_known_by_their_headers() {
    let Some(requests) = requests() else { return };
    let enricher = Enricher::new(Options::default(), None);
    let told: BTreeSet<String> = requests
        .iter()
        .map(|(_, capture)| {
            let mut event = event("");
            enricher.enrich(&mut event, &origin(capture));
            let agent = origin(capture).user_agent.unwrap_or_default();
            let context = event.context.map(|raw| raw.text().to_owned());
            format!("`{agent}`\n  {}\n", context.as_deref().unwrap_or("nothing"))
        })
        .collect();
    expect![[r#"
        `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36`
          {"enriched":{"os":{"name":"Linux"},"browser":{"name":"Chrome","version":"156.0.0"},"device":{"type":"desktop"},"bot":false,"ip":{"address":"203.0.113.0","version":4,"truncated":true,"source":"peer"}}}
        `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/156.0.0.0 Safari/537.36`
          {"enriched":{"os":{"name":"Linux"},"browser":{"name":"HeadlessChrome","version":"156.0.0"},"bot":true,"ip":{"address":"203.0.113.0","version":4,"truncated":true,"source":"peer"}}}
        `Python-urllib/3.11`
          nothing
        ``
          nothing
        `analytics-node-next/latest`
          nothing
        `analytics-node/3.0.13`
          nothing
        `analytics-python/2.1.9`
          nothing
        `analytics-python/2.4.0`
          nothing
        `analytics-ruby/2.5.0`
          nothing
        `node`
          nothing
        `posthog-node/5.70.0`
          nothing
        `posthog-python/7.91.1`
          nothing
        `posthog-rs/0.30.0`
          nothing
        `python-requests/2.34.2`
          nothing
    "#]].assert_eq(&told.into_iter().collect::<String>());
}

#[test]
fn contexts_of_browsers_keep_their_words() {
    let Some(requests) = requests() else { return };
    let enricher = Enricher::new(Options::default(), None);
    let mut told = BTreeSet::new();
    for (client, capture) in &requests {
        let mut found = Vec::new();
        contexts(&capture["body_json"], &mut found);
        for sent in found {
            let mut event = event(&sent.to_string());
            enricher.enrich(&mut event, &origin(capture));
            let mut context = Value::Object(event.context.expect("a context").object());
            let enriched = context.as_object_mut().and_then(|words| words.remove("enriched")).unwrap_or_default();
            if sent["ip"].is_null() {
                assert_eq!(&context, sent, "{client}");
            }
            told.insert(format!(
                "{client}: {} {} {}\n",
                enriched["browser"], enriched["campaign"], enriched["referrer"]
            ));
        }
    }
    expect![[r#"
        jitsu-js-node: null null null
        jitsu-js-node: null null {"kind":"direct"}
        jitsu-js-npm: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        jitsu-js-snippet: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        rudder-sdk-node-retry: null null null
        rudder-sdk-node: null null null
        rudder-sdk-python: null null null
        rudderstack-js-npm-batch: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        rudderstack-js-npm-beacon: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        rudderstack-js-npm: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        rudderstack-js-retry: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        rust-rudder: null null null
        segment-analytics-node-4xx: null null null
        segment-analytics-node-oauth: null null null
        segment-analytics-node-retry: null null null
        segment-analytics-node: null null null
        segment-analytics-python-gzip-retry: null null null
        segment-analytics-python: null null null
        segment-analytics-ruby-retry: null null null
        segment-analytics-ruby: null null null
        segment-next-npm-batching: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        segment-next-npm-retry: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        segment-next-npm: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
        segment-next-snippet: {"name":"Chrome","version":"156.0.0"} {"gclid":"abc123"} {"kind":"paid","source":"Google Ads"}
    "#]].assert_eq(&told.into_iter().collect::<String>());
}
