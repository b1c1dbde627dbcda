//! What the database says when it cannot do something, without what it quotes.

use std::error::Error as _;

use tokio_postgres::Error;
use tokio_postgres::error::{DbError, SqlState};

use crate::pull::PullError;

/// Why no connection was made.
pub(super) fn of_connecting(url: &str, error: &Error) -> PullError {
    let place = url.to_owned();
    let Some(said) = error.as_db_error() else {
        let reason = cause(error);
        // Only the client's own words tell at which step it failed.
        return match error.to_string().as_str() {
            "error performing TLS handshake" => PullError::Tls { place, reason },
            "authentication error" | "invalid configuration" => PullError::Refused { place },
            _ => PullError::Unreachable { place, reason },
        };
    };
    match said.code() {
        &SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => PullError::Refused { place },
        &SqlState::INVALID_CATALOG_NAME => PullError::NotFound { place, what: "database".to_owned() },
        _ => PullError::Unreachable { place, reason: told(said) },
    }
}

/// Why a statement has no answer; `rows` is how many came before.
pub(super) fn of_asking(error: &Error, rows: u64) -> PullError {
    match error.as_db_error() {
        Some(said) if is_going_away(said.code()) => PullError::ConnectionLost { rows },
        Some(said) => PullError::Query { reason: told(said), is_passing: is_passing(said.code()) },
        None if error.is_closed() || is_io(error) => PullError::ConnectionLost { rows },
        None => PullError::Query { reason: cause(error), is_passing: false },
    }
}

/// Class 42 (names, syntax, rights) speaks of the statement only; other classes quote values of rows.
fn told(said: &DbError) -> String {
    let code = said.code().code();
    match code.starts_with("42") {
        true => format!("{} ({code})", said.message()),
        false => format!("SQLSTATE {code}"),
    }
}

fn is_going_away(code: &SqlState) -> bool {
    matches!(code, &SqlState::ADMIN_SHUTDOWN | &SqlState::CRASH_SHUTDOWN | &SqlState::IDLE_SESSION_TIMEOUT)
}

/// Conflicts, want of room, locks and an operator's hand.
fn is_passing(code: &SqlState) -> bool {
    ["08", "40", "53", "55", "57"].iter().any(|class| code.code().starts_with(class))
}

fn is_io(error: &Error) -> bool {
    error.source().is_some_and(|source| source.is::<std::io::Error>())
}

fn cause(error: &Error) -> String {
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}
