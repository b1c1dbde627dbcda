//! What `context.json` tells of the person who asks.

use serde_json::{Map, Value, json};

use super::body::Caller;
use crate::adapters::{Outcome, Person, words};
use crate::spec::Fields;

/// A tracker keeps `profileId` in a cookie of its own page, so that no cookie needs to be set here.
pub(super) fn told(fields: &Fields<'_>, caller: &Caller, outcome: &Outcome<'_>) -> Value {
    let nobody = Person::default();
    let person = outcome.person.as_ref().unwrap_or(&nobody);
    let mut told = json!({
        "profileId": caller.id(),
        "sessionId": caller.session,
        "profileProperties": asked(fields, "requiredProfileProperties", &person.traits),
        "sessionProperties": {},
        "filteringResults": {},
        "processedEvents": outcome.accepted,
        "personalizations": {},
        "personalizationResults": {},
        "trackedConditions": [],
        "anonymousBrowsing": false,
        "consents": {},
    });
    if words::flag(fields, "requireSegments") == Some(true) {
        told["profileSegments"] = json!(person.audiences);
    }
    if words::flag(fields, "requireScores") == Some(true) {
        told["profileScores"] = json!({});
    }
    told
}

/// The values that a list of names asks for: all of them for `*`.
fn asked(fields: &Fields<'_>, list: &str, values: &Map<String, Value>) -> Map<String, Value> {
    let names =
        fields.get(list).and_then(|raw| serde_json::from_str::<Vec<String>>(raw.get()).ok()).unwrap_or_default();
    if names.iter().any(|name| name == "*") {
        return values.clone();
    }
    let known = names.into_iter().filter_map(|name| values.get_key_value(&name));
    known.map(|(name, value)| (name.clone(), value.clone())).collect()
}
