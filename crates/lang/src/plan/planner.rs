use std::collections::HashMap;

use kit::Timestamp;

use super::{Step, sql};
use crate::references::MAX_AUDIENCE_DEPTH;
use crate::{Check, Clause, Condition, Count, Property, Question, Rule, Rules};

pub struct Planner<'a> {
    rules: &'a dyn Rules,
    now: Timestamp,
    steps: Vec<Step>,
    /// The audiences whose rules are being planned, the outermost first.
    inside: Vec<&'a str>,
    /// The steps of audiences that are planned.
    audiences: HashMap<&'a str, String>,
}

/// A step that lists profiles: those for which a question holds, or those for which it does not.
struct Set {
    step: String,
    lists_members: bool,
}

impl<'a> Planner<'a> {
    pub fn new(rules: &'a dyn Rules, now: Timestamp) -> Self {
        Self { rules, now, steps: Vec::new(), inside: Vec::new(), audiences: HashMap::new() }
    }

    pub fn steps(mut self, rule: &'a Rule) -> Vec<Step> {
        let sql = self.members(rule);
        self.steps.push(Step { name: "members".to_owned(), sql });
        self.steps
    }

    /// The people of a set that the rule requires, or everyone where it requires none, beside the other sets that it asks for.
    fn members(&mut self, rule: &'a Rule) -> String {
        let (mut joined, mut required) = (Vec::new(), Vec::new());
        let filter = self.filter(rule, true, &mut joined);
        self.required(rule, true, &mut required);
        let base = base(&required);
        let others = joined.iter().filter(|step| step.as_str() != base);
        let join = |step: &String| {
            let kind = if required.contains(step) { "JOIN" } else { "LEFT JOIN" };
            format!("{kind} {step} ON {step}.profile = {base}.profile\n")
        };
        let joins: String = others.map(join).collect();
        format!("SELECT {base}.profile\nFROM {base}\n{joins}WHERE {filter}")
    }

    /// Collects the sets in which every member of the rule is.
    fn required(&mut self, rule: &'a Rule, is_wanted: bool, required: &mut Vec<String>) {
        match rule {
            Rule::And(parts) if is_wanted => parts.iter().for_each(|part| self.required(part, is_wanted, required)),
            Rule::Or(parts) if !is_wanted => parts.iter().for_each(|part| self.required(part, is_wanted, required)),
            Rule::Not(part) => self.required(part, !is_wanted, required),
            Rule::And(_) | Rule::Or(_) => {}
            Rule::Leaf(question) => {
                let set = self.question(question).filter(|set| set.lists_members == is_wanted);
                required.extend(set.map(|set| set.step));
            }
        }
    }

    /// The rule as a condition on the joined sets. `not` is carried down to the questions, so that only presence and absence are asked,
    /// which are never null.
    fn filter(&mut self, rule: &'a Rule, is_wanted: bool, joined: &mut Vec<String>) -> String {
        match rule {
            Rule::And(parts) => self.joint(parts, is_wanted, if is_wanted { " AND " } else { " OR " }, joined),
            Rule::Or(parts) => self.joint(parts, is_wanted, if is_wanted { " OR " } else { " AND " }, joined),
            Rule::Not(part) => self.filter(part, !is_wanted, joined),
            Rule::Leaf(question) => self.leaf(question, is_wanted, joined),
        }
    }

    fn joint(&mut self, parts: &'a [Rule], is_wanted: bool, word: &str, joined: &mut Vec<String>) -> String {
        let parts: Vec<_> = parts.iter().map(|part| self.filter(part, is_wanted, joined)).collect();
        format!("({})", parts.join(word))
    }

    fn leaf(&mut self, question: &'a Question, is_wanted: bool, joined: &mut Vec<String>) -> String {
        let Some(Set { step, lists_members }) = self.question(question) else {
            return if is_wanted { "FALSE" } else { "TRUE" }.to_owned();
        };
        if !joined.contains(&step) {
            joined.push(step.clone());
        }
        format!("{step}.profile IS {}", if lists_members == is_wanted { "NOT NULL" } else { "NULL" })
    }

    /// `None` where nobody can be meant: an audience that is not there.
    fn question(&mut self, question: &'a Question) -> Option<Set> {
        match question {
            Question::Trait { name, check } => Some(self.having_trait(name, check)),
            Question::Count(count) => Some(self.having_events(count)),
            Question::Audience(name) => self.audience(name).map(|step| Set { step, lists_members: true }),
        }
    }

    fn having_trait(&mut self, name: &str, check: &Check) -> Set {
        let property = Property { path: name.to_owned(), check: check.clone() };
        let condition = Condition::new(Clause::Leaf(property));
        let sql = match name.split_once('.') {
            None => whole_trait(name, check, &condition),
            Some((root, _)) => nested_trait(name, root, &condition),
        };
        Set { step: self.step("trait", sql), lists_members: true }
    }

    /// People without events are in no step, so a count that 0 fulfils lists those who do not fulfil it.
    fn having_events(&mut self, count: &Count) -> Set {
        let events = self.events(count);
        let lists_members = !count.comparison.accepts(0.cmp(&count.number));
        let comparison = if lists_members { count.comparison } else { count.comparison.opposite() };
        let sql = format!(
            "SELECT i.profile\nFROM {events} e\nJOIN identifiers i ON i.ordinal = e.owner\nGROUP BY i.profile\nHAVING sum(e.n) {} {}",
            comparison.as_str(),
            count.number
        );
        Set { step: self.step("count", sql), lists_members }
    }

    /// Events per owner: few rows, before anything is joined.
    fn events(&mut self, count: &Count) -> String {
        let mut conditions = vec![format!("event = {}", sql::text(&count.event))];
        conditions.extend(sql::window(count.window, self.now));
        conditions.extend(count.condition.as_ref().map(|condition| sql::holds("properties", condition)));
        let conditions = conditions.join("\n  AND ");
        self.step("events", format!("SELECT owner, count(*) AS n\nFROM events\nWHERE {conditions}\nGROUP BY owner"))
    }

    fn audience(&mut self, name: &'a str) -> Option<String> {
        if let Some(step) = self.audiences.get(name) {
            return Some(step.clone());
        }
        let may_enter = !self.inside.contains(&name) && self.inside.len() < 4 * MAX_AUDIENCE_DEPTH;
        let rule = self.rules.rule(name).filter(|_| may_enter)?;
        self.inside.push(name);
        let sql = self.members(rule);
        self.inside.pop();
        let step = self.step("audience", sql);
        self.audiences.insert(name, step.clone());
        Some(step)
    }

    /// Adds a step, or finds the one that says the same, and returns its name.
    fn step(&mut self, kind: &str, sql: String) -> String {
        if let Some(same) = self.steps.iter().find(|step| step.sql == sql) {
            return same.name.clone();
        }
        let name = format!("{kind}_{}", self.steps.len() + 1);
        self.steps.push(Step { name: name.clone(), sql });
        name
    }
}

/// What the others are joined to: a count where there is one, for it is a list of its own already and often the shortest.
fn base(required: &[String]) -> &str {
    let count = required.iter().find(|step| step.starts_with("count"));
    count.or(required.first()).map_or("profiles", String::as_str)
}

fn whole_trait(name: &str, check: &Check, condition: &Condition) -> String {
    let object = || sql::object(&[(name, "value".to_owned())]);
    let holds = sql::check("value", check).unwrap_or_else(|| sql::holds(&object(), condition));
    format!("SELECT profile\nFROM traits\nWHERE name = {}\n  AND {holds}", sql::text(name))
}

/// A dotted name: the trait with the whole name, else inside the trait with the first part of it. Both are put into one object, which the
/// condition reads as it reads an event's properties.
fn nested_trait(name: &str, root: &str, condition: &Condition) -> String {
    let (whole, outer) = (sql::text(name), sql::text(root));
    let value = |name: &str| format!("coalesce(max(CASE WHEN name = {name} THEN value END), 'null')");
    let object = sql::object(&[(name, "whole".to_owned()), (root, "outer_value".to_owned())]);
    format!(
        "SELECT profile\nFROM (\n  SELECT profile, {} AS whole, {} AS outer_value\n  FROM traits\n  WHERE name IN ({whole}, {outer})\n  \
         GROUP BY profile\n) t\nWHERE {}",
        value(&whole),
        value(&outer),
        sql::holds(&object, condition)
    )
}
