//! `count(LABEL [where CLAUSE] [WINDOW]) [OPERATOR NUMBER]`

use super::{Parser, is_word};
use crate::text::Problem;
use crate::text::lexer::Token;
use crate::text::write::UNITS;
use crate::{Comparison, Condition, Count, Window};

const WINDOWS: [&str; 5] = ["where", "in last", "since", "between", ")"];
/// Far above any sensible number of milliseconds, and whole numbers up to here are exact.
const MAX_NUMBER: u64 = 1 << 53;
const UNIT_WORDS: [&str; 4] = ["days", "hours", "minutes", "weeks"];

impl Parser {
    pub(super) fn count(&mut self) -> Option<Count> {
        let events =
            self.call("count", &WINDOWS, |parser| Some((parser.label()?, parser.condition(), parser.window())));
        let amount = self.amount();
        let ((event, condition, window), (comparison, number)) = (events?, amount?);
        Some(Count { event, condition: condition?, window: window?, comparison, number })
    }

    fn label(&mut self) -> Option<String> {
        match self.peek().clone() {
            Token::Text(label) if !label.is_empty() => {
                self.advance();
                Some(label)
            }
            Token::Word(label) if !self.is_word("where") && !self.starts_window() => {
                self.advance();
                Some(label)
            }
            Token::Name(label) => {
                self.problem("wrong_quotes", "an event's name stands in single quotes", &[&format!("'{label}'")]);
                self.advance();
                Some(label)
            }
            _ => {
                let alternatives = ["'an event'", "page", "screen", "identify"];
                self.problem("expected_label", "the name of an event should stand here", &alternatives);
                None
            }
        }
    }

    /// Outer `None` where the clause is broken; inner `None` where there is none.
    fn condition(&mut self) -> Option<Option<Condition>> {
        if !self.take_word("where") {
            return Some(None);
        }
        self.is_in_count = true;
        let clause = self.any();
        self.is_in_count = false;
        clause.map(|clause| Some(Condition::new(clause)))
    }

    pub(super) fn starts_window(&self) -> bool {
        let is_last = self.is_word("in") && (is_word(self.peek_second(), "last") || is_word(self.peek_second(), "the"));
        is_last || self.is_word("since") || self.is_word("between")
    }

    /// `None` where the window is broken.
    fn window(&mut self) -> Option<Window> {
        let start = self.at().start;
        let window = self.read_window();
        match window.and_then(Window::flaw) {
            Some((code, message)) => {
                let end = self.lexemes[self.place - 1].at.end;
                self.problems.push(Problem::new(start..end, code, message, &[]));
            }
            None if window.is_none() => self.skip_until(|_| false),
            None => {}
        }
        window
    }

    fn read_window(&mut self) -> Option<Window> {
        if self.take_word("in") {
            self.last()
        } else if self.take_word("since") {
            self.moment().map(Window::Since)
        } else if self.take_word("between") {
            self.between()
        } else {
            Some(Window::Always)
        }
    }

    fn last(&mut self) -> Option<Window> {
        self.take_word("the");
        if !self.take_word("last") {
            self.problem("expected_word", "`in` goes on with `last` here", &["last"]);
            return None;
        }
        let Some(number) = self.whole_number(MAX_NUMBER) else {
            self.problem("expected_number", "a whole number should stand here", &["30"]);
            return None;
        };
        let Some(unit_ms) = self.unit_ms() else {
            self.problem("unknown_unit", "a unit of time should stand here", &UNIT_WORDS);
            return None;
        };
        self.advance();
        Some(Window::LastMs(number.saturating_mul(unit_ms)))
    }

    fn between(&mut self) -> Option<Window> {
        let from = self.moment()?;
        if !self.take_word("and") {
            self.problem("expected_word", "`between` needs two times with `and` between them", &["and"]);
            return None;
        }
        Some(Window::Between(from, self.moment()?))
    }

    fn unit_ms(&self) -> Option<u64> {
        const DAYS_OF_A_WEEK: u64 = 7;
        let Token::Word(word) = self.peek() else { return None };
        let word = word.to_ascii_lowercase();
        let unit = word.strip_suffix('s').unwrap_or(&word);
        if unit == "week" {
            return Some(DAYS_OF_A_WEEK * UNITS[0].1);
        }
        UNITS.into_iter().find(|(name, _)| *name == unit).map(|(_, unit_ms)| unit_ms)
    }

    /// What the count is compared with; a bare count is compared with `>= 1`.
    fn amount(&mut self) -> Option<(Comparison, u32)> {
        let Token::Sign(sign) = *self.peek() else { return Some((Comparison::AtLeast, 1)) };
        let Some(comparison) = Comparison::read(sign) else { return Some((Comparison::AtLeast, 1)) };
        self.advance();
        let Some(number) = self.whole_number(u64::from(u32::MAX)) else {
            self.problem("expected_number", "a count is compared with a whole number, 0 or more", &["1"]);
            return None;
        };
        Some((comparison, number as u32))
    }

    fn whole_number(&mut self, max: u64) -> Option<u64> {
        match *self.peek() {
            Token::Number(number) if number.fract() == 0.0 && (0.0..=max as f64).contains(&number) => {
                self.advance();
                Some(number as u64)
            }
            _ => None,
        }
    }
}
