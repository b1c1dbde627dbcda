//! From the cells of a row to values, as a mapping says.

use std::borrow::Cow;

use kit::Timestamp;
use serde_json::value::RawValue;

use super::mapping::{Branch, Condition, Kind, Part, Template, Test, TimeFormat, Tree, Value};
use super::rows::{Cell, Cells};

/// A row with what a mapping needs to know of it.
#[derive(Debug)]
pub(super) struct Row<'r> {
    pub cells: Cells<'r>,
    /// Its number in the file, from 1.
    pub number: u64,
    /// Texts that count as no value.
    pub empty: &'r [String],
    /// The names of the columns, for messages.
    pub columns: &'r [String],
}

/// What is wrong with a row: a stable code, and a sentence that repeats no value of the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub code: &'static str,
    pub message: String,
}

impl Complaint {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl Row<'_> {
    /// Fills a template in. A template with an empty column is empty itself, so that `order-{id}` never becomes `order-`.
    pub fn fill(&self, template: &Template) -> Option<String> {
        let mut filled = String::new();
        for part in &template.0 {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Row => filled.push_str(&self.number.to_string()),
                Part::Column(column) => filled.push_str(self.cells.get(*column).text(self.empty)?),
            }
        }
        (!filled.trim().is_empty()).then_some(filled)
    }

    /// Returns the value as text, before `as` is applied. Errors: `unknown_value`.
    pub fn text(&self, value: &Value) -> Result<Option<String>, Complaint> {
        let filled = self.fill(&value.template);
        let (Some(text), Some(map)) = (&filled, &value.map) else {
            return Ok(filled.or_else(|| value.default.clone()));
        };
        let mapped = map.iter().find(|(from, _)| from == text.trim()).map(|(_, to)| to.clone());
        match mapped.or_else(|| value.default.clone()) {
            Some(mapped) => Ok(Some(mapped)),
            None => Err(Complaint::new(
                "unknown_value",
                format!("{} has a value that is not in its `map`", self.place(&value.template)),
            )),
        }
    }

    /// Returns the value as a moment. Errors: `unknown_value`, `wrong_type`.
    pub fn time(&self, value: &Value) -> Result<Option<Timestamp>, Complaint> {
        let Some(text) = self.text(value)? else { return Ok(None) };
        let usual = TimeFormat::Usual;
        let format = if let Kind::Time(format) = &value.kind { format } else { &usual };
        let time = moment(text.trim(), format).ok_or_else(|| self.wrong(value, "a time"))?;
        Ok(Some(time))
    }

    /// Returns named values as the text of a JSON object, leaving out what the row does not have.
    pub fn object(&self, tree: &Tree) -> Result<Option<String>, Complaint> {
        let mut json = String::from("{");
        for (name, branch) in &tree.0 {
            let value = match branch {
                Branch::Value(value) => self.json(value)?,
                Branch::Tree(tree) => self.object(tree)?,
            };
            let Some(value) = value else { continue };
            if json.len() > 1 {
                json.push(',');
            }
            json.push_str(&quoted(name));
            json.push(':');
            json.push_str(&value);
        }
        json.push('}');
        Ok((json.len() > 2).then_some(json))
    }

    pub fn holds(&self, condition: &Condition) -> bool {
        let filled = self.fill(&condition.template);
        let text = filled.as_deref().map(str::trim).unwrap_or_default();
        match &condition.test {
            Test::Is(words) => words.iter().any(|word| word == text),
            Test::IsNot(words) => words.iter().all(|word| word != text),
            Test::Empty(empty) => filled.is_none() == *empty,
        }
    }

    pub fn all_hold(&self, conditions: &[Condition]) -> bool {
        conditions.iter().all(|condition| self.holds(condition))
    }

    /// Where a template takes its text from, in words.
    pub fn place(&self, template: &Template) -> String {
        let names = template.0.iter().filter_map(|part| match part {
            Part::Column(column) => Some(format!("`{}`", self.columns[column.0])),
            _ => None,
        });
        let names: Vec<_> = names.collect();
        match names.as_slice() {
            [] => "a constant".to_owned(),
            names => format!("column {}", names.join(" with ")),
        }
    }

    fn json(&self, value: &Value) -> Result<Option<String>, Complaint> {
        if let Some(written) = self.json_as_written(value) {
            return Ok(Some(written));
        }
        let Some(text) = self.text(value)? else { return Ok(None) };
        let bare = text.trim();
        let converted = match &value.kind {
            Kind::Text => Some(quoted(&text)),
            Kind::Number => number(bare).map(Cow::into_owned),
            Kind::Integer => integer(bare),
            Kind::Boolean => boolean(bare).map(|yes| yes.to_string()),
            Kind::Time(format) => moment(bare, format).map(|time| quoted(&time.to_string())),
            Kind::Json => json(bare),
        };
        converted.map(Some).ok_or_else(|| self.wrong(value, expected(&value.kind)))
    }

    /// `as: json` of a JSON value keeps it as it is written.
    fn json_as_written(&self, value: &Value) -> Option<String> {
        let column = value.template.only_column().filter(|_| value.kind == Kind::Json && value.map.is_none())?;
        match self.cells.get(column) {
            Cell::Quoted(_, written) | Cell::Json(written) => Some(written.to_owned()),
            Cell::Empty | Cell::Field(_) => None,
        }
    }

    fn wrong(&self, value: &Value, expected: &str) -> Complaint {
        Complaint::new("wrong_type", format!("{} is not {expected}", self.place(&value.template)))
    }
}

fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Number => "a number",
        Kind::Integer => "a whole number",
        Kind::Boolean => "true or false",
        Kind::Time(_) => "a time",
        Kind::Json => "JSON",
    }
}

/// Returns the number as JSON writes it, digit for digit: `007` → `7`, `.50` → `0.50`, `2.55` as it is.
pub(super) fn number(text: &str) -> Option<Cow<'_, str>> {
    let is_json = |text: &str| serde_json::from_str::<f64>(text).is_ok();
    if is_json(text) {
        return Some(Cow::Borrowed(text));
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    let zero = if digits.starts_with(|first: char| first.is_ascii_digit()) { "" } else { "0" };
    let digits = digits.strip_suffix('.').unwrap_or(digits);
    let repaired = format!("{sign}{zero}{digits}");
    (text.contains(|letter: char| letter.is_ascii_digit()) && is_json(&repaired)).then_some(Cow::Owned(repaired))
}

/// Returns a whole number; `1995.0`, as tables with gaps write it, counts as one.
pub(super) fn integer(text: &str) -> Option<String> {
    let number = number(text)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let is_whole = fraction.bytes().all(|digit| digit == b'0') && !whole.contains(['e', 'E']);
    is_whole.then(|| whole.to_owned())
}

pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "t" | "yes" | "y" | "1" => Some(true),
        "false" | "f" | "no" | "n" | "0" => Some(false),
        _ => None,
    }
}

fn json(text: &str) -> Option<String> {
    crate::spec::check(text).ok()?;
    let raw: &RawValue = serde_json::from_str(text).ok()?;
    Some(raw.get().to_owned())
}

/// Returns a moment of the calendar, which everyone can read again.
pub(super) fn moment(text: &str, format: &TimeFormat) -> Option<Timestamp> {
    let moment = match format {
        TimeFormat::Usual => Timestamp::parse(text).ok(),
        TimeFormat::EpochSeconds => epoch(text, 1_000.0),
        TimeFormat::EpochMilliseconds => epoch(text, 1.0),
        TimeFormat::Pattern(pattern) => strptime(pattern, text),
    };
    moment.filter(|moment| moment.has_date())
}

fn epoch(text: &str, ms_each: f64) -> Option<Timestamp> {
    let ms = text.parse::<f64>().ok()? * ms_each;
    ms.is_finite().then(|| Timestamp::from_ms(ms.round() as i64))
}

fn strptime(pattern: &str, text: &str) -> Option<Timestamp> {
    let broken_down = jiff::fmt::strtime::parse(pattern, text).ok()?;
    let moment = broken_down.to_timestamp().or_else(|_| {
        let civil = broken_down.to_datetime().or_else(|_| broken_down.to_date().map(Into::into))?;
        jiff::tz::TimeZone::UTC.to_timestamp(civil)
    });
    Some(Timestamp::from_ms(moment.ok()?.as_millisecond()))
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text can be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for (text, json) in [
            ("2.55", Some("2.55")),
            ("8911407.90", Some("8911407.90")),
            ("-12", Some("-12")),
            ("007", Some("7")),
            ("-0.5", Some("-0.5")),
            ("000", Some("0")),
            (".50", Some("0.50")),
            ("+3", Some("3")),
            ("5.", Some("5")),
            ("1e3", Some("1e3")),
            ("1e999", None),
            ("1,234.5", None),
            ("12 USD", None),
            ("NaN", None),
            (".", None),
            ("-", None),
            ("", None),
            ("true", None),
        ] {
            assert_eq!(number(text).as_deref(), json, "{text}");
        }
    }

    #[test]
    fn whole_numbers_and_booleans() {
        assert_eq!(integer("1995.0").as_deref(), Some("1995"));
        assert_eq!(integer("12345678901234567890").as_deref(), Some("12345678901234567890"));
        assert!(integer("1995.5").is_none() && integer("1e3").is_none());
        assert_eq!([boolean("True"), boolean("0"), boolean("maybe")], [Some(true), Some(false), None]);
    }

    #[test]
    fn times_in_several_formats() {
        let shown = |text: &str, format: TimeFormat| moment(text, &format).map(|time| time.to_string());
        let pattern = |pattern: &str| TimeFormat::Pattern(pattern.to_owned());
        let morning = Some("2010-12-01T08:26:00.000Z".to_owned());
        assert_eq!(shown("2010-12-01 08:26:00", TimeFormat::Usual), morning);
        assert_eq!(shown("12/1/2010 8:26", pattern("%m/%d/%Y %H:%M")), morning);
        assert_eq!(shown("2010-12-01 09:26 +0100", pattern("%Y-%m-%d %H:%M %z")), morning);
        assert_eq!(shown("1291191960", TimeFormat::EpochSeconds), morning);
        assert_eq!(shown("1291191960000", TimeFormat::EpochMilliseconds), morning);
        assert_eq!(shown("01.12.2010", pattern("%d.%m.%Y")), Some("2010-12-01T00:00:00.000Z".to_owned()));
        for beyond in ["1e30", "253402300800", "-1e13", "NaN", "inf"] {
            assert_eq!(shown(beyond, TimeFormat::EpochSeconds), None, "{beyond}");
        }
        assert_eq!(shown("9223372036854775807ms", TimeFormat::Usual), None);
    }
}
