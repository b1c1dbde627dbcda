//! The settings of a source. Without them analytics.js sends nothing at all, so they are answered for any key, from nothing but the request.

use serde_json::{Value, json};

use super::site;
use crate::adapters::{Reply, Request};

pub(super) fn tell(request: &Request<'_>) -> Reply {
    let api = format!("{}/v1", site::host(request));
    let settings = settings(key(request), &api, site::protocol(request));
    Reply::json(&settings).with("cache-control", "public, max-age=300".to_owned())
}

/// The segment before `settings`, or `writeKey`.
fn key<'r>(request: &'r Request<'_>) -> &'r str {
    let segment = request.path.rsplit('/').nth(1).filter(|segment| !segment.is_empty());
    segment.or_else(|| request.parameter("writeKey")).unwrap_or_default()
}

fn settings(key: &str, api: &str, protocol: &str) -> Value {
    json!({
        "integrations": {
            "Segment.io": {
                "apiKey": key,
                "apiHost": api,
                "protocol": protocol,
                "unbundledIntegrations": [],
                "addBundledMetadata": true,
                "maybeBundledConfigIds": {},
                "versionSettings": { "version": "4.4.7", "componentTypes": ["browser"] },
                "httpConfig": retries(),
            },
        },
        "plan": {
            "track": { "__default": { "enabled": true, "integrations": {} } },
            "identify": { "__default": { "enabled": true } },
            "group": { "__default": { "enabled": true } },
        },
        "edgeFunction": {},
        "analyticsNextEnabled": true,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": { "sampleRate": 0, "host": api, "protocol": protocol },
        "legacyVideoPluginsEnabled": false,
        "remotePlugins": [],
        "autoInstrumentationSettings": { "disableTraffic": false, "sampleRate": 0 },
    })
}

/// What is worth another try, and when (in seconds): whatever this house answers while it could not store.
fn retries() -> Value {
    json!({
        "rateLimitConfig": {
            "enabled": true,
            "maxRetryCount": 10,
            "maxRetryInterval": 300,
            "maxRateLimitDuration": 43_200,
        },
        "backoffConfig": {
            "enabled": true,
            "maxRetryCount": 10,
            "baseBackoffInterval": 0.5,
            "maxBackoffInterval": 60,
            "maxTotalBackoffDuration": 43_200,
            "jitterPercent": 20,
            "default4xxBehavior": "drop",
            "default5xxBehavior": "retry",
            "statusCodeOverrides": {
                "408": "retry", "410": "retry", "429": "retry", "460": "retry",
                "501": "drop", "505": "drop", "511": "drop",
            },
        },
    })
}
