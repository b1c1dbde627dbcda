//! What is wrong with a request of the Measurement Protocol, as Google's validation server would say it. Values are not repeated.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::protocol;
use crate::adapters::words;
use crate::adapters::{Reply, Request};
use crate::spec::{Fields, Refusal};

/// Events in a request.
const EVENTS: usize = 25;
/// Parameters of an event, and properties of a person.
const ENTRIES: usize = 25;
/// Characters of an event's or a parameter's name.
const NAME_CHARS: usize = 40;
/// Characters of a property's name, and of its value.
const PROPERTY_CHARS: (usize, usize) = (24, 36);
/// Characters of a parameter's text.
const VALUE_CHARS: usize = 100;

/// Messages in an answer.
const MESSAGES: usize = 100;

const RESERVED_PREFIXES: [&str; 3] = ["firebase_", "ga_", "google_"];

/// Names of events that Google's own libraries send.
const RESERVED_EVENTS: &[&str] = &[
    "ad_activeview",
    "ad_click",
    "ad_exposure",
    "ad_query",
    "ad_reward",
    "adunit_exposure",
    "app_background",
    "app_clear_data",
    "app_exception",
    "app_remove",
    "app_store_refund",
    "app_store_subscription_cancel",
    "app_store_subscription_convert",
    "app_store_subscription_renew",
    "app_update",
    "app_upgrade",
    "dynamic_link_app_open",
    "dynamic_link_app_update",
    "dynamic_link_first_open",
    "error",
    "first_open",
    "first_visit",
    "in_app_purchase",
    "notification_dismiss",
    "notification_foreground",
    "notification_open",
    "notification_receive",
    "notification_send",
    "os_update",
    "session_start",
    "user_engagement",
];

const RESERVED_PROPERTIES: &[&str] =
    &["first_open_time", "first_visit_time", "last_deep_link_referrer", "user_id", "first_open_after_install"];

/// Answers `{"validationMessages": […]}`, which is empty where all is well. Nothing is stored.
pub(super) fn validate(request: &Request<'_>) -> Reply {
    let mut messages = Messages(Vec::new());
    match words::payload(request) {
        Ok(text) => messages.body(&text, request),
        Err(refusal) => messages.refused("body", &refusal),
    }
    Reply::json(&json!({ "validationMessages": messages.0 }))
}

struct Messages(Vec<Value>);

impl Messages {
    fn add(&mut self, path: &str, code: &str, description: String) {
        if self.0.len() < MESSAGES {
            self.0.push(json!({ "fieldPath": path, "description": description, "validationCode": code }));
        }
    }

    fn refused(&mut self, path: &str, refusal: &Refusal) {
        let code = if matches!(refusal, Refusal::MissingField { .. }) { "VALUE_REQUIRED" } else { "VALUE_INVALID" };
        self.add(path, code, refusal.to_string());
    }

    fn body(&mut self, text: &str, request: &Request<'_>) {
        let body = match words::items(text) {
            Ok(values) => values.first().map(|raw| Fields::of(raw.get())).unwrap_or_default(),
            Err(refusal) => return self.refused("body", &refusal),
        };
        self.stream(request);
        let has_client = ["client_id", "app_instance_id"].into_iter().any(|word| words::value(&body, word).is_some());
        if !has_client {
            self.add("client_id", "VALUE_REQUIRED", "`client_id` or `app_instance_id` is missing".to_owned());
        }
        self.consent(&body);
        self.user_properties(&body);
        self.events(&body);
        self.unreadable(request);
    }

    fn stream(&mut self, request: &Request<'_>) {
        if request.parameter("measurement_id").or(request.parameter("firebase_app_id")).is_none() {
            let description = "`measurement_id` or `firebase_app_id` is missing in the address";
            self.add("measurement_id", "VALUE_REQUIRED", description.to_owned());
        }
        if request.parameter("api_secret").is_none() {
            self.add("api_secret", "VALUE_REQUIRED", "`api_secret` is missing in the address".to_owned());
        }
    }

    fn consent(&mut self, body: &Fields<'_>) {
        for (name, raw) in words::object(body, "consent").unwrap_or_default().0 {
            let path = match name.as_ref() {
                "ad_user_data" => "consent.ad_user_data",
                "ad_personalization" => "consent.ad_personalization",
                _ => {
                    let description = "`consent` knows `ad_user_data` and `ad_personalization`";
                    self.add("consent", "NAME_INVALID", description.to_owned());
                    continue;
                }
            };
            if !matches!(words::text_of(raw).as_deref(), Some("GRANTED" | "DENIED")) {
                self.add(path, "VALUE_INVALID", format!("`{path}` is neither `GRANTED` nor `DENIED`"));
            }
        }
    }

    fn user_properties(&mut self, body: &Fields<'_>) {
        let (name_chars, value_chars) = PROPERTY_CHARS;
        let properties = words::object(body, "user_properties").unwrap_or_default();
        self.few(properties.0.len(), ENTRIES, "user_properties", "properties");
        for (index, (name, raw)) in properties.0.iter().enumerate() {
            let what = format!("user property at index: [{index}]");
            self.name(name, name_chars, RESERVED_PROPERTIES, "user_properties", &what);
            let value = words::text(&Fields::of(raw.get()), "value");
            self.short(value.as_deref(), value_chars, "user_properties", &what);
        }
    }

    fn events(&mut self, body: &Fields<'_>) {
        let events = words::list(body, "events").unwrap_or_default();
        self.few(events.len(), EVENTS, "events", "events");
        for (index, raw) in events.into_iter().enumerate() {
            self.event(index, raw);
        }
    }

    fn event(&mut self, index: usize, raw: &RawValue) {
        let event = words::item(raw).unwrap_or_default();
        if let Ok(Some(name)) = words::word(&event, "name") {
            self.name(&name, NAME_CHARS, RESERVED_EVENTS, "events", &format!("event at index: [{index}]"));
        }
        let params = words::object(&event, "params").unwrap_or_default();
        self.few(params.0.len(), ENTRIES, "events", &format!("parameters at event index: [{index}]"));
        for (place, (name, raw)) in params.0.iter().enumerate() {
            let what = format!("parameter at index: [{place}] of event at index: [{index}]");
            self.name(name, NAME_CHARS, &[], "events", &what);
            let text = raw.get().starts_with('"').then(|| words::text_of(raw)).flatten();
            self.short(text.as_deref().filter(|_| !name.starts_with("page_")), VALUE_CHARS, "events", &what);
        }
    }

    fn few(&mut self, number: usize, limit: usize, path: &str, what: &str) {
        if number > limit {
            self.add(path, "EXCEEDED_MAX_ENTITIES", format!("more than {limit} {what}"));
        }
    }

    fn name(&mut self, name: &str, limit_chars: usize, reserved: &[&str], path: &str, what: &str) {
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            self.add(path, "NAME_INVALID", format!("{what} has an invalid name: names start with a letter"));
        } else if !is_word {
            self.add(path, "NAME_INVALID", format!("{what} has an invalid name: names are letters, digits and `_`"));
        } else if name.len() > limit_chars {
            self.add(path, "NAME_INVALID", format!("{what} has a name of more than {limit_chars} characters"));
        } else if reserved.contains(&name) || RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            self.add(path, "NAME_RESERVED", format!("{what} has a name that is reserved"));
        }
    }

    fn short(&mut self, text: Option<&str>, limit_chars: usize, path: &str, what: &str) {
        if text.is_some_and(|text| text.chars().count() > limit_chars) {
            self.add(path, "VALUE_INVALID", format!("{what} has a value of more than {limit_chars} characters"));
        }
    }

    /// What this house would not take besides.
    fn unreadable(&mut self, request: &Request<'_>) {
        let Ok(letter) = protocol::read(request) else { return };
        for (index, message) in letter.messages.iter().enumerate() {
            if let Err(refusal) = message {
                let code =
                    if matches!(refusal, Refusal::MissingField { .. }) { "VALUE_REQUIRED" } else { "VALUE_INVALID" };
                self.add("events", code, format!("event at index: [{index}]: {refusal}"));
            }
        }
    }
}
