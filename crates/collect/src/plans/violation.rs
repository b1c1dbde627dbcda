use serde::{Deserialize, Serialize};

use super::Mode;

/// What a plan says of one event. Without violations the event is as it should be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// At most 100, in the order of rules and pointers.
    pub violations: Vec<Violation>,
    /// How many there are beyond those.
    pub more: usize,
}

impl Verdict {
    /// The strongest mode among what was broken.
    pub fn mode(&self) -> Option<Mode> {
        self.violations.iter().map(|violation| violation.mode).max()
    }

    pub fn is_sound(&self) -> bool {
        self.violations.is_empty()
    }
}

/// One way in which an event is not as planned. It never holds the event's value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Violation {
    /// The rule, e.g. `track: Order Completed` or `common`; `unplanned_events` where there is none.
    pub rule: String,
    /// Where, as a JSON pointer into the envelope; names that look like a person's data are written `*`.
    pub pointer: String,
    pub kind: Kind,
    /// What the schema asks for, e.g. `type: "number"`.
    pub expected: String,
    /// What the plan does about it.
    pub mode: Mode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    RequiredMissing,
    WrongType,
    /// Also: not the constant.
    NotInEnum,
    /// Also: not the format.
    Pattern,
    /// A track event for which there is no rule.
    UnplannedEvent,
    UnplannedProperty,
    Other,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::RequiredMissing,
        Self::WrongType,
        Self::NotInEnum,
        Self::Pattern,
        Self::UnplannedEvent,
        Self::UnplannedProperty,
        Self::Other,
    ];

    /// Reads what `as_str` writes.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequiredMissing => "required_missing",
            Self::WrongType => "wrong_type",
            Self::NotInEnum => "not_in_enum",
            Self::Pattern => "pattern",
            Self::UnplannedEvent => "unplanned_event",
            Self::UnplannedProperty => "unplanned_property",
            Self::Other => "other",
        }
    }
}
