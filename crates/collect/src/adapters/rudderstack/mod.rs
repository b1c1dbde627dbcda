//! RudderStack's clients beside their messages: the configuration that its browser client asks for, and what a page sends while it closes.
//!
//! The addresses of the messages themselves (`/v1/track`, `/v1/batch` and so on) are the same as Segment's, and stand in the server.

use serde_json::json;

use super::segment::spoken::Batch;
use super::words;
use super::{Adapter, Does, Entrance, Letter, Method, Outcome, Reply, Request};
use crate::spec::Refusal;

pub static ADAPTER: Adapter = Adapter {
    name: "rudderstack",
    about: "RudderStack's clients: configuration and beacons (tried: @rudderstack/analytics-js 3.34.1).",
    entrances: &[
        Entrance {
            method: Method::Get,
            path: "/sourceConfig",
            about: "What a client asks before it sends anything: there are no destinations on the device",
            does: Does::Tell(configuration),
        },
        Entrance {
            method: Method::Post,
            path: "/beacon/v1/batch",
            about: "A batch that a page sends while it closes, with the key in `writeKey` of the address",
            does: Does::Take { read, answer },
        },
    ],
};

/// Errors: `invalid_json`, `invalid_utf8`, `invalid_gzip`, `batch_too_large`, `missing_field`, `wrong_type`, `batch_too_long`, `event_too_large`.
fn read(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = words::payload(request)?;
    let batch = Batch::of(&text)?;
    let key = request.parameter("writeKey").map(str::to_owned).or_else(|| batch.key.clone());
    Ok(Letter::of(key, batch.messages("rudderstack")))
}

/// Nobody reads it: a beacon is sent and forgotten.
fn answer(_: &Request<'_>, _: &Outcome<'_>) -> Reply {
    Reply::json(&json!({ "success": true }))
}

fn configuration(request: &Request<'_>) -> Reply {
    let told = request.parameter("writeKey").map(str::to_owned);
    let key = request.header_key().or(told).unwrap_or_default();
    Reply::json(&json!({
        "source": {
            "id": key,
            "name": "sonder",
            "writeKey": key,
            "enabled": true,
            "config": { "statsCollection": { "errors": { "enabled": false }, "metrics": { "enabled": false } } },
            "workspaceId": "sonder",
            "destinations": [],
            "connections": [],
            "dataplanes": {},
        },
        "updatedAt": "2026-01-01T00:00:00.000Z",
    }))
}
