//! Apache Unomi's clients: events, and the question who somebody is, in one round trip.

mod body;
mod event;
mod person;

use serde_json::json;

use super::words;
use super::{Adapter, Does, Entrance, Letter, Method, Outcome, Reply, Request};
use crate::spec::{Fields, Refusal};
use body::Caller;

pub static ADAPTER: Adapter = Adapter {
    name: "unomi",
    about: "Apache Unomi's clients (tried: apache-unomi-tracker 1.5.0).",
    entrances: &[
        context(Method::Post, "/context.json"),
        context(Method::Get, "/context.json"),
        context(Method::Post, "/cxs/context.json"),
        context(Method::Get, "/cxs/context.json"),
        collector(Method::Post, "/eventcollector"),
        collector(Method::Get, "/eventcollector"),
        collector(Method::Post, "/cxs/eventcollector"),
        collector(Method::Get, "/cxs/eventcollector"),
    ],
};

const fn context(method: Method, path: &'static str) -> Entrance {
    let does = Does::Take { read: read_context, answer: answer_context };
    Entrance { method, path, about: "Events, if any, and who it is that sends them", does }
}

const fn collector(method: Method, path: &'static str) -> Entrance {
    Entrance { method, path, about: "Events", does: Does::Take { read, answer } }
}

/// Errors: `invalid_json`, `invalid_utf8`, `invalid_gzip`, `batch_too_large`, `wrong_type`, `batch_too_long`, `event_too_large`.
fn read(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = body::text(request)?;
    letter(request, &body::fields(&text)?)
}

fn read_context(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = body::text(request)?;
    let fields = body::fields(&text)?;
    let about = Caller::of(&fields, request).id().map(|id| (model::kinds::ANONYMOUS_ID.to_owned(), id.to_owned()));
    Ok(Letter { about, ..letter(request, &fields)? })
}

fn letter(request: &Request<'_>, fields: &Fields<'_>) -> Result<Letter, Refusal> {
    let source = words::object(fields, "source")?;
    words::not_too_large(fields.get("source").map_or(0, |raw| raw.get().len()))?;
    let caller = Caller::of(fields, request);
    let items = match words::value(fields, "events") {
        Some(_) => words::list(fields, "events")?,
        None => Vec::new(),
    };
    let key = body::key(&source, &items, request);
    let messages = items.into_iter().map(|raw| event::message(raw, &source, &caller)).collect();
    Ok(Letter::of(key, messages))
}

fn answer(_: &Request<'_>, outcome: &Outcome<'_>) -> Reply {
    Reply::json(&json!({ "updated": outcome.accepted }))
}

fn answer_context(request: &Request<'_>, outcome: &Outcome<'_>) -> Reply {
    let text = body::text(request).unwrap_or_default();
    let fields = body::fields(&text).unwrap_or_default();
    let told = person::told(&fields, &Caller::of(&fields, request), outcome);
    Reply::json(&told).with("cache-control", "no-store".to_owned())
}
