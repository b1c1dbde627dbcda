//! What PostHog's clients want to hear: every feature that would need another server is off.

use serde_json::{Value, json};

use crate::adapters::{Reply, Request};

/// No flags, in the words of all versions: `flags` since version 2, `featureFlags` before.
pub(super) fn flags(_: &Request<'_>) -> Reply {
    Reply::json(&json!({
        "config": { "enable_collect_everything": true },
        "flags": {},
        "featureFlags": {},
        "featureFlagPayloads": {},
        "errorsWhileComputingFlags": false,
        "quotaLimited": [],
        "supportedCompression": ["gzip", "gzip-js"],
        "sessionRecording": false,
        "isAuthenticated": false,
        "siteApps": [],
        "capturePerformance": false,
        "autocapture_opt_out": false,
    }))
}

pub(super) fn json(request: &Request<'_>) -> Reply {
    Reply::json(&configuration(key(request)))
}

pub(super) fn script(request: &Request<'_>) -> Reply {
    let key = key(request);
    let (name, config) = (json!(key), configuration(key));
    let held = json!({ "config": config, "siteApps": [] });
    let script = format!(
        "(function(){{var held=window._POSTHOG_REMOTE_CONFIG=window._POSTHOG_REMOTE_CONFIG||{{}};held[{name}]={held};}})();\n"
    );
    Reply { content_type: "application/javascript; charset=utf-8", ..Reply::text(&script) }
}

fn configuration(key: &str) -> Value {
    json!({
        "token": key,
        "supportedCompression": ["gzip", "gzip-js"],
        "analytics": { "endpoint": "/i/v0/e/" },
        "hasFeatureFlags": false,
        "autocapture_opt_out": false,
        "autocaptureExceptions": false,
        "captureDeadClicks": false,
        "capturePerformance": false,
        "defaultIdentifiedOnly": true,
        "elementsChainAsString": true,
        "errorTracking": { "autocaptureExceptions": false, "suppressionRules": [] },
        "heatmaps": false,
        "sessionRecording": false,
        "surveys": false,
        "siteApps": [],
    })
}

/// The segment behind `array`.
fn key<'r>(request: &'r Request<'_>) -> &'r str {
    let mut segments = request.path.rsplit('/');
    segments.nth(1).unwrap_or_default()
}
