use kit::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Seq, Source};

/// The number of an identifier, given in the order of first appearance (1, 2, 3 …).
pub type Ordinal = u32;

/// A profile is a connected component of identifiers and is named after its oldest one: `P17` holds the identifier with ordinal 17.
///
/// So a merge keeps the older name, and a split gives each part exactly the name that it had before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProfileId(pub Ordinal);

impl std::fmt::Display for ProfileId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "P{}", self.0)
    }
}

impl std::str::FromStr for ProfileId {
    type Err = ProfileIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('P').ok_or(ProfileIdError)?;
        if digits.starts_with(['+', '0']) {
            return Err(ProfileIdError);
        }
        digits.parse().map(Self).map_err(|_| ProfileIdError)
    }
}

impl Serialize for ProfileId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { serializer.collect_str(self) } else { self.0.serialize(serializer) }
    }
}

impl<'de> Deserialize<'de> for ProfileId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Ordinal::deserialize(deserializer).map(Self);
        }
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProfileIdError;

impl std::fmt::Display for ProfileIdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a profile id is written `P` and a number, e.g. `P17`")
    }
}

impl std::error::Error for ProfileIdError {}

/// One value that a fact claims for a trait; of a profile's claims, the latest by `(time, seq)` wins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    pub value: serde_json::Value,
    pub time: Timestamp,
    pub seq: Seq,
    pub source: Source,
}
