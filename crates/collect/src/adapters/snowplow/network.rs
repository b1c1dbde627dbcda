//! The id by which a collector knows a browser across sites: its cookie `sp`.
//!
//! A new one would be drawn at random, and an adapter draws nothing: only what a browser already has is read, and kept alive.

use crate::adapters::segment::site;
use crate::adapters::{Reply, Request};

const COOKIE: &str = "sp";
const COOKIE_AGE_S: u32 = 365 * 24 * 60 * 60;

/// The id in the cookie, unless the tracker asks not to be known (`SP-Anonymous`).
pub(super) fn id<'r>(request: &Request<'r>) -> Option<&'r str> {
    let is_anonymous = (request.header)("sp-anonymous").is_some();
    site::cookie(request, COOKIE).filter(|id| !is_anonymous && is_id(id))
}

/// Lets the cookie that a request brought live for another year.
pub(super) fn renewed(reply: Reply, request: &Request<'_>) -> Reply {
    let Some(id) = id(request) else { return reply };
    let across_sites = if site::is_https(request) { "SameSite=None; Secure" } else { "SameSite=Lax" };
    reply.with("set-cookie", format!("{COOKIE}={id}; Path=/; Max-Age={COOKIE_AGE_S}; HttpOnly; {across_sites}"))
}

fn is_id(id: &str) -> bool {
    id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}
