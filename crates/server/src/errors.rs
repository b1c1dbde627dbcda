use api::{ErrorBody, ErrorDetail, TextProblem, TextProblems};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use collect::spec::Refusal;
use kit::Coded;
use lake::journal::JournalError;
use serde::de::DeserializeOwned;
use store::StoreError;

/// Why the door took nothing.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("too many events wait on their way into the quarantine")]
    QuarantineBusy,
}

impl Coded for DoorError {
    fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Journal(error) => error.code(),
            Self::Store(error) => error.code(),
            Self::QuarantineBusy => "quarantine_busy",
        }
    }

    fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Journal(error) => error.is_retryable(),
            Self::Store(error) => error.is_retryable(),
            Self::QuarantineBusy => true,
        }
    }
}

/// An answer that is no success: a status, a stable code, a message, and what to do about it. Where a file was sent, also every mistake in it.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    detail: ErrorDetail,
    problems: Vec<TextProblem>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        let help = help_for(code).map(str::to_owned);
        let detail = ErrorDetail { code: code.to_owned(), message: message.into(), help };
        Self { status, detail, problems: Vec::new() }
    }

    /// Adds the mistakes of a file, each with its place.
    #[must_use]
    pub fn with(self, problems: Vec<TextProblem>) -> Self {
        Self { problems, ..self }
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
        let retry = matches!(self.status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
        let mut response = match self.problems.is_empty() {
            true => (self.status, Json(ErrorBody { error: self.detail })).into_response(),
            false => (self.status, Json(TextProblems { error: self.detail, problems: self.problems })).into_response(),
        };
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
        let status = match error {
            DoorError::Store(error) => return error.into(),
            DoorError::Journal(JournalError::Busy { .. }) | DoorError::QuarantineBusy => {
                return Self::new(StatusCode::TOO_MANY_REQUESTS, error.code(), error.to_string());
            }
            DoorError::Refused(ref refusal) if refusal.is_size() => StatusCode::PAYLOAD_TOO_LARGE,
            DoorError::Refused(_) => StatusCode::BAD_REQUEST,
            DoorError::Journal(JournalError::TooLarge { .. }) => StatusCode::PAYLOAD_TOO_LARGE,
            DoorError::Journal(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::of(&error, status)
    }
}

/// A request's JSON body. What cannot be read is answered like any other problem.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let code =
                if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE { "body_too_large" } else { "body_unreadable" };
            Problem::new(rejection.status(), code, "the body is too large, or broke off")
        })?;
        let body = serde_json::from_slice(&bytes).map(Self).map_err(|error| bad_body(&error))?;
        // Every body is an object; a struct could be read from a list, too.
        match bytes.trim_ascii_start().starts_with(b"{") {
            true => Ok(body),
            false => Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body_invalid", "the body is not an object")),
        }
    }
}

/// A request's query, likewise.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let read = axum::extract::Query::try_from_uri(&parts.uri);
        let message =
            "the query has a word that this route does not take, or one that is no number or no `true` or `false`";
        read.map(|query| Self(query.0)).map_err(|rejection| Problem::new(rejection.status(), "query_invalid", message))
    }
}

/// The variable parts of a request's path, likewise.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        let problem = |status| Problem::new(status, "path_invalid", "the path holds what is no text");
        read.map(|path| Self(path.0)).map_err(|rejection| problem(rejection.status()))
    }
}

/// Says where a body goes wrong. Of serde's words only those that name a field are repeated: others quote what was sent.
fn bad_body(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    if !error.is_data() {
        let message = format!("the body is not valid JSON at line {line}, column {column}");
        return Problem::new(StatusCode::BAD_REQUEST, "invalid_json", message);
    }
    let said = error.to_string();
    let message = match said.split_once(" at line ") {
        Some((field, _)) if field.starts_with("missing field") => field.to_owned(),
        _ => format!("the body is not of the expected shape at line {line}, column {column}"),
    };
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "body_invalid", message)
}

/// What a person can do about the errors that people meet most.
pub(crate) fn help_for(code: &str) -> Option<&'static str> {
    Some(match code {
        "token_missing" => "send `Authorization: Bearer TOKEN`; the token was shown when the house was first started",
        "token_unknown" => "`sonder token --afresh` makes another one",
        "write_key_missing" => {
            "send the source's write key as the user of Basic authentication, or as `writeKey` in the body"
        }
        "write_key_unknown" => "`sonder sources` lists the sources; a write key opens only the doors for events",
        "write_keys_disagree" => "send one write key: in the header, the query or the body",
        "event_too_large" => "an event may have 32 KiB",
        "batch_too_large" => "a batch may have 500 KiB; send two",
        "batch_too_long" => "a batch may have 2,500 events; send two",
        "no_identifier" => "give `userId` or `anonymousId`",
        "invalid_time" => "give RFC 3339, between 1990 and a day from now",
        "journal_busy" => "nothing of this request was stored; send it again after `Retry-After` seconds",
        "quarantine_busy" => "send it again after `Retry-After` seconds, with the same messageId",
        "plan_invalid" | "plan_name_invalid" => "plans are explained in docs/guide/plans.md",
        "mend_invalid" => "mending files are explained in docs/guide/plans.md",
        "journal_unavailable" => "not known to be stored; send it again with the same messageId",
        "identifier_invalid" => {
            "write `kind:value`, e.g. `email:ann@example.com`; an address must be whole, and a value is at most 500 characters"
        }
        "mapping_not_found" => "`PUT /v1/mappings/NAME` with the mapping file as its body keeps one",
        "mapping_invalid" => {
            "the mapping language is explained in docs/guide/mapping.md; `sonder import FILE --guess` proposes a mapping"
        }
        "audience_exists" => "`?replace=true` (`--replace`) writes it anew",
        "pull_invalid" => "definitions are explained in docs/guide/pulls.md",
        "pull_exists" => "`?replace=true` (`--replace`) puts this one in its place",
        "pull_running" => "wait until the run has ended: `sonder pulls show NAME`",
        "rule_invalid" => "the question language is explained in docs/guide/rules.md",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body as Sent;
    use axum::routing::post;
    use expect_test::expect;
    use serde::Deserialize;
    use tower::ServiceExt;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Wanted {
        rule: String,
    }

    #[derive(Debug, Deserialize)]
    struct Page {
        limit: Option<usize>,
    }

    async fn take(Path(name): Path<String>, Query(page): Query<Page>, Body(wanted): Body<Wanted>) -> String {
        format!("{name} {:?} {}", page.limit, wanted.rule)
    }

    async fn answer(uri: &str, body: &str) -> String {
        let routes: Router = Router::new().route("/{name}", post(take));
        let request = axum::http::Request::post(uri).body(Sent::from(body.to_owned())).expect("a request");
        let answer = routes.oneshot(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(answer.into_body(), 10_000).await.expect("a body");
        format!("{status} {}\n", String::from_utf8_lossy(&bytes))
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_answered_with_a_code_and_no_value() {
        let mut answers = String::new();
        for (uri, body) in [
            ("/a?limit=3", r#"{"rule":"x"}"#),
            ("/a?limit=ann", r#"{"rule":"x"}"#),
            ("/%FF", r#"{"rule":"x"}"#),
            ("/a", r#"{"rule":"#),
            ("/a", "{}"),
            ("/a", r#"{"rule":["ann@example.com"]}"#),
            ("/a", r#"["x"]"#),
        ] {
            answers += &answer(uri, body).await;
        }
        expect![[r#"
            200 a Some(3) x
            400 {"error":{"code":"query_invalid","message":"the query has a word that this route does not take, or one that is no number or no `true` or `false`"}}
            400 {"error":{"code":"path_invalid","message":"the path holds what is no text"}}
            400 {"error":{"code":"invalid_json","message":"the body is not valid JSON at line 1, column 8"}}
            422 {"error":{"code":"body_invalid","message":"missing field `rule`"}}
            422 {"error":{"code":"body_invalid","message":"the body is not of the expected shape at line 1, column 8"}}
            422 {"error":{"code":"body_invalid","message":"the body is not an object"}}
        "#]]
        .assert_eq(&answers);
    }

    #[test]
    fn what_may_have_been_stored_is_not_said_to_be_lost() {
        let error = std::io::Error::other("no space");
        let problem = Problem::from(DoorError::Journal(JournalError::Unavailable(std::sync::Arc::new(error))));
        assert_eq!(problem.status, StatusCode::SERVICE_UNAVAILABLE);
        let help = problem.detail.help.expect("there is help");
        assert_eq!(help, "not known to be stored; send it again with the same messageId");
    }
}
