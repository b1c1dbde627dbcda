//! What a request of the Measurement Protocol says of its person: traits, hashed addresses, consent.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::adapters::words::{self, ExternalId, Object};
use crate::spec::{Fields, Refusal};

/// Addresses in `user_data`, and what they are: plain ones are identifiers of their kind, hashed ones of a kind of their own.
const ADDRESSES: [(&str, &str); 6] = [
    ("email_address", "email"),
    ("email", "email"),
    ("phone_number", "phone"),
    ("phone", "phone"),
    ("sha256_email_address", "email_sha256"),
    ("sha256_phone_number", "phone_sha256"),
];

/// `user_properties` as traits, with the first plain e-mail address and telephone number of `user_data`. Errors: `wrong_type`.
pub(super) fn traits<'a>(body: &Fields<'a>) -> Result<Object<'a>, Refusal> {
    let mut traits = Object::default();
    for (name, property) in words::object(body, "user_properties")?.0 {
        traits.put(name, property_value(property));
    }
    for (kind, addresses) in addresses(body)? {
        if matches!(kind, "email" | "phone") {
            traits.put_text(kind, addresses.first().map(String::as_str));
        }
    }
    Ok(traits)
}

/// Every address of `user_data` as an external id. Errors: `wrong_type`.
pub(super) fn external_ids(body: &Fields<'_>) -> Result<Vec<ExternalId>, Refusal> {
    let addresses = addresses(body)?.into_iter();
    Ok(addresses.flat_map(|(kind, values)| values.into_iter().map(move |value| ExternalId::new(kind, value))).collect())
}

/// `consent` as preferences: only `GRANTED` is a yes, and non-personalized ads are a no to personalization. Errors: `wrong_type`.
pub(super) fn preferences(body: &Fields<'_>) -> Result<BTreeMap<String, bool>, Refusal> {
    let consent = words::said(words::object(body, "consent")?);
    let is_granted = |raw: &RawValue| words::text_of(raw).is_some_and(|word| word.eq_ignore_ascii_case("GRANTED"));
    let told = consent.0.into_iter().map(|(purpose, raw)| (purpose.into_owned(), is_granted(raw)));
    let mut preferences: BTreeMap<_, _> = told.collect();
    if words::flag(body, "non_personalized_ads") == Some(true) {
        preferences.insert("ad_personalization".to_owned(), false);
    }
    Ok(preferences)
}

/// A property is written `{"value": …}`.
fn property_value(property: &RawValue) -> Option<&RawValue> {
    if property.get().starts_with('{') { Fields::of(property.get()).get("value") } else { Some(property) }
}

fn addresses(body: &Fields<'_>) -> Result<Vec<(&'static str, Vec<String>)>, Refusal> {
    let data = words::object(body, "user_data")?;
    let found = ADDRESSES.into_iter().map(|(word, kind)| (kind, one_or_many(words::value(&data, word))));
    Ok(found.filter(|(_, values)| !values.is_empty()).collect())
}

fn one_or_many(raw: Option<&RawValue>) -> Vec<String> {
    let Some(raw) = raw else { return Vec::new() };
    let many: Vec<&RawValue> = serde_json::from_str(raw.get()).unwrap_or_else(|_| vec![raw]);
    many.into_iter().filter_map(words::text_of).map(one_case).collect()
}

/// SHA-256 in hexadecimal digits is the same in either case.
fn one_case(value: String) -> String {
    let is_hash = value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { value.to_ascii_lowercase() } else { value }
}
