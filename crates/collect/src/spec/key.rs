//! Where a client may have put its write key.

use std::sync::LazyLock;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem::Finder;

use super::body;
use super::wire::{Text, object_words};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

static WORD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"writeKey\""));

/// How access tokens begin that `POST /token` gives: they are no write keys.
pub(crate) const OAUTH_PREFIX: &str = "oauth_";

/// Reads the key from an `Authorization` header: the user of `Basic`, or the token of `Bearer`, unless that is an access token.
///
/// ```
/// use collect::spec::key_from_authorization;
/// assert_eq!(key_from_authorization("Basic V1JJVEVLRVk6").as_deref(), Some("WRITEKEY"));
/// assert_eq!(key_from_authorization("Bearer wk_1").as_deref(), Some("wk_1"));
/// ```
pub fn key_from_authorization(header: &str) -> Option<String> {
    let (scheme, word) = header.trim().split_once(' ')?;
    let key = match scheme.to_ascii_lowercase().as_str() {
        "basic" => user(word.trim())?,
        "bearer" => word.trim().to_owned(),
        _ => return None,
    };
    (!key.is_empty() && !key.starts_with(OAUTH_PREFIX)).then_some(key)
}

/// Reads the key from a query: `writeKey`, or `write_key`. The last one counts.
pub fn key_from_query(query: &str) -> Option<String> {
    if query.is_empty() {
        return None;
    }
    let keys = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "writeKey" || name == "write_key");
    keys.last().map(|(_, key)| key.into_owned()).filter(|key| !key.is_empty())
}

/// Reads the key from `writeKey` at the top of an (inflated) JSON body. A body that cannot be read has none.
pub fn key_from_body(body: &[u8]) -> Option<String> {
    // Most bodies have none: looking for the word costs a fraction of reading the body.
    WORD.find(body)?;
    let text = body::text(body).ok()?;
    if !text.starts_with('{') {
        return None;
    }
    let keyed: Keyed<'_> = serde_json::from_str(text).ok()?;
    keyed.write_key.some().map(str::to_owned)
}

object_words! {
    /// The part of a body that says whose it is.
    Keyed {
        "writeKey" => write_key: Text<'a>,
    }
}

fn user(encoded: &str) -> Option<String> {
    let plain = String::from_utf8(BASE64.decode(encoded).ok()?).ok()?;
    let user = plain.split(':').next()?;
    Some(user.to_owned())
}
