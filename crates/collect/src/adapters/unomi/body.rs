//! What surrounds the events of a request: the JSON, who sends it, and with which key.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::adapters::segment::site;
use crate::adapters::{Request, words};
use crate::spec::{Fields, Refusal};

/// Cookies that hold a profile's id: the server's own, and the tracker's.
const PROFILE_COOKIES: [&str; 2] = ["context-profile-id", "wem-profile-id"];

/// The JSON of a request: its body, or `payload` of its address.
///
/// Errors: those of [`words::payload`].
pub(super) fn text<'r>(request: &'r Request<'_>) -> Result<Cow<'r, str>, Refusal> {
    match request.body.is_empty() {
        true => Ok(Cow::Borrowed(request.parameter("payload").unwrap_or("{}"))),
        false => words::payload(request),
    }
}

/// Errors: `invalid_json`, `wrong_type`, `batch_too_long`.
pub(super) fn fields(text: &str) -> Result<Fields<'_>, Refusal> {
    match words::items(text.trim())?[..] {
        [only] if only.get().starts_with('{') => Ok(Fields::of(only.get())),
        _ => Err(Refusal::WrongType { field: "body", expected: "an object" }),
    }
}

/// Who sends a request.
pub(super) struct Caller {
    profile: Option<String>,
    pub session: Option<String>,
}

impl Caller {
    /// The profile is that of the body (or the address), else that of a cookie, as at Unomi; one that is to be forgotten (`invalidateProfile`)
    /// is not looked for.
    pub fn of(fields: &Fields<'_>, request: &Request<'_>) -> Self {
        let told = |word| words::text(fields, word).or_else(|| request.parameter(word).map(str::to_owned));
        let kept = || PROFILE_COOKIES.into_iter().find_map(|cookie| site::cookie(request, cookie)).map(str::to_owned);
        let is_forgotten = request.parameter("invalidateProfile") == Some("true");
        let profile = if is_forgotten { None } else { told("profileId").or_else(kept) };
        Self { profile, session: told("sessionId") }
    }

    /// Its anonymous id: that of its profile, else that of its session.
    pub fn id(&self) -> Option<&str> {
        self.profile.as_deref().or(self.session.as_deref())
    }
}

/// The key of Unomi's own headers, else, where no other header has one, the scope of the page or of the first event that has one.
pub(super) fn key(source: &Fields<'_>, items: &[&RawValue], request: &Request<'_>) -> Option<String> {
    if request.header_key().is_some() {
        return None;
    }
    let own = ["x-unomi-api-key", "x-unomi-peer"].into_iter().find_map(|name| (request.header)(name));
    let scope = |fields: &Fields<'_>| words::text(fields, "scope");
    let of_event = || items.iter().find_map(|raw| scope(&Fields::of(raw.get())));
    own.filter(|key| !key.is_empty()).map(str::to_owned).or_else(|| scope(source)).or_else(of_event)
}
