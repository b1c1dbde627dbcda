//! PostHog's clients: what they capture, and the configuration and flags that they ask for.

mod configuration;
mod event;

use serde_json::json;
use serde_json::value::RawValue;

use super::words::{self, Unit};
use super::{Adapter, Does, Entrance, Letter, Method, Outcome, Reply, Request, amplitude};
use crate::spec::{Fields, Refusal};

pub static ADAPTER: Adapter = Adapter {
    name: "posthog",
    about: "PostHog's clients (tried: posthog-js 1.449.2, posthog-node 5.70.0, posthog 7.91.1 for Python, posthog-rs 0.30.0).",
    entrances: &[
        Entrance {
            method: Method::Post,
            path: "/batch",
            about: "A batch of events, from PostHog's server libraries or from Amplitude's",
            does: Does::Take { read: read_batch, answer: answer_batch },
        },
        capture(Method::Post, "/e"),
        capture(Method::Get, "/e"),
        capture(Method::Post, "/i/v0/e"),
        capture(Method::Post, "/capture"),
        Entrance {
            method: Method::Post,
            path: "/flags",
            about: "Feature flags: there are none",
            does: Does::Tell(configuration::flags),
        },
        Entrance {
            method: Method::Post,
            path: "/decide",
            about: "Feature flags of older clients: there are none",
            does: Does::Tell(configuration::flags),
        },
        Entrance {
            method: Method::Get,
            path: "/array/{key}/config",
            about: "What posthog-js asks before it starts",
            does: Does::Tell(configuration::json),
        },
        Entrance {
            method: Method::Get,
            path: "/array/{key}/config.js",
            about: "The same as a script",
            does: Does::Tell(configuration::script),
        },
    ],
};

const fn capture(method: Method, path: &'static str) -> Entrance {
    Entrance { method, path, about: "Events, one or many", does: Does::Take { read, answer } }
}

/// Amplitude's libraries send batches to the same address, with `events` where PostHog's have `batch`.
fn read_batch(request: &Request<'_>) -> Result<Letter, Refusal> {
    if amplitude::is_theirs(request) { amplitude::read(request) } else { read(request) }
}

fn answer_batch(request: &Request<'_>, outcome: &Outcome<'_>) -> Reply {
    if amplitude::is_theirs(request) { amplitude::answer(request, outcome) } else { answer(request, outcome) }
}

fn read(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = words::payload(request)?;
    let envelope = Envelope::of(words::items(&text)?, request)?;
    let mut key = envelope.key.clone();
    let messages = envelope.items.iter().map(|item| event::message(item, &envelope, &mut key)).collect();
    Ok(Letter::of(key, messages))
}

fn answer(_: &Request<'_>, _: &Outcome<'_>) -> Reply {
    Reply::json(&json!({ "status": 1, "success": true }))
}

/// What a body says about all of its events. A single event is its own envelope.
struct Envelope<'a> {
    key: Option<String>,
    sent_at: Option<String>,
    /// Whether this is old data, whose times are taken as they are written.
    is_historical: bool,
    items: Vec<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    fn of(values: Vec<&'a RawValue>, request: &Request<'_>) -> Result<Self, Refusal> {
        let around = match values[..] {
            [only] => Fields::of(only.get()),
            _ => Fields::default(),
        };
        let items = if around.get("batch").is_some() { words::list(&around, "batch")? } else { values };
        Ok(Self {
            key: words::text(&around, "api_key").or_else(|| words::text(&around, "token")),
            sent_at: words::moment(&around, "sent_at", Unit::Milliseconds)
                .ok()
                .flatten()
                .or_else(|| underscore(request)),
            is_historical: words::flag(&around, "historical_migration") == Some(true),
            items,
        })
    }
}

/// `_` of the address: when the request was sent, in milliseconds, as posthog-js before 1.60 tells it.
fn underscore(request: &Request<'_>) -> Option<String> {
    let ms: f64 = request.parameter("_")?.parse().ok()?;
    ms.is_finite().then(|| words::at_ms(ms))
}
