use std::collections::BTreeMap;

use model::{Fact, Identifier, kinds};
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Draft, Read, ReadExt, StoreError};

use crate::tables::RULES;

/// How identifiers may be put together. Kinds that are not named fall under `others`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    #[serde(default = "default_kinds")]
    pub kinds: BTreeMap<String, Kind>,
    #[serde(default = "default_others")]
    pub others: Kind,
    /// Values that say nothing about a person, as regular expressions over the whole value. They link nobody and own nothing.
    #[serde(default = "default_blocked")]
    pub blocked: Vec<Pattern>,
}

/// The rules of one kind of identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// 1 is the most telling. Of the identifiers on one fact the most telling owns it, and the least telling is dropped first.
    pub priority: u8,
    /// How many different values of this kind one profile may have.
    #[serde(default = "default_limit")]
    pub limit: u32,
    /// Whether it names a device rather than a person: a profile of devices alone is anonymous.
    #[serde(default)]
    pub device: bool,
    /// When a value of this kind is found on too many people.
    #[serde(default)]
    pub hubs: Vec<Hub>,
}

/// A value that has met more than `most` different values of `meets` on the same facts is a hub: it links nobody any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// A kind of identifier, e.g. `user_id`, or a trait, e.g. `birth_year`.
    pub meets: String,
    pub most: usize,
}

/// A regular expression that matches values as a whole. It keeps its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    whole: Regex,
}

impl Default for Rules {
    fn default() -> Self {
        Self { kinds: default_kinds(), others: default_others(), blocked: default_blocked() }
    }
}

impl Rules {
    /// Returns the rules that are in force in a house: those that were set, else the defaults.
    pub fn in_force(read: &dyn Read) -> Result<Self, StoreError> {
        Ok(read.read_json(&RULES, b"current")?.unwrap_or_default())
    }

    /// Puts these rules in force. The views must be rebuilt when this returns `true`: the rules before were others.
    pub fn put_in_force(&self, draft: &mut Draft<'_>) -> Result<bool, StoreError> {
        let before = Self::in_force(draft)?;
        draft.put_json(&RULES, *b"current", self);
        Ok(before != *self)
    }

    pub fn kind(&self, kind: &str) -> &Kind {
        self.kinds.get(kind).unwrap_or(&self.others)
    }

    pub fn is_device(&self, kind: &str) -> bool {
        self.kind(kind).device
    }

    /// Returns whether a value says nothing about a person.
    pub fn is_blocked(&self, identifier: &Identifier) -> bool {
        self.blocked.iter().any(|pattern| pattern.whole.is_match(identifier.value()))
    }

    /// Returns an event's identifiers without the blocked ones, most telling first.
    pub(crate) fn by_priority(&self, identifiers: &[Identifier]) -> Vec<Identifier> {
        let mut kept: Vec<_> = identifiers.iter().filter(|identifier| !self.is_blocked(identifier)).cloned().collect();
        kept.sort_by_key(|identifier| self.kind(identifier.kind()).priority);
        kept.dedup();
        kept
    }

    /// Returns a record's identifiers likewise, but the one that names the row stays first: it owns the record.
    pub(crate) fn of_record(&self, identifiers: &[Identifier]) -> Vec<Identifier> {
        let Some((name, rest)) = identifiers.split_first() else { return Vec::new() };
        let name = Some(name).filter(|name| !self.is_blocked(name)).cloned();
        let mut kept = self.by_priority(rest);
        kept.retain(|identifier| Some(identifier) != name.as_ref());
        name.into_iter().chain(kept).collect()
    }
}

impl Hub {
    /// Returns the values that a fact shows of the witness.
    pub(crate) fn values(&self, company: &[Identifier], fact: &Fact) -> Vec<String> {
        let of_kind = company.iter().filter(|identifier| identifier.kind() == self.meets);
        let mut values: Vec<_> = of_kind.map(|identifier| identifier.value().to_owned()).collect();
        if values.is_empty() {
            values.extend(trait_text(fact, &self.meets));
        }
        values
    }
}

impl TryFrom<String> for Pattern {
    type Error = regex::Error;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        // The text alone must be an expression too: `a)|(?:b` would be one only inside of ours.
        Regex::new(&text)?;
        let whole = Regex::new(&format!("^(?:{text})$"))?;
        Ok(Self { text, whole })
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

fn trait_text(fact: &Fact, name: &str) -> Option<String> {
    let traits = match fact {
        Fact::Event(event) => event.traits.as_ref(),
        Fact::Record(record) => record.traits.as_ref(),
        Fact::Link(_) => None,
    };
    // Most facts do not even mention the trait: a look at the text spares reading it.
    let traits = traits.filter(|traits| traits.text().contains(name))?;
    match traits.object().get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
        Some(value) => Some(value.to_string()),
    }
}

fn default_limit() -> u32 {
    5
}

fn default_kinds() -> BTreeMap<String, Kind> {
    let met = |most| vec![Hub { meets: kinds::USER_ID.to_owned(), most }];
    let kind = |priority, limit, device, hubs| Kind { priority, limit, device, hubs };
    [
        (kinds::USER_ID, kind(1, 1, false, Vec::new())),
        (kinds::PHONE, kind(3, 5, false, met(4))),
        (kinds::EMAIL, kind(4, 5, false, met(4))),
        (kinds::ADVERTISING_ID, kind(6, 5, true, met(2))),
        // One person has many cookies over the months; what is left of them is told apart by the hubs.
        (kinds::ANONYMOUS_ID, kind(7, 50, true, met(2))),
    ]
    .map(|(name, kind)| (name.to_owned(), kind))
    .into()
}

fn default_others() -> Kind {
    Kind { priority: 2, limit: 5, device: false, hubs: Vec::new() }
}

fn default_blocked() -> Vec<Pattern> {
    // Zeros and hyphens only, minus one, and words that programs write for "nobody" (Segment's suggestions).
    let texts = ["^[0-]*$", "^-1$", "^(?i:null|nil|none|undefined|anonymous|unknown|n/a)$"];
    texts.map(|text| Pattern::try_from(text.to_owned()).expect("a fixed expression that a test compiles")).into()
}
