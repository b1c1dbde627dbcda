use std::borrow::Cow;
use std::fmt;

use datafusion::arrow::array::{Float64Array, StringViewArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature};
use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{column, constant_of, json_and_constant, texts, views};

/// `json_text(json, path)` and `json_number(json, path)`: one value of a JSON object, for people who write SQL.
///
/// A path is read as the question language reads a name: first as a whole key, then as keys joined by dots.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct JsonValue {
    name: &'static str,
    gives: DataType,
    signature: Signature,
}

impl JsonValue {
    pub fn text() -> Self {
        Self { name: "json_text", gives: DataType::Utf8View, signature: json_and_constant() }
    }

    pub fn number() -> Self {
        Self { name: "json_number", gives: DataType::Float64, signature: json_and_constant() }
    }
}

impl ScalarUDFImpl for JsonValue {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(self.gives.clone())
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let path = constant_of(self.name, &arguments.args[1])?;
        let texts = texts(&arguments.args[0], arguments.number_rows)?;
        let found = views(&texts).iter().map(|json| find(json?, path));
        Ok(match self.gives {
            DataType::Float64 => column(found.map(|value| number(value?)).collect::<Float64Array>()),
            _ => column(found.map(|value| text(value?)).collect::<StringViewArray>()),
        })
    }
}

/// Finds a value in a JSON object without reading the others. `null` counts as missing.
fn find<'j>(json: &'j str, path: &str) -> Option<&'j RawValue> {
    let is_value = |value: &&RawValue| value.get() != "null";
    let whole = member(json, path).filter(is_value);
    whole
        .or_else(|| {
            path.split('.').try_fold(None, |inside: Option<&RawValue>, key| {
                member(inside.map_or(json, RawValue::get), key).map(Some)
            })?
        })
        .filter(is_value)
}

fn member<'j>(json: &'j str, key: &str) -> Option<&'j RawValue> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_str(json);
    // Stopping at the value is reported as an error of the text, which says nothing that we want to know.
    let _ = reader.deserialize_map(Member { key, found: &mut found });
    found
}

/// Stops at the first member with a key.
struct Member<'k, 'j> {
    key: &'k str,
    found: &'k mut Option<&'j RawValue>,
}

impl<'j> Visitor<'j> for Member<'_, 'j> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(key) = map.next_key::<Cow<'j, str>>()? {
            if key == self.key {
                *self.found = Some(map.next_value()?);
                break;
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    let json = value.get();
    if json.starts_with('"') {
        serde_json::from_str::<String>(json).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(json))
    }
}

fn number(value: &RawValue) -> Option<f64> {
    let json = value.get();
    if json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) { json.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_a_path_names() {
        let json = r#"{"a":{"b":1,"c":"x\n"},"a.b":null,"d.e":"whole","d":{"e":2},"l":[1, 2],"t":true,"n":-1.5e3}"#;
        let cases = [
            ("a.b", Some("1"), Some(1.0)),
            ("a.c", Some("x\n"), None),
            ("d.e", Some("whole"), None),
            ("l", Some("[1, 2]"), None),
            ("t", Some("true"), None),
            ("n", Some("-1.5e3"), Some(-1500.0)),
            ("a", Some(r#"{"b":1,"c":"x\n"}"#), None),
            ("a.b.c", None, None),
            ("z", None, None),
            ("", None, None),
        ];
        for (path, as_text, as_number) in cases {
            let found = find(json, path);
            assert_eq!(found.and_then(text).as_deref(), as_text, "{path}");
            assert_eq!(found.and_then(number), as_number, "{path}");
        }
        for broken in ["", "7", "[]", r#"{"a""#, r#"{"a":{"#] {
            assert!(find(broken, "a").is_none(), "{broken}");
        }
    }
}
