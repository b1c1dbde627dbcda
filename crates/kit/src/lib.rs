//! Tools that know nothing about customers: time, secrets, error codes, retry, digests.

mod clock;
mod coded;
mod digest;
mod retry;
mod secret;
mod time;

pub use clock::{Clock, ManualClock, SystemClock};
pub use coded::Coded;
pub use digest::{Digest, hex};
pub use retry::Backoff;
pub use secret::Secret;
pub use time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, TimeError, Timestamp};
