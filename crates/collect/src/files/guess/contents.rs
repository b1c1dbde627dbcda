//! What the values of a column look like, by the readers that an import uses itself: what is said here of every value is true of every value.

use std::collections::HashMap;
use std::net::IpAddr;

use kit::{DAY_MS, Timestamp};

use super::super::mapping::TimeFormat;
use super::super::value::{boolean, integer, moment, number};
use super::sample::{Column, Value};
use crate::normalise::{self, Region};
use crate::spec;

/// Patterns of times in which the day comes first, or the month, or neither.
const DAY_FIRST: [&str; 12] = [
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d-%m-%Y",
    "%d-%m-%Y %H:%M",
    "%d-%m-%Y %H:%M:%S",
    "%d.%m.%y",
    "%d/%m/%y",
    "%d/%m/%y %H:%M",
];
const MONTH_FIRST: [&str; 8] = [
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y %I:%M:%S %p",
    "%m-%d-%Y",
    "%m/%d/%y",
    "%m/%d/%y %H:%M",
];
const IN_WORDS: [&str; 8] = [
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%d %b %Y",
    "%d-%b-%Y",
    "%b %d, %Y",
    "%a %b %d %H:%M:%S %Y",
];
/// Values that are looked at where looking is dear (telephone numbers).
const FEW: usize = 200;
/// Distinct values that are remembered of a column that repeats itself.
const WORDS: usize = 200;

/// How a column writes times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Times {
    pub format: TimeFormat,
    /// No value shows whether the day or the month comes first.
    pub ambiguous: bool,
    /// Whether every value may be the time of a fact: from 1990 to a day from now.
    pub plausible: bool,
}

/// The values of one column.
#[derive(Debug)]
pub(super) struct Contents<'s> {
    pub rows: usize,
    pub texts: Vec<&'s str>,
    pub distinct: usize,
    /// The values with how often each is there, most frequent first; empty where there are too many.
    pub words: Vec<(&'s str, usize)>,
    is_json: bool,
}

impl<'s> Contents<'s> {
    pub fn of(column: &'s Column) -> Self {
        let texts: Vec<&str> = column.texts().map(str::trim).collect();
        let mut counts: HashMap<&str, usize> = HashMap::new();
        texts.iter().for_each(|text| *counts.entry(text).or_default() += 1);
        let distinct = counts.len();
        let mut words: Vec<_> = if distinct <= WORDS { counts.into_iter().collect() } else { Vec::new() };
        words.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let is_json = |value: &Value| matches!(value, Value::Json(text) if text.starts_with(['[', '{']));
        Self { rows: column.values.len(), texts, distinct, words, is_json: column.values.iter().any(is_json) }
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    pub fn is_complete(&self) -> bool {
        self.rows > 0 && self.texts.len() == self.rows
    }

    /// Every row has a value of its own.
    pub fn is_unique(&self) -> bool {
        self.rows > 1 && self.is_complete() && self.distinct == self.rows
    }

    pub fn is_constant(&self) -> bool {
        self.texts.len() > 1 && self.distinct == 1
    }

    /// A few words that come again and again: they tell of kinds, not of people.
    pub fn is_category(&self) -> bool {
        !self.words.is_empty() && self.distinct <= 50 && self.texts.len() >= self.distinct * 3
    }

    /// Holds lists or objects.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    pub fn share(&self, holds: impl Fn(&str) -> bool) -> f64 {
        share(self.texts.iter().copied(), holds)
    }

    pub fn emails(&self) -> f64 {
        self.share(|text| text.contains('.') && normalise::email(text).is_some())
    }

    pub fn phones(&self, region: Region) -> f64 {
        let step = self.texts.len().div_ceil(FEW).max(1);
        share(self.texts.iter().step_by(step).copied(), |text| normalise::phone(text, region).is_some())
    }

    pub fn ips(&self) -> f64 {
        self.share(|text| text.parse::<IpAddr>().is_ok())
    }

    pub fn user_agents(&self) -> f64 {
        self.share(|text| text.starts_with("Mozilla/"))
    }

    pub fn uuids(&self) -> f64 {
        self.share(is_uuid)
    }

    /// Every value is a number, and none is a code whose zeros would be lost.
    pub fn are_numbers(&self) -> bool {
        !self.is_empty() && self.texts.iter().all(|text| number(text).is_some() && !has_leading_zero(text))
    }

    pub fn are_integers(&self) -> bool {
        self.are_numbers() && self.texts.iter().all(|text| integer(text).is_some())
    }

    /// No number is written with a point.
    pub fn are_bare_integers(&self) -> bool {
        self.are_integers() && !self.texts.iter().any(|text| text.contains('.'))
    }

    pub fn are_booleans(&self) -> bool {
        !self.is_empty() && self.texts.iter().all(|text| boolean(text).is_some())
    }

    /// Returns how all values can be read as times, and whether that can be told for certain.
    pub fn times(&self, now: Timestamp, day_first: bool) -> Option<Times> {
        if self.is_empty() {
            return None;
        }
        let (first, second) =
            if day_first { (&DAY_FIRST[..], &MONTH_FIRST[..]) } else { (&MONTH_FIRST[..], &DAY_FIRST[..]) };
        let patterns = |all: &[&str]| all.iter().map(|pattern| TimeFormat::Pattern((*pattern).to_owned())).collect();
        let (first, second, words): (Vec<_>, Vec<_>, Vec<_>) = (patterns(first), patterns(second), patterns(&IN_WORDS));
        let plain = [TimeFormat::EpochSeconds, TimeFormat::EpochMilliseconds];
        let epoch = plain.into_iter().filter(|format| self.are_plausible(format, now));
        let all_read = |format: &TimeFormat| self.are_times(format);
        let by_order = first.iter().find(|format| all_read(format)).cloned();
        let other = second.iter().find(|format| all_read(format)).cloned();
        let ambiguous = by_order.is_some() && other.is_some();
        let format = epoch
            .chain([TimeFormat::Usual].into_iter().filter(all_read))
            .next()
            .or(by_order)
            .or(other)
            .or_else(|| words.into_iter().find(all_read))?;
        let ambiguous = ambiguous && matches!(format, TimeFormat::Pattern(_));
        let plausible = self.are_plausible(&format, now);
        Some(Times { format, ambiguous, plausible })
    }

    fn are_times(&self, format: &TimeFormat) -> bool {
        self.texts.iter().all(|text| moment(text, format).is_some())
    }

    fn are_plausible(&self, format: &TimeFormat, now: Timestamp) -> bool {
        let plausible = |time: Timestamp| spec::plausible(time, now.minus_ms(DAY_MS)).is_ok();
        self.texts.iter().all(|text| moment(text, format).is_some_and(plausible))
    }
}

/// How many of some values hold, from 0 to 1; 0 of none.
fn share<'t>(texts: impl Iterator<Item = &'t str>, holds: impl Fn(&str) -> bool) -> f64 {
    let (mut all, mut held) = (0_u32, 0_u32);
    for text in texts {
        all += 1;
        held += u32::from(holds(text));
    }
    if all == 0 { 0.0 } else { f64::from(held) / f64::from(all) }
}

fn has_leading_zero(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    digits.len() > 1 && digits.starts_with('0') && digits.as_bytes()[1].is_ascii_digit()
}

fn is_uuid(text: &str) -> bool {
    let dashes = text.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(at, _)| at);
    text.len() == 36 && dashes.eq([8, 13, 18, 23]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
