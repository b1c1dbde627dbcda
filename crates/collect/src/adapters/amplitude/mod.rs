//! Amplitude's clients: events, and what is said of people and of groups. Their batches arrive at `/batch`, where the adapter of PostHog
//! hands them over.

mod event;
mod operations;

use serde_json::json;
use serde_json::value::RawValue;

use super::words::{self, Unit};
use super::{Adapter, Does, Entrance, Letter, Message, Method, Outcome, Reply, Request};
use crate::spec::{Fields, Refusal};

pub static ADAPTER: Adapter = Adapter {
    name: "amplitude",
    about: "Amplitude's clients (tried: amplitude-analytics 1.3.0 for Python).",
    entrances: &[
        Entrance {
            method: Method::Post,
            path: "/2/httpapi",
            about: "Events, one or many",
            does: Does::Take { read, answer },
        },
        Entrance {
            method: Method::Post,
            path: "/identify",
            about: "What is said of people, without an event",
            does: Does::Take { read: identifications, answer: answer_form },
        },
        Entrance {
            method: Method::Post,
            path: "/groupidentify",
            about: "What is said of groups, without an event",
            does: Does::Take { read: group_identifications, answer: answer_form },
        },
    ],
};

/// Whether a body at the address that PostHog's clients use as well is Amplitude's: it has `events` and no `batch`.
pub(super) fn is_theirs(request: &Request<'_>) -> bool {
    let Ok(text) = request.text() else { return false };
    let body = Fields::of(text);
    body.get("events").is_some() && body.get("batch").is_none()
}

pub(super) fn read(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = words::payload(request)?;
    let body = words::items(&text)?;
    let body = body.first().map(|raw| Fields::of(raw.get())).unwrap_or_default();
    let sent_at = words::moment(&body, "client_upload_time", Unit::Milliseconds).ok().flatten();
    let events = words::list(&body, "events")?.into_iter();
    let messages = events.map(|raw| Ok(Message { sent_at: sent_at.clone(), ..event::message(raw)? })).collect();
    Ok(Letter::of(words::text(&body, "api_key"), messages))
}

/// The server's clock is not told: none stands here.
pub(super) fn answer(request: &Request<'_>, outcome: &Outcome<'_>) -> Reply {
    let (events, size_bytes) = (outcome.accepted, request.body.len());
    Reply::json(&json!({ "code": 200, "events_ingested": events, "payload_size_bytes": size_bytes }))
}

fn identifications(request: &Request<'_>) -> Result<Letter, Refusal> {
    form(request, event::identification)
}

fn group_identifications(request: &Request<'_>) -> Result<Letter, Refusal> {
    form(request, event::group_identification)
}

/// Reads `api_key` and `identification`, one or an array, of a form. The same words in JSON are understood too.
fn form(request: &Request<'_>, message: fn(&RawValue) -> Result<Message, Refusal>) -> Result<Letter, Refusal> {
    let body = Fields::of(request.text()?);
    let told = body.get("identification").map(|raw| raw.get().to_owned());
    let told = told.or_else(|| words::parameter(request, "identification"));
    let text = told.ok_or(Refusal::MissingField { field: "identification" })?;
    let messages = words::items(text.trim())?.into_iter().map(message).collect();
    Ok(Letter::of(words::text(&body, "api_key").or_else(|| words::parameter(request, "api_key")), messages))
}

fn answer_form(_: &Request<'_>, _: &Outcome<'_>) -> Reply {
    Reply::text("success")
}
