//! What the headers of a browser say of the site at which it knocks.

use crate::adapters::Request;

/// The host, with its port, under which this server was reached. A host that is no host becomes `localhost`, for a client without one would
/// send its people's data to the neighbour.
pub fn host<'r>(request: &Request<'r>) -> &'r str {
    let is_host = |host: &&str| !host.is_empty() && host.len() <= 255 && host.bytes().all(is_of_host);
    (request.header)("host").filter(is_host).unwrap_or("localhost")
}

/// `https` or `http`.
pub fn protocol(request: &Request<'_>) -> &'static str {
    if is_https(request) { "https" } else { "http" }
}

/// Whether the client reaches this server by HTTPS: a proxy says so, or its page could not reach it otherwise.
pub fn is_https(request: &Request<'_>) -> bool {
    let forwarded = (request.header)("x-forwarded-proto").and_then(|protocols| protocols.split(',').next());
    match forwarded {
        Some(protocol) => protocol.trim().eq_ignore_ascii_case("https"),
        None => is_from_secure_page(request) && !is_loopback(host(request)),
    }
}

/// The value of a cookie.
pub fn cookie<'r>(request: &Request<'r>, name: &str) -> Option<&'r str> {
    let pairs = (request.header)("cookie")?.split(';').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().trim_matches('"'));
    values.find(|value| !value.is_empty())
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
}

fn is_from_secure_page(request: &Request<'_>) -> bool {
    let page = (request.header)("origin").or_else(|| (request.header)("referer"));
    page.is_some_and(|page| page.starts_with("https://"))
}

/// A secure page may speak to its own machine without HTTPS.
fn is_loopback(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name == "localhost" || name.ends_with(".localhost") || name.starts_with("127.") || name == "[::1]"
}
