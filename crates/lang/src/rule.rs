use kit::{DAY_MS, Timestamp};

use crate::tree::Leaf;
use crate::{Check, Comparison, Condition, Tree};

/// The longest sliding window: 100 years.
pub const MAX_WINDOW_MS: u64 = 36_525 * DAY_MS as u64;

/// Who is in an audience: questions about one person.
///
/// `Display` gives the canonical text, and serde the JSON form (README); both read back to an equal rule.
pub type Rule = Tree<Question>;

/// What an event's properties must be.
pub type Clause = Tree<Property>;

/// A question about one person.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// `address.city = 'Berlin'`
    Trait { name: String, check: Check },
    /// `count('Order Completed' in last 30 days) >= 3`
    Count(Count),
    /// `in audience 'vip'`
    Audience(String),
}

/// A question about one event: `revenue > 50`.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// The whole name of a property, or a path of dots into nested objects.
    pub path: String,
    pub check: Check,
}

/// How many events of a label there were, compared with a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// An event's name, or a kind (`page`, `identify` …): `model::Event::label`.
    pub event: String,
    pub condition: Option<Condition>,
    pub window: Window,
    pub comparison: Comparison,
    pub number: u32,
}

/// Which times count. An event counts from its own time on: what lies in the future is never counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// All that has happened.
    #[default]
    Always,
    /// `now - ms < time <= now`; positive, at most [`MAX_WINDOW_MS`].
    LastMs(u64),
    /// `since <= time <= now`.
    Since(Timestamp),
    /// `from <= time < to`, and `time <= now`; `from < to`.
    Between(Timestamp, Timestamp),
}

impl Window {
    /// Says what is wrong with the window, if anything: a stable code and a message.
    pub(crate) fn flaw(self) -> Option<(&'static str, String)> {
        match self {
            Self::LastMs(0) => Some(("empty_window", "a window of no length holds nothing".to_owned())),
            Self::LastMs(ms) if ms > MAX_WINDOW_MS => {
                Some(("window_too_long", "a sliding window is at most 100 years long".to_owned()))
            }
            Self::Between(from, to) if from >= to => {
                Some(("empty_window", "the second time of `between` must be after the first".to_owned()))
            }
            _ => None,
        }
    }
}

impl Leaf for Question {
    fn depth(&self) -> usize {
        match self {
            Self::Count(Count { condition: Some(condition), .. }) => 1 + condition.clause().depth(),
            _ => 1,
        }
    }
}

impl Leaf for Property {
    fn depth(&self) -> usize {
        1
    }
}
