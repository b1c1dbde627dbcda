use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The kinds of identifier that the house itself speaks of. Sources may bring any other lower-case word.
pub mod kinds {
    pub const USER_ID: &str = "user_id";
    pub const ANONYMOUS_ID: &str = "anonymous_id";
    pub const EMAIL: &str = "email";
    pub const PHONE: &str = "phone";
    pub const GROUP_ID: &str = "group_id";
    /// A whole name and postal address, as words: two rows that agree in all of it are one person.
    pub const NAME_ADDRESS: &str = "name_address";
    pub const ADVERTISING_ID: &str = "advertising_id";
}

/// A value by which a person, a device or a source's row is known, e.g. `email:ann@example.com`.
///
/// Values are already normalised (e-mail lower-case, phone E.164). The text form is `kind:value`; a value may hold colons, a kind may not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identifier {
    kind: Arc<str>,
    value: Arc<str>,
}

impl Identifier {
    pub fn new(kind: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Self {
        Self { kind: kind.into(), value: value.into() }
    }

    pub fn kind(&self) -> &str {
        &self.kind
    }

    pub fn value(&self) -> &str {
        &self.value
    }
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind, self.value)
    }
}

impl std::str::FromStr for Identifier {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some((kind, value)) if is_word(kind) && !value.is_empty() => Ok(Self::new(kind, value)),
            _ => Err(IdentifierError),
        }
    }
}

impl Serialize for Identifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Identifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is no identifier. It does not repeat the text, which may be personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentifierError;

impl std::fmt::Display for IdentifierError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an identifier is written `kind:value`, e.g. `email:ann@example.com`")
    }
}

impl std::error::Error for IdentifierError {}

fn is_word(kind: &str) -> bool {
    !kind.is_empty()
        && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_.-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let urn: Identifier = "crm_id:urn:7:x".parse().expect("a kind and a value");
        assert_eq!((urn.kind(), urn.value()), ("crm_id", "urn:7:x"));
        assert_eq!(urn.to_string(), "crm_id:urn:7:x");
        for bad in ["", "email", "email:", ":x", "E-Mail Address:x"] {
            assert!(bad.parse::<Identifier>().is_err(), "{bad}");
        }
    }
}
