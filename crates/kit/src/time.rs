use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Coded;

pub const SECOND_MS: i64 = 1_000;
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A moment in milliseconds since 1970-01-01T00:00:00Z.
///
/// Text forms (JSON, `Display`) are RFC 3339 in UTC with milliseconds, and the bare number with `ms` for the few moments that no calendar has
/// (`MIN`, `MAX`); `parse` reads both. Binary forms are the bare number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const MIN: Self = Self(i64::MIN);
    pub const MAX: Self = Self(i64::MAX);

    pub const fn from_ms(ms: i64) -> Self {
        Self(ms)
    }

    pub const fn as_ms(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    #[must_use]
    pub const fn minus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_sub(ms))
    }

    /// Returns `self - earlier` in milliseconds.
    pub const fn since_ms(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whether the calendar has it: RFC 3339 ends with the year 9999.
    pub fn has_date(self) -> bool {
        self.moment().is_some()
    }

    /// Reads RFC 3339 (`2026-01-31T08:00:00.000Z`, any offset), a date-time without offset (taken as UTC, `T` or space), a date, or what
    /// `Display` writes for a moment without a date.
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(moment.as_millisecond()));
        }
        if let Some(dateless) = Self::parse_dateless(text) {
            return Ok(dateless);
        }
        let unreadable = || TimeError { text: text.to_owned() };
        let civil = text.parse::<jiff::civil::DateTime>().map_err(|_| unreadable())?;
        let moment = jiff::tz::TimeZone::UTC.to_timestamp(civil).map_err(|_| unreadable())?;
        Ok(Self(moment.as_millisecond()))
    }

    /// Returns the UTC month as `2026-01`, the partition of the lake's event files.
    pub fn month(self) -> String {
        self.to_string()[..7].to_owned()
    }

    fn parse_dateless(text: &str) -> Option<Self> {
        let ms = text.strip_suffix("ms")?.parse().ok()?;
        Some(Self(ms)).filter(|time| !time.has_date())
    }

    fn moment(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_millisecond(self.0).ok()
    }

    /// The text form of a moment from the year 0 on, without the detour over a formatter: every fact is written with some of them.
    fn written(self) -> Option<[u8; 24]> {
        let civil = jiff::tz::Offset::UTC.to_datetime(self.moment()?);
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let mut put = |range: std::ops::Range<usize>, number: i16| {
            let mut rest = u16::try_from(number).ok()?;
            for digit in text[range].iter_mut().rev() {
                *digit += (rest % 10) as u8;
                rest /= 10;
            }
            Some(())
        };
        put(0..4, civil.year())?;
        put(5..7, civil.month().into())?;
        put(8..10, civil.day().into())?;
        put(11..13, civil.hour().into())?;
        put(14..16, civil.minute().into())?;
        put(17..19, civil.second().into())?;
        put(20..23, civil.millisecond())?;
        Some(text)
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.moment() {
            Some(moment) => write!(f, "{moment:.3}"),
            None => write!(f, "{}ms", self.0),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_i64(self.0);
        }
        match self.written().as_ref().map(|text| str::from_utf8(text)) {
            Some(Ok(text)) => serializer.serialize_str(text),
            _ => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return i64::deserialize(deserializer).map(Self);
        }
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A text that is no moment in time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a time (use RFC 3339, e.g. `2026-01-31T08:00:00Z`, or a date)")]
pub struct TimeError {
    text: String,
}

impl Coded for TimeError {
    fn code(&self) -> &'static str {
        "invalid_time"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_forms_that_files_and_clients_send() {
        let shown = |text: &str| Timestamp::parse(text).map(|time| time.to_string());
        assert_eq!(shown("2025-12-01T01:30:22.864Z").as_deref(), Ok("2025-12-01T01:30:22.864Z"));
        assert_eq!(shown("2025-12-01T02:30:22+01:00").as_deref(), Ok("2025-12-01T01:30:22.000Z"));
        assert_eq!(shown("2010-12-01 08:26:00").as_deref(), Ok("2010-12-01T08:26:00.000Z"));
        assert_eq!(shown("2026-01-08").as_deref(), Ok("2026-01-08T00:00:00.000Z"));
        for bad in ["yesterday", "", "7ms", "ms", "9999-12-31T23:59:59Z"] {
            assert!(shown(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_can_be_read_again(
            ms in prop_oneof![any::<i64>(), -400_000_000_000_000i64..400_000_000_000_000, Just(i64::MIN), Just(i64::MAX)],
        ) {
            let time = Timestamp::from_ms(ms);
            prop_assert_eq!(Timestamp::parse(&time.to_string()), Ok(time));
            let json = serde_json::to_string(&time).expect("a time can be written");
            prop_assert_eq!(&json, &format!("\"{time}\""), "there is one text form");
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("and read"), time);
        }
    }

    #[test]
    fn knows_its_month() {
        assert_eq!(Timestamp::parse("2026-01-31T23:59:59Z").map(Timestamp::month).as_deref(), Ok("2026-01"));
    }
}
