//! A file of Parquet, whole: into records, and into events.
#![no_main]

use std::sync::LazyLock;

use collect::files::Mapping;
use fuzz::files::{check_rows, event, record};

static MAPPINGS: LazyLock<[Mapping; 2]> = LazyLock::new(|| [record("parquet"), event("parquet")]);

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    for mapping in &*MAPPINGS {
        check_rows(input, mapping);
    }
});
