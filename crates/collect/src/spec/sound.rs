//! Whether a JSON text can be read again by anyone: not too deep, no half surrogate, no number beyond all bounds.
//!
//! Texts are kept raw (`model::Raw`), and skipping a value does not look at these; a room that read it later would find nothing.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Refusal;

/// Checks one message. Errors: `too_deep`, `invalid_json`.
pub(super) fn check(text: &str, limit_depth: usize) -> Result<(), Refusal> {
    if exceeds(text, limit_depth) {
        return Err(Refusal::TooDeep { limit: limit_depth });
    }
    serde_json::from_str::<Sound>(text)
        .map(|_| ())
        .map_err(|error| Refusal::json(&error))
}

/// Whether brackets outside of strings nest deeper than the limit. Needs no stack, whatever the depth.
pub(super) fn exceeds(text: &str, limit_depth: usize) -> bool {
    let opening = |byte: &&u8| matches!(byte, b'{' | b'[');
    if text.as_bytes().iter().filter(opening).count() <= limit_depth {
        return false;
    }
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for byte in text.bytes() {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit_depth {
            return true;
        }
    }
    false
}

/// Any JSON value, looked at in full and not kept.
struct Sound;

impl<'de> Deserialize<'de> for Sound {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Sound {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::Coded;

    #[test]
    fn finds_what_cannot_be_read_later() {
        let code = |text: &str| check(text, 4).err().map(|refusal| refusal.code());
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        for (text, expected) in [
            (r#"{"a":[[{"b":1}]]}"#, None),
            (r#"{"a":[[{"b":[1]}]]}"#, Some("too_deep")),
            (r#"{"a":"[[[[[[\"[[{{{{"}"#, None),
            (r#"[[],[],[],[],[],[],[]]"#, None),
            (&deep, Some("too_deep")),
            (r#"{"a":"\ud800"}"#, Some("invalid_json")),
            (r#"{"a":"\ud83c\udf89"}"#, None),
            (r#"{"a":1e999}"#, Some("invalid_json")),
            (r#"{"a":12345678901234567890123.25}"#, None),
        ] {
            let shown = &text[..text.len().min(40)];
            assert_eq!(code(text), expected, "{shown}");
        }
    }
}
