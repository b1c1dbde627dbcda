//! Cuts a text into words, names, texts, numbers and signs.

use std::ops::Range;

use super::Problem;

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// `country`, `address.city`, `and`
    Word(String),
    /// `"first name"`
    Name(String),
    /// `'DE'`
    Text(String),
    /// Finite.
    Number(f64),
    Sign(&'static str),
    /// Characters that mean nothing, already reported.
    Stray,
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lexeme {
    pub token: Token,
    pub at: Range<usize>,
}

/// Cuts the whole text; the last lexeme is `End`.
pub fn lexemes(source: &str, problems: &mut Vec<Problem>) -> Vec<Lexeme> {
    let mut lexer = Lexer { source, place: 0, problems };
    let mut lexemes = Vec::new();
    while let Some(lexeme) = lexer.next() {
        lexemes.push(lexeme);
    }
    lexemes.push(Lexeme { token: Token::End, at: source.len()..source.len() });
    lexemes
}

/// Whether a name may stand without double quotes, reserved words aside.
pub fn is_word(name: &str) -> bool {
    !name.is_empty() && word_length(name) == name.len()
}

/// Signs of this language, longest first.
const SIGNS: [&str; 9] = ["!=", "<=", ">=", "=", "<", ">", "(", ")", ","];

/// Signs of other languages, and how they are written here.
const FOREIGN: [(&str, &str); 5] = [("==", "="), ("<>", "!="), ("&&", "and"), ("||", "or"), ("!", "not")];

struct Lexer<'s, 'p> {
    source: &'s str,
    place: usize,
    problems: &'p mut Vec<Problem>,
}

impl Lexer<'_, '_> {
    fn next(&mut self) -> Option<Lexeme> {
        self.place += self.rest().len() - self.rest().trim_start().len();
        let start = self.place;
        let token = match self.rest().chars().next()? {
            '\'' => Token::Text(self.quoted('\'')),
            '"' => Token::Name(self.quoted('"')),
            first if first.is_ascii_digit() || first == '-' => self.number(),
            first if starts_word(first) => Token::Word(self.take(word_length(self.rest())).to_owned()),
            _ => self.sign(),
        };
        Some(Lexeme { token, at: start..self.place })
    }

    fn rest(&self) -> &str {
        &self.source[self.place..]
    }

    fn take(&mut self, length: usize) -> &str {
        let start = self.place;
        self.place += length;
        &self.source[start..self.place]
    }

    fn problem(&mut self, from: usize, code: &'static str, message: impl Into<String>, alternatives: &[&str]) {
        self.problems.push(Problem::new(from..self.place, code, message, alternatives));
    }

    /// Reads up to the closing quote; a doubled quote stands for one.
    fn quoted(&mut self, quote: char) -> String {
        let start = self.place;
        let mut text = String::new();
        self.place += 1;
        while let Some(length) = self.rest().find(quote) {
            text.push_str(self.take(length));
            self.place += 1;
            if !self.rest().starts_with(quote) {
                return text;
            }
            text.push(quote);
            self.place += 1;
        }
        self.place = self.source.len();
        self.problem(start, "unclosed_quote", format!("the quote that opens with `{quote}` never closes"), &[]);
        text
    }

    fn number(&mut self) -> Token {
        let start = self.place;
        let length = number_length(self.rest());
        if length == 0 {
            self.place += 1;
            self.problem(start, "unexpected_character", "`-` stands only before a number", &[]);
            return Token::Stray;
        }
        match self.take(length).parse::<f64>() {
            Ok(number) if number.is_finite() => Token::Number(number),
            _ => {
                self.problem(start, "number_too_large", "the number is too large", &[]);
                Token::Number(0.0)
            }
        }
    }

    fn sign(&mut self) -> Token {
        if let Some((foreign, own, token)) = self.foreign() {
            let start = self.place;
            self.place += foreign.len();
            self.problem(start, "unknown_operator", format!("`{foreign}` is no operator, write `{own}`"), &[own]);
            return token;
        }
        if let Some(sign) = SIGNS.into_iter().find(|sign| self.rest().starts_with(sign)) {
            self.place += sign.len();
            return Token::Sign(sign);
        }
        self.stray()
    }

    fn foreign(&self) -> Option<(&'static str, &'static str, Token)> {
        let rest = self.rest();
        let (foreign, own) =
            FOREIGN.into_iter().find(|(foreign, _)| rest.starts_with(foreign) && !rest.starts_with("!="))?;
        let is_sign = SIGNS.contains(&own);
        Some((foreign, own, if is_sign { Token::Sign(own) } else { Token::Word(own.to_owned()) }))
    }

    /// Steps over a run of characters that begin nothing, as one problem.
    fn stray(&mut self) -> Token {
        let start = self.place;
        let mut chars = self.rest().char_indices().skip(1);
        let length = chars.find(|&(_, char)| begins_something(char)).map_or(self.rest().len(), |(place, _)| place);
        self.place += length;
        self.problem(start, "unexpected_character", "these characters mean nothing here", &[]);
        Token::Stray
    }
}

fn starts_word(first: char) -> bool {
    first.is_alphabetic() || first == '_' || first == '$'
}

fn begins_something(first: char) -> bool {
    first.is_whitespace() || starts_word(first) || first.is_ascii_digit() || "'\"-=!<>(),&|".contains(first)
}

/// A word starts with a letter, `_` or `$`; digits, `-` and single inner dots may follow.
fn word_length(text: &str) -> usize {
    let mut length = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((place, char)) = chars.next() {
        let belongs = match char {
            '.' => place > 0 && chars.peek().is_some_and(|&(_, next)| continues_word(next)),
            _ if place == 0 => starts_word(char),
            _ => continues_word(char),
        };
        if !belongs {
            break;
        }
        length = place + char.len_utf8();
    }
    length
}

fn continues_word(char: char) -> bool {
    starts_word(char) || char.is_numeric() || char == '-'
}

/// `-12.5e-3`; 0 where no number starts.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(text.starts_with('-'));
    let mut end = sign + digits(sign);
    if end == sign {
        return 0;
    }
    if text[end..].starts_with('.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let exponent = end + 1 + usize::from(text[end + 1..].starts_with(['+', '-']));
        if digits(exponent) > 0 {
            end = exponent + digits(exponent);
        }
    }
    end
}
