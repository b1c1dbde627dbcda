//! A file of JSON lines, whole: into records, into events, and as messages of the spec.
#![no_main]

use std::sync::LazyLock;

use collect::files::Mapping;
use fuzz::files::{check_rows, event, record, segment};

static MAPPINGS: LazyLock<[Mapping; 3]> = LazyLock::new(|| [record("ndjson"), event("ndjson"), segment()]);

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    for mapping in &*MAPPINGS {
        check_rows(input, mapping);
    }
});
