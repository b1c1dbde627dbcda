//! Writes the canonical text: what `parse` reads back to the same rule.

use std::fmt::{Display, Formatter, Result};

use kit::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use model::EventKind;

use super::lexer::is_word;
use crate::{Check, Condition, Count, Literal, Property, Question, Tree, Window};

/// Words that a trait's or a property's name can only be in double quotes. Letters' case does not matter.
pub const RESERVED: [&str; 8] = ["and", "or", "not", "in", "exists", "count", "true", "false"];

/// Units of a window, longest first. Weeks can be read, too, but days are written.
pub const UNITS: [(&str, u64); 5] = [
    ("day", DAY_MS as u64),
    ("hour", HOUR_MS as u64),
    ("minute", MINUTE_MS as u64),
    ("second", SECOND_MS as u64),
    ("millisecond", 1),
];

impl<L: Display> Display for Tree<L> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::And(parts) => joined(f, parts, " and ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(parts) => joined(f, parts, " or ", |part| matches!(part, Self::Or(_))),
            Self::Not(part) => {
                f.write_str("not ")?;
                grouped(f, part, matches!(**part, Self::And(_) | Self::Or(_)))
            }
            Self::Leaf(question) => question.fmt(f),
        }
    }
}

impl Display for Question {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Trait { name, check } => checked(f, name, check),
            Self::Count(count) => count.fmt(f),
            Self::Audience(name) => write!(f, "in audience {}", quoted(name)),
        }
    }
}

impl Display for Property {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        checked(f, &self.path, &self.check)
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.clause().fmt(f)
    }
}

impl Display for Count {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "count({}", label(&self.event))?;
        if let Some(condition) = &self.condition {
            write!(f, " where {condition}")?;
        }
        write!(f, "{}) {} {}", self.window, self.comparison.as_str(), self.number)
    }
}

/// Starts with a space, and is empty for [`Window::Always`].
impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Always => Ok(()),
            Self::LastMs(ms) => write!(f, " in last {}", duration(*ms)),
            Self::Since(from) => write!(f, " since '{}'", moment(*from)),
            Self::Between(from, to) => write!(f, " between '{}' and '{}'", moment(*from), moment(*to)),
        }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number:?}"),
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Time(time) => write!(f, "time('{}')", moment(*time)),
        }
    }
}

fn joined<T: Display>(f: &mut Formatter<'_>, parts: &[T], joint: &str, is_group: impl Fn(&T) -> bool) -> Result {
    for (place, part) in parts.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { joint })?;
        grouped(f, part, is_group(part))?;
    }
    Ok(())
}

fn grouped(f: &mut Formatter<'_>, part: &impl Display, is_group: bool) -> Result {
    if is_group { write!(f, "({part})") } else { write!(f, "{part}") }
}

fn checked(f: &mut Formatter<'_>, subject: &str, check: &Check) -> Result {
    let name = name(subject);
    match check {
        Check::Exists => write!(f, "exists({name})"),
        Check::Compare(comparison, literal) => write!(f, "{name} {} {literal}", comparison.as_str()),
        Check::Contains(literal) => write!(f, "{name} contains {literal}"),
        Check::StartsWith(start) => write!(f, "{name} starts with {}", quoted(start)),
        Check::OneOf(literals) => {
            write!(f, "{name} in (")?;
            joined(f, literals, ", ", |_| false)?;
            f.write_str(")")
        }
    }
}

fn name(name: &str) -> String {
    let is_bare = is_word(name) && !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name));
    if is_bare { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Kinds of events stand bare, events' names in quotes.
fn label(event: &str) -> String {
    let is_kind = EventKind::ALL.iter().any(|&kind| kind != EventKind::Track && kind.as_str() == event);
    if is_kind { event.to_owned() } else { quoted(event) }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn duration(ms: u64) -> String {
    let (unit, unit_ms) =
        UNITS.into_iter().find(|(_, unit_ms)| ms.is_multiple_of(*unit_ms)).unwrap_or(("millisecond", 1));
    let number = ms / unit_ms;
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

/// A date where it is midnight in UTC.
fn moment(time: Timestamp) -> String {
    let text = time.to_string();
    text.strip_suffix("T00:00:00.000Z").map(str::to_owned).unwrap_or(text)
}
