//! The words of a context, read where they are needed and never failing.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::spec::Fields;

/// An object of the client's.
#[derive(Debug, Default)]
pub(super) struct Words<'a>(Fields<'a>);

impl<'a> Words<'a> {
    /// Reads an object's text. Anything else gives no words.
    pub fn of(text: &'a str) -> Self {
        Self(Fields::of(text))
    }

    /// The last value of a key, unless it is `null`.
    pub fn raw(&self, key: &str) -> Option<&'a RawValue> {
        self.0.get(key).filter(|raw| raw.get() != "null")
    }

    /// A string that says something.
    pub fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        text(self.raw(key)?)
    }

    pub fn object(&self, key: &str) -> Option<Words<'a>> {
        object(self.raw(key)?)
    }

    /// Whether a client says yes, in any of the ways of clients.
    pub fn is_true(&self, key: &str) -> bool {
        let yes = |raw: &RawValue| matches!(raw.get(), "true" | "1" | "\"1\"" | "\"true\"");
        self.raw(key).is_some_and(yes)
    }

    /// Whether a value is the one that counts of its key.
    pub fn is_last(&self, key: &str, value: &RawValue) -> bool {
        self.0.get(key).is_some_and(|last| std::ptr::eq(last, value))
    }

    pub fn entries(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.0.0.iter().map(|(key, value)| (key.as_ref(), *value))
    }
}

/// Reads a value that is an object.
pub(super) fn object(raw: &RawValue) -> Option<Words<'_>> {
    raw.get().starts_with('{').then(|| Words::of(raw.get()))
}

/// Reads a value that is a string with something in it; borrowed, unless it is written with escapes.
pub(super) fn text(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    let text = match inner.contains('\\') {
        false => Cow::Borrowed(inner),
        true => Cow::Owned(serde_json::from_str(raw.get()).ok()?),
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Cuts a text to a number of bytes, at the end of a character.
pub(super) fn cut(text: &str, limit_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(limit_bytes)]
}
