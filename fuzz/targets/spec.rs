//! A body at every address of the spec: the first byte says which.
#![no_main]

use std::collections::BTreeMap;

use collect::spec::{Route, accept, inflated};
use serde_json::value::RawValue;

const ROUTES: [Route; 7] =
    [Route::Batch, Route::Track, Route::Identify, Route::Page, Route::Screen, Route::Group, Route::Alias];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let (route, door) = (ROUTES[usize::from(*first) % ROUTES.len()], fuzz::door());
    let Ok(accepted) = accept(route, body, &door) else { return };
    let messages = match route {
        Route::Batch => messages(body),
        _ => 1,
    };
    fuzz::check_accepted(&accepted, messages, &door);
});

/// How many messages a batch has, as any reader of JSON sees it.
fn messages(body: &[u8]) -> usize {
    let plain = inflated(body, 1 << 20).expect("it was accepted");
    let text = std::str::from_utf8(&plain).expect("it was accepted");
    let text = text.trim_start_matches('\u{feff}').trim();
    let envelope: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).expect("it was accepted");
    let batch: Vec<&RawValue> = serde_json::from_str(envelope["batch"].get()).expect("it was accepted");
    batch.len()
}
