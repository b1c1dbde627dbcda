use std::ops::Range;

use kit::Coded;
use serde::Serialize;

/// A mistake in a rule, with its place and what could stand there instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// Where in the text, in bytes.
    pub at: Range<usize>,
    /// Stable; the README lists all of them.
    pub code: &'static str,
    pub message: String,
    /// Words or signs that could stand there.
    pub alternatives: Vec<String>,
}

impl Problem {
    pub(crate) fn new(at: Range<usize>, code: &'static str, message: impl Into<String>, alternatives: &[&str]) -> Self {
        let alternatives = alternatives.iter().map(|&word| word.to_owned()).collect();
        Self { at, code, message: message.into(), alternatives }
    }
}

impl Coded for Problem {
    fn code(&self) -> &'static str {
        self.code
    }
}
