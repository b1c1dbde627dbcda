//! Words that are read wherever a person or a moment is named: identifiers, profile ids, times, purposes.
#![no_main]

use collect::normalise::{Region, email, phone, read_identifier};
use kit::Timestamp;
use model::{Identifier, ProfileId};

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(identifier) = text.parse::<Identifier>() {
        assert_eq!(identifier.to_string().parse(), Ok(identifier));
    }
    if let Ok(profile) = text.parse::<ProfileId>() {
        assert_eq!(profile.to_string(), text);
    }
    if let Ok(time) = Timestamp::parse(text) {
        assert_eq!(Timestamp::parse(&time.to_string()).ok(), Some(time));
        if time.has_date() {
            assert_eq!(time.month(), time.to_string()[..7]);
        }
    }
    normal_forms_stay(text);
    let purpose = consent::canonical(text);
    assert_eq!(consent::canonical(&purpose), purpose);
});

/// What is in its normal form has no other.
fn normal_forms_stay(text: &str) {
    if let Some(address) = email(text) {
        assert_eq!(email(&address).as_deref(), Some(&*address));
    }
    let region = text.get(..2).and_then(|code| code.parse::<Region>().ok()).unwrap_or_default();
    if let Some(number) = phone(text, region) {
        assert!(number.starts_with('+') && number[1..].bytes().all(|byte| byte.is_ascii_digit()), "{number}");
        assert_eq!(phone(&number, Region::default()).as_deref(), Some(&*number));
    }
    if let Some(identifier) = read_identifier(text) {
        assert_eq!(read_identifier(&identifier.to_string()), Some(identifier));
    }
}
