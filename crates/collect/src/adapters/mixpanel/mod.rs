//! Mixpanel's clients: events, updates of people and of groups, imports.

mod event;
mod update;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::words;
use super::{Adapter, Does, Entrance, Letter, Message, Method, Outcome, Reply, Request};
use crate::spec::Refusal;

pub static ADAPTER: Adapter = Adapter {
    name: "mixpanel",
    about: "Mixpanel's clients (tried: mixpanel 5.4.1 for Python).",
    entrances: &[
        Entrance {
            method: Method::Post,
            path: "/track",
            about: "Events, one or many",
            does: Does::Take { read: events, answer },
        },
        Entrance {
            method: Method::Get,
            path: "/track",
            about: "Events in the address, e.g. of an image in a mail",
            does: Does::Take { read: events, answer },
        },
        Entrance {
            method: Method::Post,
            path: "/engage",
            about: "Updates of people",
            does: Does::Take { read: people, answer },
        },
        Entrance {
            method: Method::Post,
            path: "/groups",
            about: "Updates of groups",
            does: Does::Take { read: groups, answer },
        },
        Entrance {
            method: Method::Post,
            path: "/import",
            about: "Past events, from a server",
            does: Does::Take { read: events, answer: answer_import },
        },
    ],
};

/// Turns one item into a message; the key that it tells must be that of the others.
type ReadItem = fn(&RawValue, &mut Option<String>) -> Result<Message, Refusal>;

fn events(request: &Request<'_>) -> Result<Letter, Refusal> {
    letter(request, event::message)
}

fn people(request: &Request<'_>) -> Result<Letter, Refusal> {
    letter(request, update::person)
}

fn groups(request: &Request<'_>) -> Result<Letter, Refusal> {
    letter(request, update::group)
}

fn letter(request: &Request<'_>, message: ReadItem) -> Result<Letter, Refusal> {
    let text = words::payload(request)?;
    let mut key = None;
    let messages = words::items(&text)?.into_iter().map(|item| message(item, &mut key)).collect();
    Ok(Letter::of(key.or_else(|| words::parameter(request, "token")), messages))
}

/// `1`, or `0` when nothing could be taken; with `verbose` as JSON, with `img` as a pixel.
fn answer(request: &Request<'_>, outcome: &Outcome<'_>) -> Reply {
    let asks = |word: &str| words::parameter(request, word).as_deref() == Some("1");
    let failure = outcome.refused.first().filter(|_| outcome.accepted == 0);
    let status = u8::from(failure.is_none());
    if asks("img") {
        return Reply::pixel();
    }
    if asks("verbose") {
        return Reply::json(&json!({ "status": status, "error": failure.map(|refused| &refused.message) }));
    }
    Reply::text(&status.to_string())
}

/// As documented for `strict=1`: a 400 says that some records failed, and which; the others were imported. Forms ask as they do elsewhere.
fn answer_import(request: &Request<'_>, outcome: &Outcome<'_>) -> Reply {
    if words::parameter(request, "verbose").is_some() {
        return answer(request, outcome);
    }
    let imported = outcome.accepted;
    if outcome.refused.is_empty() {
        return Reply::json(&json!({ "code": 200, "num_records_imported": imported, "status": "OK" }));
    }
    let failed: Vec<Value> = outcome.refused.iter().map(failed_record).collect();
    let body = json!({
        "code": 400,
        "num_records_imported": imported,
        "status": "Bad Request",
        "error": "some data points in the request failed validation",
        "failed_records": failed,
    });
    Reply { status: 400, ..Reply::json(&body) }
}

fn failed_record(refused: &crate::spec::Refused) -> Value {
    json!({ "index": refused.index, "insert_id": refused.message_id, "field": refused.code, "message": refused.message })
}
