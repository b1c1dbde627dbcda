//! The batch meaning of a rule: named SQL steps over the lake's tables.
//!
//! Every question becomes a step that gives a set of profiles, and every audience that is mentioned a step of its own. What plain SQL could
//! read otherwise (values, properties) is asked through `sonder_holds`; labels and times are native, so that whole pages of Parquet are skipped.

use kit::Timestamp;

use crate::{Rule, Rules};

mod planner;
mod sql;

/// Named SQL steps; a step may read the ones before it. The last is called `members` and has one column, `profile`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// A plain SQL name, unique in its plan.
    pub name: String,
    /// One `SELECT`.
    pub sql: String,
}

/// Plans a rule as of `now`. The texts are safe to run whatever stands in the rule: names and values only ever become quoted texts.
///
/// The SQL needs [`crate::SQL_FUNCTIONS`] and `to_timestamp_millis(BIGINT)`, and a dialect in which `\` in a text means itself.
pub fn plan(rule: &Rule, rules: &dyn Rules, now: Timestamp) -> Plan {
    Plan { steps: planner::Planner::new(rules, now).steps(rule) }
}

impl Plan {
    /// One query that gives the members: a column `profile`, each once, in no order.
    pub fn members_sql(&self) -> String {
        format!("{}SELECT profile FROM members", self.with())
    }

    /// One query that gives one row with their number, a column `members`.
    pub fn count_sql(&self) -> String {
        format!("{}SELECT count(*) AS members FROM members", self.with())
    }

    fn with(&self) -> String {
        let steps: Vec<_> = self.steps.iter().map(|Step { name, sql }| format!("{name} AS (\n{sql}\n)")).collect();
        format!("WITH {}\n", steps.join(", "))
    }
}
