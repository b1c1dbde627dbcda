//! The Measurement Protocol: JSON of one person, with their events.

use serde_json::value::RawValue;

use super::{named, person};
use crate::adapters::words::{self, Object, Place, Unit};
use crate::adapters::{Letter, Message, Request};
use crate::spec::{Fields, Refusal};

/// Words of the body that have their place in every message; all others are kept in `context.ga4`.
const PLACED: &[&str] = &[
    "client_id",
    "app_instance_id",
    "user_id",
    "timestamp_micros",
    "user_properties",
    "consent",
    "events",
    "ip_override",
];

/// Words of `user_data` that are identifiers.
const PLACED_DATA: &[&str] =
    &["email_address", "email", "phone_number", "phone", "sha256_email_address", "sha256_phone_number"];

const PLACES: &[Place] = &[
    ("campaign", "source", "source"),
    ("campaign", "medium", "medium"),
    ("campaign", "name", "campaign"),
    ("campaign", "term", "term"),
    ("campaign", "content", "content"),
    ("", "locale", "language"),
];

/// Errors: those of [`words::payload`].
pub(super) fn read(request: &Request<'_>) -> Result<Letter, Refusal> {
    let text = words::payload(request)?;
    let values = words::items(&text)?;
    let body = values.first().map(|raw| Fields::of(raw.get())).unwrap_or_default();
    let key = ["api_secret", "writeKey"].into_iter().find_map(|word| request.parameter(word)).map(str::to_owned);
    Ok(Letter::of(key, messages(&body, request)))
}

fn messages(body: &Fields<'_>, request: &Request<'_>) -> Vec<Result<Message, Refusal>> {
    let events = match words::value(body, "events") {
        Some(_) => words::list(body, "events"),
        None => Ok(Vec::new()),
    };
    let shared = body.0.iter().filter(|(name, _)| name != "events").map(|(_, raw)| raw.get().len());
    match words::not_too_large(shared.sum()).and(events) {
        Err(refusal) => vec![Err(refusal)],
        Ok(events) if events.is_empty() => vec![about_person(body, request)],
        Ok(events) => events.into_iter().map(|raw| message(raw, body, request)).collect(),
    }
}

/// A body without events still says something of its person, if it has anything to say.
fn about_person(body: &Fields<'_>, request: &Request<'_>) -> Result<Message, Refusal> {
    let message = common(body, &Fields::default(), request)?;
    let speaks = ["user_properties", "user_data", "consent"].into_iter().any(|word| words::value(body, word).is_some());
    match speaks {
        true => Ok(Message { kind: "identify", ..message }),
        false => Err(Refusal::MissingField { field: "events" }),
    }
}

fn message(raw: &RawValue, body: &Fields<'_>, request: &Request<'_>) -> Result<Message, Refusal> {
    let event = words::item(raw)?;
    let params = words::object(&event, "params")?;
    let name = words::word(&event, "name")?.ok_or(Refusal::MissingField { field: "name" })?;
    let own_time = words::moment(&event, "timestamp_micros", Unit::Microseconds)?;
    let message = common(body, &params, request)?;
    let message = Message { timestamp: own_time.or(message.timestamp), ..message };
    let page = page(&params);
    let screen = ["screen_name", "firebase_screen"].into_iter().find_map(|word| words::text(&params, word));
    let mut properties = Object::except(&params, &[]);
    properties.put_object("ga4", Object::except(&event, &["name", "params", "timestamp_micros"]));
    Ok(named(&name, properties, page.each_ref().map(Option::as_deref), screen, message))
}

/// What the body says for all of its events.
fn common(body: &Fields<'_>, params: &Fields<'_>, request: &Request<'_>) -> Result<Message, Refusal> {
    Ok(Message {
        user_id: words::id(body, "user_id")?,
        anonymous_id: words::id(body, "client_id")?.or(words::id(body, "app_instance_id")?),
        timestamp: words::moment(body, "timestamp_micros", Unit::Microseconds)?,
        context: context(body, params, request)?.raw(),
        ..Message::default()
    })
}

fn context<'a>(body: &Fields<'a>, params: &Fields<'a>, request: &Request<'_>) -> Result<Object<'a>, Refusal> {
    let mut context = Object::default();
    context.put_places(PLACES, params);
    context.put("ip", body.get("ip_override"));
    let page = page(params);
    if page.iter().any(Option::is_some) {
        words::put_page(context.within("page"), page.each_ref().map(Option::as_deref));
    }
    words::put_campaign(&mut context, page[0].as_deref().unwrap_or_default());
    context.put_object("traits", person::traits(body)?);
    let external_ids = person::external_ids(body)?;
    if !external_ids.is_empty() {
        context.put_value("externalIds", &external_ids);
    }
    let preferences = person::preferences(body)?;
    if !preferences.is_empty() {
        context.within("consent").put_value("categoryPreferences", &preferences);
    }
    context.put_object("ga4", rest(body, request)?);
    Ok(context)
}

/// Address, title and referrer.
fn page(params: &Fields<'_>) -> [Option<String>; 3] {
    ["page_location", "page_title", "page_referrer"].map(|word| words::text(params, word))
}

fn rest<'a>(body: &Fields<'a>, request: &Request<'_>) -> Result<Object<'a>, Refusal> {
    let mut rest = Object::except(body, &[PLACED, &["user_data"]].concat());
    rest.put_object("user_data", Object::except(&words::object(body, "user_data")?, PLACED_DATA));
    for word in ["measurement_id", "firebase_app_id"] {
        rest.put_text(word, request.parameter(word));
    }
    Ok(rest)
}
