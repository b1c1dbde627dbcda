use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use kit::Coded;

use crate::{Answer, Snapshot};

/// A future in a box, so that an engine can be used without knowing which one it is.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Answers questions about a snapshot of the lake: on this machine, or on many.
pub trait Engine: Debug + Send + Sync {
    /// Runs one read-only SQL statement over the tables of a snapshot.
    ///
    /// It ends by itself when its deadline has passed, and when the future is dropped.
    fn query<'a>(
        &'a self,
        snapshot: &'a Snapshot,
        question: Question<'a>,
    ) -> BoxFuture<'a, Result<Answer, EngineError>>;
}

/// One read-only SQL statement, and what it may cost.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub sql: &'a str,
    pub deadline: Duration,
    /// The engine stops once it has more rows than this; the last few may be beyond it. `None` for all of them.
    pub most_rows: Option<usize>,
    pub joins: Joins,
}

impl<'a> Question<'a> {
    /// A question for all rows, joined as the engine likes.
    pub fn new(sql: &'a str, deadline: Duration) -> Self {
        Self { sql, deadline, most_rows: None, joins: Joins::AsItSeemsBest }
    }

    /// Stops once there are more rows than this.
    pub fn at_most(self, rows: usize) -> Self {
        Self { most_rows: Some(rows), ..self }
    }

    /// For a statement that joins the short side first: an engine's own guess at which side is short goes by the sizes of tables, and does not see
    /// through a grouping.
    pub fn joined_as_written(self) -> Self {
        Self { joins: Joins::AsWritten, ..self }
    }
}

/// Which side of a join is read first and kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joins {
    /// The one that the sizes of tables suggest.
    AsItSeemsBest,
    /// The left one.
    AsWritten,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The text is no SQL, or names what is not there. The message says what and where.
    #[error("the question cannot be understood: {message}")]
    SqlInvalid { message: String },
    #[error("only reading is allowed: {message}")]
    SqlNotReadOnly { message: String },
    #[error("the question took longer than {deadline_ms} ms")]
    DeadlineExceeded { deadline_ms: u64 },
    /// The engine gave up: no memory left within its limit, a file that cannot be read, a value that cannot be computed.
    #[error("the question could not be answered: {message}")]
    EngineFailed { message: String },
}

impl Coded for EngineError {
    fn code(&self) -> &'static str {
        match self {
            Self::SqlInvalid { .. } => "sql_invalid",
            Self::SqlNotReadOnly { .. } => "sql_not_read_only",
            Self::DeadlineExceeded { .. } => "deadline_exceeded",
            Self::EngineFailed { .. } => "engine_failed",
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::DeadlineExceeded { .. } | Self::EngineFailed { .. })
    }
}
