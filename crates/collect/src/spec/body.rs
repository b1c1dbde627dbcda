//! From the bytes of a request to a checked text.

use std::borrow::Cow;
use std::io::Read;

use super::Refusal;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BOM: &str = "\u{feff}";

/// Inflates a body that is gzip by its first bytes, whatever its headers say, and returns any other body as it is.
///
/// At most `limit_bytes + 1` bytes are inflated, so that a small bomb stays small; the caller's own size check refuses the rest.
/// Errors: `invalid_gzip`.
pub fn inflated(body: &[u8], limit_bytes: usize) -> Result<Cow<'_, [u8]>, Refusal> {
    if !body.starts_with(&GZIP_MAGIC) {
        return Ok(Cow::Borrowed(body));
    }
    let mut plain = Vec::with_capacity(body.len().saturating_mul(4).min(limit_bytes + 1));
    flate2::read::MultiGzDecoder::new(body)
        .take(limit_bytes as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|_| Refusal::InvalidGzip)?;
    Ok(Cow::Owned(plain))
}

/// Returns the body as text, without byte order mark and outer white space.
pub(crate) fn text(body: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(body).map_err(|error| Refusal::InvalidUtf8 { at: error.valid_up_to() })?;
    Ok(text.strip_prefix(BOM).unwrap_or(text).trim())
}
