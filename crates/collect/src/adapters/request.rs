use std::borrow::Cow;
use std::fmt;

use crate::spec::{Limits, Refusal, inflated, key_from_authorization};

/// A request, as far as an adapter looks at it.
pub struct Request<'a> {
    /// Without trailing slash.
    pub path: &'a str,
    pub query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    /// Looks a header up by its lower-case name. `Sync`, so that a future which holds a request can move between threads.
    pub header: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
    /// Inflated, where it was gzip.
    pub body: Cow<'a, [u8]>,
}

impl<'a> Request<'a> {
    /// Takes a request apart. `raw_query` is what stands behind the `?`. Errors: `invalid_gzip`, `batch_too_large`.
    pub fn new(
        path: &'a str,
        raw_query: &'a str,
        header: &'a (dyn Fn(&str) -> Option<&'a str> + Sync),
        body: &'a [u8],
    ) -> Result<Self, Refusal> {
        let limit_bytes = Limits::default().batch_bytes;
        let body = inflated(body, limit_bytes)?;
        if body.len() > limit_bytes {
            return Err(Refusal::BatchTooLarge { limit_bytes });
        }
        let query = form_urlencoded::parse(raw_query.as_bytes()).collect();
        Ok(Self { path: path.trim_end_matches('/'), query, header, body })
    }

    /// The last value of a parameter of the address.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.iter().rev();
        pairs.find(|(key, _)| key == name).map(|(_, value)| value.as_ref()).filter(|value| !value.is_empty())
    }

    /// The write key that a header carries: `Authorization` (Basic or Bearer), else `X-Write-Key`.
    pub fn header_key(&self) -> Option<String> {
        let authorization = (self.header)("authorization").and_then(key_from_authorization);
        authorization.or_else(|| (self.header)("x-write-key").map(str::to_owned)).filter(|key| !key.is_empty())
    }

    /// The body as text, without byte order mark and outer white space. Errors: `invalid_utf8`.
    pub fn text(&self) -> Result<&str, Refusal> {
        crate::spec::text(&self.body)
    }
}

impl fmt::Debug for Request<'_> {
    /// The address alone: the rest is personal, or a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("path", &self.path)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
