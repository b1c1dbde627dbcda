//! The text form: reading it, with every mistake in it, and writing it.

mod grammar;
mod lexer;
mod problem;
mod write;

pub use grammar::{MAX_LENGTH, MAX_NESTING, Parsed, parse};
pub use problem::Problem;

pub(crate) use grammar::Reference;
