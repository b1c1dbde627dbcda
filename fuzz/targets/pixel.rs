//! A message in the address of a picture: what is sent in base64 reads the same in each of its alphabets.
#![no_main]

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use collect::adapters::{ALL, Does, Letter, Request};
use collect::spec::Refusal;

const KINDS: [&str; 7] = ["track", "identify", "page", "screen", "group", "alias", "other"];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((first, data)) = input.split_first() else { return };
    let kind = KINDS[usize::from(*first) % KINDS.len()];
    if let Ok(query) = std::str::from_utf8(data) {
        check(&read(kind, query));
    }
    let standard = read(kind, &format!("data={}", BASE64_STANDARD.encode(data).replace('+', "%2B")));
    let for_addresses = read(kind, &format!("data={}", BASE64_URL_SAFE_NO_PAD.encode(data)));
    assert_eq!(said(&standard), said(&for_addresses));
    check(&standard);
});

fn read(kind: &str, query: &str) -> Result<Letter, Refusal> {
    let pixel = ALL.iter().flat_map(|adapter| adapter.entrances).find(|entrance| entrance.path == "/v1/pixel/{type}");
    let path = format!("/v1/pixel/{kind}");
    let request = Request::new(&path, query, &|_| None, b"")?;
    match pixel.expect("the pixel has its place").does {
        Does::Take { read, .. } => read(&request),
        Does::Tell(_) => unreachable!("the pixel takes"),
    }
}

fn said(letter: &Result<Letter, Refusal>) -> String {
    match letter {
        Ok(letter) => format!("{:?} {:?}", letter.key, letter.messages),
        Err(refusal) => refusal.to_string(),
    }
}

fn check(letter: &Result<Letter, Refusal>) {
    let (Ok(letter), door) = (letter, fuzz::door()) else { return };
    assert_eq!(letter.messages.len(), 1);
    fuzz::check_accepted(&letter.accept(&door).expect("one is not too many"), 1, &door);
}
