use kit::Timestamp;
use model::Seq;
use serde::Serialize;
use serde_json::Value;

use super::{Evaluator, Outcome};
use crate::{Question, Rule, Rules, View};

/// At most this many events are shown for a count.
const SHOWN_EVENTS: usize = 5;

/// Why a rule holds or not, part by part. The tree has the shape of the rule; an audience has its own rule as its child.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The canonical text of this part.
    pub text: String,
    pub holds: bool,
    /// As in [`Outcome`], for this part.
    pub changes_at: Option<Timestamp>,
    pub evidence: Vec<Evidence>,
    pub children: Vec<Explanation>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Evidence {
    /// The trait's value; `null` where there is none.
    Trait { name: String, value: Option<Value> },
    /// How many events counted.
    Count { event: String, found: usize },
    /// One of the events that counted; the newest five are shown, newest first.
    Event { seq: Seq, time: Timestamp },
    /// The audience that was asked. Where it is not there, or where it was explained further up, the part has no children.
    Audience { name: String, is_known: bool },
}

/// Answers a rule as [`super::evaluate`] does, and shows the evidence for every part.
pub fn explain(rule: &Rule, rules: &dyn Rules, view: &dyn View, now: Timestamp) -> Explanation {
    Explainer { evaluator: Evaluator::new(rules, view, now), explained: Vec::new() }.rule(rule)
}

struct Explainer<'a> {
    evaluator: Evaluator<'a>,
    explained: Vec<&'a str>,
}

impl<'a> Explainer<'a> {
    fn rule(&mut self, rule: &'a Rule) -> Explanation {
        match rule {
            Rule::And(parts) => self.joined(rule, parts, |outcomes| Outcome::all(outcomes.into_iter())),
            Rule::Or(parts) => self.joined(rule, parts, |outcomes| Outcome::any(outcomes.into_iter())),
            Rule::Not(part) => self.joined(rule, std::slice::from_ref(part), |outcomes| outcomes[0].opposite()),
            Rule::Leaf(question) => self.question(question),
        }
    }

    fn joined(&mut self, rule: &Rule, parts: &'a [Rule], join: fn(Vec<Outcome>) -> Outcome) -> Explanation {
        let children: Vec<_> = parts.iter().map(|part| self.rule(part)).collect();
        let outcome = join(children.iter().map(Explanation::outcome).collect());
        Explanation::new(rule.to_string(), outcome, Vec::new(), children)
    }

    fn question(&mut self, question: &'a Question) -> Explanation {
        let outcome = self.evaluator.question(question);
        let (evidence, children) = match question {
            Question::Trait { name, .. } => {
                let value = self.evaluator.trait_value(name).cloned();
                (vec![Evidence::Trait { name: name.clone(), value }], Vec::new())
            }
            Question::Count(count) => {
                let tally = self.evaluator.tally(count);
                let found = Evidence::Count { event: count.event.clone(), found: tally.number() };
                let newest = tally.newest().take(SHOWN_EVENTS);
                let shown = newest.map(|event| Evidence::Event { seq: event.seq, time: event.time });
                (std::iter::once(found).chain(shown).collect(), Vec::new())
            }
            Question::Audience(name) => self.audience(name),
        };
        Explanation::new(question.to_string(), outcome, evidence, children)
    }

    fn audience(&mut self, name: &'a str) -> (Vec<Evidence>, Vec<Explanation>) {
        let is_known = self.evaluator.rules.rule(name).is_some();
        let evidence = vec![Evidence::Audience { name: name.to_owned(), is_known }];
        let definition = self.evaluator.definition(name).filter(|_| !self.explained.contains(&name));
        let Some(rule) = definition else { return (evidence, Vec::new()) };
        self.explained.push(name);
        self.evaluator.inside.push(name);
        let child = self.rule(rule);
        self.evaluator.inside.pop();
        (evidence, vec![child])
    }
}

impl Explanation {
    fn new(text: String, outcome: Outcome, evidence: Vec<Evidence>, children: Vec<Self>) -> Self {
        Self { text, holds: outcome.member, changes_at: outcome.changes_at, evidence, children }
    }

    fn outcome(&self) -> Outcome {
        Outcome { member: self.holds, changes_at: self.changes_at }
    }
}
