use kit::Timestamp;
use serde::Serialize;

/// Whether a rule holds, and when time alone could change that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Outcome {
    pub member: bool,
    /// The answer stays the same in every moment before this one, as long as no fact arrives; `None`: for ever.
    ///
    /// A lone count changes exactly then. Joined questions may not: `a or b`, where `a` begins in the moment in which `b` ends, goes on holding.
    pub changes_at: Option<Timestamp>,
}

impl Outcome {
    /// An answer that time does not change.
    pub(super) fn lasting(member: bool) -> Self {
        Self { member, changes_at: None }
    }

    pub(super) fn opposite(self) -> Self {
        Self { member: !self.member, ..self }
    }

    /// Holds until the first part may stop to; does not hold until every part that fails now may begin to.
    pub(super) fn all(parts: impl Iterator<Item = Self>) -> Self {
        let mut all = Self::lasting(true);
        for part in parts {
            all = match (all.member, part.member) {
                (true, true) => Self { changes_at: earlier(all.changes_at, part.changes_at), ..all },
                (true, false) => part,
                (false, true) => all,
                (false, false) => Self { changes_at: later(all.changes_at, part.changes_at), ..all },
            };
            if all == Self::lasting(false) {
                break;
            }
        }
        all
    }

    pub(super) fn any(parts: impl Iterator<Item = Self>) -> Self {
        Self::all(parts.map(Self::opposite)).opposite()
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.into_iter().chain(b).min()
}

/// `None` is never, the latest of all.
fn later(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    a.zip(b).map(|(a, b)| a.max(b))
}
