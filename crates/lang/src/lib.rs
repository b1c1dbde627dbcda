#![doc = include_str!("../README.md")]

// What a rule is.
mod condition;
mod rule;
mod tree;
mod value;

// How it is written.
mod json;
mod text;

// What it means: for one person, and for everyone.
mod answer;
mod plan;
mod view;

// What it depends on.
mod needs;
mod references;

pub use answer::{Evidence, Explanation, Outcome, evaluate, explain};
pub use condition::{Condition, SQL_FUNCTIONS, SqlFunction};
pub use json::JsonError;
pub use needs::Needs;
pub use plan::{Plan, Step, plan};
pub use references::check_references;
pub use rule::{Clause, Count, MAX_WINDOW_MS, Property, Question, Rule, Window};
pub use text::{MAX_LENGTH, MAX_NESTING, Parsed, Problem, parse};
pub use tree::{MAX_DEPTH, Tree};
pub use value::{Check, Comparison, Literal};
pub use view::{Occurrence, Rules, View};
