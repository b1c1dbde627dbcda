//! `POST /token`: an OAuth client trades a signed assertion for an access token (RFC 6749 section 4.4, RFC 7523 section 2.2).
//!
//! Here OAuth is a courtesy: a client that was configured for it runs without a change. Its messages carry the write key besides, and the key is what
//! opens the doors; the access token opens nothing, so a wrong signature gains nothing and is not looked at.

use form_urlencoded::parse;
use serde_json::json;

use crate::adapters::{Reply, Request};
use crate::spec::OAUTH_PREFIX;

/// Seconds after which a client asks anew.
const LIFETIME_S: u32 = 3_600;

pub(super) fn tell(request: &Request<'_>) -> Reply {
    let fields: Vec<_> = parse(&request.body).collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_ref());
    if field("grant_type") != "client_credentials" {
        return refused("unsupported_grant_type");
    }
    if !is_assertion(field("client_assertion")) {
        return refused("invalid_client");
    }
    let Ok(token) = token() else { return refused("server_error") };
    Reply::json(&json!({ "access_token": token, "expires_in": LIFETIME_S, "token_type": "Bearer" }))
}

/// The words of RFC 6749, section 5.2.
fn refused(error: &str) -> Reply {
    Reply { status: 400, ..Reply::json(&json!({ "error": error })) }
}

/// Three parts of base64url, as a signed JSON web token has.
fn is_assertion(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    text.split('.').count() == 3 && text.split('.').all(is_part)
}

fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{OAUTH_PREFIX}{}", kit::hex(&bytes)))
}
