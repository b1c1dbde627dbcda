//! When a pull runs.

use jiff::civil::Time;
use jiff::tz::TimeZone;
use kit::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

/// `every: 15m`, or `at: "02:00"` with `time_zone: Europe/Berlin`.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {
    /// So long after the last run began; at once for the first.
    Every { every_ms: i64 },
    /// Each day at a time of day. Where the clocks skip it, as much later as they skip; where they repeat it, the first time.
    Daily { at: Time, zone: TimeZone },
}

impl Schedule {
    /// Returns when a run is due; `last` is when the last one began, `since` when the pull was defined.
    pub fn due_at(&self, last: Option<Timestamp>, since: Timestamp) -> Timestamp {
        match self {
            Self::Every { every_ms } => last.map_or(since, |last| last.plus_ms(*every_ms)),
            Self::Daily { at, zone } => next_daily(*at, zone, last.unwrap_or(since)),
        }
    }
}

/// As a definition says it.
impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Every { every_ms } => write!(f, "every {}", span_text(*every_ms)),
            Self::Daily { at, zone } => {
                let zone = zone.iana_name().unwrap_or("UTC");
                write!(f, "at {:02}:{:02} {zone}", at.hour(), at.minute())
            }
        }
    }
}

/// Reads `30s`, `15m`, `6h` or `1d` into milliseconds; `None` where it is no such span.
pub(super) fn span_ms(text: &str) -> Option<i64> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit_ms = UNITS.iter().find(|(name, _)| *name == unit)?.1;
    let is_plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    let count: i64 = is_plain.then_some(digits)?.parse().ok()?;
    count.checked_mul(unit_ms)
}

/// Reads `HH:MM`.
pub(super) fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let number = |digits: &str| (digits.len() == 2).then(|| digits.parse::<i8>().ok()).flatten();
    Time::new(number(hour)?, number(minute)?, 0, 0).ok()
}

const UNITS: [(&str, i64); 4] = [("s", SECOND_MS), ("m", MINUTE_MS), ("h", HOUR_MS), ("d", DAY_MS)];

fn span_text(ms: i64) -> String {
    let whole = UNITS.iter().rev().find(|(_, unit_ms)| ms % unit_ms == 0);
    whole.map_or_else(|| format!("{ms}ms"), |(unit, unit_ms)| format!("{}{unit}", ms / unit_ms))
}

/// The next such time of day after a moment; the end of time where the calendar has none.
fn next_daily(at: Time, zone: &TimeZone, after: Timestamp) -> Timestamp {
    let Ok(moment) = jiff::Timestamp::from_millisecond(after.as_ms()) else { return Timestamp::MAX };
    let mut day = Some(moment.to_zoned_datetime(zone.clone()).date());
    while let Some(date) = day {
        let due = date.to_datetime(at).to_zoned_datetime(zone.clone()).ok();
        match due.map(|due| Timestamp::from_ms(due.timestamp().as_millisecond())) {
            Some(due) if due > after => return due,
            _ => day = date.tomorrow().ok(),
        }
    }
    Timestamp::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("a time")
    }

    fn daily(at: &str, zone: &str) -> Schedule {
        let zone = TimeZone::get(zone).expect("a zone");
        Schedule::Daily { at: time_of_day(at).expect("a time of day"), zone }
    }

    #[test]
    fn spans_are_read_and_written() {
        for (text, ms) in [("30s", 30_000), ("15m", 900_000), ("6h", 21_600_000), ("1d", 86_400_000)] {
            assert_eq!(span_ms(text), Some(ms));
            assert_eq!(Schedule::Every { every_ms: ms }.to_string(), format!("every {text}"));
        }
        for bad in ["", "m", "15", "-1m", "+1m", "1.5h", "1w", "99999999999999999d", "1ä"] {
            assert_eq!(span_ms(bad), None, "{bad}");
        }
    }

    #[test]
    fn every_counts_from_the_start_of_the_last_run() {
        let every = Schedule::Every { every_ms: 900_000 };
        let defined = moment("2026-01-01T00:00:00Z");
        assert_eq!(every.due_at(None, defined), defined);
        assert_eq!(every.due_at(Some(moment("2026-01-01T08:00:00Z")), defined), moment("2026-01-01T08:15:00Z"));
    }

    #[test]
    fn a_time_of_day_is_that_of_its_zone_also_when_clocks_change() {
        let berlin = daily("02:30", "Europe/Berlin");
        let due = |after: &str| berlin.due_at(Some(moment(after)), Timestamp::MIN).to_string();
        assert_eq!(due("2026-01-10T00:00:00Z"), "2026-01-10T01:30:00.000Z");
        assert_eq!(due("2026-01-10T01:30:00Z"), "2026-01-11T01:30:00.000Z", "not twice");
        // 2026-03-29: 02:30 does not exist; 2026-10-25: it exists twice.
        assert_eq!(due("2026-03-28T12:00:00Z"), "2026-03-29T01:30:00.000Z");
        assert_eq!(due("2026-03-29T12:00:00Z"), "2026-03-30T00:30:00.000Z");
        assert_eq!(due("2026-10-24T12:00:00Z"), "2026-10-25T00:30:00.000Z");
        assert_eq!(due("2026-10-25T00:30:00Z"), "2026-10-26T01:30:00.000Z");
        assert_eq!(berlin.to_string(), "at 02:30 Europe/Berlin");
        for bad in ["2:30", "24:00", "02:60", "02:3", "0230", "aa:bb"] {
            assert_eq!(time_of_day(bad), None, "{bad}");
        }
    }
}
