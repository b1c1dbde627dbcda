//! The language from outside: cases in Markdown, laws over random rules and worlds, and what people read (problems, plans, explanations).

mod cases;
mod explanations;
mod json;
mod laws;
mod needs;
mod plans;
mod problems;
mod random;
mod world;
