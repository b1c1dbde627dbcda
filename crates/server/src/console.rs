//! The console's files, which `build.rs` takes into the binary, compressed as the console's own build left them.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, Uri, header};

/// A file of the console.
pub struct File {
    pub path: &'static str,
    pub content_type: &'static str,
    pub plain: &'static [u8],
    pub brotli: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// Says how to build the console, for a binary that was built without it.
const NOT_BUILT: &str = include_str!("console_not_built.html");

/// No script but our own, no other host. Styles may be inline: the component kit writes them.
const POLICY: &str =
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

pub(crate) async fn serve(uri: Uri, headers: HeaderMap) -> Response<Body> {
    let path = uri.path().trim_start_matches('/');
    let found = FILES.iter().find(|file| file.path == path);
    // Any other path is a page of the console, which finds its own way.
    let page = || FILES.iter().find(|file| file.path == "index.html");
    match found.or_else(page) {
        Some(file) => answer(file, &headers),
        None => html(NOT_BUILT),
    }
}

fn answer(file: &File, headers: &HeaderMap) -> Response<Body> {
    let accepted = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let brotli = file.brotli.filter(|_| accepted.is_some_and(|accepted| accepted.contains("br")));
    let mut response = Response::new(Body::from(brotli.unwrap_or(file.plain)));
    let cache = if file.path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    fields.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if brotli.is_some() {
        fields.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    guard(fields);
    response
}

fn html(text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    guard(response.headers_mut());
    response
}

fn guard(fields: &mut HeaderMap) {
    fields.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    fields.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}
