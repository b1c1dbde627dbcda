//! A message in the address of a picture, as e-mails carry it: `data` in base64, or each word as a parameter.

use crate::adapters::words::{self, Object};
use crate::adapters::{Letter, Outcome, Reply, Request};
use crate::spec::{Fields, Refusal};

use super::spoken::{self, Shared};

/// Words of a message that are texts.
const TEXTS: &[&str] = &[
    "type",
    "event",
    "name",
    "category",
    "userId",
    "anonymousId",
    "previousId",
    "groupId",
    "messageId",
    "timestamp",
    "originalTimestamp",
    "sentAt",
    "writeKey",
];

/// Words of a message that are objects.
const OBJECTS: [&str; 4] = ["properties", "traits", "context", "integrations"];

/// Errors: `invalid_json`, `invalid_utf8`, `invalid_gzip`, `batch_too_large`, `wrong_type`, `event_too_large`.
pub(super) fn read(request: &Request<'_>) -> Result<Letter, Refusal> {
    let kind = request.path.rsplit('/').next().and_then(spoken::kind_of);
    let text = match request.parameter("data") {
        Some(_) => words::payload(request)?.into_owned(),
        None => bare(request, kind)?,
    };
    let fields = match words::items(&text)?[..] {
        [only] => words::item(only)?,
        _ => return Err(Refusal::WrongType { field: "data", expected: "an object" }),
    };
    let key = words::text(&fields, "writeKey").or_else(|| request.parameter("writeKey").map(str::to_owned));
    Ok(Letter::of(key, vec![spoken::message(&fields, kind, &Shared::default(), "segment")]))
}

/// A picture, whatever came of it.
pub(super) fn answer(_: &Request<'_>, _: &Outcome<'_>) -> Reply {
    Reply::pixel().with("cache-control", "no-store".to_owned())
}

/// Writes the message that the parameters are. `properties.plan=pro` is one of its properties, and so is `plan=pro` (of somebody who is
/// identified it is a trait); `properties={"plan":"pro"}` is taken too.
fn bare(request: &Request<'_>, kind: Option<&'static str>) -> Result<String, Refusal> {
    words::not_too_large(request.query.iter().map(|(name, value)| name.len() + value.len()).sum())?;
    let rest = if matches!(kind, Some("identify" | "group")) { "traits" } else { "properties" };
    let mut message = Object::default();
    for (name, value) in request.query.iter().rev() {
        put(&mut message, rest, name, value);
    }
    Ok(message.raw().map_or_else(|| "{}".to_owned(), |raw| raw.text().to_owned()))
}

fn put<'r>(message: &mut Object<'r>, rest: &'static str, name: &'r str, value: &'r str) {
    let (head, tail) = name.split_once('.').unwrap_or((name, ""));
    let object = OBJECTS.into_iter().find(|object| *object == head);
    let json: Option<Fields<'r>> = serde_json::from_str(value).ok();
    match (object, json) {
        (Some(object), Some(fields)) if tail.is_empty() => message.within(object).put_all(&fields),
        (Some(object), _) if !tail.is_empty() => message.within(object).put_text(tail, Some(value)),
        _ if TEXTS.contains(&name) => message.put_text(name, Some(value)),
        _ => message.within(rest).put_text(name, Some(value)),
    }
}
