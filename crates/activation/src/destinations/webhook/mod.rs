#![doc = include_str!("page.md")]

mod encode;
mod options;

use std::time::Duration;

use consent::Permitted;
use model::Delivery;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, StatusCode};

use super::{Context, Destination, Made, Sending, Verdict};
use options::Options;

#[derive(Debug)]
pub(crate) struct Webhook {
    options: Options,
    http: reqwest::Client,
}

impl Made for Webhook {
    type Options = Options;
    const NAME: &'static str = "webhook";
    const TITLE: &'static str = "Webhook";
    const PAGE: &'static str = include_str!("page.md");
    const TAKES_EVENTS: bool = true;

    fn make(options: Options, context: &Context) -> Self {
        Self { options, http: context.http.clone() }
    }
}

impl Destination for Webhook {
    fn batch_size(&self) -> usize {
        self.options.batch_size.0 as usize
    }

    fn send<'a>(&'a self, batch: &'a [Permitted<Delivery>]) -> Sending<'a> {
        let batch: Vec<_> = batch.iter().map(Permitted::value).collect();
        Box::pin(self.send_all(batch))
    }
}

impl Webhook {
    /// Sends the batch; where its content is refused, tries its halves, until the refused deliveries stand alone. Events are sent one by one.
    async fn send_all(&self, batch: Vec<&Delivery>) -> Vec<Verdict> {
        let mut verdicts = Vec::with_capacity(batch.len());
        let are_events = batch.first().is_some_and(|first| first.event.is_some());
        let at_once = if are_events { 1 } else { batch.len().max(1) };
        let mut ahead: Vec<_> = batch.chunks(at_once).rev().collect();
        while let Some(part) = ahead.pop() {
            match self.post(part).await {
                Answer::ContentRefused(_) if part.len() > 1 => {
                    let (first, second) = part.split_at(part.len() / 2);
                    ahead.extend([second, first]);
                }
                Answer::ContentRefused(verdict) | Answer::Final(verdict) => {
                    verdicts.extend(part.iter().map(|_| verdict.clone()));
                }
                Answer::Later(verdict) => {
                    // What comes after waits too, so that order is kept.
                    verdicts.resize(batch.len(), verdict);
                    break;
                }
            }
        }
        verdicts
    }

    async fn post(&self, batch: &[&Delivery]) -> Answer {
        match self.request(batch).send().await {
            Ok(response) => judge(response.status(), response.headers()),
            Err(error) => Answer::Later(unanswered(&error)),
        }
    }

    fn request(&self, batch: &[&Delivery]) -> RequestBuilder {
        let request = self.http.post(self.options.url.0.clone());
        let request = request.timeout(Duration::from_millis(self.options.timeout_ms.0));
        let request = request.header(CONTENT_TYPE, "application/json");
        let request = request.header("Idempotency-Key", encode::idempotency_key(batch)).body(encode::body(batch));
        match &self.options.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {}", token.expose())),
            None => request,
        }
    }
}

/// What an answer means for the request's deliveries.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Final(Verdict),
    Later(Verdict),
    /// Refused for what is in it, so that a part of it may be welcome.
    ContentRefused(Verdict),
}

fn judge(status: StatusCode, headers: &HeaderMap) -> Answer {
    let reason = status.as_u16().to_string();
    let later = |reason, suspect| Answer::Later(Verdict::Retry { reason, after_ms: retry_after_ms(headers), suspect });
    match status.as_u16() {
        200..300 => Answer::Final(Verdict::Delivered { reason }),
        429 => later(reason, false),
        408 | 500.. => later(reason, true),
        // Wrong for now, by the options or by the receiver's, and nobody's deliveries are to blame.
        401 => later(format!("{reason} (the token is not accepted)"), false),
        403 => later(format!("{reason} (the receiver forbids it)"), false),
        404 => later(format!("{reason} (nothing answers at this address)"), false),
        400 | 413 | 422 => Answer::ContentRefused(Verdict::Refused { reason }),
        300..400 => Answer::Final(Verdict::Refused { reason: format!("{reason} (redirects are not followed)") }),
        _ => Answer::Final(Verdict::Refused { reason }),
    }
}

/// The header's whole seconds, at most a day. Its other form, a date, is not read: the receiver's clock may be wrong.
fn retry_after_ms(headers: &HeaderMap) -> Option<u64> {
    const DAY_S: u64 = 24 * 60 * 60;
    let seconds: u64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(seconds.min(DAY_S) * 1_000)
}

/// A word for why no answer came. The error's own text holds the address, whose query may hold a secret.
fn unanswered(error: &reqwest::Error) -> Verdict {
    let (reason, suspect) = match () {
        () if error.is_connect() => ("no connection", false),
        () if error.is_timeout() => ("timeout", true),
        () => ("no answer", true),
    };
    Verdict::Retry { reason: reason.to_owned(), after_ms: None, suspect }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(status: u16, retry_after: Option<&str>) -> Answer {
        let header = retry_after.map(|value| (RETRY_AFTER, value.parse().unwrap()));
        judge(StatusCode::from_u16(status).unwrap(), &header.into_iter().collect())
    }

    #[test]
    fn answers_are_received_later_or_never() {
        for status in [200, 201, 202, 204, 299] {
            assert!(matches!(judged(status, None), Answer::Final(Verdict::Delivered { .. })), "{status}");
        }
        let suspected = |status| match judged(status, None) {
            Answer::Later(Verdict::Retry { after_ms: None, suspect, .. }) => suspect,
            other => panic!("{status}: {other:?}"),
        };
        for status in [408, 500, 502, 503, 504, 599] {
            assert!(suspected(status), "{status}");
        }
        for status in [401, 403, 404, 429] {
            assert!(!suspected(status), "{status}");
        }
        for status in [410, 301, 308] {
            assert!(matches!(judged(status, None), Answer::Final(Verdict::Refused { .. })), "{status}");
        }
        for status in [400, 413, 422] {
            assert!(matches!(judged(status, None), Answer::ContentRefused(Verdict::Refused { .. })), "{status}");
        }
    }

    #[test]
    fn only_whole_seconds_are_read_and_none_is_for_ever() {
        let after = |value| match judged(429, Some(value)) {
            Answer::Later(Verdict::Retry { after_ms, .. }) => after_ms,
            other => panic!("{other:?}"),
        };
        assert_eq!(after("120"), Some(120_000));
        assert_eq!(after("99999999"), Some(86_400_000));
        assert_eq!(after("Fri, 31 Dec 1999 23:59:59 GMT"), None);
        assert_eq!(after("-1"), None);
    }
}
