use api::{ErrorBody, ErrorDetail};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use collect::spec::Refusal;
use kit::Coded;
use lake::journal::JournalError;
use store::StoreError;

/// Why the door took nothing.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Journal(#[from] JournalError),
}

impl Coded for DoorError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Journal(error) => error.code(),
        }
    }

    fn is_retryable(&self) -> bool {
        matches!(self, Self::Journal(error) if error.is_retryable())
    }
}

/// An answer that is no success: a status, a stable code, a message, and what to do about it.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: ErrorDetail,
}

impl Problem {
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let help = help_for(code).map(str::to_owned);
        Self { status, detail: ErrorDetail { code: code.to_owned(), message: message.into(), help } }
    }

    pub fn unauthorized(code: &str, message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    pub fn not_found(code: &str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub fn unprocessable(error: &dyn Coded) -> Self {
        Self::of(error, StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// An error with this status, or 503 where trying again may help.
    pub fn of(error: &dyn Coded, status: StatusCode) -> Self {
        let status = if error.is_retryable() { StatusCode::SERVICE_UNAVAILABLE } else { status };
        Self::new(status, error.code(), error.to_string())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let mut response = (self.status, Json(ErrorBody { error: self.detail })).into_response();
        if retry {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = %error, code = error.code(), "the state cannot be read");
        Self::of(&error, StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<DoorError> for Problem {
    fn from(error: DoorError) -> Self {
        let status = match &error {
            DoorError::Refused(refusal) if refusal.is_size() => StatusCode::PAYLOAD_TOO_LARGE,
            DoorError::Refused(_) => StatusCode::BAD_REQUEST,
            DoorError::Journal(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::of(&error, status)
    }
}

/// What a person can do about the errors that people meet most.
fn help_for(code: &str) -> Option<&'static str> {
    Some(match code {
        "token_missing" => "send `Authorization: Bearer TOKEN`; the token was shown when the house was first started",
        "token_unknown" => "`sonder token --afresh` makes another one",
        "write_key_missing" => {
            "send the source's write key as the user of Basic authentication, or as `writeKey` in the body"
        }
        "write_key_unknown" => "`sonder sources` lists the sources; a write key opens only the doors for events",
        "event_too_large" => "an event may have 32 KiB",
        "batch_too_large" => "a batch may have 500 KiB; send two",
        "batch_too_long" => "a batch may have 2,500 events; send two",
        "no_identifier" => "give `userId` or `anonymousId`",
        "invalid_time" => "give RFC 3339, between 1990 and a day from now",
        "journal_busy" | "journal_unavailable" => {
            "nothing of this request was stored; send it again after `Retry-After` seconds"
        }
        "rule_invalid" => "the question language is explained in docs/guide/rules.md",
        _ => return None,
    })
}
