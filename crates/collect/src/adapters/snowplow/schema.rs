//! Self-describing JSON: data, and the schema that it follows.

use serde_json::value::RawValue;

use crate::adapters::words;
use crate::spec::{self, Fields, Refusal};

/// A thing and its schema, e.g. `iglu:com.example/order_completed/jsonschema/1-0-0`.
pub(super) struct Described<'a> {
    pub schema: String,
    pub data: Option<&'a RawValue>,
}

impl<'a> Described<'a> {
    pub fn of(raw: &'a RawValue) -> Option<Self> {
        let fields = Fields::of(raw.get());
        let schema = words::text(&fields, "schema")?;
        Some(Self { schema, data: words::value(&fields, "data") })
    }

    /// The vendor and the name in the schema's address.
    pub fn vendor_and_name(&self) -> Option<(&str, &str)> {
        let mut parts = self.schema.strip_prefix("iglu:")?.split('/');
        let (vendor, name) = (parts.next()?, parts.next()?);
        (!vendor.is_empty() && !name.is_empty()).then_some((vendor, name))
    }

    pub fn fields(&self) -> Fields<'a> {
        self.data.map(|raw| Fields::of(raw.get())).unwrap_or_default()
    }
}

/// Returns the JSON that a parameter carries: `plain` as a text, `packed` in base64.
///
/// Errors: `wrong_type`, `invalid_json`, `too_deep`.
pub(super) fn embedded(
    fields: &Fields<'_>,
    plain: &'static str,
    packed: &'static str,
) -> Result<Option<String>, Refusal> {
    let text = match (words::value(fields, plain), words::text(fields, packed)) {
        (Some(raw), _) if raw.get().starts_with('{') => raw.get().to_owned(),
        (Some(_), _) => words::text(fields, plain).unwrap_or_default(),
        (None, Some(packed_text)) => unpacked(&packed_text, packed)?,
        (None, None) => return Ok(None),
    };
    spec::check(&text)?;
    Ok(Some(text))
}

fn unpacked(text: &str, field: &'static str) -> Result<String, Refusal> {
    let bytes = words::base64(text).and_then(|bytes| String::from_utf8(bytes).ok());
    bytes.ok_or(Refusal::WrongType { field, expected: "JSON in base64" })
}
