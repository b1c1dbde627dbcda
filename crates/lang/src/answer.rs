//! The one evaluator: whether a rule holds for one person, until when, and why.

mod count;
mod explain;
mod outcome;

use std::collections::HashMap;

use kit::Timestamp;

use crate::references::MAX_AUDIENCE_DEPTH;
use crate::value::find;
use crate::{Count, Question, Rule, Rules, View};

pub use explain::{Evidence, Explanation, explain};
pub use outcome::Outcome;

use count::Tally;

/// Audiences are refused far earlier ([`crate::check_references`]); this only keeps the stack safe whatever was stored.
const DEEPEST: usize = 4 * MAX_AUDIENCE_DEPTH;

/// Answers a rule for one person at `now`.
pub fn evaluate(rule: &Rule, rules: &dyn Rules, view: &dyn View, now: Timestamp) -> Outcome {
    Evaluator::new(rules, view, now).rule(rule)
}

struct Evaluator<'a> {
    rules: &'a dyn Rules,
    view: &'a dyn View,
    now: Timestamp,
    /// The audiences whose rules are being answered, the outermost first.
    inside: Vec<&'a str>,
    /// Audiences that were answered already.
    known: HashMap<&'a str, Outcome>,
}

impl<'a> Evaluator<'a> {
    fn new(rules: &'a dyn Rules, view: &'a dyn View, now: Timestamp) -> Self {
        Self { rules, view, now, inside: Vec::new(), known: HashMap::new() }
    }

    fn rule(&mut self, rule: &'a Rule) -> Outcome {
        match rule {
            Rule::And(parts) => Outcome::all(parts.iter().map(|part| self.rule(part))),
            Rule::Or(parts) => Outcome::any(parts.iter().map(|part| self.rule(part))),
            Rule::Not(part) => self.rule(part).opposite(),
            Rule::Leaf(question) => self.question(question),
        }
    }

    fn question(&mut self, question: &'a Question) -> Outcome {
        match question {
            Question::Trait { name, check } => Outcome::lasting(check.holds(self.trait_value(name))),
            Question::Count(count) => self.tally(count).outcome(),
            Question::Audience(name) => self.audience(name),
        }
    }

    fn trait_value(&self, name: &str) -> Option<&'a serde_json::Value> {
        find(name, |key| self.view.trait_value(key))
    }

    fn tally(&self, count: &'a Count) -> Tally<'a> {
        Tally::of(count, self.view.occurrences(&count.event), self.now)
    }

    fn audience(&mut self, name: &'a str) -> Outcome {
        if let Some(outcome) = self.known.get(name) {
            return *outcome;
        }
        let Some(rule) = self.definition(name) else { return Outcome::lasting(false) };
        self.inside.push(name);
        let outcome = self.rule(rule);
        self.inside.pop();
        self.known.insert(name, outcome);
        outcome
    }

    /// The rule of an audience; `None` where there is none, or where it is being answered already.
    fn definition(&self, name: &str) -> Option<&'a Rule> {
        let may_enter = !self.inside.contains(&name) && self.inside.len() < DEEPEST;
        self.rules.rule(name).filter(|_| may_enter)
    }
}
