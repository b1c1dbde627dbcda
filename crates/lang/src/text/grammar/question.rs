//! Questions about traits, properties and audiences, and their values.

use kit::Timestamp;

use super::{Parse, Parser, Reference, is_word};
use crate::text::Problem;
use crate::text::lexer::Token;
use crate::text::write::RESERVED;
use crate::{Check, Comparison, Literal, Property, Question};

const QUESTIONS: [&str; 6] = ["a trait", "count(…)", "exists(…)", "in audience '…'", "not", "("];
const CLAUSES: [&str; 4] = ["a property", "exists(…)", "not", "("];
const OPERATORS: [&str; 9] = ["=", "!=", "<", "<=", ">", ">=", "contains", "starts with", "in (…)"];
const VALUES: [&str; 4] = ["'a text'", "a number", "true", "time('2026-01-01')"];

impl Parse for Question {
    fn parse(parser: &mut Parser) -> Option<Self> {
        if parser.take_word("count") {
            parser.count().map(Self::Count)
        } else if parser.take_word("in") {
            parser.audience().map(Self::Audience)
        } else {
            let (name, check) = parser.checked(&QUESTIONS)?;
            Some(Self::Trait { name, check })
        }
    }
}

impl Parse for Property {
    fn parse(parser: &mut Parser) -> Option<Self> {
        let (path, check) = parser.checked(&CLAUSES)?;
        Some(Self { path, check })
    }
}

impl Parser {
    /// `exists(name)`, or a name, an operator and its values.
    fn checked(&mut self, alternatives: &[&str]) -> Option<(String, Check)> {
        if self.take_word("exists") {
            let name = self.call("exists", &[")"], |parser| parser.subject(&alternatives[..1]))?;
            return Some((name, Check::Exists));
        }
        let name = self.subject(alternatives)?;
        let operator = self.at();
        let check = self.check()?;
        if let Some((code, message)) = check.flaw() {
            self.problems.push(Problem::new(operator, code, message, &[]));
        }
        Some((name, check))
    }

    /// The name of a trait or property.
    fn subject(&mut self, alternatives: &[&str]) -> Option<String> {
        let (code, message) = match self.peek().clone() {
            Token::Word(name) if !RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(&name)) => {
                self.advance();
                return Some(name);
            }
            Token::Name(name) if !name.is_empty() => {
                self.advance();
                return Some(name);
            }
            Token::Name(_) => ("empty_name", "the name is empty"),
            Token::Text(_) => ("expected_condition", "a condition starts with a name, which has no single quotes"),
            Token::End => ("expected_condition", "the text ends where a condition should stand"),
            _ => ("expected_condition", "a condition should stand here"),
        };
        self.problem(code, message, alternatives);
        None
    }

    fn check(&mut self) -> Option<Check> {
        if let Token::Sign(sign) = *self.peek()
            && let Some(comparison) = Comparison::read(sign)
        {
            self.advance();
            return self.literal().map(|literal| Check::Compare(comparison, literal));
        }
        if self.take_word("contains") {
            return self.literal().map(Check::Contains);
        }
        if self.take_word("starts") {
            return self.starts_with();
        }
        if self.take_word("in") {
            return self.list().map(Check::OneOf);
        }
        self.no_operator();
        None
    }

    fn no_operator(&mut self) {
        if self.is_word("not") && is_word(self.peek_second(), "in") {
            let message = "`not` stands before the whole condition: `not name in (…)`";
            return self.problem("expected_operator", message, &OPERATORS);
        }
        self.problem("expected_operator", "an operator should stand here", &OPERATORS);
    }

    fn starts_with(&mut self) -> Option<Check> {
        if !self.take_word("with") {
            self.problem("expected_word", "`starts` goes on with `with`", &["with"]);
            return None;
        }
        let at = self.at();
        match self.literal()? {
            Literal::Text(start) => Some(Check::StartsWith(start)),
            _ => {
                self.problems.push(Problem::new(at, "expected_text", "`starts with` needs a text", &["'a text'"]));
                None
            }
        }
    }

    fn list(&mut self) -> Option<Vec<Literal>> {
        self.call("in", &[",", ")"], |parser| {
            let mut literals = Vec::new();
            if parser.is_sign(")") {
                return Some(literals);
            }
            literals.push(parser.literal()?);
            while parser.take_sign(",") {
                literals.push(parser.literal()?);
            }
            Some(literals)
        })
    }

    fn literal(&mut self) -> Option<Literal> {
        let literal = match self.peek().clone() {
            Token::Text(text) => Literal::Text(text),
            Token::Number(number) => Literal::Number(number),
            Token::Name(text) => {
                self.problem("wrong_quotes", "a text stands in single quotes", &[&format!("'{text}'")]);
                Literal::Text(text)
            }
            Token::Word(word) if is_word(self.peek(), "time") && self.peek_second() == &Token::Sign("(") => {
                self.advance();
                return self.call(&word, &[")"], Self::moment).map(Literal::Time);
            }
            Token::Word(word) => self.bare_value(&word)?,
            Token::Sign(_) | Token::Stray | Token::End => {
                self.problem("expected_value", "a value should stand here", &VALUES);
                return None;
            }
        };
        self.advance();
        Some(literal)
    }

    /// A word in the place of a value: `true`, `false`, or a text that lacks its quotes.
    fn bare_value(&mut self, word: &str) -> Option<Literal> {
        match word.to_ascii_lowercase().as_str() {
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            reserved if RESERVED.contains(&reserved) => {
                self.problem("expected_value", "a value should stand here", &VALUES);
                None
            }
            _ => {
                self.problem("expected_value", "a text stands in single quotes", &[&format!("'{word}'")]);
                Some(Literal::Text(word.to_owned()))
            }
        }
    }

    /// A moment in single quotes.
    pub(super) fn moment(&mut self) -> Option<Timestamp> {
        let Token::Text(text) = self.peek() else {
            self.problem("expected_time", "a time in single quotes should stand here", &["'2026-01-31'"]);
            return None;
        };
        let time = Timestamp::parse(text).ok();
        if time.is_none() {
            let examples = ["'2026-01-31'", "'2026-01-31T08:00:00Z'"];
            self.problem("invalid_time", "this is no time (use RFC 3339 or a date)", &examples);
        }
        self.advance();
        Some(time.unwrap_or_default())
    }

    /// The name behind `in`.
    fn audience(&mut self) -> Option<String> {
        if !self.take_word("audience") {
            self.problem("expected_word", "`in` goes on with `audience` here", &["audience"]);
            return None;
        }
        let at = self.at();
        match self.peek().clone() {
            Token::Text(audience) if !audience.is_empty() => {
                self.advance();
                self.references.push(Reference { audience: audience.clone(), at });
                Some(audience)
            }
            Token::Word(word) | Token::Name(word) => {
                self.problem("wrong_quotes", "an audience's name stands in single quotes", &[&format!("'{word}'")]);
                self.advance();
                Some(word)
            }
            _ => {
                self.problem("expected_name", "the audience's name should stand here", &["'a name'"]);
                None
            }
        }
    }
}
