//! When a message happened, by the clocks that it carries.

use kit::{DAY_MS, Timestamp};

use super::refusal::TimeReason;
use super::wire::{Item, Text};
use super::{Arrival, Door, Refusal};

/// 1990-01-01T00:00:00Z: nothing that this house hears of happened earlier.
const EARLIEST: Timestamp = Timestamp::from_ms(631_152_000_000);
/// How far ahead of its sending a message may claim to be before the pair of clocks is no longer believed.
const TOLERATED_AHEAD_MS: i64 = DAY_MS;

#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub time: Timestamp,
    pub original: Option<Timestamp>,
    pub sent: Option<Timestamp>,
}

/// Reads the clocks of a message; `sent` is the batch's `sentAt`, used when the message has none.
pub(super) fn times(item: &Item<'_>, sent: Option<Timestamp>, door: &Door) -> Result<Times, Refusal> {
    let original = read(&item.original_timestamp, "originalTimestamp")?;
    let timestamp = read(&item.timestamp, "timestamp")?;
    let sent = lenient(&item.sent_at).or(sent);
    let time = match door.arrival {
        Arrival::Live => corrected(original.or(timestamp), sent, door.received_at),
        Arrival::Kept { .. } => timestamp.or(original),
    };
    let time = time.or(timestamp).unwrap_or(door.received_at);
    plausible(time, door.received_at).map_err(|reason| invalid("timestamp", reason))?;
    Ok(Times { time, original: original.or(timestamp), sent })
}

/// Reads a time where a wrong one does no harm: it counts as absent.
pub(super) fn lenient(text: &Text<'_>) -> Option<Timestamp> {
    Timestamp::parse(text.some()?).ok()
}

/// Checks that a moment lies between 1990 and 24 hours after it was received.
pub(crate) fn plausible(time: Timestamp, received_at: Timestamp) -> Result<(), TimeReason> {
    if time < EARLIEST {
        return Err(TimeReason::TooEarly);
    }
    if time > received_at.plus_ms(DAY_MS) {
        return Err(TimeReason::TooLate);
    }
    Ok(())
}

/// `received_at - (sent - original)`: what the device's clock says wrong, it says wrong twice.
fn corrected(original: Option<Timestamp>, sent: Option<Timestamp>, received_at: Timestamp) -> Option<Timestamp> {
    let (original, sent) = (original?, sent?);
    let believable = original <= sent.plus_ms(TOLERATED_AHEAD_MS);
    believable.then(|| received_at.minus_ms(sent.since_ms(original)))
}

fn read(text: &Text<'_>, field: &'static str) -> Result<Option<Timestamp>, Refusal> {
    match (text, text.some()) {
        (Text::Wrong | Text::Number(_), _) => Err(invalid(field, TimeReason::Unreadable)),
        (_, None) => Ok(None),
        (_, Some(text)) => Timestamp::parse(text).map(Some).map_err(|_| invalid(field, TimeReason::Unreadable)),
    }
}

fn invalid(field: &'static str, reason: TimeReason) -> Refusal {
    Refusal::InvalidTime { field, reason }
}
