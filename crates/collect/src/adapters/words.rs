//! Words that neighbours share: bodies in their wrappings, values that may be missing, objects that are written, times in other units.

use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use kit::Timestamp;
use model::Raw;
use serde::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::Request;
use crate::spec::{self, Fields, Limits, Refusal, TimeReason, inflated};

/// Returns the JSON of a request: the body itself, or `data` of a form or of the address, as it is or in base64.
///
/// Errors: `invalid_json`, `invalid_utf8`, `invalid_gzip`, `batch_too_large`, `wrong_type`.
pub(super) fn payload<'r>(request: &'r Request<'_>) -> Result<Cow<'r, str>, Refusal> {
    let text = request.text()?;
    if is_json(text) {
        return Ok(Cow::Borrowed(text));
    }
    let data = parameter(request, "data");
    unwrapped(data.as_deref().unwrap_or(text)).map(Cow::Owned)
}

/// Looks a word up in a form, else in the address. A body that is JSON is no form.
pub(super) fn parameter(request: &Request<'_>, name: &str) -> Option<String> {
    let form = request.text().ok().filter(|text| !is_json(text));
    let told = form.and_then(|text| {
        let pairs = form_urlencoded::parse(text.as_bytes());
        pairs.filter(|(key, value)| key == name && !value.is_empty()).last()
    });
    told.map(|(_, value)| value.into_owned()).or_else(|| request.parameter(name).map(str::to_owned))
}

/// Splits a text into its values: those of an array, or those that stand one after the other (a single one; NDJSON).
///
/// Errors: `invalid_json`, `batch_too_long`.
pub(super) fn items(text: &str) -> Result<Vec<&RawValue>, Refusal> {
    let values: Result<Vec<_>, _> = match text.starts_with('[') {
        true => serde_json::from_str(text),
        false => serde_json::Deserializer::from_str(text).into_iter().collect(),
    };
    not_too_many(values.map_err(|error| unreadable(&error))?)
}

/// Reads the entries of a list that must be there. Errors: `missing_field`, `wrong_type`, `batch_too_long`.
pub(super) fn list<'a>(fields: &Fields<'a>, field: &'static str) -> Result<Vec<&'a RawValue>, Refusal> {
    let value = value(fields, field).ok_or(Refusal::MissingField { field })?;
    let values = serde_json::from_str(value.get());
    not_too_many(values.map_err(|_| Refusal::WrongType { field, expected: "an array" })?)
}

/// Refuses a batch that is too long before any work is done for it. Errors: `batch_too_long`.
pub(super) fn not_too_many<T>(items: Vec<T>) -> Result<Vec<T>, Refusal> {
    let (events, limit) = (items.len(), Limits::default().batch_events);
    if events > limit { Err(Refusal::BatchTooLong { events, limit }) } else { Ok(items) }
}

/// Refuses what is too large for one event. Errors: `event_too_large`.
pub(super) fn not_too_large(size_bytes: usize) -> Result<(), Refusal> {
    let limit_bytes = Limits::default().event_bytes;
    if size_bytes > limit_bytes { Err(Refusal::EventTooLarge { limit_bytes }) } else { Ok(()) }
}

/// Reads one item of a batch; one that is too large is refused before any work is done for it.
///
/// Errors: `event_too_large`, `wrong_type`, `invalid_json`.
pub(super) fn item(raw: &RawValue) -> Result<Fields<'_>, Refusal> {
    not_too_large(raw.get().len())?;
    if !raw.get().starts_with('{') {
        return Err(Refusal::WrongType { field: "event", expected: "an object" });
    }
    serde_json::from_str(raw.get()).map_err(|error| unreadable(&error))
}

/// Returns a value, unless it says nothing: `null` and `""` are absent.
pub(super) fn value<'a>(fields: &Fields<'a>, name: &str) -> Option<&'a RawValue> {
    fields.get(name).filter(|raw| !is_absent(raw))
}

/// Returns the entries that say something.
pub(super) fn said<'a>(fields: Fields<'a>) -> Fields<'a> {
    Fields(fields.0.into_iter().filter(|(_, raw)| !is_absent(raw)).collect())
}

/// Reads an object within an object; absent, it has no entries. Errors: `wrong_type`.
pub(super) fn object<'a>(fields: &Fields<'a>, field: &'static str) -> Result<Fields<'a>, Refusal> {
    let Some(raw) = value(fields, field) else { return Ok(Fields::default()) };
    serde_json::from_str(raw.get()).map_err(|_| Refusal::WrongType { field, expected: "an object" })
}

/// Reads a text. Errors: `wrong_type`.
pub(super) fn word(fields: &Fields<'_>, field: &'static str) -> Result<Option<String>, Refusal> {
    let Some(raw) = value(fields, field) else { return Ok(None) };
    let text: String =
        serde_json::from_str(raw.get()).map_err(|_| Refusal::WrongType { field, expected: "a string" })?;
    Ok(trimmed(text))
}

/// Reads an id: a text, or a number as it is written. Errors: `wrong_type`.
pub(super) fn id(fields: &Fields<'_>, field: &'static str) -> Result<Option<String>, Refusal> {
    let Some(raw) = value(fields, field) else { return Ok(None) };
    let is_word = raw.get().starts_with(|first: char| first == '"' || first == '-' || first.is_ascii_digit());
    if !is_word {
        return Err(Refusal::WrongType { field, expected: "a string or a number" });
    }
    Ok(text_of(raw))
}

/// Reads a text, or a number as it is written, where anything else says nothing.
pub(super) fn text(fields: &Fields<'_>, name: &str) -> Option<String> {
    value(fields, name).and_then(text_of)
}

/// Reads a text, or a number as it is written; anything else is none.
pub(super) fn text_of(raw: &RawValue) -> Option<String> {
    match raw.get().as_bytes().first()? {
        b'"' => serde_json::from_str(raw.get()).ok().and_then(trimmed),
        b'-' | b'0'..=b'9' => Some(raw.get().to_owned()),
        _ => None,
    }
}

/// Reads `true` or `false`.
pub(super) fn flag(fields: &Fields<'_>, name: &str) -> Option<bool> {
    serde_json::from_str(value(fields, name)?.get()).ok()
}

/// What one second is in a client's numbers, and how those are turned into milliseconds.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Milliseconds,
    Microseconds,
    /// Seconds, unless the number is so large that it must be milliseconds (the year 5138 in seconds is 1973 in milliseconds).
    SecondsOrMilliseconds,
}

impl Unit {
    fn to_ms(self, number: f64) -> f64 {
        match self {
            Self::Milliseconds => number,
            Self::Microseconds => number / 1e3,
            Self::SecondsOrMilliseconds if number.abs() < 1e11 => number * 1e3,
            Self::SecondsOrMilliseconds => number,
        }
    }
}

/// Reads a moment: a number since 1970 (or a text of one) as RFC 3339, any other text as it is. Errors: `invalid_time`.
pub(super) fn moment(fields: &Fields<'_>, field: &'static str, unit: Unit) -> Result<Option<String>, Refusal> {
    let Some(raw) = value(fields, field) else { return Ok(None) };
    let invalid = Refusal::InvalidTime { field, reason: TimeReason::Unreadable };
    let text = text_of(raw).ok_or(invalid.clone())?;
    match text.parse::<f64>() {
        Err(_) => Ok(Some(text)),
        Ok(number) if number.is_finite() => Ok(Some(at_ms(unit.to_ms(number)))),
        Ok(_) => Err(invalid),
    }
}

/// Writes milliseconds since 1970 as RFC 3339.
pub(super) fn at_ms(ms: f64) -> String {
    Timestamp::from_ms(ms.round() as i64).to_string()
}

/// Holds the key that an item tells against the one that is known already; the first one counts for the whole letter. Errors: `wrong_type`.
pub(super) fn agree(key: &mut Option<String>, told: Option<String>) -> Result<(), Refusal> {
    match (&key, told) {
        (_, None) => Ok(()),
        (Some(known), Some(told)) if *known == told => Ok(()),
        (Some(_), Some(_)) => Err(Refusal::WrongType { field: "token", expected: "the key of its request" }),
        (None, told) => {
            *key = told;
            Ok(())
        }
    }
}

/// An id of another kind than the spec's own, as `context.externalIds` holds them.
#[derive(Serialize)]
pub(super) struct ExternalId {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    collection: &'static str,
    encoding: &'static str,
}

impl ExternalId {
    pub fn new(kind: &'static str, id: String) -> Self {
        Self { id, kind, collection: "users", encoding: "none" }
    }
}

/// Where a client's word stands in the spec's context: the object there, the word in it, the client's word. `""` is the context itself.
pub(super) type Place = (&'static str, &'static str, &'static str);

/// An object that is being written, from the client's own texts where there are any. What stands in it stays: a second `put` changes nothing.
#[derive(Default)]
pub(super) struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

enum Value<'a> {
    Text(Cow<'a, RawValue>),
    Object(Object<'a>),
}

impl<'a> Object<'a> {
    /// All entries but those that have found their place elsewhere.
    pub fn except(fields: &Fields<'a>, placed: &[&str]) -> Self {
        let rest = fields.0.iter().filter(|(name, _)| !placed.contains(&name.as_ref()));
        Self(rest.map(|(name, raw)| (name.clone(), Value::Text(Cow::Borrowed(*raw)))).collect())
    }

    pub fn put(&mut self, name: impl Into<Cow<'a, str>>, value: Option<&'a RawValue>) {
        if let Some(raw) = value.filter(|raw| !is_absent(raw)) {
            self.add(name.into(), Value::Text(Cow::Borrowed(raw)));
        }
    }

    pub fn put_text(&mut self, name: impl Into<Cow<'a, str>>, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.put_value(name, text);
        }
    }

    pub fn put_value<T: Serialize + ?Sized>(&mut self, name: impl Into<Cow<'a, str>>, value: &T) {
        let text = to_raw_value(value).expect("plain values can be written");
        self.add(name.into(), Value::Text(Cow::Owned(text)));
    }

    pub fn put_object(&mut self, name: impl Into<Cow<'a, str>>, object: Object<'a>) {
        if !object.is_empty() {
            self.add(name.into(), Value::Object(object));
        }
    }

    /// Puts each entry whose name is not taken. Of entries with one name the last counts, as in JavaScript.
    pub fn put_all(&mut self, fields: &Fields<'a>) {
        let mut taken: HashSet<Cow<'a, str>> = self.0.iter().map(|(name, _)| name.clone()).collect();
        let fresh = fields.0.iter().rev().filter(|(name, _)| taken.insert(name.clone()));
        let mut fresh: Vec<_> = fresh.map(|(name, raw)| (name.clone(), Value::Text(Cow::Borrowed(*raw)))).collect();
        fresh.reverse();
        self.0.append(&mut fresh);
    }

    /// Puts the client's words where the spec has them.
    pub fn put_places(&mut self, places: &[Place], fields: &Fields<'a>) {
        for (within, name, word) in places {
            match value(fields, word) {
                Some(raw) if within.is_empty() => self.put(*name, Some(raw)),
                Some(raw) => self.within(within).put(*name, Some(raw)),
                None => {}
            }
        }
    }

    /// Returns the object of that name, which is made where there is none.
    pub fn within(&mut self, name: &'static str) -> &mut Object<'a> {
        let is_it = |(key, value): &(Cow<'a, str>, Value<'a>)| key == name && matches!(value, Value::Object(_));
        let at = self.0.iter().position(is_it).unwrap_or_else(|| {
            self.0.push((name.into(), Value::Object(Object::default())));
            self.0.len() - 1
        });
        match &mut self.0[at].1 {
            Value::Object(object) => object,
            Value::Text(_) => unreachable!("the place of an object was looked for"),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object as a text, unless it is empty.
    pub fn raw(self) -> Option<Raw> {
        (!self.is_empty()).then(|| Raw::of(&self).expect("text keys and JSON texts can be written"))
    }

    fn add(&mut self, name: Cow<'a, str>, value: Value<'a>) {
        if !self.0.iter().any(|(taken, _)| *taken == name) {
            self.0.push((name, value));
        }
    }
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

/// Puts a page's address, path, title and referrer in the spec's words.
pub(super) fn put_page(object: &mut Object<'_>, [url, title, referrer]: [Option<&str>; 3]) {
    object.put_text("url", url);
    object.put_text("path", url.and_then(path_of));
    object.put_text("title", title);
    object.put_text("referrer", referrer);
}

/// Puts the campaign that an address tells.
pub(super) fn put_campaign(object: &mut Object<'_>, url: &str) {
    let (_, query) = url.split('#').next().and_then(|url| url.split_once('?')).unwrap_or_default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let word = name.strip_prefix("utm_").and_then(|word| {
            let known = [
                ("source", "source"),
                ("medium", "medium"),
                ("campaign", "name"),
                ("term", "term"),
                ("content", "content"),
            ];
            known.into_iter().find(|(utm, _)| *utm == word).map(|(_, word)| word)
        });
        if let Some(word) = word.filter(|_| !value.is_empty()) {
            object.within("campaign").put_text(word, Some(&value));
        }
    }
}

fn path_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let path = rest[..end].find('/').map(|at| &rest[at..end]);
    Some(path.unwrap_or("/"))
}

/// Decodes base64 in either alphabet, padded or not; a plus that a form turned into a space is a plus again.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let plain = |byte: u8| match byte {
        b'-' | b' ' => b'+',
        b'_' => b'/',
        other => other,
    };
    BASE64.decode(text.bytes().map(plain).collect::<Vec<_>>()).ok()
}

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn unwrapped(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if is_json(text) {
        return Ok(text.to_owned());
    }
    if let Some(bytes) = base64(text).filter(|bytes| !bytes.is_empty()) {
        let limit_bytes = Limits::default().batch_bytes;
        let bytes = inflated(&bytes, limit_bytes)?;
        if bytes.len() > limit_bytes {
            return Err(Refusal::BatchTooLarge { limit_bytes });
        }
        let inner = spec::text(&bytes).unwrap_or_default();
        if is_json(inner) {
            return Ok(inner.to_owned());
        }
    }
    spec::check(text)?;
    Err(Refusal::WrongType { field: "body", expected: "an object or an array" })
}

fn is_json(text: &str) -> bool {
    text.starts_with(['{', '['])
}

fn is_absent(raw: &RawValue) -> bool {
    matches!(raw.get(), "null" | "\"\"")
}

fn trimmed(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn unreadable(error: &serde_json::Error) -> Refusal {
    Refusal::InvalidJson { line: error.line(), column: error.column() }
}
