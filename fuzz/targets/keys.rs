//! Where a client may have put its write key: a header, a query, a body.
#![no_main]

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use collect::spec::{key_from_authorization, key_from_body, key_from_query};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let from_body = key_from_body(input);
    assert!(from_body.is_none_or(|key| !key.is_empty()));
    let Ok(text) = std::str::from_utf8(input) else { return };
    for key in [key_from_authorization(text), key_from_query(text)].into_iter().flatten() {
        assert!(!key.is_empty() && key.len() <= text.len());
    }
    written_keys_are_found(text);
});

/// A key that a client writes down as it should is found again.
fn written_keys_are_found(key: &str) {
    let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if key.is_empty() || !is_plain || key.starts_with("oauth_") {
        return;
    }
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{key}:")));
    assert_eq!(key_from_authorization(&basic).as_deref(), Some(key));
    assert_eq!(key_from_authorization(&format!("Bearer {key}")).as_deref(), Some(key));
    assert_eq!(key_from_query(&format!("a=1&writeKey={key}")).as_deref(), Some(key));
    assert_eq!(key_from_body(format!(r#"{{"writeKey":"{key}"}}"#).as_bytes()).as_deref(), Some(key));
}
