use kit::Timestamp;

use crate::Error;

/// What decides a world: the same settings give the same files, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// 1,000 to 1,000,000.
    pub people: u32,
    pub seed: u64,
    /// The moment after the last event.
    pub end: Timestamp,
    /// How many days before `end` the first event may lie: 30 to 730, usually 180.
    pub days: u32,
}

impl Settings {
    /// Returns the moment of the earliest event, `days` before `end`.
    pub fn start(&self) -> Timestamp {
        self.end.minus_ms(i64::from(self.days) * kit::DAY_MS)
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        match (self.people, self.days) {
            (people, _) if !(1_000..=1_000_000).contains(&people) => Err(Error::People { people }),
            (_, days) if !(30..=730).contains(&days) => Err(Error::Days { days }),
            _ => Ok(()),
        }
    }
}
