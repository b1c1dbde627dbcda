use kit::Coded;

/// Why a body, or one message of a batch, was not taken. No message repeats a value that was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("not valid JSON at line {line}, column {column}")]
    InvalidJson { line: usize, column: usize },
    #[error("the body is not valid UTF-8 at byte {at}")]
    InvalidUtf8 { at: usize },
    #[error("the body starts as gzip but cannot be inflated")]
    InvalidGzip,
    #[error("the JSON is nested more than {limit} levels deep")]
    TooDeep { limit: usize },
    #[error("the event is larger than {limit_bytes} bytes")]
    EventTooLarge { limit_bytes: usize },
    #[error("the batch is larger than {limit_bytes} bytes")]
    BatchTooLarge { limit_bytes: usize },
    #[error("the batch holds {events} events, more than {limit}")]
    BatchTooLong { events: usize, limit: usize },
    #[error("neither `userId` nor `anonymousId` is given")]
    NoIdentifier,
    #[error("`{field}` is missing")]
    MissingField { field: &'static str },
    #[error("`{field}` is not {expected}")]
    WrongType { field: &'static str, expected: &'static str },
    #[error("the `type` is none of `identify`, `track`, `page`, `screen`, `group` and `alias`")]
    UnknownType,
    #[error("`{field}` {reason}")]
    InvalidTime { field: &'static str, reason: TimeReason },
    #[error("`messageId` is longer than {limit} characters")]
    MessageIdTooLong { limit: usize },
    #[error("`{field}` is longer than {limit} characters")]
    IdentifierTooLong { field: &'static str, limit: usize },
}

/// What is wrong with a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeReason {
    Unreadable,
    TooEarly,
    TooLate,
}

impl std::fmt::Display for TimeReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unreadable => "is not a time (use RFC 3339, e.g. `2026-01-31T08:00:00Z`)",
            Self::TooEarly => "lies before 1990",
            Self::TooLate => "lies more than 24 hours in the future",
        })
    }
}

impl Refusal {
    /// Whether a size is the reason, for which HTTP has its own status (413).
    pub fn is_size(&self) -> bool {
        use Refusal::{BatchTooLarge, BatchTooLong, EventTooLarge};
        matches!(self, EventTooLarge { .. } | BatchTooLarge { .. } | BatchTooLong { .. })
    }

    pub(super) fn json(error: &serde_json::Error) -> Self {
        Self::InvalidJson { line: error.line(), column: error.column() }
    }
}

impl Coded for Refusal {
    fn code(&self) -> &'static str {
        match self {
            Self::InvalidJson { .. } => "invalid_json",
            Self::InvalidUtf8 { .. } => "invalid_utf8",
            Self::InvalidGzip => "invalid_gzip",
            Self::TooDeep { .. } => "too_deep",
            Self::EventTooLarge { .. } => "event_too_large",
            Self::BatchTooLarge { .. } => "batch_too_large",
            Self::BatchTooLong { .. } => "batch_too_long",
            Self::NoIdentifier => "no_identifier",
            Self::MissingField { .. } => "missing_field",
            Self::WrongType { .. } => "wrong_type",
            Self::UnknownType => "unknown_type",
            Self::InvalidTime { .. } => "invalid_time",
            Self::MessageIdTooLong { .. } => "message_id_too_long",
            Self::IdentifierTooLong { .. } => "identifier_too_long",
        }
    }
}
