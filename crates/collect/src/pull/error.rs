use std::io;

use kit::Coded;
use store::StoreError;

use super::KeepError;
use crate::files;

/// Why a run ended before its end. What it had brought until then is kept.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("`{place}` cannot be reached: {reason}")]
    Unreachable { place: String, reason: String },
    #[error("`{place}` refuses these credentials")]
    Refused { place: String },
    #[error("`{place}` does not speak TLS as it should: {reason}")]
    Tls { place: String, reason: String },
    #[error("there is no `{what}` at `{place}`")]
    NotFound { place: String, what: String },
    #[error("the database cannot answer: {reason}")]
    Query { reason: String, is_passing: bool },
    #[error("the connection was lost after {rows} rows")]
    ConnectionLost { rows: u64 },
    #[error("`{table}` lacks {}; it has {}", listed(missing), listed(columns))]
    MissingColumns { table: String, missing: Vec<String>, columns: Vec<String> },
    #[error("`{file}`: {error}")]
    File { file: String, error: files::OpenError },
    #[error("a file cannot be written on this machine: {0}")]
    Scratch(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Keep(KeepError),
}

impl Coded for PullError {
    fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "origin_unreachable",
            Self::Refused { .. } => "origin_refuses",
            Self::Tls { .. } => "origin_tls_failed",
            Self::NotFound { .. } => "origin_not_found",
            Self::Query { .. } => "query_failed",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::MissingColumns { .. } => "missing_columns",
            Self::File { error, .. } => error.code(),
            Self::Scratch(_) => "scratch_unwritable",
            Self::Store(error) => error.code(),
            Self::Keep(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::ConnectionLost { .. } | Self::Scratch(_) => true,
            Self::Query { is_passing, .. } => *is_passing,
            Self::Store(error) => error.is_retryable(),
            Self::Keep(error) => error.is_retryable(),
            _ => false,
        }
    }
}

fn listed(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
