//! Snowplow's trackers: events in the words of the tracker protocol, in a JSON body or in the address of a picture.

mod event;
mod network;
mod schema;

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::words;
use super::{Adapter, Does, Entrance, Letter, Method, Outcome, Reply, Request};
use crate::spec::{Fields, Refusal};

pub static ADAPTER: Adapter = Adapter {
    name: "snowplow",
    about: "Snowplow's trackers (tried: @snowplow/browser-tracker 4.10.1, @snowplow/node-tracker 4.8.0, snowplow-tracker 1.1.0 for Python).",
    entrances: &[
        Entrance {
            method: Method::Post,
            path: "/com.snowplowanalytics.snowplow/tp2",
            about: "Events of the tracker protocol",
            does: Does::Take { read: read_body, answer: answer_text },
        },
        picture("/i"),
        picture("/ice.png"),
    ],
};

const fn picture(path: &'static str) -> Entrance {
    let does = Does::Take { read: read_address, answer: answer_picture };
    Entrance { method: Method::Get, path, about: "One event of the tracker protocol, in the address", does }
}

/// Errors: `invalid_json`, `invalid_utf8`, `invalid_gzip`, `batch_too_large`, `missing_field`, `wrong_type`, `batch_too_long`.
fn read_body(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = words::payload(request)?;
    let around = match words::items(&text)?[..] {
        [only] => Fields::of(only.get()),
        _ => Fields::default(),
    };
    Ok(letter(&words::list(&around, "data")?, request))
}

/// Errors: none; an event that says nothing is refused for itself.
fn read_address(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = serde_json::to_string(&Parameters(&request.query)).expect("texts can be written");
    let item: &RawValue = serde_json::from_str(&text).expect("it was written just now");
    Ok(letter(&[item], request))
}

/// Its key is that of the address (`k`), else, where no header has one, the application's id.
fn letter(items: &[&RawValue], request: &Request<'_>) -> Letter {
    let told = request.parameter("k").map(str::to_owned);
    let is_known = told.is_some() || request.header_key().is_some();
    let network = network::id(request);
    let mut app = None;
    let mut read = |raw: &&RawValue| {
        let fields = words::item(raw)?;
        let own = words::text(&fields, "aid").filter(|_| !is_known);
        words::agree(&mut app, own)
            .map_err(|_| Refusal::WrongType { field: "aid", expected: "the one of its request" })?;
        event::message(&fields, network)
    };
    let messages = items.iter().map(&mut read).collect();
    Letter::of(told.or(app), messages)
}

fn answer_text(request: &Request<'_>, _: &Outcome<'_>) -> Reply {
    network::renewed(Reply::text("ok"), request)
}

fn answer_picture(request: &Request<'_>, _: &Outcome<'_>) -> Reply {
    network::renewed(Reply::pixel().with("cache-control", "no-store".to_owned()), request)
}

/// The parameters of an address as an object of texts.
struct Parameters<'r, 'a>(&'r [(Cow<'a, str>, Cow<'a, str>)]);

impl Serialize for Parameters<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
