//! Jitsu's clients: messages in Segment's words at addresses of their own, and the script that a page loads.

use serde_json::json;

use super::segment::spoken::{self, Batch, Shared};
use super::words;
use super::{Adapter, Does, Entrance, Letter, Method, Outcome, Reply, Request};
use crate::spec::{Fields, Refusal};

pub static ADAPTER: Adapter = Adapter {
    name: "jitsu",
    about: "Jitsu's clients (tried: @jitsu/js 1.11.0 in node, in the browser, and as p.js).",
    entrances: &[
        batch("/api/s/batch"),
        batch("/api/s/s2s/batch"),
        one("/api/s/{type}"),
        one("/api/s/s2s/{type}"),
        Entrance {
            method: Method::Get,
            path: "/p.js",
            about: "The script of a page: sends its page view, and gives it `jitsu`",
            does: Does::Tell(script),
        },
    ],
};

/// Written for this house: it speaks as Jitsu's own does, and loads no destinations.
const SCRIPT: &[u8] = include_bytes!("p.js");

const fn one(path: &'static str) -> Entrance {
    let about = "One message; `{type}` is page, screen, identify, track, group or alias";
    Entrance { method: Method::Post, path, about, does: Does::Take { read, answer } }
}

const fn batch(path: &'static str) -> Entrance {
    let does = Does::Take { read: read_batch, answer: answer_batch };
    Entrance { method: Method::Post, path, about: "A batch of messages", does }
}

/// Errors: `invalid_json`, `invalid_utf8`, `invalid_gzip`, `batch_too_large`, `wrong_type`, `batch_too_long`.
fn read(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = words::payload(request)?;
    let kind = request.path.rsplit('/').next().and_then(spoken::kind_of);
    let values = words::items(&text)?;
    let told = values.first().and_then(|raw| words::text(&Fields::of(raw.get()), "writeKey"));
    let read = |raw| spoken::message(&words::item(raw)?, kind, &Shared::default(), "jitsu");
    Ok(Letter::of(key(request, told), values.into_iter().map(read).collect()))
}

/// Errors: those of one message, and `missing_field`, `event_too_large`.
fn read_batch(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = words::payload(request)?;
    let batch = Batch::of(&text)?;
    Ok(Letter::of(key(request, batch.key.clone()), batch.messages("jitsu")))
}

/// The key of the body (a client hides its secret there, `id:***`: such a key says nothing), or of the address.
fn key(request: &Request<'_>, told: Option<String>) -> Option<String> {
    let of_address = || ["writeKey", "writekey"].into_iter().find_map(|word| request.parameter(word));
    told.filter(|key| !key.ends_with("***")).or_else(|| of_address().map(str::to_owned))
}

/// A browser would load what stands in `destinations`; there is nothing to load.
fn answer(_: &Request<'_>, outcome: &Outcome<'_>) -> Reply {
    match outcome.refused.first() {
        None => Reply::json(&json!({ "ok": true })),
        Some(refused) => Reply::json(&json!({ "ok": false, "error": refused.code })),
    }
}

fn answer_batch(_: &Request<'_>, outcome: &Outcome<'_>) -> Reply {
    let received = outcome.accepted + outcome.refused.len();
    let ok = outcome.refused.is_empty();
    let mut body = json!({ "ok": ok, "receivedEvents": received, "okEvents": outcome.accepted });
    if !ok {
        let errors = outcome.refused.iter().map(|refused| format!("event {}: {}", refused.index, refused.code));
        body["errors"] = errors.collect();
    }
    Reply::json(&body)
}

fn script(_: &Request<'_>) -> Reply {
    Reply::script(SCRIPT)
}
