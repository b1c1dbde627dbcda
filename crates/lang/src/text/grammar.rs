//! Reads the text form by recursive descent. After a mistake it goes on at the next `and`, `or` or `)`, so that every mistake is reported.

use std::ops::Range;

use super::Problem;
use super::lexer::{Lexeme, Token, lexemes};
use crate::tree::Leaf;
use crate::{MAX_DEPTH, Rule, Tree};

mod count;
mod question;

/// The longest text of a rule, in bytes.
pub const MAX_LENGTH: usize = 64 * 1024;

/// How deep parentheses and `not` may be nested in a text.
pub const MAX_NESTING: usize = 64;

/// After this many problems the rest is not reported.
const MAX_PROBLEMS: usize = 20;

/// What came of reading a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The rule, exactly where there are no problems.
    pub rule: Option<Rule>,
    /// In the order of their places.
    pub problems: Vec<Problem>,
    pub(crate) references: Vec<Reference>,
}

/// Where a text mentions an audience.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference {
    pub audience: String,
    pub at: Range<usize>,
}

/// Reads the text form of a rule. Never panics, whatever the text.
pub fn parse(source: &str) -> Parsed {
    if source.len() > MAX_LENGTH {
        let message = format!("a rule is at most {MAX_LENGTH} bytes long");
        return Parsed::failed(vec![Problem::new(0..source.len(), "rule_too_long", message, &[])]);
    }
    let mut problems = Vec::new();
    let lexemes = lexemes(source, &mut problems);
    let mut parser = Parser { lexemes, place: 0, nesting: 0, is_in_count: false, problems, references: Vec::new() };
    let rule = parser.rule();
    parser.finish(rule)
}

impl Parsed {
    fn failed(problems: Vec<Problem>) -> Self {
        Self { rule: None, problems, references: Vec::new() }
    }
}

/// A leaf that can be read.
trait Parse: Leaf {
    /// Reads one question. On a mistake it reports a problem and may stop anywhere.
    fn parse(parser: &mut Parser) -> Option<Self>;
}

struct Parser {
    lexemes: Vec<Lexeme>,
    place: usize,
    nesting: usize,
    /// Whether the words that begin a window end a clause.
    is_in_count: bool,
    problems: Vec<Problem>,
    references: Vec<Reference>,
}

impl Parser {
    fn rule(&mut self) -> Option<Rule> {
        let rule = self.any();
        while self.peek() != &Token::End {
            if self.is_sign(")") {
                self.problem("unmatched_parenthesis", "this `)` closes nothing", &[]);
                self.advance();
            } else {
                self.problem("expected_joint", "two conditions need `and` or `or` between them", &["and", "or"]);
                self.any::<crate::Question>();
            }
        }
        rule
    }

    fn finish(mut self, rule: Option<Rule>) -> Parsed {
        if self.problems.is_empty() && rule.as_ref().is_some_and(|rule| rule.depth() > MAX_DEPTH) {
            self.place = 0;
            self.problem("too_deep", format!("`and`, `or` and `not` are nested in more than {MAX_DEPTH} levels"), &[]);
        }
        self.problems.sort_by_key(|problem| problem.at.start);
        self.problems.truncate(MAX_PROBLEMS);
        let rule = rule.filter(|_| self.problems.is_empty());
        Parsed { rule, problems: self.problems, references: self.references }
    }

    /// Conditions joined by `or`.
    fn any<L: Parse>(&mut self) -> Option<Tree<L>> {
        self.chain("or", Self::all, Tree::Or)
    }

    /// Conditions joined by `and`, which binds more tightly.
    fn all<L: Parse>(&mut self) -> Option<Tree<L>> {
        self.chain("and", Self::one, Tree::And)
    }

    fn chain<L>(
        &mut self,
        joint: &str,
        part: fn(&mut Self) -> Option<Tree<L>>,
        join: fn(Vec<Tree<L>>) -> Tree<L>,
    ) -> Option<Tree<L>> {
        let first = part(self);
        if !self.is_word(joint) {
            return first;
        }
        let mut parts = vec![first];
        while self.take_word(joint) {
            parts.push(part(self));
        }
        parts.into_iter().collect::<Option<Vec<_>>>().map(join)
    }

    fn one<L: Parse>(&mut self) -> Option<Tree<L>> {
        if self.is_word("not") {
            return self.nested(|parser| {
                parser.advance();
                parser.one().map(|part| Tree::Not(Box::new(part)))
            });
        }
        if self.is_sign("(") {
            return self.nested(Self::group);
        }
        let leaf = L::parse(self);
        if leaf.is_none() {
            self.recover();
        }
        leaf.map(Tree::Leaf)
    }

    fn group<L: Parse>(&mut self) -> Option<Tree<L>> {
        let opening = self.at();
        self.advance();
        let inner = self.any();
        self.close(&opening, &["and", "or", ")"]);
        inner
    }

    /// Goes one level deeper; where that is too deep, gives up on the whole rest of the text.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.nesting == MAX_NESTING {
            let message = format!("parentheses and `not` are nested in more than {MAX_NESTING} levels");
            self.problem("too_deep", message, &[]);
            self.place = self.lexemes.len() - 1;
            self.nesting = usize::MAX;
            return None;
        }
        self.nesting += 1;
        let read = read(self);
        self.nesting = self.nesting.saturating_sub(1);
        read
    }

    /// Reads what stands in the parentheses behind `word`, and goes on behind them, broken or not.
    fn call<T>(&mut self, word: &str, alternatives: &[&str], read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let opening = self.at();
        if !self.take_sign("(") {
            self.problem("expected_opening", format!("`{word}` goes on with `(`"), &["("]);
            return None;
        }
        let read = read(self);
        if read.is_none() {
            self.skip_until(|_| false);
        }
        self.close(&opening, alternatives);
        read
    }

    /// Takes the `)` of a group or call; reports what stands there instead, and goes on behind the `)` if there is one.
    fn close(&mut self, opening: &Range<usize>, alternatives: &[&str]) {
        if self.take_sign(")") || self.has_given_up() {
            return;
        }
        if self.peek() == &Token::End {
            let problem = Problem::new(opening.clone(), "unmatched_parenthesis", "this `(` never closes", &[")"]);
            return self.problems.push(problem);
        }
        self.problem("expected_closing", "this does not belong here", alternatives);
        self.skip_until(|_| false);
        self.take_sign(")");
    }

    /// Steps over the rest of a broken question.
    fn recover(&mut self) {
        self.skip_until(|parser| {
            parser.is_word("and") || parser.is_word("or") || (parser.is_in_count && parser.starts_window())
        });
    }

    /// Steps on until `is_end`, a `)` that closes what is open here, or the end of the text.
    fn skip_until(&mut self, is_end: impl Fn(&Self) -> bool) {
        let mut open = 0;
        while self.peek() != &Token::End {
            match self.peek() {
                Token::Sign("(") => open += 1,
                Token::Sign(")") if open == 0 => return,
                Token::Sign(")") => open -= 1,
                _ if open == 0 && is_end(self) => return,
                _ => {}
            }
            self.advance();
        }
    }

    fn has_given_up(&self) -> bool {
        self.nesting > MAX_NESTING
    }

    /// Reports a problem at the present lexeme, unless that was reported already.
    fn problem(&mut self, code: &'static str, message: impl Into<String>, alternatives: &[&str]) {
        if !self.has_given_up() && self.peek() != &Token::Stray {
            self.problems.push(Problem::new(self.at(), code, message, alternatives));
        }
    }

    fn peek(&self) -> &Token {
        &self.lexemes[self.place].token
    }

    fn peek_second(&self) -> &Token {
        &self.lexemes[(self.place + 1).min(self.lexemes.len() - 1)].token
    }

    fn at(&self) -> Range<usize> {
        self.lexemes[self.place].at.clone()
    }

    fn advance(&mut self) {
        self.place = (self.place + 1).min(self.lexemes.len() - 1);
    }

    fn is_word(&self, word: &str) -> bool {
        is_word(self.peek(), word)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_there = self.is_word(word);
        if is_there {
            self.advance();
        }
        is_there
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(there) if *there == sign)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let is_there = self.is_sign(sign);
        if is_there {
            self.advance();
        }
        is_there
    }
}

/// Words of the language are read in any case.
fn is_word(token: &Token, word: &str) -> bool {
    matches!(token, Token::Word(there) if there.eq_ignore_ascii_case(word))
}
