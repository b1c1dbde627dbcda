//! What gtag.js sends: an address full of parameters, and in a body one more event a line.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::named;
use crate::adapters::words::{self, Object};
use crate::adapters::{Letter, Message, Request};
use crate::spec::Refusal;

/// Parameters that have their place in a message; all others are kept in `context.ga4`.
const PLACED: [&str; 12] = ["en", "cid", "uid", "tid", "api_secret", "dl", "dt", "dr", "ul", "sr", "gcs", "npa"];

/// Parameters that are properties of the event under the Measurement Protocol's names.
const BESIDE: [(&str, &str); 4] =
    [("_et", "engagement_time_msec"), ("sid", "session_id"), ("sct", "session_number"), ("cu", "currency")];

/// Errors: `invalid_utf8`, `batch_too_long`.
pub(super) fn read(request: &Request<'_>) -> Result<Letter, Refusal> {
    let lines = request.text()?.lines().filter(|line| !line.trim().is_empty());
    let mut lines: Vec<&str> = lines.collect();
    if lines.is_empty() {
        lines.push("");
    }
    let lines = words::not_too_many(lines)?;
    let key = ["api_secret", "writeKey", "tid"].into_iter().find_map(|word| words::parameter(request, word));
    Ok(Letter::of(key, lines.into_iter().map(|line| message(line, request)).collect()))
}

fn message(line: &str, request: &Request<'_>) -> Result<Message, Refusal> {
    let shared_bytes: usize = request.query.iter().map(|(name, value)| name.len() + value.len()).sum();
    words::not_too_large(shared_bytes + line.len())?;
    let shared =
        request.query.iter().map(|(name, value)| (Cow::Borrowed(name.as_ref()), Cow::Borrowed(value.as_ref())));
    let parameters = Parameters(shared.chain(form_urlencoded::parse(line.trim().as_bytes())).collect());
    let name = parameters.get("en").ok_or(Refusal::MissingField { field: "en" })?;
    let message = Message {
        user_id: parameters.get("uid").map(str::to_owned),
        anonymous_id: parameters.get("cid").map(str::to_owned),
        context: parameters.context().raw(),
        ..Message::default()
    };
    let screen = ["ep.screen_name", "ep.firebase_screen"].into_iter().find_map(|word| parameters.get(word));
    Ok(named(name, parameters.properties(), parameters.page(), screen.map(str::to_owned), message))
}

/// Parameters by name; those of a line go before those of the address.
struct Parameters<'a>(BTreeMap<Cow<'a, str>, Cow<'a, str>>);

impl Parameters<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn page(&self) -> [Option<&str>; 3] {
        ["dl", "dt", "dr"].map(|word| self.get(word))
    }

    /// `ep.` are texts and `epn.` numbers; products (`pr1`, …) stay as they are written.
    fn properties(&self) -> Object<'_> {
        let mut properties = self.with_prefixes("ep.", "epn.");
        for (word, name) in BESIDE {
            put_number(&mut properties, name, self.get(word));
        }
        for (name, value) in self.0.iter().filter(|(name, _)| is_product(name)) {
            properties.put_text(name.as_ref(), Some(value));
        }
        properties
    }

    fn context(&self) -> Object<'_> {
        let mut context = Object::default();
        if self.page().iter().any(Option::is_some) {
            words::put_page(context.within("page"), self.page());
        }
        words::put_campaign(&mut context, self.get("dl").unwrap_or_default());
        if let Some((width, height)) = self.get("sr").and_then(|size| size.split_once('x')) {
            put_number(context.within("screen"), "width", Some(width));
            put_number(context.within("screen"), "height", Some(height));
        }
        context.put_text("locale", self.get("ul"));
        context.put_object("traits", self.with_prefixes("up.", "upn."));
        let preferences = self.preferences();
        if !preferences.is_empty() {
            context.within("consent").put_value("categoryPreferences", &preferences);
        }
        context.put_object("ga4", self.rest());
        context
    }

    /// `gcs` is `G1` and then a digit each for the storage of ads and of analytics: 1 is a yes, 0 a no, `-` unknown.
    fn preferences(&self) -> BTreeMap<&'static str, bool> {
        let digits = self.get("gcs").and_then(|word| word.strip_prefix("G1")).unwrap_or_default().chars();
        let told = ["ad_storage", "analytics_storage"].into_iter().zip(digits);
        let told = told.filter(|(_, digit)| *digit != '-').map(|(purpose, digit)| (purpose, digit == '1'));
        let is_impersonal = self.get("npa") == Some("1");
        told.chain(is_impersonal.then_some(("ad_personalization", false))).collect()
    }

    fn with_prefixes(&self, texts: &str, numbers: &str) -> Object<'_> {
        let mut object = Object::default();
        for (name, value) in &self.0 {
            if let Some(name) = name.strip_prefix(texts) {
                object.put_text(name, Some(value));
            } else if let Some(name) = name.strip_prefix(numbers) {
                put_number(&mut object, name, Some(value));
            }
        }
        object
    }

    /// `gcs` and `npa` are kept as they came beside what they mean.
    fn rest(&self) -> Object<'_> {
        let is_placed = |name: &str| {
            let known = PLACED.contains(&name) || BESIDE.iter().any(|(word, _)| *word == name) || is_product(name);
            known || ["ep.", "epn.", "up.", "upn."].iter().any(|prefix| name.starts_with(prefix))
        };
        let mut rest = Object::default();
        for (name, value) in self.0.iter().filter(|(name, _)| !is_placed(name)) {
            rest.put_text(name.as_ref(), Some(value));
        }
        for (name, word) in [("measurement_id", "tid"), ("gcs", "gcs"), ("npa", "npa")] {
            rest.put_text(name, self.get(word));
        }
        rest
    }
}

fn is_product(name: &str) -> bool {
    let number = name.strip_prefix("pr").unwrap_or_default();
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Puts a number as it is written, or a text where it is none.
fn put_number<'a>(object: &mut Object<'a>, name: &'a str, text: Option<&str>) {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return };
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
    match RawValue::from_string(text.to_owned()) {
        Ok(number) if is_number => object.put_value(name, &number),
        _ => object.put_text(name, Some(text)),
    }
}
