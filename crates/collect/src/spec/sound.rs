//! Whether a JSON text can be read again by anyone: not too deep, no half surrogate, no number beyond all bounds.
//!
//! Texts are kept raw (`model::Raw`), and skipping a value does not look at these; a room that read it later would find nothing.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Refusal;

/// Checks a text that is, or is about to be, read as JSON by skipping over its values. Errors: `too_deep`, `invalid_json`.
pub(super) fn check(text: &str, limit_depth: usize) -> Result<(), Refusal> {
    if exceeds(text, limit_depth) {
        return Err(Refusal::TooDeep { limit: limit_depth });
    }
    if is_suspect(text.as_bytes()) { look(text) } else { Ok(()) }
}

/// Checks a text of which nothing is known yet. Errors: `too_deep`, `invalid_json`.
pub(super) fn check_fully(text: &str, limit_depth: usize) -> Result<(), Refusal> {
    if exceeds(text, limit_depth) {
        return Err(Refusal::TooDeep { limit: limit_depth });
    }
    look(text)
}

fn look(text: &str) -> Result<(), Refusal> {
    serde_json::from_str::<Sound>(text).map(|_| ()).map_err(|error| Refusal::json(&error))
}

/// Whether brackets outside of strings nest deeper than the limit. Needs no stack, whatever the depth.
fn exceeds(text: &str, limit_depth: usize) -> bool {
    if opening_brackets(text.as_bytes()) <= limit_depth {
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

/// Counts in parts, so that each count fits into a byte and many bytes are looked at together.
fn opening_brackets(bytes: &[u8]) -> usize {
    let is_opening = |byte: &u8| u8::from(matches!(byte, b'{' | b'['));
    let counts = bytes.chunks(255).map(|part| part.iter().map(is_opening).sum::<u8>());
    counts.map(usize::from).sum()
}

/// Whether a full look is worth its time: only an escape can be half a surrogate, and only a number with an exponent of three digits, or of
/// more than 200 digits, can be beyond all bounds.
fn is_suspect(bytes: &[u8]) -> bool {
    let is_long_number = |part: &[u8]| part.len() == PART && part.iter().all(u8::is_ascii_digit);
    bytes.contains(&b'\\') || bytes.chunks(PART).any(is_long_number) || has_exponent(bytes)
}

/// A run of 200 digits holds a whole part of this length, wherever it starts.
const PART: usize = 64;

/// Whether a number outside of strings (or what looks like one) is followed by an `e`. Ids are full of digits before an `e`; they follow a letter,
/// a quote or another id's part, and a number does not.
fn has_exponent(bytes: &[u8]) -> bool {
    let starts = (0..bytes.len()).step_by(PART);
    let mut parts = starts.map(|start| start..(start + PART + 1).min(bytes.len()));
    parts.any(|part| {
        let window = &bytes[part.clone()];
        any_digit_before_e(window) && part.skip(1).any(|at| is_exponent(bytes, at))
    })
}

fn any_digit_before_e(window: &[u8]) -> bool {
    let pairs = window.iter().zip(window.iter().skip(1));
    pairs.fold(false, |seen, (digit, e)| seen | (digit.is_ascii_digit() & ((e | 0x20) == b'e')))
}

fn is_exponent(bytes: &[u8], at: usize) -> bool {
    if bytes[at] | 0x20 != b'e' {
        return false;
    }
    let digits = |byte: &&u8| byte.is_ascii_digit() || **byte == b'.';
    let number = bytes[..at].iter().rev().take_while(digits).count();
    let before = bytes[..at - number].strip_suffix(b"-").unwrap_or(&bytes[..at - number]);
    number > 0 && before.last().is_none_or(|byte| b":,[ \t\r\n".contains(byte))
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
            (r#"{"a":[-1.5E+999]}"#, Some("invalid_json")),
            (r#"{"a":1.5e9,"b":"x:1e999"}"#, None),
            (&format!(r#"{{"a":{}}}"#, "9".repeat(400)), Some("invalid_json")),
            (&format!(r#"{{{}"a":1e999}}"#, " ".repeat(57)), Some("invalid_json")),
            (&format!(r#"{{{}"a":1e999}}"#, " ".repeat(58)), Some("invalid_json")),
            (r#"{"a":12345678901234567890123.25}"#, None),
        ] {
            let shown = &text[..text.len().min(40)];
            assert_eq!(code(text), expected, "{shown}");
            let fully = check_fully(text, 4).err().map(|refusal| refusal.code());
            assert_eq!(fully, expected, "{shown}");
        }
    }
}
